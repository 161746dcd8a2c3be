"""From a snapshot to a PDF: the design's page and style sheet, filled with plain texts and rendered."""

import io
from functools import cache

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from halal import pdf
from halal.certificates import ornament
from halal.certificates.layout import arrange
from halal.config import ROOT

DESIGNS = ROOT / "templates" / "certificates" / "design"
Picture = tuple[bytes, str]
_SVG = "image/svg+xml"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(DESIGNS), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


@cache
def _style(design: str) -> str:
    return "\n".join((DESIGNS / f"{name}.css").read_text(encoding="utf-8") for name in ("common", design))


def _qr(url: str) -> bytes:
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(out, kind="svg", border=0, dark="#000", light=None)
    return out.getvalue()


def html(snapshot: dict, watermark: str = "") -> str:
    """The page of one certificate. Raises Unprintable when it cannot be printed as it should be."""
    layout = arrange(snapshot)
    return _environment().get_template("document_pdf.html").render(s=snapshot, layout=layout, watermark=watermark)


def render(snapshot: dict, logo: Picture | None = None, watermark: str = "") -> bytes:
    """The certificate as a tagged PDF/A-3a: the same snapshot gives the same page."""
    assets = {
        "frame": (getattr(ornament, snapshot["design"])(), _SVG),
        "divider": (ornament.divider(), _SVG),
        "rosette": (ornament.rosette(), _SVG),
        "qr": (_qr(snapshot["url"]), _SVG),
    }
    if snapshot["logo"] and logo:
        assets["logo"] = logo
    return pdf.render(html(snapshot, watermark), _style(snapshot["design"]), assets, pdf_variant="pdf/a-3a")
