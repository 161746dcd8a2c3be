"""News, for organizers."""

from flask import Blueprint

from halal import web
from halal.events.lookup import own_event

bp = Blueprint("news", __name__)


@bp.get("/kelola/berita")
@web.allow("read")
def index():
    return web.render("news/index.html")


@bp.get("/kelola/kegiatan/<slug>/berita")
@web.allow("read")
def for_event(slug):
    return web.render("news/for_event.html", event=own_event(slug))
