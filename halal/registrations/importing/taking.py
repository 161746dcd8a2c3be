"""Registering the good rows of an import, and undoing it.

A few hundred rows at a time: lock the event, look again who is registered, count the places, write, commit. What a
commit holds is done once and for all: a row that has its registration is never taken again, so the work may be
interrupted anywhere and begun again, by anybody.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, and_, delete, exists, func, or_, select

from halal import clock
from halal.audit import services as audit
from halal.errors import Conflict, DomainError
from halal.events.models import Event
from halal.extensions import Base, db
from halal.people import same_business
from halal.people import services as people
from halal.people.models import Business, Person
from halal.registrations import search, services
from halal.registrations.errors import EventFull
from halal.registrations.importing.checking import CHUNK, known_row, registered_like
from halal.registrations.importing.understanding import details_from, note, problem
from halal.registrations.models import (
    Import,
    ImportRow,
    ImportStatus,
    Registration,
    RegistrationStatus,
    Source,
    Verdict,
)  # fmt: skip
from halal.registrations.services.state import refuse_closed

_IDS = 400  # in one statement
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
    """Register all takable rows; how many. `progress` as in checking.check_all. Raises RegistrationClosed."""
    total, done, taken = count_takable(import_), 0, 0
    event = import_.event
    while True:
        services.lock(event)
        refuse_closed(event, public=False)
        rows = db.session.scalars(takable(import_).order_by(ImportRow.number).limit(CHUNK)).all()
        if not rows:
            break
        taken += _take(import_, event, rows, user_id)
        done += len(rows)
        progress(min(done, total), total)
    import_.status, import_.taken_at, import_.error = ImportStatus.TAKEN, clock.now(), ""
    audit.record(
        "import.taken", organization_id=import_.organization_id, user_id=user_id, subject=f"import:{import_.id}",
        event_id=import_.event_id, rows=taken,
    )  # fmt: skip
    return taken


def _take(import_: Import, event: Event, rows: Sequence[ImportRow], user_id: int | None) -> int:
    """Register these rows; each either gets its registration or another verdict. The event is locked."""
    wanted = _not_registered_since(event, rows)
    free = services.places_left(event)
    if free and services.waiting_count(event):  # a place that became free belongs to those who waited for it
        services.promote_waiting(event, user_id=user_id, locked=True)
        free = services.places_left(event)
    made: list[tuple[ImportRow, Registration]] = []
    bounds = services.Bounds(event)
    for row in wanted:
        details = details_from(row.fields)
        try:
            outside = bounds.check(details)
        except DomainError as error:
            row.verdict = Verdict.ERROR
            row.problems = [*row.problems, problem(error.field or "", error.message)]
            continue
        if free == 0 and not event.waiting_list:
            row.verdict = Verdict.ERROR
            row.problems = [*row.problems, problem("", EventFull(False).message)]
            continue
        status = RegistrationStatus.WAITING if free == 0 else RegistrationStatus.CONFIRMED
        free = free - 1 if free else free
        registration = services.build(
            event, details, source=Source.IMPORT, status=status, user_id=user_id,
            anyway=bool(row.accepted), import_id=import_.id,
        )  # fmt: skip
        services.write_marks(registration, outside)
        bounds.take(details)
        made.append((row, registration))
    _write(event, made)
    return len(made)


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
    row.matches = [{name: value for name, value in match.items() if name != "changes"}, *row.matches[1:]]
    registration = db.session.get(Registration, uuid.UUID(match["registration"]))
    if registration is None or not match.get("changes"):
        return False
    said = {name: new or None if name in ("phone", "email", "nib", "region_code") else new
            for name, (_old, new) in match["changes"].items()}  # fmt: skip
    try:
        with db.session.begin_nested():
            services.change(registration, replace(services.details_of(registration), **said), user_id=user_id)
    except DomainError as error:
        row.problems = [*row.problems, note("", _("Not changed: %(why)s", why=error.message))]
        return False
    row.problems = [*row.problems, note("", _("Changed as the file says."))]
    return True


def _not_registered_since(event: Event, rows: Sequence[ImportRow]) -> list[ImportRow]:
    """The rows of people who are still not registered. Whoever came in another way since the check, or by an earlier
    row, is left for a person to look at."""
    lookup = registered_like(event, [details_from(row.fields) for row in rows])
    kept = []
    for row in rows:
        details = details_from(row.fields)
        same = [] if row.accepted else lookup.find(details)
        if same:
            sure = any(known.is_surely(details) for known in same)
            row.verdict = Verdict.EXISTING if sure else Verdict.POSSIBLE_DUPLICATE
            row.accepted, row.matches = None, [known.ref for known in same[:3]]
        else:
            lookup.add(known_row(row))
            kept.append(row)
    return kept


def _write(event: Event, made: Sequence[tuple[ImportRow, Registration]]) -> None:
    if not made:
        return
    registrations = [registration for _row, registration in made]
    known = people.remember_new(event.organization_id, registrations)
    for registration, (person, business) in zip(registrations, known, strict=True):
        registration.person_id, registration.business_id = person.id, business.id if business else None
    db.session.add_all(registrations)
    db.session.flush()
    for row, registration in made:
        row.registration_id = registration.id
    search.index(registrations)


def undo(import_: Import, *, user_id: int | None = None) -> int:
    """Remove what this import registered; how many. Whoever is checked in or has a certificate since stays: what
    happened cannot be undone by a spreadsheet. Places that become free go to those who wait for them."""
    services.lock(import_.event)
    db.session.refresh(import_, with_for_update=True)
    if import_.status not in {ImportStatus.TAKEN, ImportStatus.READY} or not has_taken(import_):
        raise Conflict(_l("This import cannot be undone now. Reload the page to see how far it is."))
    removable = select(Registration.id, Registration.person_id, Registration.business_id).where(
        Registration.import_id == import_.id, ~_is_used()
    )
    gone = db.session.execute(removable).all()
    for some in _some([row.id for row in gone]):
        _delete(Registration, Registration.id.in_(some))
    further = []  # records of the same businesses, which must find a first one anew
    for some in _some([row.business_id for row in gone if row.business_id]):
        further += db.session.scalars(select(Business.id).where(Business.same_as_id.in_(some)))
        _delete(Business, Business.id.in_(some), ~_refers_to(Business))
    for some in _some([row.person_id for row in gone if row.person_id]):
        _delete(Person, Person.id.in_(some), ~_refers_to(Person))
    db.session.expire_all()
    for some in _some(further):
        same_business.link(
            import_.organization_id, db.session.scalars(select(Business).where(Business.id.in_(some))).all()
        )
    import_.status, import_.undone_at = ImportStatus.UNDONE, clock.now()
    audit.record(
        "import.undone", organization_id=import_.organization_id, user_id=user_id, subject=f"import:{import_.id}",
        event_id=import_.event_id, rows=len(gone),
    )  # fmt: skip
    services.promote_waiting(import_.event, user_id=user_id, locked=True)
    return len(gone)


def has_taken(import_: Import) -> bool:
    """Whether anybody is registered by this import; also one that broke off."""
    return bool(db.session.scalar(select(exists().where(Registration.import_id == import_.id))))


def kept_by_use(import_: Import) -> list[Registration]:
    """Registrations of this import that an undo leaves: checked in, or with a certificate. By name."""
    query = select(Registration).where(Registration.import_id == import_.id, _is_used())
    return list(db.session.scalars(query.order_by(Registration.name_key)))


def _is_used():
    return _refers_to(Registration)


def _refers_to(model):
    """The condition that a row of any table points at this one and would be left without it. Read from the foreign
    keys, so that a feature above this one (attendance, certificates) needs no mention here."""
    key = model.__table__.c.id
    pointing = [
        exists().where(foreign.parent == key).correlate(model.__table__)
        for table in Base.metadata.tables.values()
        for foreign in table.foreign_keys
        if foreign.column is key and foreign.ondelete is None
    ]
    return or_(*pointing)


def _delete(model, *conditions) -> None:
    db.session.execute(delete(model).where(*conditions).execution_options(synchronize_session=False))


def _some(ids: list):
    return (ids[start : start + _IDS] for start in range(0, len(ids), _IDS))
