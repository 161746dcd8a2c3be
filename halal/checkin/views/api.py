"""What the check-in screen talks to: JSON under /checkin/api/v1/, with the log-in of the page and from it alone.

Tablets poll `state` every five seconds with the ETag they know: most answers are an empty 304. A stream would hold
one of the server's few threads for each tablet in the hall, all day.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from functools import wraps

from flask import Response, g, request
from flask_babel import gettext as _

from halal import web
from halal.checkin import services, wire
from halal.checkin.gate import office_of
from halal.checkin.views import bp, together
from halal.clock import now
from halal.errors import DomainError
from halal.extensions import db
from halal.web import current_organization

API = "/checkin/api/v1"
log = logging.getLogger(__name__)


class TooMuch(DomainError):
    """The same in smaller parts is welcome."""

    status = 413


def answers_json(view: Callable) -> Callable:
    """A tablet reads codes and sentences, not pages: what was refused is said in JSON."""

    @wraps(view)
    def answer(*args, **kwargs):
        try:
            return view(*args, **kwargs)
        except wire.Garbage as garbage:
            db.session.rollback()
            log.warning("%s could not be read: %s", request.endpoint, garbage)
            return answer_json({"error": _("Part of the message could not be read: %(part)s.", part=garbage)}, 400)
        except DomainError as error:
            db.session.rollback()
            return answer_json({"error": str(error.message)}, error.status)

    return answer


def answer_json(body: dict, status: int = 200, **lists: list[str]) -> Response:
    """`body`, and `lists` of what is JSON already."""
    # sentences become text here, in the language of who asked
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str)
    for name, items in lists.items():
        text = f'{text[:-1]},"{name}":[{",".join(items)}]}}'
    return Response(text, status, content_type="application/json")


def read_body() -> object:
    announced = request.content_length or 0  # nothing is announced of what comes in chunks
    if announced > wire.MAX_BYTES or len(body := request.get_data(cache=False)) > wire.MAX_BYTES:
        raise TooMuch(_("Too much at once; send it in smaller parts."))
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise wire.Garbage("JSON") from None


def _session_of(place, session_id: int | None) -> int:
    if session_id not in place.sessions:
        raise DomainError(_("This session does not belong to the event. Choose it again."))
    return session_id


@bp.post(f"{API}/ops")
@web.allow("checkin")
@web.lean
@answers_json
def ops():
    """A batch of operations; see halal/checkin/wire.py. One result for each, in their order."""
    batch = wire.read_batch(read_body())
    place = services.open_place(office_of(batch.event), batch.event, batch.device_id)
    results, counters = together.record(services.Sent(place, batch, g.who.user_id))
    return answer_json(
        {
            "v": wire.VERSION, "log_id": place.log_id, "server_time": now().isoformat(), "results": results,
            "counters": counters,
        }
    )  # fmt: skip


@bp.post(f"{API}/device")
@web.allow("checkin")
@web.lean
@answers_json
def device():
    """Name this tablet; answers with its name."""
    slug, device_id, name = wire.read_device(read_body())
    place = services.open_place(office_of(slug), slug, device_id)
    with web.writing(place.log_id):
        name = services.name_device(place, device_id, name, g.who.user_id)
    return answer_json({"name": name})


@bp.post(f"{API}/search")
@web.allow("checkin")
@web.lean
@answers_json
def search():
    """Attendees by the beginnings of words. A POST, so that names never stand in an address."""
    return _people(services.search)


@bp.post(f"{API}/near")
@web.allow("checkin")
@web.lean
@answers_json
def near():
    """Attendees who may be a walk-in of this name."""
    return _people(services.near)


def _people(find: Callable) -> Response:
    slug, session_id, typed = wire.read_question(read_body())
    place = services.open_place(g.who.organization_id, slug)
    found = find(place, _session_of(place, session_id), typed)
    known = services.presences(place.event_id, [r.id for r, at in found if at])
    return answer_json({"people": [_entry(r, session_id, known, at=at) for r, at in found]})


@bp.get(f"{API}/present")
@web.allow("checkin")
@answers_json
def present():
    """Who is in, latest first."""
    place = services.open_place(current_organization.id, request.args.get("event", ""))
    session_id = _session_of(place, request.args.get("session", type=int))
    found = services.present(place, session_id)
    known = services.presences(place.event_id, [r.id for r, _at, _where in found])
    return answer_json({"people": [_entry(r, session_id, known, at=a.at, where=where) for r, a, where in found]})


@bp.get(f"{API}/state")
@web.allow("checkin")
@web.lean
@answers_json
def state():
    """The counters of all tablets, and what the event and its sessions are called; 304 while that is what the tablet
    has."""
    slug = request.args.get("event", "")
    place = services.open_place(office_of(slug), slug)
    counters = services.recent_counters(place)
    response = answer_json({"log_id": place.log_id, "counters": counters, **services.names_of(place)})
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:20])
    return response.make_conditional(request)


def _entry(registration, session_id: int, known: dict, *, at=None, where: str | None = None) -> dict:
    entry = {**services.person_json(registration), "status": registration.status.value, "at": at and at.isoformat()}
    if presence := known.get((session_id, registration.id)):
        entry["live"] = [str(op.op_id) for op in presence.live]
    if where:
        entry["where"] = where
    return entry
