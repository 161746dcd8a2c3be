"""Rules of registering: one place a person, never more than there are, first come first served."""

from halal.registrations.services.bounds import Bounds, marks, sentences, write_marks, written
from halal.registrations.services.by_hand import Decisions, InDoubt, latest_registrations, register_by_hand
from halal.registrations.services.consent import consent_to, give_consent, withdraw_consent
from halal.registrations.services.details import Details, check, clean, details_of
from halal.registrations.services.directory import KnownPerson, find_known, known_details
from halal.registrations.services.duplicates import dedupe_key, find_similar, may_be
from halal.registrations.services.in_bulk import cancel_many, recent_cancellations, undo_cancel_many
from halal.registrations.services.state import (
    SENTENCES,
    RegistrationState,
    lock,
    places_left,
    registration_state,
    waiting_count,
)
from halal.registrations.services.waiting import promote_waiting, waiting_position
from halal.registrations.services.writing import build, cancel, change, give_place, register, restore, shown

__all__ = [
    "Bounds", "marks", "sentences", "write_marks", "written",
    "Decisions", "InDoubt", "latest_registrations", "register_by_hand",
    "consent_to", "give_consent", "withdraw_consent",
    "Details", "check", "clean", "details_of",
    "KnownPerson", "find_known", "known_details",
    "dedupe_key", "find_similar", "may_be",
    "cancel_many", "recent_cancellations", "undo_cancel_many",
    "SENTENCES", "RegistrationState", "lock", "places_left", "registration_state", "waiting_count",
    "promote_waiting", "waiting_position",
    "build", "cancel", "change", "give_place", "register", "restore", "shown",
]  # fmt: skip
