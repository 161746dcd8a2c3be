"""What tablets without network carry and bring: the roster, and the exchange of operations.

GET  /checkin/api/v1/roster?event=<slug>[&after=<id>][&limit=1000][&since=<as_of>]
  -> {v, event: {slug, title, status, starts_at, ends_at}, log_id, version, as_of, zone, zone_label,
      device: {id, name}|null, sessions: [{id, title, starts_at, ends_at}],
      people: [{id, h, n, b, r, k, s, u}], next: id|null}
  `h`: the first digits of the ticket's hash; `since`: only who changed, see halal/checkin/services/roster.py
  Every answer of ours, refusals too, carries the header Serambi-Api; a network that answers in our place does not.
  304 by ETag · 401 {"pair": true}: pair again, keep everything · 403 {"wipe": true, "reason"}: drop the roster.
POST /checkin/api/v1/sync {v, event, device?, store_id, log_id?, cursor, tail?, latest?, bare?, sent_at, last_dev_seq,
      unsent, undecided?: [id], ops: [<=200]}
  -> {v, log_id, server_time, standing, results: [{id, status, seq, duplicate_of, …}], known, changes: [<=500], cursor,
      tail, more, roster_version, decided: [id], counters}
  Every operation gets a result and need not be sent again; `status` "quarantined" (with `reason`): kept, not
  counted, the organizer decides; so it goes with all of them while the event is cancelled. Not `known`: a backup was
  restored, or the server lost its latest commits with its power; the log is read from the beginning, and everything
  must be sent again. `unsent`: what waits on the tablet beside this batch; `undecided`: what it lists as waiting for
  the organizer, of which `decided` waits no longer; `bare`: the last number of its own that it was told to forget. A
  tablet whose `standing` is not "open" hands in what it has and learns nothing; when it has nothing, the answer is the
  403 above.
"""

import hashlib
import uuid
from dataclasses import replace

from flask import request
from flask_babel import gettext as _

from halal import formats, web
from halal.checkin import gate, services, wire
from halal.checkin.models import OpKind, QuarantineReason
from halal.checkin.services.roster import PAGE_MAX
from halal.checkin.views import bp, together
from halal.checkin.views.api import API, answer_json, answers_json, read_body
from halal.clock import now
from halal.extensions import db


@bp.get(f"{API}/roster")
@web.allow("device")
@web.lean
@answers_json
def roster():
    """The people of an event, for a tablet to carry."""
    who = gate.admitted(request.args.get("event", ""))
    if who.tablet is not None and who.tablet.standing != "open":
        return _wipe(who.tablet.standing)
    place = services.known_place(who.organization_id, request.args.get("event", ""))
    as_of, version = int(now().timestamp()), services.roster_version_now(place)
    response = answer_json({})
    response.set_etag(hashlib.sha256(f"{version} {request.query_string!r} {who.tablet}".encode()).hexdigest()[:20])
    if request.if_none_match.contains(response.get_etag()[0]):
        return response.make_conditional(request)
    response.set_data(answer_json(_roster(place, version, as_of, who.tablet)).get_data())
    return response


def _wipe(reason: str):
    sentence = _("This tablet may not carry the list of attendees any more.")
    return answer_json({"error": sentence, "wipe": True, "reason": reason}, 403)


def _roster(place, version: str, as_of: int, tablet) -> dict:
    people, following = services.roster(
        place, after=request.args.get("after", type=uuid.UUID), since=request.args.get("since", type=int),
        limit=max(1, min(request.args.get("limit", 1000, type=int), PAGE_MAX)),
    )  # fmt: skip
    return {
        "v": wire.VERSION, "event": services.event_of(place), "log_id": place.log_id, "version": version,
        "as_of": as_of, "zone": place.timezone, "zone_label": formats.zone_label(place.timezone),
        "device": tablet and {"id": str(tablet.id), "name": tablet.name},
        "sessions": services.sessions_of(place), "people": people, "next": following,
    }  # fmt: skip


@bp.post(f"{API}/sync")
@web.allow("device")
@web.lean
@answers_json
def sync():
    """Operations in, operations of others out."""
    asked = wire.read_sync(read_body())
    who = gate.admitted(asked.batch.event)
    asked = replace(asked, batch=replace(asked.batch, device_id=_device_id(asked, who)))
    standing = who.tablet.standing if who.tablet else "open"
    if standing != "open" and not asked.batch.ops and not asked.malformed:
        return _wipe(standing)
    if standing in ("revoked", "expired"):
        return answer_json(_disbelieved(asked, who.tablet))
    place = services.known_place(who.organization_id, asked.batch.event, asked.batch.device_id)
    results, counters = _record(place, asked, who)
    said = {"v": wire.VERSION, "log_id": place.log_id, "server_time": now().isoformat(), "standing": standing,
            "results": results}  # fmt: skip
    if standing != "open":
        return answer_json(said | _NOTHING)
    news, changes = _news(place, asked)
    return answer_json({**said, **news, "counters": counters}, changes=changes)


_NOTHING = {
    "known": True, "changes": [], "cursor": None, "tail": None, "more": False, "decided": [],
    "roster_version": "", "counters": None,
}  # fmt: skip


def _device_id(asked: wire.Sync, who: gate.Admitted) -> uuid.UUID:
    if who.tablet is not None:
        return who.tablet.id
    if asked.batch.device_id is None:
        raise wire.Garbage("device")
    return asked.batch.device_id


def _news(place, asked: wire.Sync) -> tuple[dict, list[str]]:
    """What the tablet does not know yet; all of it when the log is not the one that it knows. The changes in JSON."""
    db.session.commit()  # a look as of now: others have written while this one waited
    read = services.Read(asked.log_id, asked.cursor, asked.tail, asked.latest)
    log_id, known = services.recognize(place.event_id, read)
    if log_id == read.log_id and not known:
        with web.writing(log_id):
            log_id = services.rename_log(place.event_id, log_id)
    storage = services.Storage(asked.batch.store_id, asked.bare)
    reached, changes = services.changes(place.event_id, log_id, read if known else None, storage)
    news = {"log_id": log_id, "known": known, **reached, "roster_version": services.roster_version(place)}
    news["decided"] = services.decided(place.event_id, asked.batch.device_id, asked.undecided)
    return news, changes


def _record(place, asked: wire.Sync, who: gate.Admitted) -> tuple[list[dict], dict]:
    """Write what came, and what the tablet says of itself; keep what the log does not take."""
    batch, report = asked.batch, services.Report(asked.last_dev_seq, asked.unsent)
    aside = {op: reason for op in batch.ops if (reason := _aside(place, who, op)) is not None}
    if aside:
        batch = replace(batch, ops=tuple(op for op in batch.ops if op not in aside))
    if batch.ops or report.is_news(place.event_id, batch, now()):
        results, counters = together.record(services.Sent(place, batch, who.user_id, report))
    else:
        results, counters = [], services.recent_counters(place)
    refused = [(asked.raw.get(uuid.UUID(r["id"])), _why(r), r) for r in results if r["seq"] is None]
    refused += [(asked.raw.get(op.id), reason, {"id": str(op.id)}) for op, reason in aside.items()]
    refused += [(raw, QuarantineReason.INVALID, {"id": given}) for given, _part, raw in asked.malformed]
    recorded = [r for r in results if r["seq"] is not None]
    try:
        if refused:
            _keep(place.event_id, asked.batch, [(reason, raw) for raw, reason, _result in refused])
    except services.Full:
        if not recorded:
            raise
        db.session.rollback()
        return recorded, counters  # the others stay on the tablet, unanswered, and hold up nothing
    return recorded + [_kept(result, reason) for _raw, reason, result in refused], counters


def _aside(place, who: gate.Admitted, op: wire.Incoming) -> QuarantineReason | None:
    """Why an operation does not even come before the log."""
    if place.status in services.CLOSED:
        return QuarantineReason.EVENT_CLOSED
    return QuarantineReason.NOT_ALLOWED if who.tablet is not None and op.kind == OpKind.MERGE else None


def _why(result: dict) -> QuarantineReason:
    """Of a result that was not recorded."""
    known = {reason.value for reason in _OF_THE_LOG}
    return QuarantineReason(result["status"]) if result["status"] in known else QuarantineReason.INVALID


_OF_THE_LOG = (
    QuarantineReason.CONFLICT, QuarantineReason.OTHER_EVENT, QuarantineReason.SESSION_GONE, QuarantineReason.TOO_MANY,
)  # fmt: skip


def _kept(result: dict, reason: QuarantineReason) -> dict:
    answer = {"id": result["id"], "status": "quarantined", "reason": reason.value, "seq": None, "duplicate_of": None}
    return {**answer, "message": result["message"]} if result.get("message") else answer


def _disbelieved(asked: wire.Sync, tablet) -> dict:
    """A tablet that is not believed any more: what it brings is kept aside, and it learns nothing."""
    reason = QuarantineReason(tablet.standing)
    came = [(str(op.id), asked.raw[op.id]) for op in asked.batch.ops] + [(i, raw) for i, _p, raw in asked.malformed]
    if came:
        _keep(tablet.event_id, asked.batch, [(reason, raw) for _id, raw in came])
    return {
        "v": wire.VERSION, "log_id": asked.log_id, "server_time": now().isoformat(), "standing": tablet.standing,
        "results": [_kept({"id": given}, reason) for given, _raw in came], **_NOTHING,
    }  # fmt: skip


def _keep(event_id: int, batch: wire.Batch, items: list) -> None:
    with web.writing(str(event_id)):
        services.keep(event_id, batch, items)
