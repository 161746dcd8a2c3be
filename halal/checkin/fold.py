"""What a log of check-in operations means: a pure function, so that every order of arrival means the same.

- Somebody is present at a session when at least one check-in (or walk-in) of theirs is live.
- An undo names the person and the operations it takes back; it may arrive before them, and spares all others.
- A merge says that two registrations are one person; who is merged with whom is the union of all merges.
- Order decides one thing only: of several live check-ins the one with the lowest seq counts, the others repeat it.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from halal.checkin.models import OpKind

SKEW_LIMIT = timedelta(minutes=2)
# The longest time that a tablet's queue may have waited before it is sent; older claims are a wrong clock.
OLDEST = timedelta(days=7)


class Op(NamedTuple):  # a dataclass that is frozen takes five times as long to make
    """One operation, as far as its meaning goes. `undoes` belongs to an undo, `into` to a merge; `token_hash` to the
    scan of a code that nobody has, and to a walk-in who came with one. `earliest`: its clock cannot have been
    right, for it says another time than between this moment and its arrival. `untimed`: typed from paper or a list, so
    its time is that of the typing."""

    op_id: uuid.UUID
    seq: int
    kind: OpKind
    session_id: int | None
    registration_id: uuid.UUID | None
    client_at: datetime
    sent_at: datetime
    received_at: datetime
    undoes: frozenset[uuid.UUID] = frozenset()
    into: uuid.UUID | None = None
    device_id: uuid.UUID | None = None
    token_hash: str | None = None
    earliest: datetime | None = None
    untimed: bool = False


class Presence(NamedTuple):
    """That somebody is at a session: `op` counts, `repeats` are later live check-ins of the same person there."""

    op: Op
    repeats: tuple[Op, ...] = ()

    @property
    def live(self) -> tuple[Op, ...]:
        return (self.op, *self.repeats)


Key = tuple[int, uuid.UUID]


def fold(ops: Iterable[Op]) -> dict[Key, Presence]:
    """Who is present at which session, by (session, registration). An operation given twice counts once."""
    known = {op.op_id: op for op in ops}
    person = persons(known.values())
    undone = _taken_back(known.values(), person)
    live: dict[Key, list[Op]] = defaultdict(list)
    for op in sorted(known.values(), key=lambda op: op.seq):
        if op.kind not in (OpKind.CHECK_IN, OpKind.WALK_IN) or op.session_id is None or op.registration_id is None:
            continue
        who = person.get(op.registration_id, op.registration_id) if person else op.registration_id
        if not undone or (who, op.op_id) not in undone:  # most logs know no undo, and every look costs a hash
            live[op.session_id, who].append(op)
    return {key: Presence(first, tuple(rest)) for key, (first, *rest) in live.items()}


def unknown_scans(ops: Iterable[Op]) -> list[Op]:
    """Scans of codes that nobody has, in order of arrival: of a code scanned again at its session the first."""
    return [first for first, *_again in grouped_unknown_scans(ops)]


def grouped_unknown_scans(ops: Iterable[Op]) -> list[list[Op]]:
    """The scans of every code that nobody has, as far as they were not taken back, by code and session in order of
    arrival. A guest who is in and came with the code explains its scans at the same session."""
    known = {op.op_id: op for op in ops}
    undone = _taken_back(known.values(), {})
    scans = [op for op in known.values() if op.kind == OpKind.UNKNOWN_SCAN and (None, op.op_id) not in undone]
    if not scans:
        return []
    guests = {(op.session_id, op.token_hash) for presence in fold(known.values()).values() for op in presence.live
              if op.kind == OpKind.WALK_IN and op.token_hash}  # fmt: skip
    groups: dict[tuple, list[Op]] = defaultdict(list)
    for op in sorted(scans, key=lambda op: op.seq):
        if (op.session_id, op.token_hash) not in guests:
            groups[op.session_id, op.token_hash or op.op_id].append(op)
    return list(groups.values())


def _taken_back(ops: Iterable[Op], person: dict) -> set[tuple[uuid.UUID | None, uuid.UUID]]:
    """What is undone, as (person, operation): an undo reaches operations of the person it names, and no others."""
    return {
        (person.get(op.registration_id, op.registration_id), target)
        for op in ops
        if op.kind == OpKind.UNDO
        for target in op.undoes
    }


def persons(ops: Iterable[Op]) -> dict[uuid.UUID, uuid.UUID]:
    """Which registration stands for which, after all merges; registrations that were never merged are not in it.

    The one that stands for a group was itself never merged into another; of several, or of a circle, the oldest id.
    """
    merges = [(op.registration_id, op.into) for op in ops if op.kind == OpKind.MERGE and op.registration_id and op.into]
    parent: dict[uuid.UUID, uuid.UUID] = {}

    def root(node: uuid.UUID) -> uuid.UUID:
        while (up := parent.setdefault(node, node)) != node:
            parent[node] = parent[up]
            node = up
        return node

    for source, target in merges:
        parent[root(source)] = root(target)
    groups: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for node in parent:
        groups[root(node)].add(node)
    sources = {source for source, target in merges if source != target}
    stands_for = {}
    for group in groups.values():
        chosen = min(group - sources or group)
        stands_for.update(dict.fromkeys(group, chosen))
    return stands_for


def corrected_time(op: Op) -> datetime:
    """When it happened, by the server's clock.

    What the tablet's clock says is moved by the difference that showed when it was sent; never later than the
    arrival of the operation, never more than OLDEST before it, nor before its earliest moment.
    """
    earliest = op.received_at - OLDEST if op.earliest is None else min(op.earliest, op.received_at)
    return max(min(claimed_time(op), op.received_at), earliest)


def claimed_time(op: Op) -> datetime:
    """When it happened, if the tablet's clock went on as it went when this was sent."""
    return op.client_at + (op.received_at - op.sent_at)


def skewed(op: Op) -> bool:
    """Whether the tablet's clock was off by more than two minutes when it sent this, or wrong before that."""
    return op.earliest is not None or abs(op.received_at - op.sent_at) > SKEW_LIMIT
