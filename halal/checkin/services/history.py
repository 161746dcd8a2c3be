"""Reading the log of operations."""

import uuid
from collections.abc import Collection, Iterable
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, literal_column, select

from halal.checkin.fold import Key, Op, Presence, fold, persons
from halal.checkin.models import CheckInOp
from halal.extensions import db

# Tables and a plain connection, not mapped classes: on the busiest path objects would cost more than the database.
_ops = CheckInOp.__table__
OPERATION = tuple(_ops.c)
# What to_op reads, beside the number.
MEANING = (
    _ops.c.op_id, _ops.c.kind, _ops.c.session_id, _ops.c.registration_id, _ops.c.client_at, _ops.c.sent_at,
    _ops.c.received_at, _ops.c.payload, _ops.c.device_id,
)  # fmt: skip
OF_PEOPLE = select(*OPERATION).where(
    _ops.c.event_id == bindparam("event"), _ops.c.registration_id.in_(bindparam("people", expanding=True))
)
# The index of rare operations says kind <> 'checkin'; a query must say it too, in the same words, to use it.
RARE = literal_column("checkin_ops.kind <> 'checkin'")
MERGES = select(*OPERATION).where(
    _ops.c.event_id == bindparam("event"), RARE, literal_column("checkin_ops.kind = 'merge'")
)


PAPER = "paper"  # via, in the payload of what was recorded from a printed sheet
ON_PAPER = _l("Attendance list on paper")
FROM_LIST = "list"  # via, of what was recorded at the desk for rows of the attendee list
UNTIMED = frozenset({PAPER, FROM_LIST})  # nobody knows when these came
_WITHOUT_TABLET = {PAPER: ON_PAPER, FROM_LIST: _l("Attendee list, at the desk")}


def where_from(tablet: str | None, payload: dict | None) -> str:
    """Where an operation was made, in words; empty when nobody knows."""
    return tablet or str(_WITHOUT_TABLET.get((payload or {}).get("via"), ""))


def to_op(row) -> Op:
    """A stored operation, as far as its meaning goes."""
    payload = row.payload or {}
    return Op(
        row.op_id, row.seq, row.kind, row.session_id, row.registration_id, row.client_at, row.sent_at, row.received_at,
        frozenset(uuid.UUID(i) for i in payload.get("ops", ())),
        uuid.UUID(payload["into"]) if "into" in payload else None, row.device_id, payload.get("token_hash"),
        datetime.fromisoformat(payload["earliest"]) if "earliest" in payload else None,
        payload.get("via") in UNTIMED,
    )  # fmt: skip


def merged_with(people: Collection[uuid.UUID], ops: Iterable[Op]) -> set[uuid.UUID]:
    """Registrations, beyond `people`, that are the same persons by the merges among `ops`."""
    stands_for = persons(ops)
    touched = {stands_for.get(i, i) for i in people}
    return {i for i, root in stands_for.items() if root in touched} - set(people)


def presences(event_id: int, people: Collection[uuid.UUID]) -> dict[Key, Presence]:
    """Who of these is where, with every operation that says so."""
    return fold(_of_people(event_id, people)) if people else {}


def present_at(event_id: int, session_id: int, people: Collection[uuid.UUID]) -> dict[uuid.UUID, Presence]:
    """Who of these is at a session. Somebody who was merged is where the one is who stands for them."""
    if not people:
        return {}
    history = _of_people(event_id, people)
    found, stands_for = fold(history), persons(history)
    there = {one: found.get((session_id, stands_for.get(one, one))) for one in people}
    return {one: presence for one, presence in there.items() if presence is not None}


def _of_people(event_id: int, people: Collection[uuid.UUID]) -> list[Op]:
    """Everything that was recorded of these, and of whom they were merged with."""
    history = [to_op(row) for row in db.session.connection().execute(MERGES, {"event": event_id})]
    everybody = {*people, *merged_with(people, history)}
    history += [
        to_op(row) for row in db.session.connection().execute(OF_PEOPLE, {"event": event_id, "people": list(everybody)})
    ]
    return history
