"""What tablets say of themselves with each sync: how far their own numbering is, what waits, what time they have."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select

from halal.checkin.models import DeviceStore
from halal.checkin.wire import Batch
from halal.extensions import db

# A tablet with nothing new is written down this often; the board shows "last seen" by the minute.
QUIET = timedelta(seconds=20)

_stores = DeviceStore.__table__.c
_KEPT = select(_stores.device_id, _stores.last_dev_seq, _stores.unsent, _stores.last_seen_at).where(
    _stores.event_id == bindparam("event"), _stores.store_id == bindparam("store")
)


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
