"""From a snapshot to a PDF: the design's page and style sheet, filled with plain texts and rendered."""

from functools import cache

from flask_babel import lazy_gettext as _l
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import escape

from halal import pdf, qr
from halal.certificates import credential, ornament, own
from halal.certificates.layout import Layout, Unprintable, arrange
from halal.config import ROOT
from halal.pdf_fill import Code, Text, Values

DESIGNS = ROOT / "templates" / "certificates" / "design"
# What the values below are made of; everything else in a snapshot is part of the page itself.
PERSONAL = ("recipient", "detail", "citation", "number", "code", "code_shown", "url", "register", "subject", "qr")
Picture = tuple[bytes, str]
_SVG = "image/svg+xml"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(DESIGNS), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip


@cache
def _sheet(name: str) -> str:
    return (DESIGNS / f"{name}.css").read_text(encoding="utf-8")


def style(snapshot: dict) -> str:
    """The style sheet of a certificate's design."""
    if snapshot["own_html"]:
        return f"{_sheet('fonts')}\n{own.style(snapshot)}"
    sheets = ["fonts", "common", snapshot["design"]] + (["portrait"] if snapshot["orientation"] == "portrait" else [])
    return "\n".join([*map(_sheet, sheets), f":root {{ --green: {snapshot['accent']} }}"])


def values(snapshot: dict, layout: Layout, qr_text: str | None = None, told: bytes | None = None) -> Values:
    """What one person's certificate says where it differs from others. `qr_text` is what its QR code holds instead of
    the address of the verification page, `told` the credential instead of an unsigned one."""
    texts = {
        "name": Text(layout.name, layout.name_size),
        "code": Text(layout.lines["code"]),
        **{
            key: Text(layout.lines[key])
            for key in ("number", "detail", "citation", "event", "after")
            if layout.lines[key]
        },
    }
    return Values(
        texts, {"qr": Code(qr_text or snapshot["url"], f"{snapshot['check_label']} {snapshot['url']}")},
        {"middle": layout.base},
        {
            "Title": f"{snapshot['title']} – {' '.join(snapshot['recipient'].split())} – {snapshot['event']}",
            "Subject": f"{snapshot['number_label']}: {snapshot['number'] or '–'}",
        },
        credential.attachment(snapshot, told or credential.content(snapshot)),
    )  # fmt: skip


def html(snapshot: dict, layout: Layout, said: Values, watermark: str = "") -> str:
    """The page of one certificate."""
    if snapshot["own_html"]:
        page = str(own.page(snapshot, layout, said.codes["qr"].alt, said.info["Title"]))
        mark = f'<p class="watermark">{escape(watermark)}</p>' if watermark else ""
        return page.replace("</body>", f"{mark}</body>")
    return _environment().get_template("document_pdf.html").render(
        s=snapshot, layout=layout, texts=said.texts, codes=said.codes, stacks=said.stacks,
        info=said.info, watermark=watermark,
    )  # fmt: skip


def pictures(snapshot: dict, said: Values, logo: Picture | None, seal: Picture | None = None) -> dict[str, Picture]:
    """The pictures that a page may use."""
    frame = getattr(ornament, snapshot["design"])(snapshot["orientation"], snapshot["accent"])
    found = {
        "frame": (frame, _SVG),
        "divider": (ornament.divider(), _SVG),
        "rosette": (ornament.rosette(snapshot["accent"]), _SVG),
        "qr": (qr.svg(said.codes["qr"].content, border=0).encode(), _SVG),
    }
    if snapshot["logo"] and logo:
        found["logo"] = logo
    if snapshot["seal"] and seal:
        found["seal"] = seal
    return found


def render(
    snapshot: dict,
    logo: Picture | None = None,
    watermark: str = "",
    qr_text: str | None = None,
    told: bytes | None = None,
    seal: Picture | None = None,
) -> bytes:
    """The certificate as a tagged PDF/A-3a, rendered for this person alone: the same snapshot gives the same page.

    With a watermark it is no certificate and carries no credential. Raises Unprintable when it cannot be printed as it
    should be. halal/certificates/press.py makes the same documents many times faster.
    """
    layout = arrange(snapshot)
    said = values(snapshot, layout, qr_text, told)
    page = html(snapshot, layout, said, watermark), style(snapshot), pictures(snapshot, said, logo, seal)
    try:
        if snapshot["own_html"] and watermark:  # tried out: nobody knows yet what it takes
            paper = pdf.render_apart(*page, pdf_variant="pdf/a-3a")
        else:
            paper = pdf.render(*page, [] if watermark else [said.attachment], pdf_variant="pdf/a-3a")
    except pdf.CannotDraw:
        raise Unprintable(
            _l("The design cannot be drawn: it takes too much time or memory, or its sizes go beyond all measure.")
        ) from None
    except pdf.AssetRefused as error:
        if not snapshot["own_html"]:
            raise
        raise Unprintable(_l("The design asks for an address that it may not reach: %(error)s.", error=error)) from None
    if snapshot["own_html"]:
        own.check_paper(paper, snapshot, said.codes["qr"].content)
    return paper
