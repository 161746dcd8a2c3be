"""Pairing: how a tablet becomes a device of one event, without a log-in, and how that ends."""

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import bindparam, func, select, update

from halal import clock, ids
from halal.audit import services as audit
from halal.checkin.models import Device, DevicePairing
from halal.checkin.services.lookup import refuse_closed
from halal.errors import Conflict, DomainError, NotFound
from halal.events.models import Event
from halal.extensions import db
from halal.text import clean_line

CODE_LIFE = timedelta(minutes=10)
AFTER_EVENT = timedelta(hours=48)
CODE_LENGTH = 10  # 50 random bits, for ten minutes, behind a rate limit


@dataclass(frozen=True)
class Tablet:
    """A paired tablet that asks. `standing`: open, closed, expired or revoked; only an open one is told anything."""

    id: uuid.UUID
    event_id: int
    organization_id: int
    slug: str
    name: str
    standing: str


_d, _e = Device.__table__.c, Event.__table__.c
_TABLET = (
    select(
        _d.id, _d.event_id, _d.organization_id, _d.name, _d.token_hash, _d.expires_at, _d.revoked_at, _d.closed_at,
        _e.slug, _e.starts_at, _e.ends_at,
    )
    .join(Event.__table__, _e.id == _d.event_id)
    .where(_d.id == bindparam("device"), _d.token_hash.is_not(None))
)  # fmt: skip


def find_tablet(device_id: uuid.UUID, secret: str) -> Tablet | None:
    """The paired tablet with this id and secret."""
    row = db.session.connection().execute(_TABLET, {"device": device_id}).first()
    if row is None or not hmac.compare_digest(row.token_hash, ids.token_hash(secret)):
        return None
    return Tablet(
        row.id, row.event_id, row.organization_id, row.slug, row.name, standing(row, row.ends_at or row.starts_at)
    )


def standing(device, last_moment: datetime) -> str:
    """What is believed of a device now. An event that was put off since the pairing keeps its tablets."""
    if device.revoked_at is not None:
        return "revoked"
    if device.expires_at is not None and max(device.expires_at, last_moment + AFTER_EVENT) <= clock.now():
        return "expired"
    return "closed" if device.closed_at is not None else "open"


def make_code(event: Event, *, user_id: int) -> tuple[str, datetime]:
    """A code that pairs one tablet, and when it ends. Raises Conflict when the event has no door (any more)."""
    refuse_closed(event.status)
    now = clock.now()
    if now >= event.last_moment + AFTER_EVENT:
        raise Conflict(_l("The event ended more than two days ago, so no more tablets can be paired."))
    code = ids.code()[:CODE_LENGTH]
    db.session.add(
        DevicePairing(
            organization_id=event.organization_id, event_id=event.id, code_hash=ids.token_hash(code),
            created_by_id=user_id, created_at=now, expires_at=now + CODE_LIFE,
        )
    )  # fmt: skip
    return code, now + CODE_LIFE


def event_of_code(code: str) -> Event:
    """The event that a code pairs with. Raises NotFound when it is unknown, used or too old."""
    found = db.session.scalar(
        select(Event)
        .join(DevicePairing, DevicePairing.event_id == Event.id)
        .where(
            DevicePairing.code_hash == ids.token_hash(ids.normalize_code(code)),
            DevicePairing.used_at.is_(None), DevicePairing.expires_at > clock.now(),
        )
    )  # fmt: skip
    if found is None:
        raise _no_such_code()
    return found


def pair(code: str, name: str) -> tuple[Device, str, str]:
    """Use a code up: a new device, its event's slug, and its secret, which is told once.

    Raises NotFound; of two at once, for one.
    """
    now = clock.now()
    taken = db.session.execute(
        update(DevicePairing)
        .where(
            DevicePairing.code_hash == ids.token_hash(ids.normalize_code(code)),
            DevicePairing.used_at.is_(None), DevicePairing.expires_at > now,
        )
        .values(used_at=now)
        .returning(DevicePairing.id, DevicePairing.event_id, DevicePairing.created_by_id)
    ).first()  # fmt: skip
    if taken is None:
        raise _no_such_code()
    event, secret = db.session.get(Event, taken.event_id), ids.token()
    refuse_closed(event.status)
    count = db.session.scalar(select(func.count()).select_from(Device).where(Device.event_id == event.id))
    device = Device(
        organization_id=event.organization_id, event_id=event.id, name=clean_line(name)[:80] or f"Tablet {count + 1}",
        token_hash=ids.token_hash(secret), expires_at=event.last_moment + AFTER_EVENT,
    )  # fmt: skip
    db.session.add(device)
    db.session.flush()
    db.session.execute(update(DevicePairing).where(DevicePairing.id == taken.id).values(device_id=device.id))
    audit.record("checkin.tablet_paired", organization_id=event.organization_id, user_id=taken.created_by_id,
                 subject=f"device:{device.id}", event_id=event.id)  # fmt: skip
    return device, event.slug, secret


def _no_such_code() -> NotFound:
    return NotFound(_l("This code was used already, is older than ten minutes, or is mistyped. Ask for a new one."))


def _paired(event: Event, device_id: uuid.UUID) -> Device:
    of_event = Device.event_id == event.id, Device.token_hash.is_not(None)
    device = db.session.scalar(select(Device).where(Device.id == device_id, *of_event))
    if device is None:
        raise NotFound(_l("There is no such tablet at this event."))
    return device


def revoke(event: Event, device_id: uuid.UUID, *, user_id: int) -> Device:
    """Believe nothing more from a tablet: it was lost or stolen. Raises NotFound."""
    device = _paired(event, device_id)
    if device.revoked_at is None:
        device.revoked_at = clock.now()
        audit.record("checkin.tablet_revoked", organization_id=event.organization_id, user_id=user_id,
                     subject=f"device:{device.id}", event_id=event.id)  # fmt: skip
    return device


def rename(event: Event, device_id: uuid.UUID, name: str, *, user_id: int) -> Device:
    """Give a paired tablet another name, for the board and for what others are told. Raises NotFound, and DomainError
    without a name."""
    device, name = _paired(event, device_id), clean_line(name)[:80]
    if not name:
        raise DomainError(_l("Write a name by which the tablet is found in the hall."), "name")
    if name != device.name:
        device.name = name
        audit.record("checkin.tablet_renamed", organization_id=event.organization_id, user_id=user_id,
                     subject=f"device:{device.id}", event_id=event.id)  # fmt: skip
    return device


def close_tablets(event: Event, *, user_id: int) -> int:
    """The event is over: tablets drop their list of people. What they still have to send is recorded."""
    devices = db.session.scalars(
        select(Device).where(
            Device.event_id == event.id, Device.token_hash.is_not(None), Device.closed_at.is_(None),
            Device.revoked_at.is_(None),
        )
    ).all()  # fmt: skip
    for device in devices:
        device.closed_at = clock.now()
    if devices:
        audit.record("checkin.tablets_closed", organization_id=event.organization_id, user_id=user_id,
                     subject=f"event:{event.id}", count=len(devices))  # fmt: skip
    return len(devices)
