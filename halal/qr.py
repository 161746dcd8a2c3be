"""QR codes (level M) as SVG, as PNG and as drawing operators of a PDF; and what is read of them from a picture."""

import io
from collections.abc import Sequence
from functools import cache
from html import escape

import zxingcpp
from PIL import Image, ImageOps

_QUIET = 4  # modules that zxing leaves around the code
_LIGHT = b"\xff"
_MOST = 177  # modules a side of the largest QR code


def _symbol(text: str) -> tuple[int, bytes]:
    """Modules a side with quiet zone, and one byte a module, row by row; 0 is dark. Raises ValueError for a text too
    long for any QR code."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    pixels = memoryview(symbol.to_image(add_quiet_zones=True))
    return pixels.shape[0], bytes(pixels)


def _path(text: str, pieces: Sequence[Sequence[str]]) -> tuple[int, str]:
    """Modules a side without quiet zone, and the path of the dark ones: `pieces` says how to draw so many from a left
    end on, "Y" being the row."""
    side, pixels = _symbol(text)
    rows = []
    for top in range(_QUIET, side - _QUIET):
        row, left = [], 0
        for dark in pixels[top * side + _QUIET : (top + 1) * side - _QUIET].split(_LIGHT):
            if dark:
                row.append(pieces[left][len(dark)])
            left += len(dark) + 1
        rows.append("".join(row).replace("Y", str(top - _QUIET)))
    return side - 2 * _QUIET, "".join(rows)


@cache
def _pieces(form: str) -> list[list[str]]:
    return [[form.format(x=x, n=n) for n in range(_MOST + 1)] for x in range(_MOST)]


def svg(text: str, label: str | None = None, border: int = 4) -> str:
    """An inline SVG of the QR code without size or style; the stylesheet gives it its place. `border` is the quiet zone
    in modules."""
    side, path = _path(text, _pieces("M{x} Yh{n}v1h-{n}z"))
    side += 2 * border
    title = f"<title>{escape(label)}</title>" if label else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-{border} -{border} {side} {side}" class="qr">{title}'
        f'<path d="{path}"/></svg>'
    )


def png(text: str, scale: int = 10, border: int = 4) -> bytes:
    """A PNG of the QR code with `scale` pixels a module."""
    side, pixels = _symbol(text)
    symbol = ImageOps.expand(ImageOps.crop(Image.frombytes("L", (side, side), pixels), _QUIET), border, fill=255)
    picture = symbol.resize((symbol.width * scale,) * 2, Image.Resampling.NEAREST)
    out = io.BytesIO()
    picture.convert("1").save(out, "PNG")
    return out.getvalue()


def pdf(text: str, x: float, y: float, size: float, border: int = 4) -> bytes:
    """The code as drawing operators of a PDF page: its lower left corner and its size, border included, in points."""
    side, path = operators(text)
    scale = size / (side + 2 * border)
    left, top = x + border * scale, y + size - border * scale
    return f"q {scale:.5f} 0 0 {-scale:.5f} {left:.3f} {top:.3f} cm 0 g\n".encode() + path + b"f Q\n"


def operators(text: str) -> tuple[int, bytes]:
    """How many modules a side has, and the path of the dark ones in PDF, one unit a module, y downwards; not yet
    painted."""
    side, path = _path(text, _pieces("{x} Y {n} 1 re\n"))
    return side, path.encode()


def read(picture: Image.Image) -> list[str]:
    """What the QR codes on a picture say. No other kind is looked for: to a reader of every kind the lines and digits
    of a table are now and then a barcode (to one of Micro QR codes as well), and it says what nobody printed."""
    return [code.text for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCodeModel2)]
