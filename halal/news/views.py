"""News, for organizers."""

from flask import Blueprint

from halal import web

bp = Blueprint("news", __name__)


@bp.get("/kelola/berita")
@web.allow("read")
def index():
    return web.render("news/index.html")
