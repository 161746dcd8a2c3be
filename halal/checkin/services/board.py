"""The organizer's live board, and what can be put right from it."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import String, and_, cast, exists, func, or_, select, type_coerce, union
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from halal import clock, formats, ids, regions
from halal.audit import services as audit
from halal.checkin.fold import Key, Op, corrected_time
from halal.checkin.models import Attendance, CheckInOp, Device, DifferentPeople, OpKind, QuarantinedOp
from halal.checkin.services import numbers
from halal.checkin.services.desk import note, write
from halal.checkin.services.history import RARE, presences, where_from
from halal.checkin.services.quarantine import Pile, homeless, piles, quarantined
from halal.checkin.services.tablets import TabletRow, signs, tablets
from halal.checkin.wire import Incoming
from halal.errors import NotFound
from halal.events.models import Event
from halal.extensions import db
from halal.registrations import search
from halal.registrations.models import Registration, RegistrationStatus
from halal.registrations.presence import first_arrivals, is_expected, is_present, live
from halal.registrations.services import may_be

LATEST = 12
LISTED = 30
CANDIDATES = 500


@dataclass(frozen=True)
class Board:
    """Everything the board shows. `regions`: (label, present, expected), of whom `expected` in all; `arrivals`:
    (time, count); `uncertain`: people whose time nobody knows;
    `latest`: (registration, attendance, session title, where); `walk_ins`: (registration, moment or None);
    `unknown`: (operation, moment, tablet); `duplicates`: (walk-in, whom it may be); `quarantined`: (operation, whom it
    is about, tablet); `homeless`: the numbers of those whose session is gone; `piles`: what of them may be recorded
    together; `twice`: (registration, session id, [(moment, tablet)]) of who came in at several tablets."""

    counters: dict
    expected: int
    sessions: list[tuple[int, str, int]]
    regions: list[tuple[str, int, int]]
    arrivals: list[tuple[str, int]]
    uncertain: int
    latest: list[tuple]
    walk_ins: list[tuple]
    unknown: list[tuple]
    duplicates: list[tuple]
    tablets: list[TabletRow]
    quarantined: list[tuple]
    homeless: set[int]
    piles: list[Pile]
    twice: list[tuple]


def version(event: Event) -> str:
    """Changes when the board does: with every operation, with registrations that come and go, with what tablets say of
    themselves, with what lies in quarantine."""
    people = select(func.count(), func.max(Registration.updated_at)).where(Registration.event_id == event.id)
    aside = select(func.count(), func.max(QuarantinedOp.id)).where(
        QuarantinedOp.event_id == event.id, QuarantinedOp.settled_at.is_(None)
    )
    counts = (*db.session.execute(people).one(), *db.session.execute(aside).one())
    apart = select(func.count()).select_from(DifferentPeople).where(DifferentPeople.event_id == event.id)
    parts = (event.next_seq, event.version, event.status, *counts, db.session.scalar(apart), *signs(event))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:20]


def board(event: Event) -> Board:
    """The board as of now."""
    counts, regions_, kept = numbers.counters(event.id), _regions(event), quarantined(event)
    return Board(
        counters=counts,
        expected=sum(expected for _label, _present, expected in regions_),
        sessions=[(s.id, s.title, counts["sessions"].get(str(s.id), 0)) for s in event.sessions],
        regions=regions_,
        arrivals=_arrivals(event),
        uncertain=_uncertain(event),
        latest=_latest(event),
        walk_ins=_walk_ins(event),
        unknown=_unknown(event),
        duplicates=possible_duplicates(event)[:LISTED],
        tablets=tablets(event),
        quarantined=kept,
        homeless=homeless(event, [row for row, _whom, _tablet in kept]),
        piles=piles(event),
        twice=_twice(event),
    )


def _regions(event: Event) -> list[tuple[str, int, int]]:
    present, expected = (func.count().filter(rule(event.id)) for rule in (is_present, is_expected))
    rows = db.session.execute(
        select(Registration.region_code, present, expected)
        .where(Registration.event_id == event.id)
        .group_by(Registration.region_code)
        .having(expected > 0)
    )
    named = [(regions.label(code) if code else "", present, expected) for code, present, expected in rows]
    return sorted(named, key=lambda row: (row[0] == "", -row[1], row[0]))


def _arrivals(event: Event) -> list[tuple[str, int]]:
    """First arrivals by ten minutes, or by the hour when they spread over more than three hours."""
    first = first_arrivals(event.id).subquery()
    if db.session.get_bind().dialect.name == "sqlite":
        text = type_coerce(first.c.at, String)
    else:
        text = func.to_char(func.timezone("UTC", first.c.at), "YYYY-MM-DD HH24:MI")
    slot = func.substr(cast(text, String), 1, 15)  # "2025-05-15 08:1": ten minutes
    found = {
        datetime.fromisoformat(f"{start}0").replace(tzinfo=UTC): count
        for start, count in db.session.execute(select(slot, func.count()).group_by(slot))
    }
    if not found:
        return []
    step = timedelta(minutes=10)
    if max(found) - min(found) > timedelta(hours=3):
        step = timedelta(hours=1)
    start = min(found).replace(minute=0) if step == timedelta(hours=1) else min(found)
    slots = []
    while start <= max(found) and len(slots) < 48:
        count = sum(n for at, n in found.items() if start <= at < start + step)
        slots.append((formats.time(start, event.timezone, with_zone=False), count))
        start += step
    return slots


def _uncertain(event: Event) -> int:
    """How many people are in at a time that nobody knows: from paper, or a tablet's clock was wrong."""
    people = select(func.count(Attendance.registration_id.distinct()))
    return db.session.scalar(people.where(live(event.id), Attendance.uncertain))


def _latest(event: Event) -> list[tuple]:
    titles = {s.id: s.title for s in event.sessions}
    rows = db.session.execute(
        select(Registration, Attendance, Device.name, CheckInOp.payload)
        .join(Attendance, Attendance.registration_id == Registration.id)
        .join(CheckInOp, CheckInOp.op_id == Attendance.op_id)
        .outerjoin(Device, Device.id == CheckInOp.device_id)
        .where(live(event.id))
        .order_by(Attendance.at.desc(), CheckInOp.seq.desc())
        .limit(LATEST)
    )
    return [(who, at, titles.get(at.session_id, ""), where_from(tablet, said)) for who, at, tablet, said in rows]


def _walk_in_ids(event: Event):
    return select(CheckInOp.registration_id).where(
        CheckInOp.event_id == event.id, RARE, CheckInOp.kind == OpKind.WALK_IN
    )


def _walk_ins(event: Event) -> list[tuple]:
    at = (
        select(func.min(Attendance.at))
        .where(live(event.id), Attendance.registration_id == Registration.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Registration, type_coerce(at, Attendance.at.type))
        .where(Registration.id.in_(_walk_in_ids(event)), Registration.status != RegistrationStatus.CANCELLED)
        .order_by(Registration.id.desc())
        .limit(LISTED)
    )
    return [tuple(row) for row in rows]


def _unknown(event: Event) -> list[tuple]:
    scans = numbers.open_scans(event.id)[-LISTED:][::-1]
    names = dict(db.session.execute(select(Device.id, Device.name).where(Device.event_id == event.id)).all())
    return [(op, corrected_time(op), names.get(op.device_id, "")) for op in scans]


def possible_duplicates(event: Event) -> list[tuple]:
    """Walk-ins beside the registration they may belong to, by the one rule of what may be the same person.

    Two walk-ins that resemble each other are listed once, the later one first; those of whom an organizer said that
    they are two people are not.
    """
    walk_in, other = aliased(Registration), aliased(Registration)
    walk_ins, cancelled = _walk_in_ids(event), RegistrationStatus.CANCELLED
    alike = union(
        *(
            select(walk_in.id, other.id)
            .join(other, and_(other.event_id == event.id, getattr(other, clue) == getattr(walk_in, clue)))
            .where(walk_in.id.in_(walk_ins))
            for clue in ("phone", "nib")
        ),
        search.same_sounds(event.id, walk_ins),
    ).subquery()
    one_id, other_id = alike.columns
    rows = db.session.execute(
        select(walk_in, other)
        .join(alike, one_id == walk_in.id)
        .join(other, and_(other_id == other.id, other.id != walk_in.id))
        .where(
            walk_in.status != cancelled, other.status != cancelled,
            or_(other.id.not_in(walk_ins), other.id < walk_in.id),
            ~exists().where(DifferentPeople.walk_in_id == walk_in.id, DifferentPeople.other_id == other.id),
        )
        .order_by(walk_in.id.desc(), other.id)
    )  # fmt: skip
    return [tuple(row) for row in rows if may_be(row[1], row[0])]


def at_several_tablets(event: Event) -> dict[Key, tuple[Op, ...]]:
    """One ticket at two doors: counted once, but maybe two people came with it. Latest first."""
    more_than_one = (  # this much an index alone knows
        select(CheckInOp.registration_id)
        .where(CheckInOp.event_id == event.id)
        .group_by(CheckInOp.registration_id)
        .having(func.count() > 1)
    )
    several = (
        select(CheckInOp.registration_id)
        .where(CheckInOp.event_id == event.id, CheckInOp.registration_id.in_(more_than_one),
               CheckInOp.kind.in_((OpKind.CHECK_IN, OpKind.WALK_IN)))
        .group_by(CheckInOp.registration_id, CheckInOp.session_id)
        .having(func.count(CheckInOp.device_id.distinct()) > 1)
        .limit(CANDIDATES)
    )  # fmt: skip
    found = presences(event.id, set(db.session.scalars(several)))
    doors = {key: one.live for key, one in found.items() if len({op.device_id for op in one.live}) > 1}
    return dict(sorted(doors.items(), key=lambda item: -item[1][-1].seq))


def _twice(event: Event) -> list[tuple]:
    doors = dict(list(at_several_tablets(event).items())[:LISTED])
    of_event = select(Registration).where(Registration.event_id == event.id)
    people = {r.id: r for r in db.session.scalars(of_event.where(Registration.id.in_({who for _s, who in doors})))}
    names = dict(db.session.execute(select(Device.id, Device.name).where(Device.event_id == event.id)).all())
    return [
        (people[who], session_id, [(corrected_time(op), names.get(op.device_id, "")) for op in live])
        for (session_id, who), live in doors.items() if who in people
    ]  # fmt: skip


def settle_repeat(event: Event, session_id: int, registration_id: uuid.UUID, *, user_id: int) -> None:
    """It was one person: only the check-in that counts stays. Raises NotFound when there is nothing to settle."""
    presence = presences(event.id, {registration_id}).get((session_id, registration_id))
    if presence is None or not presence.repeats:
        raise NotFound(_l("This was settled already."))
    undoes = tuple(sorted(op.op_id for op in presence.repeats))
    _write(event, user_id, kind=OpKind.UNDO, registration_id=registration_id, undoes=undoes)
    note("checkin.repeat_settled", event, registration_id, user_id)


def undo_from_board(event: Event, session_id: int, registration_id: uuid.UUID, *, user_id: int) -> None:
    """Take back every check-in of somebody at a session. Raises NotFound when there is none."""
    presence = presences(event.id, {registration_id}).get((session_id, registration_id))
    if presence is None:
        raise NotFound(_l("This person is not checked in any more."))
    undoes = tuple(sorted(op.op_id for op in presence.live))
    _write(event, user_id, kind=OpKind.UNDO, registration_id=registration_id, undoes=undoes)
    note("checkin.undone", event, registration_id, user_id)


def dismiss_scan(event: Event, op_id: uuid.UUID, *, user_id: int) -> None:
    """Take an unknown code off the board, however often it was scanned: somebody looked into it. Raises NotFound when
    it is gone."""
    same_code = next((ops for ops in numbers.open_scans_by_code(event.id) if ops[0].op_id == op_id), None)
    if same_code is None:
        raise NotFound(_l("This scan was settled already."))
    _write(event, user_id, kind=OpKind.UNDO, undoes=tuple(sorted(op.op_id for op in same_code)))
    audit.record("checkin.scan_settled", organization_id=event.organization_id, user_id=user_id,
                 subject=f"event:{event.id}", op=str(op_id))  # fmt: skip


def merge_from_board(event: Event, walk_in_id: uuid.UUID, into: uuid.UUID, *, user_id: int) -> None:
    """Say that a walk-in is somebody who was registered: one person, one place, all check-ins kept.

    Raises NotFound unless the board lists the two as a possible duplicate.
    """
    _refuse_unlisted(event, walk_in_id, into)
    _write(event, user_id, kind=OpKind.MERGE, registration_id=walk_in_id, into=into)
    note("checkin.merged", event, walk_in_id, user_id)


def tell_apart(event: Event, walk_in_id: uuid.UUID, other_id: uuid.UUID, *, user_id: int) -> None:
    """Say that a walk-in and whom it resembles are two people. Raises NotFound unless the board lists the two."""
    _refuse_unlisted(event, walk_in_id, other_id)
    try:
        with db.session.begin_nested():
            db.session.add(
                DifferentPeople(event_id=event.id, walk_in_id=walk_in_id, other_id=other_id, said_by_id=user_id)
            )
    except IntegrityError:
        return  # somebody else said so at the same moment
    note("checkin.told_apart", event, walk_in_id, user_id)


def _refuse_unlisted(event: Event, walk_in_id: uuid.UUID, other_id: uuid.UUID) -> None:
    if (walk_in_id, other_id) not in {(one.id, other.id) for one, other in possible_duplicates(event)}:
        raise NotFound(_l("These two are not listed as possible duplicates any more."))


def _write(event: Event, user_id: int, **said) -> None:
    """Add one operation of the organizer's own to the log."""
    write(event, [Incoming(id=ids.uuid7(), client_at=clock.now(), via="board", **said)], user_id=user_id)
