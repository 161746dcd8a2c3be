"""Check-in: the screen for tablets, what it talks to, their pairing, and the organizer's board."""

from flask import Blueprint

bp = Blueprint("checkin", __name__)

from halal.checkin.views import api, board, pairing, paper, screen, sync, tablet  # noqa: E402, F401 -- they add their routes to bp
