"""The check-in screen, and the way to it."""

from halal import web
from halal.checkin import services
from halal.checkin.views import bp
from halal.events.lookup import own_event, own_session
from halal.web import current_organization


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
    return web.render("checkin/screen.html", event=event, session=session)
