"""Registering the good rows of an import, and taking what it says of people who are registered already.

A hundred rows at a time: make ready what will be written, then lock the event, look again who is registered, count
the places, write, commit. Whoever registers meanwhile waits for the second half alone. What a commit holds is done
once and for all: a row that has its registration is never taken again, so the work may be interrupted anywhere and
begun again, by anybody.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from sqlalchemy import Select, and_, bindparam, func, or_, select, update

from halal import clock, ids
from halal.audit import services as audit
from halal.errors import DomainError
from halal.events.models import Event
from halal.extensions import db, looking
from halal.in_bulk import insert_many, ready, values_of
from halal.people import services as people
from halal.registrations import search, services
from halal.registrations.errors import EventFull
from halal.registrations.importing.checking import CHANGED, CHUNK, Known, known_row, registered_like
from halal.registrations.importing.understanding import details_from, note, problem, stored_values
from halal.registrations.models import (
    Import,
    ImportRow,
    ImportStatus,
    Registration,
    RegistrationStatus,
    Source,
    Verdict,
)  # fmt: skip
from halal.registrations.services import Details
from halal.registrations.services.state import refuse_closed

_CHANGED_AT_ONCE = 25


def takable(import_: Import) -> Select:
    """The rows that "take" would register: the new ones, and possible duplicates that a person said to take."""
    return select(ImportRow).where(
        ImportRow.import_id == import_.id, ImportRow.registration_id.is_(None),
        or_(
            ImportRow.verdict == Verdict.NEW,
            and_(ImportRow.verdict == Verdict.POSSIBLE_DUPLICATE, ImportRow.accepted.is_(True)),
        ),
    )  # fmt: skip


def count_takable(import_: Import) -> int:
    return db.session.scalar(select(func.count()).select_from(takable(import_).subquery()))


def take_all(import_: Import, progress: Callable[[int, int], None], *, user_id: int | None = None) -> int:
    """Register all takable rows; how many. `progress` is as in checking.check_all, and commits. Raises
    RegistrationClosed."""
    total, done, taken, last = None, 0, 0, 0
    while True:
        with looking():
            total = count_takable(import_) if total is None else total
            bounds, some = services.Bounds(import_.event), _made_ready(import_, last, user_id)
            bounds.count({one.details.region_code for one in some})
        event = import_.event
        services.lock(event)
        refuse_closed(event, public=False)
        if not some:
            break
        taken += _take(import_, event, some, bounds, user_id)
        done, last = done + len(some), some[-1].number
        progress(min(done, total), total)
    import_.status, import_.taken_at, import_.error = ImportStatus.TAKEN, clock.now(), ""
    audit.record(
        "import.taken", organization_id=import_.organization_id, user_id=user_id, subject=f"import:{import_.id}",
        event_id=import_.event_id, rows=taken,
    )  # fmt: skip
    return taken


@dataclass(frozen=True)
class _Ready:
    """A row with everything that will be written of it, when it is still to be taken by then."""

    row_id: int
    number: int
    problems: list[dict]
    accepted: bool
    details: Details
    known: Known
    described: people.Described
    registration_id: uuid.UUID
    registration: dict
    words: list[dict]


def _made_ready(import_: Import, last: int, user_id: int | None) -> list[_Ready]:
    """The next rows after the `last` one. Names are compared and rows are made here, where nobody waits."""
    event = import_.event
    rows = db.session.execute(
        takable(import_).with_only_columns(
            ImportRow.id, ImportRow.number, ImportRow.fields, ImportRow.problems, ImportRow.accepted
        ).where(ImportRow.number > last).order_by(ImportRow.number).limit(CHUNK)
    ).all()  # fmt: skip
    found = []
    for row in rows:
        details = details_from(row.fields)
        registration = services.build(
            event, details, id=ids.uuid7(), source=Source.IMPORT, status=RegistrationStatus.CONFIRMED, user_id=user_id,
            anyway=bool(row.accepted), import_id=import_.id,
        )  # fmt: skip
        described = people.describe_new(event.organization_id, registration)
        found.append(_Ready(
            row.id, row.number, row.problems, bool(row.accepted), details, known_row(row.number, details), described,
            registration.id, ready(Registration, values_of(registration)), list(search.rows_of(registration)),
        ))  # fmt: skip
    return found


def _take(import_: Import, event: Event, some: Sequence[_Ready], bounds: services.Bounds, user_id: int | None) -> int:
    """Register these rows; each either gets its registration or another verdict. The event is locked."""
    wanted, other = _not_registered_since(import_, event, some)
    free = services.places_left(event)
    if free and services.waiting_count(event):  # a place that became free belongs to those who waited for it
        services.promote_waiting(event, user_id=user_id, locked=True)
        free = services.places_left(event)
    made: list[_Ready] = []
    for one in wanted:
        try:
            outside = bounds.check(one.details)
            if free == 0 and not event.waiting_list:
                raise EventFull(False)
        except DomainError as error:
            problems = [*one.problems, problem(error.field or "", error.message)]
            other.append({"id": one.row_id, "verdict": Verdict.ERROR, "problems": problems})
            continue
        status = RegistrationStatus.WAITING if free == 0 else RegistrationStatus.CONFIRMED
        free = free - 1 if free else free
        now = clock.now()
        decided = {"status": status, "outside": services.written(outside), "created_at": now, "updated_at": now}
        one.registration.update(ready(Registration, decided))
        bounds.take(one.details)
        made.append(one)
    _write(event, made)
    for verdicts in other:
        db.session.execute(update(ImportRow).where(ImportRow.id == verdicts["id"]).values(verdicts))
    return len(made)


def _not_registered_since(import_: Import, event: Event, some: Sequence[_Ready]) -> tuple[list[_Ready], list[dict]]:
    """Those who are still not registered, and what becomes of the rows of the others. Whoever came in another way since
    the check, or by an earlier row, is left for a person to look at; what another worker took is taken."""
    still = takable(import_).where(ImportRow.id.in_([one.row_id for one in some]))
    left = set(db.session.scalars(still.with_only_columns(ImportRow.id)))
    some = [one for one in some if one.row_id in left]
    lookup = registered_like(event, [one.known for one in some])
    kept, other = [], []
    for one in some:
        same = [] if one.accepted else lookup.find(one.known)
        if same:
            sure = any(known.is_surely(one.known) for known in same)
            other.append({
                "id": one.row_id, "verdict": Verdict.EXISTING if sure else Verdict.POSSIBLE_DUPLICATE,
                "accepted": None, "matches": [known.ref for known in same[:3]],
            })  # fmt: skip
        else:
            lookup.add(one.known)
            kept.append(one)
    return kept, other


def _write(event: Event, made: Sequence[_Ready]) -> None:
    known = people.remember_new(event.organization_id, [one.described for one in made])
    insert_many(Registration, [
        one.registration | {"person_id": person_id, "business_id": business_id}
        for one, (person_id, business_id) in zip(made, known, strict=True)
    ])  # fmt: skip
    search.add([row for one in made for row in one.words])
    if made:
        rows = ImportRow.__table__
        taken = update(rows).where(rows.c.id == bindparam("row_id")).values(registration_id=bindparam("taken_as"))
        db.session.execute(taken, [{"row_id": one.row_id, "taken_as": one.registration_id} for one in made])


def changeable(import_: Import) -> Select:
    """The rows of people who are registered already and of whom somebody said to take what the file says."""
    return select(ImportRow).where(
        ImportRow.import_id == import_.id, ImportRow.verdict == Verdict.EXISTING, ImportRow.accepted.is_(True)
    )


def change_all(import_: Import, progress: Callable[[int, int], None], *, user_id: int | None = None) -> int:
    """Put what the file says in the place of what is registered, where somebody said so; how many people were changed.
    `progress` as in checking.check_all. What a rule refuses is left as it is, with the reason on its row."""
    total = db.session.scalar(select(func.count()).select_from(changeable(import_).subquery()))
    done = changed = 0
    while rows := db.session.scalars(changeable(import_).order_by(ImportRow.number).limit(_CHANGED_AT_ONCE)).all():
        for row in rows:
            changed += _change(row, user_id)
        done += len(rows)
        progress(min(done, total), total)
    import_.status, import_.error = ImportStatus.READY if import_.taken_at is None else ImportStatus.TAKEN, ""
    audit.record(
        "import.changed", organization_id=import_.organization_id, user_id=user_id, subject=f"import:{import_.id}",
        event_id=import_.event_id, rows=changed,
    )  # fmt: skip
    return changed


def _change(row: ImportRow, user_id: int | None) -> bool:
    match, row.accepted = row.matches[0], None
    changes = match.get("changes", {})
    left = {name: value for name, value in match.items() if name != "changes"}
    row.matches = [left, *row.matches[1:]]
    registration = db.session.get(Registration, uuid.UUID(match["registration"]))
    if registration is None or not changes:
        return False
    said = stored_values({name: new for name, (_old, new) in changes.items()})
    try:
        with db.session.begin_nested():
            services.change(registration, replace(services.details_of(registration), **said), user_id=user_id)
    except DomainError as error:
        row.problems = [*row.problems, note("", _("Not changed: %(why)s", why=error.message))]
        return False
    row.matches = [left | {CHANGED: changes}, *row.matches[1:]]
    row.problems = [*row.problems, note("", _("Changed as the file says."))]
    return True
