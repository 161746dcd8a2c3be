"""Rules of registering: one place a person, never more than there are, first come first served."""

from halal.registrations.services.details import Details, check, clean, details_of
from halal.registrations.services.directory import KnownPerson, find_known, with_known
from halal.registrations.services.duplicates import dedupe_key, find_similar, may_be
from halal.registrations.services.state import (
    SENTENCES,
    RegistrationState,
    lock,
    places_left,
    registration_state,
    waiting_count,
)
from halal.registrations.services.waiting import promote_waiting, waiting_position
from halal.registrations.services.writing import build, cancel, change, register

__all__ = [
    "Details", "check", "clean", "details_of",
    "KnownPerson", "find_known", "with_known",
    "dedupe_key", "find_similar", "may_be",
    "SENTENCES", "RegistrationState", "lock", "places_left", "registration_state", "waiting_count",
    "promote_waiting", "waiting_position",
    "build", "cancel", "change", "register",
]  # fmt: skip
