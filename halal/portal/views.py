"""The public site: what a visitor without an account sees."""

from flask import Blueprint, jsonify
from sqlalchemy import text

from halal import web
from halal.extensions import db

bp = Blueprint("portal", __name__)


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


@bp.get("/v/")
@web.allow("public")
def verify_form():
    return web.render("portal/verify_form.html")


@bp.get("/healthz")
@web.allow("public")
def healthz():
    """200 when the database answers; for monitoring."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok", database="ok")
