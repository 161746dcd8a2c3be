"""What people agree to (UU 27/2022): the texts, by version, from halal/data/consents.toml."""

import tomllib
from functools import cache
from pathlib import Path

from halal.organizations.models import Organization
from halal.registrations.models import ConsentPurpose


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((Path(__file__).parents[1] / "data" / "consents.toml").read_text(encoding="utf-8"))


def known(version: str | None) -> str:
    """The version, if texts of that version exist; the newest otherwise."""
    return version if version in _texts() else list(_texts())[-1]


def text(purpose: ConsentPurpose, version: str, language: str, office: Organization) -> str:
    """What this office asks for, in the language shown."""
    contact = ", ".join(part for part in (office.phone, office.email) if part) or office.name
    return _texts()[version][purpose][language].strip().format(office=office.name, contact=contact)
