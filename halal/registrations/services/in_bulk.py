"""Cancelling many registrations at once, and taking that back: what a script or a wrong file made goes with one tap."""

import uuid
from collections.abc import Iterator, Sequence

from flask_babel import lazy_gettext as _l
from sqlalchemy import case, select, update

from halal import clock
from halal.audit import services as audit
from halal.errors import Conflict
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.models import BulkCancellation, Registration, RegistrationStatus
from halal.registrations.presence import is_present
from halal.registrations.services.duplicates import dedupe_key
from halal.registrations.services.state import lock, places_left

_AT_ONCE = 500  # in one statement


def cancel_many(event: Event, ids: Sequence[uuid.UUID], *, user_id: int | None = None) -> BulkCancellation | None:
    """Cancel those of these registrations of the event that are not cancelled yet; None when there are none.

    Nobody moves up from the waiting list by this: taken back soon, everybody is where they were. The list offers the
    free places to those who wait.
    """
    lock(event)
    rows = []
    for some in _some(ids):
        found = db.session.execute(
            select(Registration.id, Registration.status, Registration.dedupe_key).where(
                Registration.event_id == event.id, Registration.id.in_(some),
                Registration.status != RegistrationStatus.CANCELLED,
            )
        )  # fmt: skip
        rows += [[str(id_), status.value, key] for id_, status, key in found]
    if not rows:
        return None
    now = clock.now()
    gone = {"status": RegistrationStatus.CANCELLED, "cancelled_at": now, "updated_at": now, "dedupe_key": None,
            "submission_id": None}  # fmt: skip
    for some in _some(rows):
        _change([uuid.UUID(id_) for id_, _status, _key in some], **gone)
    done = BulkCancellation(event_id=event.id, user_id=user_id, at=now, rows=rows)
    db.session.add(done)
    audit.record(
        "registrations.cancelled", organization_id=event.organization_id, user_id=user_id, subject=f"event:{event.id}",
        count=len(rows),
    )  # fmt: skip
    db.session.flush()
    return done


def undo_cancel_many(event: Event, cancellation: BulkCancellation, *, user_id: int | None = None) -> tuple[int, int]:
    """Take it back: (how many are registered again, how many stay cancelled). Raises Conflict when it was taken back.

    Whoever was restored or registered again meanwhile is left as they are. Whoever had a place gets it while places are
    free, or when they are present; then they wait, where there is a waiting list.
    """
    lock(event)
    db.session.refresh(cancellation, with_for_update=True)
    if cancellation.undone_at is not None:
        raise Conflict(_l("This was taken back already."))
    free, restored = places_left(event), 0
    for some in _some(cancellation.rows):
        before = {uuid.UUID(id_): (RegistrationStatus(status), key) for id_, status, key in some}
        restored_now, free = _restore(event, before, free)
        restored += restored_now
    cancellation.undone_at = clock.now()
    audit.record(
        "registrations.restored", organization_id=event.organization_id, user_id=user_id, subject=f"event:{event.id}",
        count=restored,
    )  # fmt: skip
    db.session.flush()
    return restored, len(cancellation.rows) - restored


def _restore(event: Event, before: dict, free: int | None) -> tuple[int, int | None]:
    """Restore some; how many, and the places that are free afterwards."""
    here = case((is_present(event.id), True), else_=False)
    found = db.session.execute(
        select(Registration, here)
        .where(Registration.id.in_(before), Registration.status == RegistrationStatus.CANCELLED)
        .order_by(Registration.created_at, Registration.id)
    ).all()
    keys = {dedupe_key(registration) for registration, _here in found} - {None}
    taken = set(
        db.session.scalars(
            select(Registration.dedupe_key).where(Registration.event_id == event.id, Registration.dedupe_key.in_(keys))
        )
    )
    count = 0
    for registration, present in found:
        status, key = before[registration.id]
        if dedupe_key(registration) in taken:
            continue  # registered again meanwhile
        if status is RegistrationStatus.CONFIRMED and not present and free == 0:
            status = RegistrationStatus.WAITING
        if status is RegistrationStatus.WAITING and not event.waiting_list:
            continue
        if status is RegistrationStatus.CONFIRMED and free:
            free -= 1
        registration.status, registration.cancelled_at, registration.dedupe_key = status, None, key
        count += 1
    db.session.flush()
    return count, free


def _change(ids: list[uuid.UUID], **values) -> None:
    rows = update(Registration).where(Registration.id.in_(ids))
    db.session.execute(rows.values(**values).execution_options(synchronize_session=False))
    db.session.expire_all()


def _some(rows: Sequence) -> Iterator[Sequence]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))


def recent_cancellations(event: Event, limit: int = 3) -> list[BulkCancellation]:
    """What can still be taken back, latest first."""
    return list(
        db.session.scalars(
            select(BulkCancellation)
            .where(BulkCancellation.event_id == event.id, BulkCancellation.undone_at.is_(None))
            .order_by(BulkCancellation.id.desc())
            .limit(limit)
        )
    )
