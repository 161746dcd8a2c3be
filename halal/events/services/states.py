"""The states of an event and the ways between them.

draft -> published -> finished
published -> draft       while nobody is registered: the public page disappears
published -> cancelled   with a reason, which the public page shows
finished -> published, cancelled -> published   open it again
"""

from flask_babel import lazy_gettext as _l

from halal import clock, text
from halal.audit.services import record
from halal.errors import DomainError
from halal.events.models import Event, EventStatus
from halal.events.services.places import places_taken
from halal.extensions import db
from halal.meanwhile import hold

REASON_MAX = 300
_WAYS = {
    EventStatus.DRAFT: (EventStatus.PUBLISHED,),
    EventStatus.PUBLISHED: (EventStatus.FINISHED, EventStatus.CANCELLED, EventStatus.DRAFT),
    EventStatus.FINISHED: (EventStatus.PUBLISHED,),
    EventStatus.CANCELLED: (EventStatus.PUBLISHED,),
}
_VERBS = {
    EventStatus.DRAFT: "withdrawn",
    EventStatus.PUBLISHED: "published",
    EventStatus.FINISHED: "finished",
    EventStatus.CANCELLED: "cancelled",
}


def allowed_states(event: Event) -> list[EventStatus]:
    """The states that this event may go to now."""
    return [target for target in _WAYS[event.status] if _objection(event, target) is None]


def set_status(event: Event, target: EventStatus, *, reason: str = "", user_id: int | None = None) -> None:
    """Take the event to another state. Raises DomainError that says why it cannot go there."""
    hold(event)
    if target not in _WAYS[event.status]:
        raise DomainError(_l("The event is not in a state that allows this. Reload the page and look again."))
    objection = _objection(event, target)
    if objection is not None:
        raise objection
    event.cancel_reason = _reason(reason) if target is EventStatus.CANCELLED else ""
    verb = "reopened" if event.status in {EventStatus.FINISHED, EventStatus.CANCELLED} else _VERBS[target]
    event.status = target
    event.version += 1
    db.session.flush()
    record(f"event.{verb}", organization_id=event.organization_id, user_id=user_id, subject=f"event:{event.id}")


def _objection(event: Event, target: EventStatus) -> DomainError | None:
    if target is EventStatus.FINISHED and event.starts_at > clock.now():
        return DomainError(
            _l("The event has not begun yet, so it cannot be finished. Cancel it if it does not happen.")
        )
    if target is EventStatus.DRAFT and places_taken([event.id]).get(event.id):
        return DomainError(_l("People are registered, so the event cannot go back to draft. Cancel it instead."))
    return None


def _reason(typed: str) -> str:
    reason = text.clean_line(typed)
    if not reason:
        raise DomainError(_l("Write why the event is cancelled; the public page shows it."), "reason")
    if len(reason) > REASON_MAX:
        raise DomainError(_l("At most %(max)s characters fit here.", max=REASON_MAX), "reason")
    return reason
