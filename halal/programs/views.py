"""Programs, for organizers."""

from flask import Blueprint

from halal import web

bp = Blueprint("programs", __name__)


@bp.get("/kelola/program")
@web.allow("read")
def index():
    return web.render("programs/index.html")
