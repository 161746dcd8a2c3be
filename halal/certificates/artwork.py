"""The office's own pictures that certificates show, and which of them storage has lost."""

from flask_babel import lazy_gettext as _l

from halal import files
from halal.certificates.compose import Picture
from halal.certificates.layout import Unprintable
from halal.organizations.models import Organization

_KINDS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}


def load(key: str) -> Picture | None:
    """The stored picture; None when there is none."""
    if not key:
        return None
    try:
        content = files.get(key)
    except files.FileMissing:
        return None
    return content, next((mime for magic, mime in _KINDS.items() if content.startswith(magic)), "image/png")


def lost(organization: Organization) -> set[str]:
    """The keys of the office's pictures whose files are gone."""
    return {key for key in (organization.logo_file, organization.seal_file) if key and load(key) is None}


def check(slots: dict, missing: set[str]) -> None:
    """Raises Unprintable when this certificate shows a picture that is missing: without it it is not issued."""
    if slots["logo"] in missing:
        raise Unprintable(_l("The office's logo cannot be read. Upload it again in the office's settings."))
    if slots.get("seal") in missing:
        raise Unprintable(_l("The office's stamp cannot be read. Upload it again in the office's settings."))
