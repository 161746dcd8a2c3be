"""What an office's first page says: what is on, what comes next, what waits for a person."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from halal import clock, formats
from halal.certificates.models import Certificate, CertificateStatus
from halal.checkin.models import CheckInOp, OpKind
from halal.checkin.services.board import possible_duplicates
from halal.checkin.services.history import RARE
from halal.checkin.services.numbers import open_scans
from halal.events.labels import phase
from halal.events.models import Event, EventKind, EventSession, EventStatus
from halal.extensions import db
from halal.facilitation.numbers import numbers_of_programs
from halal.jobs import Job, JobStatus
from halal.organizations.models import Organization
from halal.programs.models import Program
from halal.registrations.models import Import, ImportStatus, Registration, RegistrationStatus
from halal.reports.services import EventCounts, counts_of

DRAFT_NEAR = timedelta(days=14)  # a draft that begins sooner needs to be published
LOOKING_BACK = timedelta(days=90)  # what is older is no news
SCANS_BACK = timedelta(days=14)
FAILED_BACK = timedelta(days=7)
MOST_EVENTS = 300
MOST_NEXT = 6
MOST_OF_A_KIND = 5


class Kind(StrEnum):
    """Why something needs attention; in the order of urgency."""

    SCANS = "scans"
    DUPLICATES = "duplicates"
    JOB = "job"
    IMPORT = "import"
    WAITING = "waiting"
    DRAFT = "draft"
    NIB = "nib"
    OVER = "over"
    CERTIFICATES = "certificates"
    QUOTA = "quota"


FOR_READERS = frozenset({Kind.NIB, Kind.QUOTA})  # what is worth knowing without being able to change it


@dataclass(frozen=True)
class Attention:
    """One thing that waits for a person. `about` is the event, program, import or job; `count` how many, where that
    matters; `free` the places that those who wait could have; `regions` those whose quota is reached."""

    kind: Kind
    about: object
    count: int = 0
    free: int = 0
    regions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Home:
    """The first page. `counts` of the events in it by their ids; `is_new`: the office has planned no event ever."""

    today: list[Event]
    upcoming: list[Event]
    counts: dict[int, EventCounts]
    attention: list[Attention]
    is_new: bool

    @staticmethod
    def sessions_today(event: Event) -> list[EventSession]:
        """The sessions of this very day, by the clock where the event is; all, when none says so."""

        def day(moment: datetime) -> date:
            return formats.local(moment, event.timezone).date()

        of_the_day = [s for s in event.sessions if s.starts_at and day(s.starts_at) == day(clock.now())]
        return of_the_day or event.sessions


def home(organization: Organization, *, manage: bool) -> Home:
    """The office's first page. Who may not `manage` is not told of work that only organizers can do."""
    events = _events(organization)
    counts = counts_of(events)
    by_phase: dict[str, list[Event]] = {}
    for event in events:
        by_phase.setdefault(phase(event), []).append(event)
    found = [*_about_events(by_phase, counts), *_about_quotas(organization)]
    if manage:
        found += [*_about_check_ins(by_phase), *_about_imports(organization), *_about_jobs(organization)]
    else:
        found = [one for one in found if one.kind in FOR_READERS]
    return Home(
        today=by_phase.get("today", []),
        upcoming=by_phase.get("ahead", [])[:MOST_NEXT],
        counts=counts,
        attention=sorted(found, key=lambda one: list(Kind).index(one.kind)),
        is_new=not events and not _has_events(organization),
    )


def _events(organization: Organization) -> list[Event]:
    """Everything from the recent past on, soonest first."""
    last_moment = func.coalesce(Event.ends_at, Event.starts_at)
    return list(
        db.session.scalars(
            select(Event)
            .where(Event.organization_id == organization.id, Event.status != EventStatus.CANCELLED)
            .where(last_moment > clock.now() - LOOKING_BACK)
            .order_by(Event.starts_at, Event.id)
            .options(joinedload(Event.program), selectinload(Event.sessions))
            .limit(MOST_EVENTS)
        )
    )


def _has_events(organization: Organization) -> bool:
    return db.session.scalar(select(exists().where(Event.organization_id == organization.id)))


def _about_events(by_phase: dict[str, list[Event]], counts: dict[int, EventCounts]) -> Iterator[Attention]:
    now = clock.now()
    open_events = by_phase.get("today", []) + by_phase.get("ahead", [])
    for event in by_phase.get("draft", []):
        if now - DRAFT_NEAR < event.starts_at < now + DRAFT_NEAR:
            yield Attention(Kind.DRAFT, event)
    for event in open_events:
        count = counts[event.id]
        if count.waiting and count.seats_left != 0:
            yield Attention(Kind.WAITING, event, count.waiting, count.seats_left or count.waiting)
    without_nib = _without_nib([event for event in open_events if event.needs_nib])
    for event in open_events:
        if event.id in without_nib:
            yield Attention(Kind.NIB, event, without_nib[event.id])
    for event in by_phase.get("over", []):
        yield Attention(Kind.OVER, event, counts[event.id].present)
    finished = [e for e in reversed(by_phase.get("finished", [])) if counts[e.id].present and e.kind in _CERTIFIED]
    certified = _with_certificates(finished)
    for event in [event for event in finished if event.id not in certified][:MOST_OF_A_KIND]:
        yield Attention(Kind.CERTIFICATES, event, counts[event.id].present)


# Nobody frames a certificate of a meeting.
_CERTIFIED = frozenset(EventKind) - {EventKind.COORDINATION_MEETING}


def _without_nib(events: list[Event]) -> dict[int, int]:
    if not events:
        return {}
    return dict(
        db.session.execute(
            select(Registration.event_id, func.count())
            .where(Registration.event_id.in_([event.id for event in events]), Registration.nib.is_(None))
            .where(Registration.status == RegistrationStatus.CONFIRMED)
            .group_by(Registration.event_id)
        ).all()
    )


def _with_certificates(events: list[Event]) -> set[int]:
    if not events:
        return set()
    return set(
        db.session.scalars(
            select(Certificate.event_id)
            .where(Certificate.event_id.in_([event.id for event in events]))
            .where(Certificate.status == CertificateStatus.VALID)
            .distinct()
        )
    )


def _about_check_ins(by_phase: dict[str, list[Event]]) -> Iterator[Attention]:
    """What the board of an event lists to be put right. Only events where such operations exist are asked."""
    since = clock.now() - SCANS_BACK
    events = {
        event.id: event
        for event in [*by_phase.get("today", []), *by_phase.get("over", []), *by_phase.get("finished", [])]
        if event.last_moment > since
    }
    kinds = (OpKind.UNKNOWN_SCAN, OpKind.WALK_IN)
    rows = (
        db.session.execute(
            select(CheckInOp.event_id, CheckInOp.kind)
            .where(CheckInOp.event_id.in_(events), RARE, CheckInOp.kind.in_(kinds))
            .distinct()
        )
        if events
        else ()
    )
    for event_id, kind in list(rows):
        event = events[event_id]
        if kind is OpKind.UNKNOWN_SCAN and (scans := open_scans(event_id)):
            yield Attention(Kind.SCANS, event, len(scans))
        if kind is OpKind.WALK_IN and (doubles := possible_duplicates(event)):
            yield Attention(Kind.DUPLICATES, event, len({walk_in.id for walk_in, _other in doubles}))


def _about_imports(organization: Organization) -> Iterator[Attention]:
    """Imports that wait for a person: nothing works on them, and they are neither taken nor undone."""
    imports = db.session.scalars(
        select(Import)
        .outerjoin(Job, Job.id == Import.job_id)
        .where(Import.organization_id == organization.id, Import.created_at > clock.now() - LOOKING_BACK)
        .where(Import.status.not_in([ImportStatus.TAKEN, ImportStatus.UNDONE]))
        .where(or_(Job.id.is_(None), Job.status.in_([JobStatus.DONE, JobStatus.FAILED])))
        .order_by(Import.id.desc())
        .options(joinedload(Import.event))
        .limit(MOST_OF_A_KIND)
    )
    for import_ in imports:
        yield Attention(Kind.IMPORT, import_)


def _about_jobs(organization: Organization) -> Iterator[Attention]:
    """Work that failed and was not done since. An import says itself what became of it."""
    later = aliased(Job)
    done_since = exists().where(
        and_(later.kind == Job.kind, later.event_id == Job.event_id, later.created_at > Job.created_at)
    )
    failed = db.session.scalars(
        select(Job)
        .where(Job.organization_id == organization.id, Job.status == JobStatus.FAILED)
        .where(Job.finished_at > clock.now() - FAILED_BACK)
        .where(~done_since, ~exists().where(Import.job_id == Job.id))
        .order_by(Job.created_at.desc())
        .limit(MOST_OF_A_KIND)
    )
    for job in failed:
        yield Attention(Kind.JOB, job)


def _about_quotas(organization: Organization) -> Iterator[Attention]:
    programs = db.session.scalars(
        select(Program)
        .where(Program.organization_id == organization.id, Program.closed.is_(False))
        .options(selectinload(Program.quotas))
    ).all()
    numbers = numbers_of_programs([program for program in programs if any(quota.quota for quota in program.quotas)])
    for program in programs:
        reached = [r.label for r in numbers[program.id].regions if r.reached] if program.id in numbers else []
        if reached:
            yield Attention(Kind.QUOTA, program, len(reached), regions=reached)


def find_job(organization: Organization, job_id) -> Job | None:
    """The job with this id, if it is this office's."""
    return db.session.scalar(select(Job).where(Job.id == job_id, Job.organization_id == organization.id))
