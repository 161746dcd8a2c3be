"""How the states of a registration are called in the interface."""

from flask_babel import lazy_gettext as _l

from halal.registrations.models import RegistrationStatus, Source
from halal.registrations.services.bounds import Bound, marks

STATUSES = {
    RegistrationStatus.CONFIRMED: _l("Registered"),
    RegistrationStatus.WAITING: _l("On the waiting list"),
    RegistrationStatus.CANCELLED: _l("Cancelled"),
}
SOURCES = {
    Source.DESK: _l("By hand"),
    Source.IMPORT: _l("Import"),
    Source.PUBLIC: _l("Public page"),
    Source.WALK_IN: _l("Walk-in"),
    Source.PAPER: _l("Paper list"),
}
_TONES = {
    RegistrationStatus.CONFIRMED: "good",
    RegistrationStatus.WAITING: "warn",
    RegistrationStatus.CANCELLED: "neutral",
}


OUTSIDE = {
    Bound.REGION: _l("Region outside the program"),
    Bound.QUOTA: _l("Over the quota"),
    Bound.DEADLINE: _l("After the deadline"),
}


def outside(registration) -> list[str]:
    """In what a registration is outside of its program, in a few words each."""
    return [str(OUTSIDE[mark]) for mark in marks(registration)]


def badge(status: RegistrationStatus) -> tuple[str, str]:
    """Words and tone of a registration's badge."""
    return str(STATUSES[status]), _TONES[status]
