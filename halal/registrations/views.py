"""The attendee list, for organizers."""

from flask import Blueprint

bp = Blueprint("registrations", __name__)
