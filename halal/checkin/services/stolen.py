"""A tablet in wrong hands: everything that it recorded is taken back at once."""

import uuid
from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select

from halal import clock, ids
from halal.audit import services as audit
from halal.checkin.fold import Op, corrected_time, persons
from halal.checkin.models import CheckInOp, OpKind
from halal.checkin.services.desk import write
from halal.checkin.services.history import OPERATION, presences, to_op
from halal.checkin.services.numbers import open_scans_by_code
from halal.checkin.services.pairing import revoke
from halal.checkin.services.quarantine import dismiss_all
from halal.checkin.wire import Incoming
from halal.events.models import Event
from halal.extensions import db

AT_ONCE = 400  # people in one part of the log's history


@dataclass(frozen=True)
class TakenBack:
    """How many check-ins, walk-ins among them, and scans of unknown codes were taken back; how many check-ins of others
    the tablet had taken back itself, which count again; how many were left out that waited for a decision."""

    check_ins: int
    walk_ins: int
    scans: int
    restored: int
    left_out: int


def take_back(event: Event, device_id: uuid.UUID, *, user_id: int) -> TakenBack:
    """Revoke a tablet and undo all that it made; what it sends from now on waits for a decision. Raises NotFound.

    Nothing leaves the log: the undos stand in it as the desk's own, and taking back twice changes nothing.
    """
    revoke(event, device_id, user_id=user_id)
    of_device = select(*OPERATION).where(CheckInOp.event_id == event.id, CheckInOp.device_id == device_id)
    made = [to_op(row) for row in db.session.execute(of_device)]
    stolen = _people(event, {op.registration_id for op in made if op.registration_id})
    back: dict[uuid.UUID, list[Op]] = defaultdict(list)
    for (_session, who), presence in stolen.items():
        back[who] += [op for op in presence.live if op.device_id == device_id]
    back = {who: ops for who, ops in back.items() if ops}
    scans = [op for ops in open_scans_by_code(event.id) for op in ops if op.device_id == device_id]
    said = [_undo(ops, registration_id=who) for who, ops in back.items()]
    said += [_undo(scans)] if scans else []
    if said:
        write(event, said, user_id=user_id)
    restored = _restore(event, device_id, [op for op in made if op.kind == OpKind.UNDO], user_id)
    undone = [op for ops in back.values() for op in ops]
    done = TakenBack(
        len(undone), sum(op.kind == OpKind.WALK_IN for op in undone), len(scans), restored,
        dismiss_all(event, device_id, user_id=user_id),
    )  # fmt: skip
    audit.record("checkin.tablet_taken_back", organization_id=event.organization_id, user_id=user_id,
                 subject=f"device:{device_id}", event_id=event.id, **vars(done))  # fmt: skip
    return done


def _people(event: Event, people: set[uuid.UUID]) -> dict:
    """Where these are, by parts: a tablet may have seen thousands."""
    found, wanted = {}, sorted(people)
    for start in range(0, len(wanted), AT_ONCE):
        found |= presences(event.id, wanted[start : start + AT_ONCE])
    return found


def _undo(ops: list[Op], **who) -> Incoming:
    undoes = tuple(sorted(op.op_id for op in ops))
    return Incoming(id=ids.uuid7(), kind=OpKind.UNDO, client_at=clock.now(), via="board", undoes=undoes, **who)


def _restore(event: Event, device_id: uuid.UUID, undos: list[Op], user_id: int) -> int:
    """Check in again, at their time, those whom others had checked in and this tablet took back."""
    named = {target for op in undos for target in op.undoes}
    if not named:
        return 0
    rows = select(*OPERATION).where(CheckInOp.event_id == event.id, CheckInOp.op_id.in_(named))
    taken = [op for row in db.session.execute(rows) if (op := to_op(row)).device_id != device_id and op.registration_id]
    merges = select(*OPERATION).where(CheckInOp.event_id == event.id, CheckInOp.kind == OpKind.MERGE)
    stands_for = persons(to_op(row) for row in db.session.execute(merges))
    present = _people(event, {op.registration_id for op in taken})
    again: dict[tuple, Incoming] = {}
    for op in taken:
        key = op.session_id, stands_for.get(op.registration_id, op.registration_id)
        if key not in present and key not in again:
            again[key] = Incoming(
                id=ids.uuid7(), kind=OpKind.CHECK_IN, client_at=corrected_time(op), session_id=key[0],
                registration_id=key[1], via="board", admitted=True,
            )  # fmt: skip
    if again:
        write(event, list(again.values()), user_id=user_id)
    return len(again)
