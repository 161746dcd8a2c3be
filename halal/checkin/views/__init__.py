"""Check-in: the screen for tablets, what it talks to, their pairing, and the organizer's board."""

from flask import Blueprint

bp = Blueprint("checkin", __name__)

from halal.checkin.views import (  # noqa: E402 -- they add their routes to bp
    api,  # noqa: F401
    board,  # noqa: F401
    from_list,  # noqa: F401
    pairing,  # noqa: F401
    paper,  # noqa: F401
    screen,  # noqa: F401
    sync,  # noqa: F401
    tablet,  # noqa: F401
)
