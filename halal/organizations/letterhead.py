"""The letterhead of printed documents; templates/organizations/_letterhead.html draws it.

    {% from "organizations/_letterhead.html" import letterhead %}
    {{ letterhead(office, "asset:logo" if assets else none) }}

with assets = letterhead.assets(office) handed to halal.pdf.render, and letterhead.css() in front of the document's own
style sheet.
"""

import mimetypes

from halal import files
from halal.config import ROOT
from halal.organizations.models import Organization


def assets(office: Organization) -> dict[str, tuple[bytes, str]]:
    """The logo as `asset:logo`; nothing when the office has none, or its file is gone."""
    if not office.logo_file:
        return {}
    try:
        return {"logo": (files.get(office.logo_file), mimetypes.guess_type(office.logo_file)[0] or "image/png")}
    except files.FileMissing:
        return {}


def css() -> str:
    return (ROOT / "static" / "css" / "letterhead.css").read_text(encoding="utf-8")
