"""The check-in screen."""

from flask import Blueprint

from halal import web
from halal.events.lookup import own_event

bp = Blueprint("checkin", __name__)


@bp.get("/checkin/")
@web.allow("checkin")
def choose():
    return web.render("checkin/choose.html")


@bp.get("/kelola/kegiatan/<slug>/kehadiran")
@web.allow("read")
def board(slug):
    return web.render("checkin/board.html", event=own_event(slug))
