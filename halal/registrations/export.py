"""The attendee list as a spreadsheet: exactly what is shown, all pages of it."""

from collections.abc import Iterator

from flask_babel import gettext as _

from halal import formats
from halal.events.models import Event
from halal.registrations import labels
from halal.registrations.attendees import Attendee, everybody
from halal.registrations.listing import Choice
from halal.registrations.services import Bounds
from halal.sheets import write_xlsx
from halal.text import show_phone

_WIDTHS = [6, 32, 30, 26, 17, 24, 36, 18, 28, 18]


def workbook(event: Event, choice: Choice) -> bytes:
    """An .xlsx of the registrations as chosen, in the order chosen; numbers that are names of things stay text."""
    bounded = Bounds(event).program is not None
    sessions = [s for s in event.sessions if choice.session_id in (None, s.id)]
    present = [_("Present: %(session)s", session=s.title) for s in sessions] if len(sessions) > 1 else [_("Present")]
    headings = [
        _("No."), _("Name"), _("Business"), _("Product"), _("NIB"), _("Regency or city"), _("Address"), _("Phone"),
        _("E-mail"), _("Status"), *present, _("Source"), _("Registered"),
        *([_("Outside the program's bounds")] if bounded else []),
        _("Number of the registration"),  # by it a list that was edited and sent again finds its people
    ]  # fmt: skip
    widths = [*_WIDTHS, *(18 for _session in sessions), 16, 18, *([30] if bounded else []), 38]
    return write_xlsx(headings, _rows(event, choice, sessions, bounded), widths, sheet_title=_("Attendees"))


def _rows(event: Event, choice: Choice, sessions: list, bounded: bool) -> Iterator[list]:
    for number, attendee in enumerate(everybody(event, choice), start=1):
        r = attendee.registration
        yield [
            number, r.name, r.business_name, r.product, r.nib, r.region_label, r.address, show_phone(r.phone), r.email,
            str(labels.STATUSES[r.status]), *(_moment(attendee, session.id, event) for session in sessions),
            str(labels.SOURCES[r.source]), formats.local(r.created_at, event.timezone),
            *([", ".join(labels.outside(r))] if bounded else []), str(r.id),
        ]  # fmt: skip


def _moment(attendee: Attendee, session_id: int, event: Event):
    if session_id not in attendee.arrivals:
        return None
    at = attendee.arrivals[session_id]
    return formats.local(at, event.timezone) if at else _("present, without a time (from paper, or a wrong clock)")
