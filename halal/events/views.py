"""Events, for organizers."""

from flask import Blueprint

from halal import web

bp = Blueprint("events", __name__)


@bp.get("/kelola/kegiatan")
@web.allow("read")
def index():
    return web.render("events/index.html")
