"""What the form asks about an event and the services take. Moments are aware; times of day became moments already."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from halal.events.models import EventKind, EventRole
from halal.programs.models import Program


@dataclass
class SessionDetails:
    """One session; `id` names the one that is being changed."""

    title: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    id: int | None = None


@dataclass
class PersonDetails:
    """Somebody on the programme; `id` names the row that is being changed."""

    name: str
    title: str = ""
    role: EventRole = EventRole.SPEAKER
    id: int | None = None


# An end that is earlier than the start is after midnight, when the night is no longer than this; else it is a mistake.
LONGEST_NIGHT = timedelta(hours=12)


def over_midnight(starts_at: datetime | None, ends_at: datetime | None) -> datetime | None:
    """The end of what was typed with one date: from 20.00 until 01.00 ends on the next day."""
    if starts_at is None or ends_at is None or ends_at > starts_at:
        return ends_at
    tomorrow = ends_at + timedelta(days=1)
    return tomorrow if tomorrow - starts_at <= LONGEST_NIGHT else ends_at


@dataclass
class EventDetails:
    """Everything an organizer says about an event. Sessions, people and partners stand in their order."""

    kind: EventKind
    title: str
    starts_at: datetime
    timezone: str
    region_code: str
    ends_at: datetime | None = None
    summary: str = ""
    description: str = ""
    venue: str = ""
    address: str = ""
    capacity: int | None = None
    walk_in_limit: int | None = None
    waiting_list: bool = True
    requires_nib: bool | None = None
    public_registration: bool = True
    registration_opens_at: datetime | None = None
    registration_closes_at: datetime | None = None
    program: Program | None = None
    sessions: list[SessionDetails] = field(default_factory=list)
    people: list[PersonDetails] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    partners: list[str] = field(default_factory=list)
