"""An event's numbers."""

from flask import Blueprint

from halal import web
from halal.events.lookup import own_event

bp = Blueprint("reports", __name__)


@bp.get("/kelola/kegiatan/<slug>/laporan")
@web.allow("read")
def event(slug):
    return web.render("reports/event.html", event=own_event(slug))
