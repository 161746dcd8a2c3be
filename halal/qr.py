"""QR codes as SVG and PNG."""

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
