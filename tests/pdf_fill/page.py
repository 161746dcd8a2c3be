"""A small page with everything that can be filled: a stack, slots beside it, a QR code, title, attachment."""

from datetime import UTC, datetime

from markupsafe import escape

from halal import pdf, qr
from halal.pdf import Attachment
from halal.pdf_fill import LETTERS, Code, Template, Text, Values

CSS = """
@font-face { font-family: uji-display; src: url(font:certificate-display.ttf) }
@font-face { font-family: uji-sans; src: url(font:certificate-sans.ttf) }
@page { size: 148mm 105mm; margin: 0 }
* { margin: 0; padding: 0; white-space: nowrap; font-family: uji-sans; font-size: 10pt; line-height: 1.3 }
.middle { position: absolute; top: 45mm; left: 20mm; width: 108mm; text-align: center; transform: translateY(-50%) }
.middle, .middle .lead, .middle .detail { font-size: inherit }
.name { font-family: uji-display }
.number { position: absolute; left: 5mm; top: 5mm; width: 60mm; text-align: left }
.date { position: absolute; right: 5mm; top: 5mm; width: 60mm; text-align: right }
img { position: absolute; left: 5mm; bottom: 5mm; width: 25mm; height: 25mm }
"""
NAME, SIZE, BASE = "Wáyan Tauffik, S.T.", 22.0, 11.0
SLOTS = {"name": LETTERS, "detail": LETTERS, "number": LETTERS, "date": LETTERS}


def values(name=(NAME,), size=SIZE, detail=("Keripik AVA",), **changes) -> Values:
    """What stands on the page; `changes` are other parts of the values."""
    texts = {"name": Text(name, size), "detail": Text(detail), "number": Text(("500/001",)), "date": Text(("To Yv 1",))}
    parts = {
        "texts": texts, "codes": {"qr": Code("https://uji.example/v/1", "Kode QR")}, "stacks": {"middle": BASE},
        "info": {"Title": "Judul contoh", "Subject": "Perihal contoh"},
        "attachment": Attachment("data.json", b"{}", datetime(2025, 5, 15, tzinfo=UTC)),
    }  # fmt: skip
    return Values(**{**parts, **changes})


def html(said: Values) -> str:
    """The page with these values, as WeasyPrint would be given it for one person alone."""

    def lines(slot):
        return "<br>".join(str(escape(line)) for line in said.texts[slot].lines)

    code = said.codes["qr"]
    return f"""<!doctype html><html lang="id"><head><title>{escape(said.info["Title"])}</title>
<meta name="description" content="{escape(said.info["Subject"])}"></head><body>
<p class="number" data-slot="number">{lines("number")}</p><p class="date" data-slot="date">{lines("date")}</p>
<div class="middle" data-stack="middle" style="font-size: {said.stacks["middle"]}pt">
<p class="lead">diberikan kepada</p>
<p class="name" data-slot="name" style="font-size: {said.texts["name"].size}pt">{lines("name")}</p>
<p class="detail" data-slot="detail">{lines("detail")}</p></div>
<img data-slot="qr" src="asset:qr" alt="{escape(code.alt)}"></body></html>"""


def assets(said: Values) -> dict:
    return {"qr": (qr.svg(said.codes["qr"].content, border=0).encode(), "image/svg+xml")}


def template(page: str | None = None, css: str = "", sample: Values | None = None) -> Template:
    """The template of this page, or of one like it."""
    sample = sample or values()
    return Template(page or html(sample), CSS + css, assets(sample), sample, SLOTS)


def rendered(said: Values, css: str = "") -> bytes:
    """What WeasyPrint makes of these values without any template."""
    attachments = [said.attachment] if said.attachment else []
    return pdf.render(html(said), CSS + css, assets(said), attachments, pdf_variant="pdf/a-3a")
