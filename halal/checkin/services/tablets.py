"""The tablets of an event, as the organizer's board shows them: when last heard of, what waits there, what is lost."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from halal.checkin.fold import SKEW_LIMIT
from halal.checkin.models import CheckInOp, Device, DeviceStore, QuarantinedOp
from halal.checkin.services.pairing import standing
from halal.events.models import Event
from halal.extensions import db


@dataclass(frozen=True)
class Loss:
    """A storage that was wiped: the last operation that arrived from it, and how many were numbered after that or
    between and never arrived."""

    after: int
    count: int


@dataclass(frozen=True)
class TabletRow:
    """One tablet. `unsent`: what waits there, as it said itself; `skew_minutes`: its clock ahead of ours (0: right);
    `missing`: numbers that it neither sent nor keeps ("42-45"); `losses`: of storages before the present one."""

    id: uuid.UUID
    name: str
    standing: str
    paired: bool
    seen_at: datetime | None
    unsent: int
    skew_minutes: int
    missing: tuple[str, ...]
    losses: tuple[Loss, ...]


def signs(event: Event) -> list[tuple]:
    """What changes when a tablet's row may; cheap, for the polls of the board. Last seen counts by the minute."""
    devices = db.session.scalars(select(Device).where(Device.event_id == event.id).order_by(Device.id))
    stores = db.session.execute(
        select(DeviceStore.store_id, DeviceStore.device_id, DeviceStore.last_dev_seq, DeviceStore.unsent,
               DeviceStore.skew_seconds, DeviceStore.last_seen_at)
        .where(DeviceStore.event_id == event.id)
        .order_by(DeviceStore.store_id)
    )  # fmt: skip
    return [
        *((d.id, d.name, standing(d, event.last_moment), _minute(d.last_seen_at)) for d in devices),
        *((*store[:4], round(store[4] / 60), _minute(store[5])) for store in stores),
    ]


def _minute(moment: datetime | None) -> int | None:
    return moment and int(moment.timestamp() // 60)


def tablets(event: Event) -> list[TabletRow]:
    """Every tablet of the event, by name."""
    devices = db.session.scalars(select(Device).where(Device.event_id == event.id).order_by(Device.name, Device.id))
    stores: dict[uuid.UUID, list[DeviceStore]] = {}
    of_event = select(DeviceStore).where(DeviceStore.event_id == event.id)
    for store in db.session.scalars(of_event.order_by(DeviceStore.first_seen_at, DeviceStore.store_id)):
        stores.setdefault(store.device_id, []).append(store)
    arrived = _arrived(event)
    return [_row(event, device, stores.get(device.id, []), arrived) for device in devices]


def _arrived(event: Event) -> dict[str, tuple[int, int]]:
    """(how many numbered operations are in the log, the highest number) by storage."""
    rows = db.session.execute(
        select(CheckInOp.store_id, func.count(CheckInOp.dev_seq), func.max(CheckInOp.dev_seq))
        .where(CheckInOp.device_id.in_(_devices(event.id)), CheckInOp.dev_seq.is_not(None))
        .group_by(CheckInOp.store_id)
    )
    return {store_id: (count, last) for store_id, count, last in rows}


def _devices(event_id: int):
    return select(Device.id).where(Device.event_id == event_id)


def _row(event: Event, device: Device, stores: list[DeviceStore], arrived: dict) -> TabletRow:
    latest = stores[-1] if stores else None
    seen = [moment for moment in (device.last_seen_at, latest and latest.last_seen_at) if moment]
    skew = latest.skew_seconds if latest and abs(latest.skew_seconds) > SKEW_LIMIT.total_seconds() else 0
    return TabletRow(
        id=device.id, name=device.name, standing=standing(device, event.last_moment),
        paired=device.token_hash is not None, seen_at=max(seen, default=None),
        unsent=latest.unsent if latest else 0, skew_minutes=round(skew / 60),
        missing=_missing(latest, arrived) if latest else (),
        losses=tuple(_loss(store) for store in stores[:-1]),
    )  # fmt: skip


def _missing(store: DeviceStore, arrived: dict) -> tuple[str, ...]:
    """Numbers up to the last one that the tablet neither sent nor says it still has."""
    count, last = arrived.get(store.store_id, (0, 0))
    if count == last and store.last_dev_seq - last <= store.unsent:
        return ()
    gaps, before = [], 0
    for number in [*sorted(_numbers(store)), store.last_dev_seq + 1]:
        if number > before + 1:
            gaps.append((before + 1, number - 1))
        before = max(before, number)
    return tuple(_written(first, last) for first, last in _without_end(gaps, store.unsent))


def _numbers(store: DeviceStore) -> set[int]:
    """The numbers that arrived from a storage, whatever became of them."""
    return {
        number
        for table in (CheckInOp, QuarantinedOp)
        for number in db.session.scalars(
            select(table.dev_seq).where(
                table.device_id.in_(_devices(store.event_id)), table.store_id == store.store_id,
                table.dev_seq.is_not(None),
            )
        )
    }  # fmt: skip


def _without_end(gaps: list[tuple[int, int]], count: int) -> list[tuple[int, int]]:
    """The gaps without their last `count` numbers: a tablet sends in order, so those are what waits there."""
    while gaps and count > 0:
        first, last = gaps.pop()
        size = last - first + 1
        if size > count:
            gaps.append((first, last - count))
        count -= size
    return gaps


def _written(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _loss(store: DeviceStore) -> Loss:
    numbers = _numbers(store)
    return Loss(max(numbers, default=0), max(0, store.last_dev_seq - len(numbers)))
