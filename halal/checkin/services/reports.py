"""What tablets say of themselves with each sync: how far their own numbering is, what waits, what time they have."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from halal.checkin.models import DeviceStore
from halal.checkin.services.lookup import Place
from halal.checkin.wire import Batch
from halal.extensions import db
from halal.prepared import prepared

# A tablet with nothing new is written down this often; the board shows "last seen" by the minute.
QUIET = timedelta(seconds=20)

# An event's people come on its day, or the evening before; what a clock says of a time long before is not believed.
BEFORE_EVENT = timedelta(hours=12)

_stores = DeviceStore.__table__.c
_KEPT = select(_stores.device_id, _stores.last_dev_seq, _stores.unsent, _stores.last_seen_at).where(
    _stores.event_id == bindparam("event"), _stores.store_id == bindparam("store")
)


KNOWN = prepared(
    select(_stores.store_id, _stores.last_dev_seq, _stores.first_seen_at, _stores.last_seen_at).where(
        _stores.event_id == bindparam("event"), _stores.store_id.in_(bindparam("stores", expanding=True))
    )
)


def earliest(place: Place, known, dev_seq: int | None, now: datetime) -> datetime | None:
    """The moment before which a paired tablet cannot have recorded this: its pairing; its last question to us, when the
    operation was numbered after that; and, once the event is near, the evening before it. `known`: its storage as it
    last reported it, if it did."""
    if place.device is None:
        return None
    moment = place.device.created_at if known is None else min(place.device.created_at, known.first_seen_at)
    if known is not None and dev_seq is not None and dev_seq > known.last_dev_seq:
        moment = max(moment, known.last_seen_at)
    if place.starts_at is not None and now >= place.starts_at - BEFORE_EVENT:
        moment = max(moment, place.starts_at - BEFORE_EVENT)
    return moment


@dataclass(frozen=True)
class Report:
    """`last_dev_seq`: the last number that the tablet gave; `unsent`: what waits there beside the present batch."""

    last_dev_seq: int
    unsent: int

    def row(self, event_id: int, batch: Batch, now: datetime) -> dict:
        return {
            "event_id": event_id, "store_id": batch.store_id, "device_id": batch.device_id,
            "last_dev_seq": self.last_dev_seq, "unsent": self.unsent, "first_seen_at": now, "last_seen_at": now,
            "skew_seconds": max(-_FAR, min(_FAR, round((batch.sent_at - now).total_seconds()))),
        }  # fmt: skip

    def is_news(self, event_id: int, batch: Batch, now: datetime) -> bool:
        """Whether a report without operations says anything that is worth a write."""
        asked = {"event": event_id, "store": batch.store_id}
        kept = db.session.connection().execute(_KEPT, asked).first()
        said = (batch.device_id, self.last_dev_seq, self.unsent)
        return kept is None or tuple(kept[:3]) != said or now - kept.last_seen_at > QUIET


_FAR = 10**9
