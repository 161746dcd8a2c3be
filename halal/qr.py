"""QR codes (level M) as SVG, as PNG and as drawing operators of a PDF."""

import io
import re
from html import escape

import zxingcpp
from PIL import Image, ImageOps

_DARK = re.compile(rb"\0+")
_QUIET = 4  # modules that zxing leaves around the code


def _symbol(text: str) -> tuple[int, bytes]:
    """Modules a side with quiet zone, and one byte a module, row by row; 0 is dark. Raises ValueError for a text too
    long for any QR code."""
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    pixels = memoryview(symbol.to_image(add_quiet_zones=True))
    return pixels.shape[0], bytes(pixels)


def _runs(text: str) -> tuple[int, list[tuple[int, int, int]]]:
    """Modules a side without quiet zone, and the dark ones, row by row, as (left, top, how many)."""
    side, pixels = _symbol(text)
    spans = [run.span() for run in _DARK.finditer(pixels)]  # the quiet zone keeps rows apart
    return side - 2 * _QUIET, [(a % side - _QUIET, a // side - _QUIET, b - a) for a, b in spans]


def svg(text: str, label: str | None = None, border: int = 4) -> str:
    """An inline SVG of the QR code without size or style; the stylesheet gives it its place. `border` is the quiet zone
    in modules."""
    side, runs = _runs(text)
    side += 2 * border
    path = "".join(f"M{x + border} {y + border}h{n}v1h-{n}z" for x, y, n in runs)
    title = f"<title>{escape(label)}</title>" if label else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" class="qr">{title}'
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
    side, runs = _runs(text)
    return side, "".join([f"{x} {y} {n} 1 re\n" for x, y, n in runs]).encode()
