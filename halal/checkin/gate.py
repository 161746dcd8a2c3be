"""Who may use what tablets use: a paired tablet of the event, or an officer who is logged in."""

import logging
import uuid
from typing import NamedTuple

from flask import abort, g, make_response, request, session
from flask_babel import gettext as _

from halal.accounts import gate
from halal.briefly import Briefly
from halal.checkin.services.pairing import Tablet, find_tablet
from halal.errors import DomainError
from halal.events.lookup import office_of_event

COOKIE = "serambi_tablet"
log = logging.getLogger(__name__)


class NotThisEvent(DomainError):
    """A tablet of one event speaks of another."""

    status = 403


class Admitted(NamedTuple):
    """Who asks about an event: a tablet, or a user of the office."""

    organization_id: int
    tablet: Tablet | None
    user_id: int | None


def check():
    """The gate of routes marked "device": somebody must be there. Which event is theirs is asked by `admitted`."""
    gate.refuse_foreign_posts()
    g.tablet = _tablet()
    if g.tablet is not None:
        return None
    if not session.get("_user_id") or gate.check_lean("checkin") is not None:
        return _pair_again()
    return None


def _tablet() -> Tablet | None:
    device, _dot, secret = request.cookies.get(COOKIE, "").partition(".")
    try:
        device_id = uuid.UUID(device)
    except ValueError:
        return None
    tablet = find_tablet(device_id, secret)
    if tablet is None:
        log.warning("somebody says to be tablet %s and is not", device_id)
    return tablet


def _pair_again():
    message = _("This tablet is not paired any more. What it has is kept; pair it again.")
    return make_response({"error": message, "pair": True}, 401)


_offices_of_events = Briefly()


def office_of(slug: str) -> int:
    """The office in which this officer checks in at this event. Whoever belongs to several works in the event's own,
    whatever office another tab has chosen. Aborts with 403 where they may not check in."""
    who = g.who
    office = who.organization_id
    if len(who.offices) > 1 or office not in who.offices:
        named = _offices_of_events.get(slug, lambda: office_of_event(slug))
        office = named if named in who.offices else office
    if office not in who.offices:
        abort(403)
    return office


def admitted(slug: str) -> Admitted:
    """Who asks about this event. Raises NotThisEvent for a tablet of another one."""
    tablet = g.tablet
    if tablet is None:
        return Admitted(office_of(slug), None, g.who.user_id)
    if tablet.slug != slug:
        log.warning("tablet %s of event %s asked about another event", tablet.id, tablet.event_id)
        raise NotThisEvent(_("This tablet is paired with another event."))
    return Admitted(tablet.organization_id, tablet, None)
