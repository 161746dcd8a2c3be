"""Writing the audit log, and reading it back."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Table, or_, select

from halal.audit.models import AuditEntry
from halal.extensions import db

# What a subject like "event:12" is called: table and column of its name. By name, because those features stand
# above this one.
_NAMED_BY = {
    "event": ("events", "title"),
    "program": ("programs", "title"),
    "registration": ("registrations", "name"),
    "device": ("devices", "name"),
    "import": ("imports", "filename"),
    "certificate": ("certificates", "number"),
    "article": ("articles", "title"),
    "user": ("users", "name"),
    "invitation": ("invitations", "email"),
}


def record(
    action: str, *, organization_id: int | None, user_id: int | None = None, subject: str = "", **detail
) -> None:
    """Add one entry to the present transaction. `detail` must hold no personal data beyond names of fields and ids."""
    db.session.add(
        AuditEntry(action=action, organization_id=organization_id, user_id=user_id, subject=subject, detail=detail)
    )


def entries(
    organization_id: int,
    zone: str,
    *,
    area: str = "",
    user_id: int | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
) -> Select:
    """The office's entries, latest first: of one area ("event"), one user, or between two days of its zone."""
    found = select(AuditEntry).where(AuditEntry.organization_id == organization_id)
    if area:
        names = (f"{area}.", f"{area}s.")
        found = found.where(or_(*(AuditEntry.action.startswith(name, autoescape=True) for name in names)))
    if user_id:
        found = found.where(AuditEntry.user_id == user_id)
    if first_day:
        found = found.where(AuditEntry.at >= _midnight(first_day, zone))
    if last_day:
        found = found.where(AuditEntry.at < _midnight(last_day + timedelta(days=1), zone))
    return found.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())


def people(organization_id: int) -> dict[int, str]:
    """Everybody who has an entry in the office's log: names by user id, in their order."""
    users = _table("users")
    wrote = select(AuditEntry.user_id).where(AuditEntry.organization_id == organization_id)
    return dict(
        db.session.execute(select(users.c.id, users.c.name).where(users.c.id.in_(wrote)).order_by(users.c.name)).all()
    )


def subject_names(found: Iterable[AuditEntry]) -> dict[str, str]:
    """What the subjects of these entries are called now; what is gone, or has no name, is left out."""
    wanted: dict[str, set[str]] = {}
    for entry in found:
        kind, _colon, key = entry.subject.partition(":")
        if kind in _NAMED_BY and key:
            wanted.setdefault(kind, set()).add(key)
    names = {}
    for kind, keys in wanted.items():
        table, column = _NAMED_BY[kind]
        of = _table(table)
        ids = [_id(of, key) for key in keys]
        for row_id, name in db.session.execute(select(of.c.id, of.c[column]).where(of.c.id.in_(ids))):
            names[f"{kind}:{row_id}"] = name
    return names


def _table(name: str) -> Table:
    return db.metadata.tables[name]


def _id(table: Table, key: str) -> int | uuid.UUID:
    return uuid.UUID(key) if table.c.id.type.python_type is uuid.UUID else int(key)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
