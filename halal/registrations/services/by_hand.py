"""Registering at the desk: everything doubtful is shown to the organizer, who decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal.errors import DomainError
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.models import Registration, Source
from halal.registrations.services.details import Details
from halal.registrations.services.directory import KnownPerson, find_known
from halal.registrations.services.duplicates import find_similar
from halal.registrations.services.state import lock
from halal.registrations.services.writing import register


@dataclass(frozen=True)
class Decisions:
    """What the organizer has said so far: registering although somebody similar is registered; who of the directory
    it is, or that it is somebody new; the waiting list or one more than the capacity."""

    anyway: bool = False
    person_id: int | None = None
    new_person: bool = False
    waiting: bool = False
    over_capacity: bool = False


class InDoubt(DomainError):
    """The organizer must say whether this is one of `similar` (registered already) or `known` (from earlier)."""

    def __init__(self, *, similar: Sequence[Registration] = (), known: Sequence[KnownPerson] = ()):
        if similar:
            super().__init__(_l("This may be somebody who is registered already. Please look first."))
        else:
            super().__init__(_l("Your office may know this person from earlier. Please look first."))
        self.similar, self.known = similar, known


def register_by_hand(
    event: Event, details: Details, decisions: Decisions, *, user_id: int | None, submission_id: str | None
) -> Registration:
    """Register somebody at the desk. Raises InDoubt until the organizer has decided, and what `register` raises."""
    lock(event)
    already = db.session.scalar(
        select(Registration).where(Registration.event_id == event.id, Registration.submission_id == submission_id)
    )
    if already is None:
        if not decisions.anyway and (similar := find_similar(event, details)):
            raise InDoubt(similar=similar)
        decided = decisions.anyway or decisions.new_person or decisions.person_id is not None
        if not decided and (known := find_known(event, details)):
            raise InDoubt(known=known)
    return register(
        event, details, source=Source.DESK, user_id=user_id, submission_id=submission_id, locked=True,
        anyway=decisions.anyway, person_id=decisions.person_id,
        over_capacity=decisions.over_capacity, accept_waiting=decisions.waiting,
    )  # fmt: skip


def latest_registrations(event: Event, limit: int = 5) -> list[Registration]:
    """Who was entered last, newest first."""
    return list(
        db.session.scalars(
            select(Registration)
            .where(Registration.event_id == event.id)
            .order_by(Registration.created_at.desc(), Registration.id.desc())
            .limit(limit)
        )
    )
