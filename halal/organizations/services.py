"""What an owner changes about the office: name and letterhead, logo, numbering, signatories."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from datetime import date

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal import clock, files, formats, ids, pictures, regions, text
from halal.audit.services import record
from halal.errors import DomainError
from halal.extensions import db
from halal.meanwhile import hold, over_nobody
from halal.organizations.details import Identity, SignatoryDetails
from halal.organizations.models import Organization, Signatory
from halal.organizations.numbering import check_pattern, render_number

LOGO_SIDE, SEAL_SIDE = 800, 700
NIP_DIGITS = 18


def shown(office: Organization) -> dict[str, dict]:
    """What each of an office's forms shows."""
    return {
        "identity": {field.name: getattr(office, field.name) for field in fields(Identity)},
        "numbering": {"number_pattern": office.number_pattern},
        "signatories": {"signatories": [(s.name, s.title, s.nip, s.active) for s in office.signatories]},
    }


@contextmanager
def _changing(office: Organization, form: str, seen: str) -> Iterator[None]:
    hold(office)
    with over_nobody(seen, lambda: shown(office)[form]):
        yield


def change_identity(office: Organization, identity: Identity, *, seen: str = "", user_id: int | None = None) -> None:
    """Change what the letterhead says and where the office is. Raises ChangedMeanwhile or DomainError."""
    for name in ("name", "short_name"):
        text.refuse_disguised(getattr(identity, name), name)
    values = {name: text.clean_line(value) for name, value in asdict(identity).items()}
    values["address"] = text.clean_block(identity.address)
    values["website"] = _website(values["website"])
    values["short_name"] = values["short_name"] or values["name"][:80]
    if not values["name"]:
        raise DomainError(_l("Write the office's name."), "name")
    if values["email"] and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", values["email"]):
        raise DomainError(_l("This e-mail is not complete. Write it like halal@dinas.go.id."), "email")
    if regions.find(values["region_code"]) is None:
        raise DomainError(_l("Choose a province, regency or city from the list."), "region_code")
    with _changing(office, "identity", seen):
        changed = [name for name, value in values.items() if getattr(office, name) != value]
        for name in changed:
            setattr(office, name, values[name])
    if changed:
        _record(office, "changed", user_id, fields=changed)


def _website(typed: str) -> str:
    """The address with its scheme. Raises DomainError for what no browser would open."""
    if not typed:
        return ""
    address = typed if re.match(r"https?://", typed, re.IGNORECASE) else f"https://{typed}"
    if not re.fullmatch(r"https?://[^\s/?#@\"<>]+\.[^\s\"<>]+", address, re.IGNORECASE):
        raise DomainError(_l("This is not the address of a website. Write it like dinas.bantenprov.go.id."), "website")
    return address


def store_logo(office_id: int, content: bytes) -> str:
    """Store a picture that is to be an office's logo; its key. It takes its time, so nothing is written before it.
    Raises DomainError."""
    try:
        picture, mime = pictures.accept(content, LOGO_SIDE)
    except DomainError as error:
        raise DomainError(error.message, "picture") from None
    key = f"public/offices/{office_id}/logo-{ids.code()[:12]}.{pictures.SUFFIXES[mime]}"
    files.put(key, picture)
    return key


def set_logo(office: Organization, key: str, *, user_id: int | None = None) -> None:
    """Take a stored picture as the office's logo. The old file stays: issued certificates may name it."""
    files.delete_unless_committed(key)
    office.logo_file = key
    _record(office, "logo_changed", user_id)


def remove_logo(office: Organization, *, user_id: int | None = None) -> None:
    office.logo_file = None
    _record(office, "logo_removed", user_id)


def store_seal(office_id: int, content: bytes) -> str:
    """Store a picture that is to be an office's stamp, as store_logo. It lies over a signature, so its ground must be
    see-through. Raises DomainError."""
    try:
        picture, mime = pictures.accept(content, SEAL_SIDE)
    except DomainError as error:
        raise DomainError(error.message, "seal") from None
    if not pictures.is_see_through(picture):
        raise DomainError(
            _l("The stamp's ground is not see-through; it would cover the signature. Save it as PNG without ground."),
            "seal",
        )
    key = f"offices/{office_id}/seal-{ids.code()[:12]}.{pictures.SUFFIXES[mime]}"  # not public: whoever has it stamps
    files.put(key, picture)
    return key


def set_seal(office: Organization, key: str, *, user_id: int | None = None) -> None:
    """Take a stored picture as the office's stamp. The old file stays: a certificate that is issued again needs it."""
    files.delete_unless_committed(key)
    office.seal_file = key
    _record(office, "seal_changed", user_id)


def remove_seal(office: Organization, *, user_id: int | None = None) -> None:
    office.seal_file = None
    _record(office, "seal_removed", user_id)


def change_pattern(office: Organization, pattern: str, *, seen: str = "", user_id: int | None = None) -> None:
    """Number certificates by another pattern from now on. Raises ChangedMeanwhile or DomainError."""
    with _changing(office, "numbering", seen):
        office.number_pattern = check_pattern(pattern)
    _record(office, "numbering_changed", user_id, pattern=office.number_pattern)


def next_number(office: Organization, pattern: str) -> str:
    """The number that the next certificate would get by this pattern. Raises DomainError for a bad pattern.

    Certificates know organizations, not the other way round; so their running numbers are named, not imported.
    """
    pattern, today = check_pattern(pattern), _today(office)
    series = db.metadata.tables["number_series"].c
    following = db.session.scalar(
        select(series.next_seq).where(series.organization_id == office.id, series.year == today.year)
    )
    return render_number(pattern, following or 1, today)


def _today(office: Organization) -> date:
    return formats.local(clock.now(), office.timezone).date()


def change_signatories(
    office: Organization, typed: list[SignatoryDetails], *, seen: str = "", user_id: int | None = None
) -> None:
    """Who signs, in this order; whoever is not among `typed` is removed. Raises ChangedMeanwhile or DomainError."""
    checked = [_checked(details) for details in typed]
    with _changing(office, "signatories", seen):
        known = {row.id: row for row in office.signatories}
        rows = []
        for position, details in enumerate(checked):
            row = known.pop(details.id, None) or Signatory()
            row.name, row.title, row.nip = details.name, details.title, details.nip
            row.active, row.position = details.active, position
            rows.append(row)
        office.signatories = rows
    _record(office, "signatories_changed", user_id, count=len(checked))


def _checked(details: SignatoryDetails) -> SignatoryDetails:
    try:
        name = text.clean_name(details.name)
    except DomainError as error:
        raise DomainError(error.message, "signatories") from None
    title, nip = text.clean_line(details.title), text.clean_line(details.nip)
    if not title:
        raise DomainError(_l("Write the position of %(name)s.", name=name), "signatories")
    digits = re.sub(r"[ .\-]", "", nip)
    if nip and (not re.fullmatch(r"[0-9]+", digits) or len(digits) != NIP_DIGITS):
        raise DomainError(
            _l(
                "The NIP of %(name)s has %(count)s digits; a NIP has %(wanted)s. Without a NIP leave it empty.",
                name=name,
                count=len(re.findall(r"[0-9]", nip)),
                wanted=NIP_DIGITS,
            ),
            "signatories",
        )
    return SignatoryDetails(name=name, title=title, nip=nip, active=details.active, id=details.id)


def _record(office: Organization, verb: str, user_id: int | None, **detail) -> None:
    record(
        f"organization.{verb}", organization_id=office.id, user_id=user_id, subject=f"organization:{office.id}",
        **detail,
    )  # fmt: skip
