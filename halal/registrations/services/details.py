"""What is asked about an attendee, and when it is acceptable."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l

from halal import regions
from halal.errors import DomainError
from halal.events.models import Event
from halal.registrations.models import Registration
from halal.text import clean_line, clean_name, clean_nib, clean_phone, refuse_disguised

LIMITS = {"business_name": 150, "product": 200, "address": 300, "note": 300}


@dataclass(frozen=True)
class Details:
    """The data of one attendee for one event: as typed before `clean`, ready for the database after it."""

    name: str = ""
    phone: str | None = None
    email: str | None = None
    business_name: str = ""
    product: str = ""
    nib: str | None = None
    region_code: str | None = None
    address: str = ""
    note: str = ""


def details_of(registration: Registration) -> Details:
    """What a registration says now."""
    return Details(**{field: getattr(registration, field) for field in Details.__dataclass_fields__})


def clean(details: Details, event: Event, *, need_nib: bool | None = None) -> Details:
    """The details as they will be stored. Raises the first DomainError; `check` collects all of them."""
    cleaned, problems = check(details, event, need_nib=need_nib)
    if problems:
        raise problems[0]
    return cleaned


def check(details: Details, event: Event, *, need_nib: bool | None = None) -> tuple[Details, list[DomainError]]:
    """The details cleaned as far as possible, and everything that is wrong with them, in the form's order.

    A NIB is needed where the event or its program says so, unless `need_nib` decides otherwise: an organizer may
    register somebody whose NIB is still to come.
    """
    problems: list[DomainError] = []

    def attempt(function: Callable, value, fallback):
        try:
            return function(value)
        except DomainError as error:
            problems.append(error)
            return fallback

    needed = event.needs_nib if need_nib is None else need_nib
    cleaned = replace(
        details,
        name=attempt(clean_name, details.name, clean_line(details.name)),
        phone=attempt(clean_phone, details.phone, None),
        email=attempt(_clean_email, details.email, None),
        **{field: attempt(_limited(field), getattr(details, field), "") for field in ("business_name", "product")},
        nib=attempt(_required_nib if needed else clean_nib, details.nib, None),
        region_code=attempt(_clean_region, details.region_code, None),
        **{field: attempt(_limited(field), getattr(details, field), "") for field in ("address", "note")},
    )
    return cleaned, problems


def _clean_email(typed: str | None) -> str | None:
    email = clean_line(typed)
    if not email:
        return None
    try:
        return validate_email(email, check_deliverability=False).normalized
    except EmailNotValidError:
        raise DomainError(
            _l(
                "%(typed)s is not an e-mail address. Write it like nama@contoh.id, or leave it empty.", typed=email[:60]
            ),
            "email",
        ) from None


def _required_nib(typed: str | None) -> str:
    nib = clean_nib(typed)
    if nib is None:
        raise DomainError(_l("This event needs a NIB: 13 digits, free of charge at oss.go.id."), "nib")
    return nib


def _clean_region(typed: str | None) -> str | None:
    code = clean_line(typed)
    if not code:
        return None
    region = regions.find(code)
    if region is None or region.is_province:
        raise DomainError(_l("Choose a regency or city from the list."), "region_code")
    return region.code


def _limited(field: str) -> Callable[[str | None], str]:
    def limited(typed: str | None) -> str:
        if field == "business_name":
            refuse_disguised(typed, field)
        text = clean_line(typed)
        if len(text) > LIMITS[field]:
            raise DomainError(
                _l("That has %(count)s characters; at most %(max)s fit.", count=len(text), max=LIMITS[field]), field
            )
        return text if any(ch.isalnum() for ch in text) else ""  # a dash says that there is none

    return limited
