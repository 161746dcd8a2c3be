"""The audit log, for owners."""

from flask import Blueprint

from halal import web

bp = Blueprint("audit", __name__)


@bp.get("/kelola/jejak")
@web.allow("own")
def index():
    return web.render("audit/index.html")
