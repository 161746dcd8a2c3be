"""Undoing an import: what it registered goes, what it changed becomes what it was.

Done by a job, a part at a time; begun again after a break it goes on with what is left.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from flask_babel import gettext as _
from sqlalchemy import delete, exists, func, or_, select

from halal import clock
from halal.audit import services as audit
from halal.errors import DomainError
from halal.extensions import Base, db
from halal.people import same_business
from halal.people.models import Business, Person
from halal.registrations import services
from halal.registrations.importing.checking import CHANGED, was_changed
from halal.registrations.importing.review import HEADINGS
from halal.registrations.importing.understanding import note, stored_values
from halal.registrations.models import Import, ImportRow, ImportStatus, Registration, Verdict

_REMOVED_AT_ONCE = 100
_CHANGED_AT_ONCE = 25
_LEFT = "left"  # in a match, once it is undone: what was not changed back


def has_taken(import_: Import) -> bool:
    """Whether anybody is registered by this import; also one that broke off."""
    return bool(db.session.scalar(select(exists().where(Registration.import_id == import_.id))))


def changed_rows(import_: Import) -> list[int]:
    """Ids of the rows that changed somebody who was registered before, in the order of the file."""
    return [row_id for row_id, match in _first_matches(import_) if CHANGED in match]


def kept_by_use(import_: Import) -> list[Registration]:
    """Registrations of this import that an undo leaves: checked in, or with a certificate. By name."""
    query = select(Registration).where(Registration.import_id == import_.id, _is_used())
    return list(db.session.scalars(query.order_by(Registration.name_key)))


def left_as_changed(import_: Import) -> list[str]:
    """Whose data the undo left as the import had made them, and which; in the order of the file."""
    return [
        f"{match['name']} ({', '.join(_called(name) for name in match[_LEFT])})"
        for _row_id, match in _first_matches(import_)
        if match.get(_LEFT)
    ]


def _first_matches(import_: Import) -> list[tuple[int, dict]]:
    rows = db.session.execute(
        select(ImportRow.id, ImportRow.matches)
        .where(ImportRow.import_id == import_.id, ImportRow.verdict == Verdict.EXISTING)
        .order_by(ImportRow.number)
    )
    return [(row_id, matches[0]) for row_id, matches in rows if matches]


def _called(name: str) -> str:
    return str(HEADINGS["region" if name == "region_code" else name])


def undo_all(import_: Import, progress: Callable[[int, int], None], *, user_id: int | None = None) -> int:
    """Remove what this import registered, and change back what it changed; how many people it removed. Whoever is
    checked in or has a certificate since stays, and so does what was changed again: what happened cannot be undone by
    a spreadsheet. Places that become free go to those who wait for them. `progress` commits."""
    removed, changed = 0, changed_rows(import_)
    removable = select(Registration.id, Registration.person_id, Registration.business_id).where(
        Registration.import_id == import_.id, ~_is_used()
    )
    total = len(changed) + db.session.scalar(select(func.count()).select_from(removable.subquery()))
    while True:
        services.lock(import_.event)
        gone = db.session.execute(removable.order_by(Registration.id).limit(_REMOVED_AT_ONCE)).all()
        if not gone:
            break
        _remove(import_, gone)
        removed += len(gone)
        progress(removed, total)
    for start in range(0, len(changed), _CHANGED_AT_ONCE):
        some = changed[start : start + _CHANGED_AT_ONCE]
        services.lock(import_.event)
        for row in db.session.scalars(select(ImportRow).where(ImportRow.id.in_(some)).order_by(ImportRow.number)):
            _change_back(row, user_id)
        progress(removed + start + len(some), total)
    services.lock(import_.event)
    import_.status, import_.undone_at, import_.error = ImportStatus.UNDONE, clock.now(), ""
    audit.record(
        "import.undone", organization_id=import_.organization_id, user_id=user_id, subject=f"import:{import_.id}",
        event_id=import_.event_id, rows=removed + len(changed),
    )  # fmt: skip
    services.promote_waiting(import_.event, user_id=user_id, locked=True)
    return removed


def _remove(import_: Import, gone: Sequence) -> None:
    """Remove these registrations with the people and businesses that nothing else points to."""
    businesses = [row.business_id for row in gone if row.business_id]
    _delete(Registration, Registration.id.in_([row.id for row in gone]))
    # records of the same businesses must find a first one anew
    further = list(db.session.scalars(select(Business.id).where(Business.same_as_id.in_(businesses))))
    _delete(Business, Business.id.in_(businesses), ~_refers_to(Business))
    _delete(Person, Person.id.in_([row.person_id for row in gone if row.person_id]), ~_refers_to(Person))
    db.session.expire_all()
    if further:
        left = db.session.scalars(select(Business).where(Business.id.in_(further))).all()
        same_business.link(import_.organization_id, left)


def _change_back(row: ImportRow, user_id: int | None) -> None:
    """Give somebody back what they were registered with, where they still have what this row gave them."""
    if not was_changed(row):
        return
    match = dict(row.matches[0])
    changed = match.pop(CHANGED)
    registration = db.session.get(Registration, uuid.UUID(match["registration"]), populate_existing=True)
    if registration is None:
        before, match[_LEFT], said = {}, list(changed), _("Not changed back: nobody is registered here any more.")
    else:
        now = {name: getattr(registration, name) or "" for name in changed}
        before = {name: old for name, (old, new) in changed.items() if now[name] == new}
        match[_LEFT] = [name for name, (old, _new) in changed.items() if name not in before and now[name] != old]
        said = _("Changed back to what was registered before.")
        if match[_LEFT]:
            fields = ", ".join(_called(name) for name in match[_LEFT])
            said = _("Not changed back, because somebody changed it since: %(fields)s.", fields=fields)
    if before:
        details = replace(services.details_of(registration), **stored_values(before))
        try:
            with db.session.begin_nested():
                services.change(registration, details, user_id=user_id)
        except DomainError as error:
            match[_LEFT], said = list(changed), _("Not changed back: %(why)s", why=error.message)
    row.matches = [match, *row.matches[1:]]
    row.problems = [*row.problems, note("", said)]


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
