"""What programs ask the public site for: pictures, calendar entries, the feed, the sitemap, health."""

import re
import sqlite3

import psycopg
from flask import abort, jsonify, make_response, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from halal import database_limits, files, pictures, web
from halal.database_limits import DatabaseBusy
from halal.events.lookup import public_event
from halal.events.models import Event, EventStatus
from halal.extensions import check_database, db
from halal.headers import name_download
from halal.news import services as news
from halal.portal import calendar
from halal.portal.views import bp

_PICTURE_KEY = re.compile(r"public/(?:[a-z0-9_-]+/)*[a-z0-9_-]+\.(?P<suffix>[a-z]+)")
_PICTURE_TYPES = {suffix: mime for mime, suffix in pictures.SUFFIXES.items()}
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
FEED_LENGTH = 30
SITEMAP_LENGTH = 20_000  # of events and of articles each; the protocol takes 50,000 in all


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


@bp.get("/berita/umpan.xml")
@web.allow("public")
def feed():
    """The latest articles as Atom (RFC 4287)."""
    articles = db.session.scalars(news.published().limit(FEED_LENGTH)).all()
    return _xml("portal/feed.xml", "application/atom+xml", articles=articles)


@bp.get("/kegiatan/<slug>/kalender.ics")
@web.allow("public")
def event_calendar(slug):
    event = public_event(slug)
    response = make_response(calendar.entry(event, web.absolute(url_for("portal.event", slug=event.slug))))
    response.content_type = "text/calendar; charset=utf-8"
    return name_download(response, f"{event.slug}.ics")


@bp.get("/sitemap.xml")
@web.allow("public")
def sitemap():
    events = db.session.scalars(
        select(Event).where(Event.status != EventStatus.DRAFT).order_by(Event.id.desc()).limit(SITEMAP_LENGTH)
    ).all()
    articles = db.session.scalars(news.published().limit(SITEMAP_LENGTH)).all()
    return _xml("portal/sitemap.xml", "application/xml", events=events, articles=articles)


@bp.get("/robots.txt")
@web.allow("public")
def robots():
    """Search engines read the public pages; nobody's ticket and no staff page."""
    response = make_response(render_template("portal/robots.txt"))
    response.content_type = "text/plain; charset=utf-8"
    return response


@bp.get("/favicon.ico")
@web.allow("public")
def favicon():
    """Old browsers and messengers look here."""
    return web.redirect(web.static("img/favicon.svg"))


@bp.get("/healthz")
@web.allow("public")
def healthz():
    """200 when the database takes what is written and storage takes files, else 503 within three seconds; for
    monitoring. Both are asked at once."""
    files.look()
    try:
        check_database()
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error, DatabaseBusy) as error:
        if not database_limits.is_unavailable(error):
            raise
        return _unavailable(database="no answer")
    if not files.can_store():
        return _unavailable(database="ok", files="no answer")
    return jsonify(status="ok", database="ok", files="ok")


def _unavailable(**parts: str):
    response = jsonify(status="unavailable", **parts)
    response.status_code = 503
    response.headers["Retry-After"] = str(web.RETRY_AFTER)
    return response


def _xml(template: str, mime: str, **context):
    """A well-formed document, and 304 for readers that have it already."""
    response = make_response(_NOT_XML.sub("", render_template(template, **context)))
    response.content_type = f"{mime}; charset=utf-8"
    response.add_etag()
    return response.make_conditional(request)
