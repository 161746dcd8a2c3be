"""Uploaded pictures: opened with care, turned upright, made small, and written anew without anything hidden in them.

Nothing of the uploaded bytes is kept but the pixels: no EXIF (phones write the place into it), no comments, no colour
profiles, no second file appended behind the picture.
"""

import io
import threading
import warnings

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageFile, ImageOps

from halal.errors import DomainError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_BYTES = 10 * 1024 * 1024
# A 64-megapixel phone writes JPEG, which is decoded at a fraction of its size. The others unpack whole, at 4 bytes
# a pixel.
MAX_JPEG_PIXELS = 70_000_000
MAX_PIXELS = 30_000_000
# A PNG above this is no drawing: other formats hold it in a tenth.
LARGE_PNG = 800_000
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}

# Pillow only warns below twice its own limit; a server has nobody to read the warning.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def accept(content: bytes, max_side: int = 1600) -> tuple[bytes, str]:
    """The picture, at most `max_side` pixels wide and high, and its MIME type. Raises DomainError.

    See-through pictures and drawings of few colours (logos) stay sharp as PNG; photographs become JPEG, which every
    messenger shows in its link previews. Of a moving picture the first frame is kept.
    """
    if not content:
        raise DomainError(_l("The file is empty. Choose the picture again."))
    if len(content) > MAX_BYTES:
        raise DomainError(_l("The picture is larger than 10 MB. Choose a smaller one."))
    try:
        with _whole_pictures_only, Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            _refuse_bombs(picture)
            picture.draft("RGB", (max_side, max_side))  # JPEG only: decodes at 1/2, 1/4 or 1/8, never below max_side
            picture.load()
            upright = ImageOps.exif_transpose(picture)
        return _write(_small(upright, max_side))
    except DomainError:
        raise
    except Exception:  # what broken or hostile bytes raise in a decoder is not a closed list
        raise DomainError(_l("This is not a picture that can be read. Choose a JPEG, PNG, WebP or GIF file.")) from None


class _WholePicturesOnly:
    """Pillow's switch for cut-off pictures is one for the whole process, and WeasyPrint turns it on when imported."""

    def __init__(self):
        self._one_at_a_time = threading.Lock()

    def __enter__(self):
        self._one_at_a_time.acquire()
        self._before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False

    def __exit__(self, *_error):
        ImageFile.LOAD_TRUNCATED_IMAGES = self._before
        self._one_at_a_time.release()


_whole_pictures_only = _WholePicturesOnly()


def smaller(content: bytes, mime: str, max_side: int) -> bytes:
    """A picture that `accept` has written, once more at a smaller size and of the same type."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        picture.load()
        return _encode(_small(picture, max_side), mime)


def is_see_through(content: bytes) -> bool:
    """Whether a picture that `accept` has written lets something shine through."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        return picture.mode == "RGBA"


def size(content: bytes) -> tuple[int, int]:
    """Width and height of a picture that `accept` has written."""
    with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
        return picture.size


def _refuse_bombs(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > (MAX_JPEG_PIXELS if picture.format in {"JPEG", "MPO"} else MAX_PIXELS):
        raise DomainError(
            _l(
                "The picture has %(width)s × %(height)s pixels, more than can be opened. Send a smaller one.",
                width=width,
                height=height,
            )
        )


def _small(picture: Image.Image, max_side: int) -> Image.Image:
    """In plain colours, with alpha only where something is see-through, within the square. Never enlarged."""
    if picture.mode.startswith("I;16") or picture.mode in {"I", "F"}:
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        if picture.getchannel("A").getextrema()[0] == 255:
            picture = picture.convert("RGB")
    else:
        picture = picture.convert("RGB")
    # An exact integer ratio first, so that a huge picture is not filtered at full size.
    picture.thumbnail((max_side, max_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return picture


def _write(picture: Image.Image) -> tuple[bytes, str]:
    if picture.mode == "RGB" and picture.getcolors(256) is None:
        return _encode(picture, "image/jpeg"), "image/jpeg"
    png = _encode(picture, "image/png")
    if len(png) <= LARGE_PNG:
        return png, "image/png"
    mime = "image/jpeg" if picture.mode == "RGB" else "image/webp"  # a photograph in shades of grey, or with alpha
    return _encode(picture, mime), mime


_OPTIONS = {
    "image/jpeg": {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True},
    "image/png": {"format": "PNG", "optimize": True},
    "image/webp": {"format": "WEBP", "quality": 82, "method": 4},
}


def _encode(picture: Image.Image, mime: str) -> bytes:
    # A fresh image: `info` of the old one (EXIF, comments, profiles) would be written by some formats.
    clean = Image.new(picture.mode, picture.size)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, **_OPTIONS[mime])
    return out.getvalue()
