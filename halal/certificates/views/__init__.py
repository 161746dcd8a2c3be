"""Certificates at the desk: planning awards, issuing, downloading, correcting, revoking."""

from flask import Blueprint

bp = Blueprint("certificates", __name__)

from halal.certificates.views import awards, badges, design, download, issue, numbers, pages, sharing  # noqa: E402, F401 -- they add their routes to bp
