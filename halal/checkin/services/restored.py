"""After a backup was restored: the server has forgotten what tablets believe it knows."""

from sqlalchemy import bindparam, select, update

from halal import ids
from halal.audit import services as audit
from halal.events.models import Event
from halal.extensions import db

_events = Event.__table__.c
_RENAME = (
    update(Event.__table__)
    .where(_events.id == bindparam("event"))
    .values(log_id=bindparam("name"), updated_at=_events.updated_at)
)


def begin_new_logs() -> int:
    """Give the log of every event a new name; how many. A tablet that hears of another log than the one it counted in
    sends everything again that it ever recorded, and reads everything anew. What is in the log already stays once.

    Tablets that miss something at the end of the log cause the same for one event (changes.rename_log); this does not
    wait for them, and brings back what lay in quarantine, too."""
    events = db.session.execute(select(_events.id, _events.organization_id)).all()
    names = [{"event": event_id, "name": str(ids.uuid7())} for event_id, _office in events]
    if names:
        db.session.connection().execute(_RENAME, names)
    for office in sorted({office for _event, office in events}):
        audit.record("checkin.restored", organization_id=office, events=sum(one == office for _event, one in events))
    return len(events)
