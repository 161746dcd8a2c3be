"""What is still open at an event's check-in desk: who counts on the attendance should know it."""

from dataclasses import dataclass

from sqlalchemy import func, select

from halal.checkin.models import QuarantinedOp
from halal.checkin.services import numbers
from halal.checkin.services.board import at_several_tablets, possible_duplicates
from halal.checkin.services.tablets import tablets
from halal.events.models import Event
from halal.extensions import db


@dataclass(frozen=True)
class Unsettled:
    """How many: operations that tablets say they still have, walk-ins who may be registered already, scans of unknown
    codes, people at several tablets, operations that were not counted."""

    unsent: int
    duplicates: int
    unknown: int
    twice: int
    quarantined: int

    def __bool__(self) -> bool:
        return any(vars(self).values())


def unsettled(event: Event) -> Unsettled:
    """The desk as of now."""
    aside = select(func.count()).where(QuarantinedOp.event_id == event.id, QuarantinedOp.settled_at.is_(None))
    return Unsettled(
        unsent=sum(tablet.unsent for tablet in tablets(event)),
        duplicates=len(possible_duplicates(event)),
        unknown=len(numbers.open_scans(event.id)),
        twice=len(at_several_tablets(event)),
        quarantined=db.session.scalar(aside),
    )
