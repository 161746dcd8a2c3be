"""The check-in screen."""

from flask import Blueprint

from halal import web

bp = Blueprint("checkin", __name__)


@bp.get("/checkin/")
@web.allow("checkin")
def choose():
    return web.render("checkin/choose.html")
