"""The check-in screen, and the way to it."""

import base64
from functools import cache

from halal import qr, web
from halal.checkin import services
from halal.checkin.views import bp
from halal.events.lookup import own_event, own_session
from halal.web import current_organization

TEST_TEXT = "SERAMBI HALAL 2025"


@bp.get("/checkin/")
@web.allow("checkin")
def choose():
    return web.render("checkin/choose.html", groups=services.sessions_to_choose(current_organization.id))


@bp.get("/checkin/<slug>/<int:session_id>")
@web.allow("checkin")
def screen(slug, session_id):
    event = own_event(slug)
    session = own_session(event, session_id)
    services.refuse_closed(event.status)
    counters = services.counters(event.id)
    place = services.names_of(services.open_place(event.organization_id, event.slug))
    return web.render("checkin/screen.html", event=event, session=session, place=place, counters=counters, **settings())


@cache
def settings() -> dict:
    """What the modules of a screen are told: the QR code that a reader must read before it is trusted with tickets, and
    how many people a list shows."""
    picture = "data:image/png;base64," + base64.b64encode(qr.png(TEST_TEXT, scale=6)).decode()
    return {"test_picture": picture, "test_text": TEST_TEXT, "listed": services.LISTED}
