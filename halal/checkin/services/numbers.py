"""How many are in. Every number counts rows; nothing adds one to anything."""

from sqlalchemy import bindparam, func, literal_column, select

from halal.briefly import Briefly
from halal.checkin.fold import grouped_unknown_scans, unknown_scans
from halal.checkin.models import CheckInOp
from halal.checkin.services.history import OPERATION, RARE, to_op
from halal.checkin.services.lookup import Place
from halal.events.models import Event, EventSession
from halal.extensions import db
from halal.registrations import presence
from halal.registrations.models import Registration, RegistrationStatus

# Thirty tablets ask every five seconds, and every check-in answers with numbers too: one count a second is enough.
_kept = Briefly()

_TOTALS = select(
    select(Event.next_seq - 1).where(Event.id == bindparam("event")).scalar_subquery(),
    select(func.count())
    .where(Registration.event_id == bindparam("event"), Registration.status == RegistrationStatus.CONFIRMED)
    .scalar_subquery(),
    presence.count_present(bindparam("event")).scalar_subquery(),
)
# By the sessions: each is a stretch of one index.
_BY_SESSION = select(
    EventSession.id,
    select(func.count()).where(presence.live(None, EventSession.id)).correlate(EventSession).scalar_subquery(),
).where(EventSession.event_id == bindparam("event"))
_WALK_IN_IDS = select(CheckInOp.registration_id).where(
    CheckInOp.event_id == bindparam("event"), RARE, literal_column("checkin_ops.kind = 'walkin'")
)
_WALK_INS = select(func.count()).where(
    Registration.id.in_(_WALK_IN_IDS), Registration.status != RegistrationStatus.CANCELLED
)
_UNKNOWN = select(*OPERATION).where(
    CheckInOp.event_id == bindparam("event"), RARE, literal_column("checkin_ops.kind IN ('unknown_scan', 'undo')"),
    CheckInOp.registration_id.is_(None),
)  # fmt: skip
# Who came with an unknown code, and whether they are still in; asked only while such a code is open.
_GUESTS = select(*OPERATION).where(
    CheckInOp.event_id == bindparam("event"), RARE, literal_column("checkin_ops.kind <> 'unknown_scan'"),
    CheckInOp.registration_id.is_not(None),
)  # fmt: skip


def recent_counters(place: Place) -> dict:
    """The event's counters, at most a second old; `seq` says which state of the log they count."""
    return _kept.get(place.log_id, lambda: counters(place.event_id))


def counters(event_id: int) -> dict:
    """seq, registered, present (at any session), by session, walk-ins, scans of unknown codes; now."""
    event = {"event": event_id}
    seq, registered, present = db.session.execute(_TOTALS, event).one()
    return {
        "seq": seq,
        "registered": registered,
        "present": present,
        "sessions": {str(session): count for session, count in db.session.execute(_BY_SESSION, event) if count},
        "walk_ins": db.session.scalar(_WALK_INS, event),
        "unknown": len(open_scans(event_id)),
    }


def open_scans(event_id: int) -> list:
    """Scans of codes that nobody has, oldest first; of each code and session the first."""
    return [first for first, *_again in open_scans_by_code(event_id)]


def open_scans_by_code(event_id: int) -> list[list]:
    """All of them, by code and session."""
    scans = [to_op(row) for row in db.session.execute(_UNKNOWN, {"event": event_id})]
    if not unknown_scans(scans):
        return []
    return grouped_unknown_scans([*scans, *(to_op(row) for row in db.session.execute(_GUESTS, {"event": event_id}))])
