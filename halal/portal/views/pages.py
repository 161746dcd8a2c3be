"""Home, events, news, public pictures, health."""

import re

from flask import abort, jsonify, make_response
from sqlalchemy import text

from halal import files, pictures, web
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


_PICTURE_KEY = re.compile(r"public/(?:[a-z0-9_-]+/)*[a-z0-9_-]+\.(?P<suffix>[a-z]+)")
_PICTURE_TYPES = {suffix: mime for mime, suffix in pictures.SUFFIXES.items()}


@bp.get("/berkas/<path:key>")
@web.allow("public")
def file(key):
    """A public picture. Its key is made anew with every picture, so browsers may keep it for good."""
    named = _PICTURE_KEY.fullmatch(key)
    if named is None or named["suffix"] not in _PICTURE_TYPES:
        abort(404)
    try:
        response = make_response(files.get(key))
    except files.FileMissing:
        abort(404)
    response.content_type = _PICTURE_TYPES[named["suffix"]]
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@bp.get("/healthz")
@web.allow("public")
def healthz():
    """200 when the database answers; for monitoring."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ok", database="ok")
