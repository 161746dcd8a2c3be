"""Home, events, news, health."""

from flask import jsonify
from sqlalchemy import text

from halal import web
from halal.extensions import db
from halal.portal.views import bp


@bp.get("/")
@web.allow("public")
def home():
    return web.render("portal/home.html")


@bp.get("/kegiatan")
@web.allow("public")
def events():
    return web.render("portal/events.html")


@bp.get("/berita")
@web.allow("public")
def articles():
    return web.render("portal/articles.html")


@bp.get("/healthz")
@web.allow("public")
def healthz():
    """200 when the database answers; for monitoring."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok", database="ok")
