"""The organizer's first page: what is on today, what comes next, what needs attention."""

from flask import Blueprint

from halal import web

bp = Blueprint("desk", __name__)


@bp.get("/kelola/")
@web.allow("staff")
def home():
    return web.render("desk/home.html")
