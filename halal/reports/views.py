"""An event's numbers."""

from flask import Blueprint, g, make_response
from flask_babel import gettext as _

from halal import web
from halal.events.lookup import own_event
from halal.facilitation.numbers import program_numbers
from halal.headers import name_download
from halal.registrations.labels import SOURCES
from halal.reports import services
from halal.reports.export import workbook

bp = Blueprint("reports", __name__)
bp.add_app_template_global(program_numbers, "program_numbers")
bp.add_app_template_global(services.is_example, "is_example")
bp.add_app_template_filter(lambda source: SOURCES[source], "source_label")


@bp.app_template_global("event_counts")
def counts_once(event) -> services.EventCounts:
    """An event's counts for templates: counted once for a page, however many parts of it show them."""
    if "event_counts" not in g:
        g.event_counts = {}
    if event.id not in g.event_counts:
        g.event_counts[event.id] = services.event_counts(event)
    return g.event_counts[event.id]


@bp.get("/kelola/kegiatan/<slug>/laporan")
@web.allow("read")
def event(slug):
    event = own_event(slug)
    program = program_numbers(event.program) if event.program else None
    return web.render("reports/event.html", event=event, numbers=services.event_numbers(event), program=program)


@bp.get("/kelola/kegiatan/<slug>/laporan.xlsx")
@web.allow("read")
def export(slug):
    event = own_event(slug)
    response = make_response(workbook(event, services.event_numbers(event)))
    response.headers["Content-Type"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return name_download(response, _("report") + f"-{event.slug}.xlsx")
