"""Certificates: issuing, downloading, verifying."""

from flask import Blueprint

from halal import web
from halal.events.lookup import own_event

bp = Blueprint("certificates", __name__)


@bp.get("/kelola/kegiatan/<slug>/sertifikat")
@web.allow("read")
def index(slug):
    return web.render("certificates/index.html", event=own_event(slug))
