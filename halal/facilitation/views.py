"""The register of facilitated businesses."""

from flask import Blueprint

from halal import web

bp = Blueprint("facilitation", __name__)


@bp.get("/kelola/usaha")
@web.allow("read")
def index():
    return web.render("facilitation/index.html")
