"""Attendees of an event, for organizers: register, work the list, import."""

from flask import Blueprint

bp = Blueprint("registrations", __name__)

from halal.registrations.views import attendees, desk, imports, in_bulk, papers  # noqa: E402, F401 -- they add their routes to bp
