"""The attendee list: search, filter, edit in place, cancel, export, print."""

from halal import web
from halal.events.lookup import own_event
from halal.registrations.views import bp


@bp.get("/kelola/kegiatan/<slug>/peserta")
@web.allow("read")
def index(slug):
    return web.render("registrations/index.html", event=own_event(slug))
