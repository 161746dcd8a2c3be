"""An event's numbers as a spreadsheet: what the page shows, one line a number."""

from collections.abc import Iterator

from flask_babel import gettext as _

from halal.events.labels import when
from halal.events.models import Event
from halal.registrations.labels import SOURCES
from halal.reports.services import EventNumbers
from halal.sheets import write_xlsx


def workbook(event: Event, numbers: EventNumbers) -> bytes:
    """The workbook; its second sheet says which event this is."""
    headings = (_("Part"), _("Detail"), _("Registered"), _("Present"))
    about = [event.title, when(event), ", ".join(part for part in (event.venue, event.region_label) if part)]
    return write_xlsx(
        headings, _lines(numbers), widths=(24, 40, 12, 12), sheet_title=_("Report"), notes=(_("Event"), about)
    )


def _lines(numbers: EventNumbers) -> Iterator[tuple]:
    counts = numbers.counts
    yield _("All"), _("All"), counts.registered, counts.present
    yield _("All"), _("On the waiting list"), counts.waiting, None
    yield _("All"), _("Cancelled"), counts.cancelled, None
    yield _("All"), _("Without NIB"), numbers.nib_missing, None
    for region in numbers.regions:
        yield _("Regency or city"), region.label or _("Not stated"), region.registered, region.present
    for hour, count in numbers.hours:
        yield _("Hour of arrival"), hour.replace(tzinfo=None), None, count
    for title, count in numbers.sessions:
        yield _("Session"), title, None, count
    for source, count in numbers.sources:
        yield _("Way of registration"), str(SOURCES[source]), count, None
