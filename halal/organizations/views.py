"""The office: name, letterhead, logo, numbering, signatories."""

from flask import Blueprint

from halal import web

bp = Blueprint("organizations", __name__)


@bp.get("/kelola/kantor")
@web.allow("own")
def settings():
    return web.render("organizations/settings.html")
