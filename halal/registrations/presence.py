"""Who counts as present: the one rule that board, list, report, exports, certificates and home page share.

Present    has a live check-in at the session, or at any session of the event. Presence stands: whoever is there is
           present, also when their registration was cancelled, or moved to the waiting list, after they came in. Who
           was checked in by mistake is taken back at the check-in itself.
Expected   has a place (confirmed), or is present. Shares of attendance are shares of the expected, so that none passes
           100 %.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, distinct, exists, func, or_, select

from halal.registrations.models import Attendance, Registration, RegistrationStatus


def live(event_id, session_id=None) -> ColumnElement[bool]:
    """The condition on Attendance: a check-in that counts, at this session or at any of the event."""
    return Attendance.event_id == event_id if session_id is None else Attendance.session_id == session_id


def is_present(event_id, session_id=None) -> ColumnElement[bool]:
    """The condition on Registration that somebody is present."""
    return exists().where(Attendance.registration_id == Registration.id, live(event_id, session_id))


def is_expected(event_id) -> ColumnElement[bool]:
    """The condition on Registration that somebody has a place or is present."""
    return or_(Registration.status == RegistrationStatus.CONFIRMED, is_present(event_id))


def present_ids(event_id) -> Select:
    """The registrations of everybody present at any session; somebody present at two of them comes twice."""
    return select(Attendance.registration_id).where(live(event_id))


def count_present(event_id, *, single_session: bool = False) -> Select:
    """How many people are present. At a single session nobody can be present twice, which is quicker to count."""
    people = func.count() if single_session else func.count(distinct(Attendance.registration_id))
    return select(people).select_from(Attendance).where(live(event_id))


def count_present_by_event(event_ids: Iterable[int]) -> Select:
    """(event, how many people are present), for the events that have any."""
    return (
        select(Attendance.event_id, func.count(distinct(Attendance.registration_id)))
        .where(Attendance.event_id.in_(list(event_ids)))
        .group_by(Attendance.event_id)
    )


def present_without_place(event_ids: Iterable[int]) -> Select:
    """(event, how many are present although they have no place any more): few, so they are looked for one by one."""
    return (
        select(Registration.event_id, func.count())
        .where(
            Registration.event_id.in_(list(event_ids)),
            Registration.status.in_([RegistrationStatus.WAITING, RegistrationStatus.CANCELLED]),
            is_present(Registration.event_id),
        )
        .group_by(Registration.event_id)
    )


def count_by_session(event_id) -> Select:
    """(session, how many people are present at it), for the sessions that have any."""
    return select(Attendance.session_id, func.count()).where(live(event_id)).group_by(Attendance.session_id)


def first_arrivals(event_id) -> Select:
    """(registration, at): when each person who is present came in first, as far as that is certain: a tablet whose
    clock was wrong moves no chart."""
    return (
        select(Attendance.registration_id, func.min(Attendance.at).label("at"))
        .where(live(event_id), Attendance.uncertain.is_(False))
        .group_by(Attendance.registration_id)
    )
