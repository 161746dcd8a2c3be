"""Writing the log of operations, and the attendance that follows from it. This is the busiest path of the product.

The row of the event is the lock: taking the next numbers of its log comes first, so everything read afterwards is
settled, the numbers are in commit order, and none is skipped or given twice.
"""

import logging
import uuid
from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import any_, bindparam, delete, func, insert, or_, select, tuple_, union_all, update
from sqlalchemy.sql.expression import Executable

from halal import clock, ids
from halal.audit import services as audit
from halal.checkin.fold import SKEW_LIMIT, Key, Op, Presence, claimed_time, corrected_time, fold, persons
from halal.checkin.models import Attendance, CheckInOp, Device, OpKind
from halal.checkin.services.history import MERGES, OF_PEOPLE, OPERATION, PAPER, UNTIMED, merged_with, to_op, where_from
from halal.checkin.services.lookup import Place, ensure_device
from halal.checkin.services.reports import KNOWN, Report, earliest
from halal.checkin.services.results import Result
from halal.checkin.services.walk_ins import left
from halal.checkin.services.writes import put_attendance, put_store
from halal.checkin.wire import Batch, Incoming
from halal.errors import DomainError
from halal.events.models import Event, EventSession
from halal.extensions import db
from halal.prepared import Prepared, one_trip, prepared
from halal.registrations import services as registrations
from halal.registrations.models import Registration, RegistrationStatus, Source
from halal.registrations.services import Details
from halal.text import clean_line, clean_name, clean_phone

log = logging.getLogger(__name__)

# As in history.py: tables, not mapped classes; and prepared statements.
_registrations, _events, _ops = Registration.__table__.c, Event.__table__.c, CheckInOp.__table__.c
_PERSON = (
    _registrations.id, _registrations.event_id, _registrations.token_hash, _registrations.status, _registrations.name,
    _registrations.business_name, _registrations.region_code, _registrations.nib, _registrations.source,
)  # fmt: skip
_Person = namedtuple("_Person", [column.key for column in _PERSON])  # as the statements below find one
_BY_ID = prepared(select(*_PERSON).where(_registrations.id.in_(bindparam("ids", expanding=True))))
_BY_HASH = prepared(select(*_PERSON).where(_registrations.token_hash.in_(bindparam("hashes", expanding=True))))
_TAKE = prepared(
    update(Event.__table__)
    .where(_events.id == bindparam("event"))
    .values(next_seq=_events.next_seq + bindparam("count"), updated_at=_events.updated_at)
    .returning(_events.next_seq)
)
_KNOWN = select(*OPERATION).where(_ops.op_id.in_(bindparam("ids", expanding=True)))
_SAME_PLACE_IN_STORE = select(*OPERATION).where(
    _ops.device_id.in_(bindparam("devices", expanding=True)), _ops.store_id.in_(bindparam("stores", expanding=True)),
    _ops.dev_seq.in_(bindparam("dev_seqs", expanding=True)),
)  # fmt: skip
_ADD = prepared(insert(CheckInOp.__table__))


def _history(dialect: str) -> Executable:
    """One statement for all that is needed; each part walks its own index. An operation may come twice."""
    owners = select(_registrations.id).where(_registrations.token_hash.in_(bindparam("hashes", expanding=True)))
    # As an array PostgreSQL asks for the owners once. As a list it may ask again for each row of the log, while its
    # statistics are from before the people came: five seconds for the third two hundred of ten thousand.
    is_owner = _ops.registration_id == any_(func.array(owners.scalar_subquery()))
    of_tickets = select(*OPERATION).where(
        _ops.event_id == bindparam("event"), is_owner if dialect == "postgresql" else _ops.registration_id.in_(owners)
    )
    return union_all(_KNOWN, OF_PEOPLE, of_tickets, MERGES, _SAME_PLACE_IN_STORE)


_HISTORY = Prepared(_history)
_OF_PEOPLE = prepared(OF_PEOPLE)
# So many tickets are looked up together with their history. Of more, PostgreSQL would rather read the whole log; then
# it is told whose they are.
_FEW = 8
_WITH_CODE = (OpKind.WALK_IN, OpKind.UNKNOWN_SCAN)


class Sent(NamedTuple):
    """A batch, where it belongs, and who sent it; `report` is what the tablet says of its storage, if it says so."""

    place: Place
    batch: Batch
    user_id: int | None
    report: Report | None = None


def record(place: Place, batch: Batch, *, user_id: int | None) -> list[Result]:
    """Add a batch to the event's log and bring the attendance up to date. Sending it again changes nothing.

    The results are in the order of the batch, malformed operations last.
    """
    return record_all([Sent(place, batch, user_id)])[0]


def record_all(sent: Sequence[Sent], last: Callable[[Callable[[], None]], None] | None = None) -> list[list[Result]]:
    """The same for batches of several tablets of one event, in one go: ten cost little more than one.

    `last` takes a function that writes the new operations, to be called before the commit (web.writing); without it
    they are written now.
    """
    results = iter(_Recording(sent, last).run())
    return [
        [*islice(results, len(one.batch.ops))]
        + [
            Result(given, "invalid", message=_l("Part of the message could not be read: %(part)s.", part=part))
            for given, part in one.batch.rejected
        ]
        for one in sent
    ]


class _Recording:
    """Batches of one event on their way into its log."""

    def __init__(self, sent: Sequence[Sent], last: Callable | None):
        self.place, self.sent, self.last = sent[0].place, sent, last
        self.items = [(op, one) for one in sent for op in one.batch.ops]
        self.now = clock.now()
        self.connection = db.session.connection()
        self.rows: list[dict] = []  # of new operations
        self.fresh: dict[uuid.UUID, tuple[Op, Incoming, Sent]] = {}
        self.people: dict[uuid.UUID, object] = {}
        self.by_hash: dict[str, object] = {}
        self.sessions: set[int] | None = None  # as of now, once one is missed
        self.guests_left: dict[uuid.UUID, int] = {}  # of tablets that bring any

    def run(self) -> list[Result]:
        if not self.items:
            self._note_devices()
            return []
        ops = [op for op, _one in self.items]
        joins = [_join_id(op) for op in ops if op.kind == OpKind.WALK_IN and op.token_hash]
        hashes = {op.token_hash for op in ops if op.token_hash}
        at_once = len(hashes) <= _FEW
        with one_trip(self.connection):
            taken = _TAKE.ask(self.connection, event=self.place.event_id, count=len(ops) + len(joins))
            people = self._ask_people(ops, hashes)
            history = self._ask_history(ops, hashes) if at_once else None
            stores = self._ask_stores()
        [(last,)] = taken()
        self.seq = last - len(ops) - len(joins)
        self._know_people([row for answer in people for row in answer()])
        self.stores = {row.store_id: row for row in stores()} if stores else {}
        history = history or self._ask_history(ops, ())
        self._know_history(history(), ops)
        self._note_devices()
        results = []
        for op, one in self.items:
            results.append(result := self._take(op, one))
            if result.seq is not None:
                self._join(op, one)
        if last > self.seq:  # numbers that nobody needed; the lock is still ours, so nobody has seen them
            _TAKE.rows(self.connection, event=self.place.event_id, count=self.seq - last)
        # what the attendance says; people the server does not know yet wait for it
        before = {key: is_in for key, is_in in fold(self.history.values()).items() if key[1] in self.people}
        self.history |= {op.op_id: op for op, _said, _one in self.fresh.values()}
        self.presences = fold(self.history.values())
        self.stands_for = persons(self.history.values())
        if self.rows:
            self._register_guests()
            self._write(before)
            self._follow_up()
        for result, (op, one) in zip(results, self.items, strict=True):
            self._conclude(result, op, one)
        return results

    # -- reading -------------------------------------------------------------------------------------------------

    def _ask_people(self, ops: Iterable[Incoming], hashes: Collection[str]) -> list[Callable[[], list]]:
        ids = {i for op in ops for i in (op.registration_id, op.into) if i}
        asked = [_BY_ID.ask(self.connection, ids=list(ids))] if ids else []
        return [*asked, _BY_HASH.ask(self.connection, hashes=list(hashes))] if hashes else asked

    def _ask_stores(self) -> Callable[[], list] | None:
        """What the tablets said of themselves before this."""
        stores = [one.batch.store_id for one in self.sent if one.report is not None]
        return KNOWN.ask(self.connection, event=self.place.event_id, stores=stores) if stores else None

    def _know_people(self, found: Iterable) -> None:
        self.people = {row.id: row for row in found}
        self.by_hash = {row.token_hash: row for row in found}

    def _owner(self, token_hash: str | None):
        """Who has a ticket of this event with this hash."""
        owner = self.by_hash.get(token_hash)
        return owner if owner is not None and owner.event_id == self.place.event_id else None

    def _person(self, op: Incoming):
        return self.people.get(op.registration_id) if op.registration_id else self.by_hash.get(op.token_hash)

    def _ask_history(self, ops: Sequence[Incoming], hashes: Collection[str]) -> Callable[[], list]:
        """`hashes`: of tickets whose owners are not known yet."""
        people = {i for op in ops for i in (op.registration_id, op.into) if i}
        return _HISTORY.ask(
            self.connection, event=self.place.event_id, ids=[op.id for op in ops],
            people=list(people | self.people.keys()), hashes=list(hashes),
            devices=[one.batch.device_id for one in self.sent], stores=[one.batch.store_id for one in self.sent],
            dev_seqs=[op.dev_seq for op in ops if op.dev_seq],
        )  # fmt: skip

    def _know_history(self, rows: Iterable, ops: Iterable[Incoming]) -> None:
        self.known = {row.op_id: row for row in rows}
        self.used = {(row.device_id, row.store_id, row.dev_seq) for row in rows}
        self.history = {row.op_id: to_op(row) for row in rows if row.event_id == self.place.event_id}
        people = {one.id for op in ops for one in (self._person(op), self._owner(op.token_hash)) if one is not None}
        self._read_merged(people | {i for op in ops for i in (op.registration_id, op.into) if i}, ops)

    def _read_merged(self, people: set[uuid.UUID], ops: Iterable[Incoming]) -> None:
        """The operations of everybody who was, or is now, merged with somebody in this batch."""
        coming = [self._op(op, 0, self.sent[0], op.kind, op.registration_id) for op in ops if op.kind == OpKind.MERGE]
        more = merged_with(people, [*self.history.values(), *coming])
        if more:
            rows = _OF_PEOPLE.rows(self.connection, event=self.place.event_id, people=list(more))
            self.history |= {row.op_id: to_op(row) for row in rows}
            self.people |= {row.id: row for row in _BY_ID.rows(self.connection, ids=list(more))}

    def _note_devices(self) -> None:
        for one in self.sent:
            self._ensure_device(one)
            if one.report is not None:
                put_store(one.report.row(self.place.event_id, one.batch, self.now))

    def _ensure_device(self, one: Sent) -> None:
        """The row of a tablet: made by its first operation; kept fresh twice a minute, not with every tap."""
        device, device_id = one.place.device, one.batch.device_id
        if device_id is None:
            return  # written by an organizer at the desk
        if device is None:
            ensure_device(one.place, device_id, one.user_id, self.now)
        elif device.last_seen_at is None or (self.now - device.last_seen_at).total_seconds() > 30:
            seen = update(Device).where(Device.id == device.id).values(last_seen_at=self.now)
            db.session.execute(seen.execution_options(synchronize_session=False))

    # -- deciding ------------------------------------------------------------------------------------------------

    def _take(self, op: Incoming, one: Sent) -> Result:
        """What becomes of one operation; a recorded one gets the next number."""
        if (earlier := self.known.get(op.id)) is not None:
            same = op.is_what_was_stored(earlier.payload_hash) and earlier.event_id == self.place.event_id
            return Result(op.id, "again", seq=earlier.seq) if same else self._conflict(op)
        if op.dev_seq is not None and (one.batch.device_id, one.batch.store_id, op.dev_seq) in self.used:
            return self._conflict(op)
        if op.session_id is not None and not self._has(op.session_id):
            return Result(
                op.id, "session_gone", message=_l("This session does not belong to the event. Choose it again.")
            )
        question = self._question(op, one)
        return question if question is not None else self._append(op, one)

    def _join(self, op: Incoming, one: Sent) -> None:
        """A walk-in who came with an unknown code is the one who has that code, as soon as somebody has, whatever name
        was typed at the door."""
        owner = self._owner(op.token_hash) if op.kind == OpKind.WALK_IN else None
        if owner is not None and owner.id != op.registration_id and _join_id(op) not in self.known:
            pair = {"registration_id": op.registration_id, "into": owner.id}
            self._append(Incoming(_join_id(op), OpKind.MERGE, op.client_at, **pair), one)
            audit.record("checkin.merged", organization_id=self.place.organization_id, user_id=one.user_id,
                         subject=f"registration:{op.registration_id}", event_id=self.place.event_id)  # fmt: skip

    def _has(self, session_id: int) -> bool:
        """Whether the event has this session. What the place knows is a moment old, and a session may be as new."""
        if session_id not in self.place.sessions and self.sessions is None:
            of_event = select(EventSession.id).where(EventSession.event_id == self.place.event_id)
            self.sessions = set(db.session.scalars(of_event))
        return session_id in self.place.sessions or session_id in self.sessions

    def _conflict(self, op: Incoming) -> Result:
        log.warning("check-in %s: this id, or its place in the tablet's order, was used with other content", op.id)
        return Result(op.id, "conflict", message=_l("This was recorded before with other content. Scan again."))

    def _question(self, op: Incoming, one: Sent) -> Result | None:
        """Why an officer must decide, or why this cannot be recorded; None when nothing is in the way."""
        person = self._person(op)
        if op.kind in (OpKind.CHECK_IN, OpKind.UNKNOWN_SCAN) and person is not None:
            if person.event_id != self.place.event_id:
                if not (op.admitted and op.token_hash):
                    return Result(op.id, "other_event", title=self.place.title_of(person.event_id))
            elif person.status != RegistrationStatus.CONFIRMED and not op.admitted:
                return Result(op.id, person.status.value, person=person)
        if op.kind == OpKind.MERGE:
            pair = [self.people.get(i) for i in (op.registration_id, op.into)]
            if op.registration_id == op.into or any(p is None or p.event_id != self.place.event_id for p in pair):
                return Result(op.id, "invalid", message=_l("Only two attendees of the same event can be one person."))
        if op.kind == OpKind.WALK_IN:
            return self._refuse_walk_in(op, person, one)
        return None

    def _refuse_walk_in(self, op: Incoming, person, one: Sent) -> Result | None:
        try:
            clean_name(clean_line(op.name))
        except DomainError as error:
            return Result(op.id, "invalid", message=error.message)
        if person is not None and (person.event_id != self.place.event_id or person.source != Source.WALK_IN):
            return self._conflict(op)  # a guest is nobody who registered
        if one.user_id is None and one.batch.device_id is not None and not self._takes_a_guest(one.batch.device_id):
            return Result(op.id, "too_many", message=_l("More walk-ins than one tablet may register at this event."))
        return None

    def _takes_a_guest(self, device_id: uuid.UUID) -> bool:
        """Whether a tablet without log-in may register one more."""
        if device_id not in self.guests_left:
            self.guests_left[device_id] = left(self.place.event_id, device_id)
        self.guests_left[device_id] -= 1
        return self.guests_left[device_id] >= 0

    def _append(self, op: Incoming, one: Sent) -> Result:
        person = self._person(op)
        kind, registration_id = op.kind, op.registration_id
        if kind in (OpKind.CHECK_IN, OpKind.UNKNOWN_SCAN):
            if person is not None and person.event_id == self.place.event_id:
                kind, registration_id = OpKind.CHECK_IN, person.id
            else:
                kind = OpKind.CHECK_IN if registration_id else OpKind.UNKNOWN_SCAN
        fresh = self._op(op, self.seq, one, kind, registration_id)
        batch, payload = one.batch, _payload(op, kind)
        if (moment := self._impossible(fresh, op, one)) is not None:
            fresh, payload = fresh._replace(earliest=moment), {**payload, "earliest": moment.isoformat()}
        self.fresh[op.id] = (fresh, op, one)
        # the same operation twice in one batch is the same as sending it twice
        self.known[op.id] = _Known(self.place.event_id, fresh.seq, op.fingerprint, payload)
        self.used.add((batch.device_id, batch.store_id, op.dev_seq))
        self.rows.append(
            {
                "op_id": op.id, "event_id": self.place.event_id, "seq": self.seq, "kind": kind,
                "session_id": op.session_id, "registration_id": registration_id, "payload": payload,
                "payload_hash": op.fingerprint, "device_id": batch.device_id, "store_id": batch.store_id,
                "dev_seq": op.dev_seq, "user_id": one.user_id, "client_at": op.client_at, "sent_at": batch.sent_at,
                "received_at": self.now,
            }
        )  # fmt: skip
        self.seq += 1
        return Result(op.id, "new", seq=fresh.seq)

    def _impossible(self, op: Op, said: Incoming, one: Sent) -> datetime | None:
        """The earliest moment of an operation whose clock was wrong while there was no network; None when what it says
        may be."""
        if one.report is None or one.user_id is not None:
            return None  # no paired tablet: it comes at once, or from quarantine
        moment = earliest(one.place, self.stores.get(one.batch.store_id), said.dev_seq, self.now)
        claimed = claimed_time(op)
        if moment is None or moment - SKEW_LIMIT <= claimed <= self.now + SKEW_LIMIT:
            return None
        return min(moment, self.now)

    def _op(self, op: Incoming, seq: int, one: Sent, kind: OpKind, registration_id: uuid.UUID | None) -> Op:
        return Op(
            op.id, seq, kind, op.session_id, registration_id, op.client_at, one.batch.sent_at, self.now,
            frozenset(op.undoes), op.into, one.batch.device_id, op.token_hash if kind in _WITH_CODE else None,
            untimed=op.via in UNTIMED,
        )  # fmt: skip

    # -- writing -------------------------------------------------------------------------------------------------

    def _register_guests(self) -> None:
        for _op, said, one in self.fresh.values():
            if said.kind == OpKind.WALK_IN and said.registration_id not in self.people:
                self._register(said, one.user_id)

    def _write(self, before: dict[Key, Presence]) -> None:
        """The new operations; of the attendance, only what they moved."""
        after = self.presences
        gone = [key for key in before if key not in after]
        moved = [self._attendance(key, presence.op) for key, presence in after.items()
                 if key[1] in self.people and (key not in before or before[key].op != presence.op)]  # fmt: skip
        if gone:
            keys = tuple_(Attendance.session_id, Attendance.registration_id)
            rows = delete(Attendance).where(or_(*(keys == key for key in gone)))
            db.session.execute(rows.execution_options(synchronize_session=False))

        def send() -> None:
            _ADD.insert(self.connection, self.rows)
            put_attendance(moved)

        self.last(send) if self.last else send()

    def _attendance(self, key: Key, op: Op) -> dict:
        return {"session_id": key[0], "registration_id": key[1], "event_id": self.place.event_id, "op_id": op.op_id,
                "at": corrected_time(op), "uncertain": op.untimed or op.earliest is not None}  # fmt: skip

    def _register(self, op: Incoming, user_id: int | None) -> None:
        """A walk-in gets a place, whatever the capacity: the person stands at the door already."""
        phone, business = None, clean_line(op.contact)[:150]
        try:
            phone = clean_phone(op.contact)
        except DomainError:
            pass  # then it is the name of a business
        else:
            business = "" if phone else business
        details = Details(name=clean_name(clean_line(op.name)), phone=phone, business_name=business)
        event = db.session.get(Event, self.place.event_id)
        registration = registrations.register(
            event, details, source=Source.WALK_IN, user_id=user_id, anyway=True, over_capacity=True,
            registration_id=op.registration_id, locked=True,
        )  # fmt: skip
        self.people[registration.id] = _Person(*[getattr(registration, name) for name in _Person._fields])

    def _follow_up(self) -> None:
        """What else is true now: who was let in has a place; a walk-in taken back, or merged, has none."""
        for op, _said, one in self.fresh.values():
            person = self.people.get(op.registration_id)
            if person is None:
                continue
            if op.kind == OpKind.CHECK_IN and person.status != RegistrationStatus.CONFIRMED:
                self._admit(person.id, one.user_id)
            elif self._is_obsolete(op):
                registrations.cancel(db.session.get(Registration, op.registration_id), user_id=one.user_id)
            if op.kind == OpKind.MERGE:
                self._admit_merged(op, one.user_id)

    def _admit_merged(self, merge: Op, user_id: int | None) -> None:
        """Whoever a guest turned out to be is in, so has a place, whatever the list said before."""
        root = self.people.get(self.stands_for.get(merge.registration_id, merge.registration_id))
        if root is not None and root.status != RegistrationStatus.CONFIRMED and self._is_anywhere(root.id):
            self._admit(root.id, user_id)

    def _is_obsolete(self, op: Op) -> bool:
        if op.kind == OpKind.MERGE:
            return op.registration_id not in self.stands_for.values()
        return op.kind == OpKind.UNDO and self._was_walk_in(op) and not self._is_anywhere(op.registration_id)

    def _is_anywhere(self, registration_id: uuid.UUID | None) -> bool:
        return any(registration_id == someone for _session, someone in self.presences)

    def _was_walk_in(self, undo: Op) -> bool:
        return any((target := self.history.get(i)) and target.kind == OpKind.WALK_IN for i in undo.undoes)

    def _admit(self, registration_id: uuid.UUID, user_id: int | None) -> None:
        registration = db.session.get(Registration, registration_id)
        if registration.status == RegistrationStatus.CONFIRMED:
            return  # by an operation before this one
        registration.status, registration.cancelled_at = RegistrationStatus.CONFIRMED, None
        audit.record("registration.admitted", organization_id=self.place.organization_id, user_id=user_id,
                     subject=f"registration:{registration_id}", event_id=self.place.event_id)  # fmt: skip

    # -- answering -----------------------------------------------------------------------------------------------

    def _conclude(self, result: Result, op: Incoming, one: Sent) -> None:
        """Say what a recorded operation means now; one sent again is answered as it would be the first time."""
        if result.status not in ("new", "again"):
            return
        stored = self.history[op.id]
        root = self.stands_for.get(stored.registration_id, stored.registration_id)
        result.person = self.people.get(root) or self.people.get(stored.registration_id)
        result.status = {OpKind.UNDO: "undone", OpKind.MERGE: "merged"}.get(stored.kind, "unknown")
        if stored.kind not in (OpKind.CHECK_IN, OpKind.WALK_IN) or result.person is None:
            return
        presence = self.presences.get((stored.session_id, root))
        if presence is None or all(live.op_id != op.id for live in presence.live):
            result.status = "taken_back"
            return
        result.presence = presence
        result.status = "ok" if presence.op.op_id == op.id else "duplicate"
        if result.status == "duplicate":
            counts = self.known.get(presence.op.op_id)
            result.where = where_from(one.place.device_name(presence.op.device_id), counts and counts.payload)


class _Known(NamedTuple):
    """As much of a stored operation as noticing a repetition needs."""

    event_id: int
    seq: int
    payload_hash: str
    payload: dict


def _join_id(walk_in: Incoming) -> uuid.UUID:
    """The merge that says whose code a walk-in came with, always the same one."""
    return ids.derived(walk_in.client_at, walk_in.id, "code")


def _payload(op: Incoming, kind: OpKind) -> dict:
    match kind:
        case OpKind.UNDO:
            return {"ops": [str(i) for i in op.undoes]}
        case OpKind.MERGE:
            return {"into": str(op.into)}
        case OpKind.WALK_IN:
            said = {"name": clean_name(clean_line(op.name)), "contact": clean_line(op.contact)}
            said |= {"token_hash": op.token_hash} if op.token_hash else {}
            return {**said, "via": op.via} if op.via == PAPER else said
        case OpKind.UNKNOWN_SCAN:
            return {"token_hash": op.token_hash}
    return _check_in(op.via, op.admitted)


@cache
def _check_in(via: str, admitted: bool) -> dict:
    """One for all that say the same, so that it is turned into the database's JSON once for all of them."""
    return {"via": via, "admitted": True} if admitted else {"via": via}
