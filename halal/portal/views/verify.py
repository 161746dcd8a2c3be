"""Verifying a certificate."""

from halal import web
from halal.portal.views import bp


@bp.get("/v/")
@web.allow("public")
def verify_form():
    return web.render("portal/verify_form.html")
