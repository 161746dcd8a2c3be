"""Uploaded pictures: what is accepted, what is refused, and that nothing hidden survives."""

import io
import struct
import zlib

import pytest
from PIL import Image

from halal import files, pictures
from halal.errors import DomainError


def a_picture(kind="JPEG", size=(800, 600), mode="RGB", **options):
    """A picture with many colours, so that it counts as a photograph."""
    gradient = Image.linear_gradient("L").resize(size)
    bands = [gradient, gradient.transpose(Image.Transpose.ROTATE_180), Image.radial_gradient("L").resize(size)]
    picture = Image.merge("RGB", bands).convert(mode)
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def opened(result):
    return Image.open(io.BytesIO(result[0]))


def test_a_photograph_becomes_a_jpeg_within_the_square():
    content, mime = pictures.accept(a_picture(size=(2400, 1200)), max_side=1600)
    assert mime == "image/jpeg"
    assert pictures.size(content) == (1600, 800)


def test_a_small_picture_is_not_enlarged():
    assert pictures.size(pictures.accept(a_picture(size=(300, 200)))[0]) == (300, 200)


def test_a_logo_keeps_its_see_through_ground():
    logo = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    logo.paste((0, 90, 40, 255), (100, 100, 300, 300))
    out = io.BytesIO()
    logo.save(out, "PNG")
    result = pictures.accept(out.getvalue(), max_side=200)
    assert result[1] == "image/png"
    assert opened(result).getpixel((0, 0))[3] == 0
    assert opened(result).getpixel((100, 100)) == (0, 90, 40, 255)


def test_the_place_a_phone_wrote_into_the_picture_is_gone():
    exif = Image.Exif()
    exif[0x010F] = "Telepon Rahasia"
    exif.get_ifd(0x8825)[2] = (6.0, 7.0, 12.0)  # GPS latitude
    original = a_picture(exif=exif, comment=b"catatan tersembunyi", icc_profile=b"profil palsu")
    assert b"Telepon Rahasia" in original
    content, _mime = pictures.accept(original)
    assert not opened((content, "")).getexif()
    assert b"Telepon" not in content
    assert b"tersembunyi" not in content
    assert b"Exif" not in content
    assert b"profil palsu" not in content


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_metadata_of_other_formats_is_gone_too(kind):
    exif = Image.Exif()
    exif[0x010F] = "Telepon Rahasia"
    content, _mime = pictures.accept(a_picture(kind, exif=exif))
    assert b"Telepon" not in content


def test_a_picture_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate 90 degrees clockwise to view
    assert pictures.size(pictures.accept(a_picture(size=(800, 600), exif=exif))[0]) == (600, 800)


def test_of_a_moving_picture_the_first_frame_is_kept():
    red, blue = Image.new("RGB", (50, 50), "red"), Image.new("RGB", (50, 50), "blue")
    out = io.BytesIO()
    red.save(out, "GIF", save_all=True, append_images=[blue] * 20)
    result = pictures.accept(out.getvalue())
    assert opened(result).convert("RGB").getpixel((10, 10)) == (255, 0, 0) or opened(result).getpixel((10, 10))[0] > 240
    assert getattr(opened(result), "n_frames", 1) == 1


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "I;16", "LA"])
def test_every_kind_of_pixels_is_read(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    if mode == "I;16":
        out = io.BytesIO()
        Image.linear_gradient("L").convert("I").point(lambda v: v * 256).convert("I;16").save(out, "PNG")
        content = out.getvalue()
    else:
        content = a_picture(kind, mode=mode)
    assert pictures.size(pictures.accept(content)[0])


def test_what_hides_behind_a_picture_is_cut_off():
    polyglot = a_picture() + b"PK\x03\x04 <script>alert(1)</script> <?php system('id'); ?>"
    content, _mime = pictures.accept(polyglot)
    assert b"script" not in content
    assert b"php" not in content


def test_a_photograph_with_a_see_through_corner_does_not_weigh_megabytes():
    noise = Image.effect_noise((1600, 1600), 90)
    picture = Image.merge("RGBA", [noise, noise, noise, Image.linear_gradient("L").resize((1600, 1600))])
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=1)
    content, mime = pictures.accept(out.getvalue())
    assert mime == "image/webp"
    assert opened((content, mime)).mode == "RGBA"


def test_a_photograph_in_shades_of_grey_becomes_a_jpeg():
    out = io.BytesIO()
    Image.effect_noise((1600, 1600), 60).save(out, "PNG", compress_level=1)
    assert pictures.accept(out.getvalue())[1] == "image/jpeg"


def png_that_claims(width, height):
    """A PNG of a few bytes whose head promises any size: a decompression bomb."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [6_000, 12_000, 30_000, 2**31 - 1])
def test_a_decompression_bomb_is_refused_before_it_unpacks(side):
    with pytest.raises(DomainError):
        pictures.accept(png_that_claims(side, side))


def test_a_picture_of_too_many_pixels_says_so():
    with pytest.raises(DomainError, match="6000 × 6000"):
        pictures.accept(png_that_claims(6000, 6000))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"halo",
        b"MZ\x90\x00" + b"\0" * 2000,
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<!doctype html><script>alert(1)</script>",
        b"%PDF-1.7\n",
        b"PK\x03\x04" + b"\0" * 100,
        a_picture()[: len(a_picture()) // 2],
        a_picture("PNG")[:200],
        a_picture()[:50] + b"\xff" * 3000,
        a_picture("BMP", size=(20, 20)),
        a_picture("TIFF", size=(20, 20)),
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    ],
    ids=["empty", "text", "exe", "svg", "html", "pdf", "zip", "half", "cut png", "garbled", "bmp", "tiff", "eps"],
)
def test_what_is_no_picture_is_refused_with_a_sentence(content):
    with pytest.raises(DomainError):
        pictures.accept(content)


def test_fifty_megabytes_are_refused():
    with pytest.raises(DomainError, match="10 MB"):
        pictures.accept(a_picture() + b"\0" * 50_000_000)


def test_a_public_picture_is_served_for_a_year_and_never_guessed_at(client):
    content, _mime = pictures.accept(a_picture())
    files.put("public/news/uji-800x600.jpg", content)
    answer = client.get("/berkas/public/news/uji-800x600.jpg")
    assert answer.data == content
    assert answer.content_type == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "key",
    [
        "certificates/1/rahasia.pdf", "public/rahasia.pdf", "public/../certificates/rahasia.jpg",
        "public/halaman.html", "public/%2e%2e/rahasia.jpg", "../secret_key", "public/",
        "public/tidak-ada.jpg", "PUBLIC/a.jpg", "public//a.jpg",
    ],
)  # fmt: skip
def test_nothing_but_public_pictures_is_served(client, key):
    files.put("certificates/1/rahasia.pdf", b"rahasia")
    files.put("certificates/rahasia.jpg", b"rahasia")
    files.put("public/rahasia.pdf", b"rahasia")
    files.put("public/halaman.html", b"<script>")
    assert client.get(f"/berkas/{key}").status_code in {301, 308, 404}
