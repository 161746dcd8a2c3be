"""What a browser sends from the event form."""

from datetime import date

from halal.events import services
from halal.meanwhile import mark


def event_fields(**changes) -> dict:
    """A whole event form, with as little filled in as an event needs; `changes` on top. None leaves a field out."""
    fields = {
        "title": "Sosialisasi Halal", "kind": "outreach_session", "program_id": "", "summary": "", "description": "",
        "region_code": "36.73", "zone": "", "venue": "", "address": "",
        "starts_on": "2027-05-13", "starts_time": "08:00", "ends_time": "12:00", "ends_on": "",
        "capacity": "", "waiting_list": "y", "public_registration": "y",
        "opens_on": "", "opens_time": "", "closes_on": "", "closes_time": "",
        "sessions-0-id": "", "sessions-0-title": "Acara utama", "sessions-0-day": "", "sessions-0-starts": "",
        "sessions-0-ends": "",
        "other_regions": "", "partners": "",
    }  # fmt: skip
    return {name: value for name, value in {**fields, **changes}.items() if value is not None}


def edit_fields(event, **changes) -> dict:
    """The form of this event as its edit page shows it, in what these tests need of it."""
    sessions = {}
    for number, session in enumerate(event.sessions):
        sessions[f"sessions-{number}-id"] = str(session.id)
        sessions[f"sessions-{number}-title"] = session.title
    defaults = {
        "title": event.title, "seen": mark(services.shown(event)), "region_code": event.region_code,
        "capacity": str(event.capacity or ""), "starts_on": (date(2027, 5, 13)).isoformat(),
    }  # fmt: skip
    return event_fields(**{**defaults, **sessions, **changes})
