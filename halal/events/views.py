"""Events, for organizers."""

from flask import Blueprint

from halal import web
from halal.events.lookup import own_event

bp = Blueprint("events", __name__)


@bp.get("/kelola/kegiatan")
@web.allow("read")
def index():
    return web.render("events/index.html")


@bp.get("/kelola/kegiatan/<slug>")
@web.allow("read")
def show(slug):
    return web.render("events/show.html", event=own_event(slug))
