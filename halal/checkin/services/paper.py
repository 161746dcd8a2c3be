"""Attendance lists on paper, recorded afterwards: who signed is ticked in the same rows that are printed.

Every tick is an operation of the log like any other. Its id is made from the form it was ticked in and from the row, so
a form that is sent twice is recorded once. Whoever is written into an empty row gets ids made from that row of the
sheet, so two people who type in the same sheet register the same guest once.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal import ids
from halal.audit import services as audit
from halal.checkin.fold import corrected_time
from halal.checkin.grid import Grid, Tick
from halal.checkin.models import CheckInOp, Device, OpKind
from halal.checkin.services.desk import note, write
from halal.checkin.services.history import PAPER, RARE, present_at, where_from
from halal.checkin.services.results import Result
from halal.checkin.wire import Incoming
from halal.errors import DomainError
from halal.extensions import db
from halal.registrations.models import PrintedSheet, Registration, RegistrationStatus
from halal.text import clean_name, name_key


@dataclass(frozen=True)
class Row:
    """One row of a sheet as things stand now. Without a registration it is an empty row; or, when it is not `blank`,
    somebody whose registration is gone. `attempt` counts the guests that were written into an empty row and taken back.
    `live` are the check-ins that say that this person is in, since `at`, by the tablet or paper `where`."""

    number: int
    blank: bool
    registration: Registration | None
    attempt: int = 0
    at: datetime | None = None
    where: str = ""
    live: tuple[uuid.UUID, ...] = ()


@dataclass
class Outcome:
    """How many operations are new; and (row, sentence) of what could not be recorded."""

    recorded: int = 0
    guests: int = 0
    undone: int = 0
    problems: list[tuple[int, object]] = field(default_factory=list)


def rows(sheet: PrintedSheet, session_id: int) -> list[Row]:
    """The rows of a sheet, in the order and with the numbers that are printed."""
    people = {sheet.first + at: uuid.UUID(one) for at, one in enumerate(sheet.people)}
    guests = _guests(sheet)
    known = {number: guest.id for number, (_attempt, guest) in guests.items() if guest}
    registrations = _registrations(people.values())
    here = _present(sheet.event_id, session_id, [*people.values(), *known.values()])
    found = [Row(number, False, registrations.get(one), **here.get(one, {})) for number, one in people.items()]
    found += [
        Row(number, True, guest, attempt, **(here.get(guest.id, {}) if guest else {}))
        for number, (attempt, guest) in guests.items()
    ]
    return found


def _registrations(wanted: Collection[uuid.UUID]) -> dict[uuid.UUID, Registration]:
    return {one.id: one for one in db.session.scalars(select(Registration).where(Registration.id.in_(wanted)))}


def _guests(sheet: PrintedSheet) -> dict[int, tuple[int, Registration | None]]:
    """(attempt, guest) of each empty row. A guest who was taken back frees the row for the next attempt; one who turned
    out to be somebody else in the list stays."""
    start = sheet.first + len(sheet.people)
    attempts, found = dict.fromkeys(range(start, sheet.last + 1), 0), {}
    while attempts:
        wanted = {number: _guest_id(sheet, number, attempt) for number, attempt in attempts.items()}
        registrations = _registrations(wanted.values())
        merged = _merged(sheet.event_id, registrations)
        following = {}
        for number, attempt in attempts.items():
            guest = registrations.get(wanted[number])
            if guest and guest.status == RegistrationStatus.CANCELLED and guest.id not in merged:
                following[number] = attempt + 1
            else:
                found[number] = (attempt, guest)
        attempts = following
    return dict(sorted(found.items()))


def _guest_id(sheet: PrintedSheet, number: int, attempt: int) -> uuid.UUID:
    return ids.derived(sheet.printed_at, sheet.code, number, attempt, "guest")


def _merged(event_id: int, people: Collection[uuid.UUID]) -> set[uuid.UUID]:
    of_event = CheckInOp.event_id == event_id, RARE, CheckInOp.kind == OpKind.MERGE
    merges = select(CheckInOp.registration_id).where(*of_event, CheckInOp.registration_id.in_(people))
    return set(db.session.scalars(merges)) if people else set()


def _present(event_id: int, session_id: int, people: Collection[uuid.UUID]) -> dict[uuid.UUID, dict]:
    """Since when and where these are in, as far as they are."""
    found = present_at(event_id, session_id, people)
    counting = [presence.op.op_id for presence in found.values()]
    said = (
        select(CheckInOp.op_id, Device.name, CheckInOp.payload)
        .outerjoin(Device, Device.id == CheckInOp.device_id)
        .where(CheckInOp.op_id.in_(counting))
    )
    places = {op_id: where_from(tablet, payload) for op_id, tablet, payload in db.session.execute(said)}
    return {
        one: {"at": corrected_time(presence.op), "where": places[presence.op.op_id],
              "live": tuple(op.op_id for op in presence.live)}
        for one, presence in found.items()
    }  # fmt: skip


def problems(ticks: Sequence[Tick]) -> dict[int, object]:
    """By row, what is wrong with what was typed into it."""
    found = {}
    for tick in ticks:
        if tick.name or tick.contact:
            try:
                clean_name(tick.name)
            except DomainError as error:
                found[tick.number] = error.message
    return found


def record_sheet(sheet: PrintedSheet, session_id: int, grid: Grid, *, user_id: int) -> Outcome:
    """Record what a form says about a sheet. A form that comes again changes nothing, and the outcome says so."""
    latest = {number: attempt for number, (attempt, _guest) in _guests(sheet).items()}
    ticks = [replace(tick, attempt=min(tick.attempt, latest.get(tick.number, 0))) for tick in grid.ticks]
    said = [one for tick in ticks if (one := _operation(sheet, session_id, grid.form_id, tick)) is not None]
    known = set(_registrations({operation.registration_id for _number, operation in said}))
    said = [one for one in said if one[1].kind == OpKind.WALK_IN or one[1].registration_id in known]
    operations = [operation for _number, operation in said]
    before = set(db.session.scalars(select(CheckInOp.op_id).where(CheckInOp.op_id.in_([op.id for op in operations]))))
    outcome = Outcome()
    if not operations:
        return outcome
    for (number, operation), result in zip(said, write(sheet.event, operations, user_id=user_id), strict=True):
        if result.seq is None:
            outcome.problems += [(number, _why(operation, result))] if not _same_guest(operation) else []
        elif operation.id not in before:
            _count(outcome, sheet, operation, user_id)
    if outcome.recorded or outcome.guests or outcome.undone:
        audit.record("checkin.paper_recorded", organization_id=sheet.event.organization_id, user_id=user_id,
                     subject=f"event:{sheet.event_id}", page=sheet.page, recorded=outcome.recorded,
                     guests=outcome.guests, undone=outcome.undone)  # fmt: skip
    return outcome


def _operation(sheet: PrintedSheet, session_id: int, form_id: uuid.UUID, tick: Tick) -> tuple[int, Incoming] | None:
    """What a row asks for, if it asks for anything: what the form showed is left as it is."""
    at = tick.number - sheet.first
    common = {"client_at": ids.moment_of(form_id), "via": PAPER}
    guest_id = _guest_id(sheet, tick.number, tick.attempt) if at >= len(sheet.people) else None
    if tick.name and guest_id:
        operation = Incoming(
            id=ids.derived(sheet.printed_at, sheet.code, tick.number, tick.attempt, "walk-in"), kind=OpKind.WALK_IN,
            session_id=session_id, registration_id=guest_id, name=tick.name, contact=tick.contact, **common,
        )  # fmt: skip
        return tick.number, operation
    if tick.ticked == bool(tick.live):
        return None
    kind = OpKind.CHECK_IN if tick.ticked else OpKind.UNDO
    more = {"session_id": session_id, "admitted": True} if tick.ticked else {"undoes": tuple(sorted(tick.live))}
    who = guest_id or uuid.UUID(sheet.people[at])
    op_id = ids.derived(common["client_at"], form_id, sheet.code, session_id, tick.number, kind)
    return tick.number, Incoming(id=op_id, kind=kind, registration_id=who, **common, **more)


def _count(outcome: Outcome, sheet: PrintedSheet, operation: Incoming, user_id: int) -> None:
    match operation.kind:
        case OpKind.CHECK_IN:
            outcome.recorded += 1
        case OpKind.WALK_IN:
            outcome.guests += 1
        case OpKind.UNDO:
            outcome.undone += 1
            note("checkin.undone", sheet.event, operation.registration_id, user_id)


def _same_guest(operation: Incoming) -> bool:
    """Whether the row was filled meanwhile with the very guest that this form says."""
    guest = db.session.get(Registration, operation.registration_id) if operation.kind == OpKind.WALK_IN else None
    return guest is not None and guest.name_key == name_key(operation.name)


def _why(operation: Incoming, result: Result) -> object:
    if operation.kind == OpKind.WALK_IN and result.status == "conflict":
        return _l(
            "Somebody else wrote another name here meanwhile. Write %(name)s into an empty row.", name=operation.name
        )
    return result.message
