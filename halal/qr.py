"""QR codes as SVG, PNG and in PDFs."""

import io

import segno


def svg(text: str, label: str | None = None, border: int = 4) -> str:
    """An inline SVG of the QR code (level M) without size or style; the stylesheet gives it its place."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=border, title=label, svgclass="qr",
        lineclass=None,
    )  # fmt: skip
    return out.getvalue().decode()


def png(text: str, scale: int = 10, border: int = 4) -> bytes:
    """A PNG of the QR code with `scale` pixels a module."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=scale, border=border)
    return out.getvalue()


def pdf(text: str, x: float, y: float, size: float, border: int = 4) -> bytes:
    """The code as drawing operators of a PDF page: its lower left corner and its size, border included, in points."""
    code = segno.make(text, error="m", micro=False)
    modules = code.symbol_size(border=border)[0]
    scale = size / modules
    drawn = [f"q {scale:.5f} 0 0 {-scale:.5f} {x:.3f} {y + size:.3f} cm 0 g"]
    for line, row in enumerate(code.matrix):
        start = None
        for column, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = column
            elif not dark and start is not None:
                drawn.append(f"{start + border} {line + border} {column - start} 1 re")
                start = None
    return "\n".join([*drawn, "f Q", ""]).encode()
