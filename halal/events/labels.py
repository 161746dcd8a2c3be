"""How kinds, states and roles are called in the interface."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l

from halal import clock, formats
from halal.events.models import Event, EventKind, EventRole, EventStatus

KINDS = {
    EventKind.OUTREACH_SESSION: _l("Outreach session"),
    EventKind.COORDINATION_MEETING: _l("Coordination meeting"),
    EventKind.DRIVE_DAY: _l("Drive day"),
    EventKind.AWARD_CEREMONY: _l("Award ceremony"),
    EventKind.TRAINING: _l("Training"),
}
STATUSES = {
    EventStatus.DRAFT: _l("Draft"),
    EventStatus.PUBLISHED: _l("Published"),
    EventStatus.FINISHED: _l("Finished"),
    EventStatus.CANCELLED: _l("Cancelled"),
}
ROLES = {
    EventRole.OPENING: _l("Opens the event"),
    EventRole.REPORT: _l("Gives the report"),
    EventRole.SUPPORT: _l("Supports the event"),
    EventRole.SPEAKER: _l("Speaker"),
    EventRole.MODERATOR: _l("Moderator"),
    EventRole.COMMITTEE: _l("Committee"),
}

HALF_A_DAY = timedelta(hours=12)

# What a page says after the change to each state.
CHANGED = {
    EventStatus.DRAFT: _l("The event is a draft again; its public page is gone."),
    EventStatus.PUBLISHED: _l("The event is published; its public page is open."),
    EventStatus.FINISHED: _l("The event is finished."),
    EventStatus.CANCELLED: _l("The event is cancelled; the public page says why."),
}


def ending(event: Event) -> datetime:
    """When an event is over. Without an end on its programme it is taken to last half a day."""
    return event.ends_at or event.starts_at + HALF_A_DAY


def badge(event: Event) -> tuple[str, str]:
    """Words and tone of an event's badge: its state, and for a published one whether people may still register."""
    if event.status is EventStatus.DRAFT:
        return str(STATUSES[event.status]), "neutral"
    if event.status is EventStatus.CANCELLED:
        return str(STATUSES[event.status]), "bad"
    if event.status is EventStatus.FINISHED:
        return str(STATUSES[event.status]), "info"
    now = clock.now()
    if ending(event) <= now:
        return str(_l("Past")), "warn"
    if event.starts_at <= now:
        return str(_l("Under way")), "gold"
    if not event.public_registration:
        return str(STATUSES[event.status]), "good"
    if event.registration_opens_at and now < event.registration_opens_at:
        return str(_l("Registration not open yet")), "info"
    if event.registration_closes_at and now >= event.registration_closes_at:
        return str(_l("Registration closed")), "warn"
    return str(_l("Registration open")), "good"


def phase(event: Event) -> str:
    """Where an event stands between planning and report: draft, ahead, today (from twelve hours before it begins until
    it ends), over, finished or cancelled."""
    if event.status is not EventStatus.PUBLISHED:
        return event.status.value
    now = clock.now()
    if now >= ending(event):
        return "over"
    return "today" if now >= event.starts_at - HALF_A_DAY else "ahead"


def when(event: Event) -> str:
    """ "Kamis, 15 Mei 2025, 08.00–12.00 WIB"; both days when it ends on another one."""
    return formats.day_and_range(event.starts_at, event.ends_at, event.timezone)


FILTERS = {
    "event_phase": phase,
    "event_when": when,
    "event_badge": badge,
    "event_kind": lambda kind: KINDS[kind],
    "event_status": lambda status: STATUSES[status],
    "event_role": lambda role: ROLES[role],
}
