"""Certificates per second and core: filled, against Typst compiling the same certificate. More than Typst.

Typst draws the same texts in the same sizes and fonts, the same frame and QR code, as tagged PDF/A-3a with the same
attachment (certificate_in_typst.typ); its compiler, fonts and caches are kept from one to the next.
"""

import json
import statistics
from pathlib import Path

import typst

from halal import pdf, qr
from halal.certificates import compose, layout, ornament, press
from tests.benchmarks._certificates import people, per_second

ROUNDS, EACH = 7, 100
FOLDER = Path(__file__).parent
_SHARED = ("issuer", "parent", "address", "lead", "before", "role", "joint", "place_date", "check_label", "check_at")


def run() -> dict:
    snapshots = people(EACH)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(pdf.FONTS)])
    compiler = typst.Compiler(str(FOLDER / "certificate_in_typst.typ"), root=str(FOLDER), font_paths=fonts)

    def compiled(snapshot: dict) -> bytes:
        return compiler.compile(format="pdf", pdf_standards=["a-3a"], sys_inputs={"said": _said(snapshot)})

    filled, typeset = [], []
    for number in range(ROUNDS + 1):
        mine, theirs = per_second(press.certificate, snapshots), per_second(compiled, snapshots)
        if number:  # the first round warms up
            filled.append(mine)
            typeset.append(theirs)
    value, against = statistics.median(filled), statistics.median(typeset)
    return {"name": "certificate_vs_typst", "value": round(value, 1), "unit": "certificates/s",
            "against": round(against, 1), "ratio": round(value / against, 2)}  # fmt: skip


def _said(snapshot: dict) -> str:
    """Everything on the page, as JSON; texts are measured by the same layout."""
    found = layout.arrange(snapshot)
    said = compose.values(snapshot, found)
    signers = zip(found.signers, snapshot["signatories"], strict=True)
    return json.dumps(
        {
            "base": found.base, "name_size": found.name_size, "office": found.office,
            "office_size": found.office_size, "signer_size": found.signer_size,
            "signers": [{"title": t, "name": n, "nip": who["nip"]} for (t, n), who in signers],
            "texts": {slot: text.lines for slot, text in said.texts.items()}, "heading": snapshot["title"],
            "title": said.info["Title"], "subject": said.info["Subject"], "alt": said.codes["qr"].alt,
            "qr": qr.svg(snapshot["url"], border=0), "credential": said.attachment.content.decode(),
            "frame": ornament.attendance().decode(), "divider": ornament.divider().decode(),
            **{key: snapshot[key] for key in _SHARED},
        }
    )  # fmt: skip
