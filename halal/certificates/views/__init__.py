"""Certificates at the desk: planning awards, issuing, downloading, correcting, revoking."""

from flask import Blueprint

bp = Blueprint("certificates", __name__)

from halal.certificates.views import (  # noqa: E402 -- they add their routes to bp
    awards,  # noqa: F401
    badges,  # noqa: F401
    design,  # noqa: F401
    download,  # noqa: F401
    issue,  # noqa: F401
    numbers,  # noqa: F401
    pages,  # noqa: F401
    security,  # noqa: F401
    sharing,  # noqa: F401
    trial,  # noqa: F401
    versions,  # noqa: F401
)
