"""The public site: what a visitor without an account sees."""

from flask import Blueprint

bp = Blueprint("portal", __name__)

from halal.portal.views import machine, pages, registration, ticket, verify, verify_offline  # noqa: E402, F401 -- they add their routes to bp  # noqa: E402, F401
