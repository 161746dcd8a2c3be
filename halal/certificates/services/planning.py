"""Who would be issued a certificate, who not, and why: the dry run over everybody."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import distinct, func, select

from halal import clock, formats, regions
from halal.certificates import artwork, layout, wording
from halal.certificates.models import Award, Certificate, CertificateKind
from halal.checkin import services as checkin
from halal.events.models import Event, EventPerson, EventRole
from halal.extensions import db
from halal.organizations.numbering import render_number
from halal.registrations import presence
from halal.registrations.models import Attendance, Registration
from halal.text import name_key

_WIDE = 9999  # a running number as wide as they become


class Reason(StrEnum):
    """Why somebody is not issued a certificate."""

    ABSENT = "absent"
    ISSUED = "issued"
    REVOKED = "revoked"
    UNPRINTABLE = "unprintable"


@dataclass(frozen=True)
class Candidate:
    """Somebody who may get a certificate. `subject` says who, for good ("registration:…", "person:…", "award:…")."""

    subject: str
    name: str
    detail: str
    role: EventRole | None = None
    registration_id: uuid.UUID | None = None
    award: Award | None = None
    out: Reason | None = None


@dataclass(frozen=True)
class Skipped:
    candidate: Candidate
    reason: Reason
    message: str = ""


@dataclass(frozen=True)
class Squeezed:
    """A name that does not stand in one line at the design's full size: its lines, and its size in points."""

    candidate: Candidate
    lines: int
    size: float

    @property
    def name(self) -> str:
        """In one line, as lists show it."""
        return " ".join(self.candidate.name.split())


@dataclass(frozen=True)
class Plan:
    """`ready` in the order of handing over; `skipped` with the reason; `squeezed` are those of `ready` whose name had
    to become smaller or take more lines, the smallest first."""

    ready: list[Candidate]
    skipped: list[Skipped]
    squeezed: list[Squeezed] = field(default_factory=list)

    def skipped_for(self, reason: Reason) -> list[Skipped]:
        return [skip for skip in self.skipped if skip.reason is reason]


def candidates(event: Event, kind: CertificateKind, subjects: Sequence[str] | None = None) -> list[Candidate]:
    """Everybody who could get a certificate of this kind, or only these subjects, in the order of handing over."""
    everybody = {
        CertificateKind.ATTENDANCE: _attendees, CertificateKind.SPEAKER: _people, CertificateKind.AWARD: _awards
    }[kind](event, subjects)  # fmt: skip
    return everybody if subjects is None else [c for c in everybody if c.subject in set(subjects)]


def _attendees(event: Event, subjects: Sequence[str] | None) -> list[Candidate]:
    query = (
        select(
            Registration.id, Registration.name, Registration.business_name, Registration.region_code,
            presence.is_present(event.id),
        )
        # who has no place and stayed away expects no certificate
        .where(Registration.event_id == event.id, presence.is_expected(event.id))
        .order_by(Registration.name_key, Registration.id)
    )  # fmt: skip
    if subjects is not None:
        query = query.where(Registration.id.in_([id_ for id_ in map(_registration_id, subjects) if id_]))
    found, practised = [], checkin.practised(event)
    for id_, name, business, region, came in db.session.execute(query):
        came = came and id_ not in practised
        out = None if came else Reason.ABSENT
        detail = ", ".join(part for part in (business, regions.label(region)) if part)
        found.append(Candidate(f"registration:{id_}", name, detail, registration_id=id_, out=out))
    return found


def _registration_id(subject: str) -> uuid.UUID | None:
    """Whose subject this is; None for what an address or a form may say otherwise."""
    try:
        return uuid.UUID(subject.removeprefix("registration:"))
    except ValueError:
        return None


def _people(event: Event, _subjects: Sequence[str] | None) -> list[Candidate]:
    known = _known_people(event)
    return [
        Candidate(known.pop(name_key(p.name), f"person:{p.id}"), p.name, p.title, role=p.role) for p in event.people
    ]


def _known_people(event: Event) -> dict[str, str]:
    """Whose certificate was made before they were taken off the programme: comparable name to subject. Who stands
    there again is a new row to the programme, but no second speaker."""
    certified = db.session.execute(
        select(Certificate.snapshot["subject"].as_string(), Certificate.recipient)
        .where(Certificate.event_id == event.id, Certificate.kind == CertificateKind.SPEAKER)
        .order_by(Certificate.subject_key.isnot(None), Certificate.id)  # of two the valid one is the last
    ).all()
    here = {f"person:{p.id}": name_key(p.name) for p in event.people}
    settled = {here[subject] for subject, _recipient in certified if subject in here}
    gone = {name_key(recipient): subject for subject, recipient in certified if subject not in here}
    return {key: subject for key, subject in gone.items() if key not in settled}


def _awards(event: Event, _subjects: Sequence[str] | None) -> list[Candidate]:
    return [Candidate(f"award:{a.id}", a.recipient, a.received_by, award=a) for a in awards_of(event)]


def awards_of(event: Event) -> list[Award]:
    """The awards of an event in the order of honor."""
    return list(db.session.scalars(select(Award).where(Award.event_id == event.id).order_by(Award.position, Award.id)))


def slots(event: Event, issue: wording.Issue, candidate: Candidate, shared: dict | None = None) -> dict:
    """What this candidate's certificate would say, without number and code. `shared` is wording.common of this event
    and issue, for those who ask for many."""
    shared = shared or wording.common(event, issue)
    if candidate.award is not None:
        texts = wording.for_award(event, issue, candidate.award, shared)
    else:
        texts = wording.for_person(event, issue, candidate.name, candidate.detail, candidate.role, shared)
    return {**texts, "subject": candidate.subject}


def eligible(
    event: Event, kind: CertificateKind, subjects: Sequence[str] | None = None
) -> list[tuple[Candidate, Reason | None]]:
    """Everybody who could get a certificate, or these subjects, with the reason why nothing is issued to them now."""
    issued, revoked = standing(event, kind, subjects)

    def reason(candidate: Candidate) -> Reason | None:
        if candidate.subject in issued:
            return Reason.ISSUED
        return Reason.REVOKED if candidate.subject in revoked else candidate.out

    return [(candidate, reason(candidate)) for candidate in candidates(event, kind, subjects)]


def plan(event: Event, issue: wording.Issue, subjects: Sequence[str] | None = None) -> Plan:
    """What issuing would do now, for everybody or for these subjects. Every name is measured, every letter checked,
    every picture looked for."""
    ready, skipped, squeezed = [], [], []
    shared, lost = wording.common(event, issue), artwork.lost(event.organization)
    number = render_number(event.organization.number_pattern, _WIDE, issue.issued_on)
    for candidate, reason in eligible(event, issue.kind, subjects):
        if reason:
            skipped.append(Skipped(candidate, reason))
            continue
        own = candidate.award.number if candidate.award else ""
        texts = slots(event, issue, candidate, shared)
        texts["number"] = wording.printed_number(texts, number, own)
        try:
            artwork.check(texts, lost)
            found = layout.arrange(texts)
        except layout.Unprintable as error:
            skipped.append(Skipped(candidate, Reason.UNPRINTABLE, str(error.message)))
            continue
        ready.append(candidate)
        if len(found.name) > 1 or found.name_size < layout.full_size(texts):
            squeezed.append(Squeezed(candidate, len(found.name), found.name_size))
    return Plan(ready, skipped, sorted(squeezed, key=lambda one: one.size))


def possible(event: Event) -> dict[CertificateKind, int]:
    """How many could get a certificate of each kind, before looking closer."""
    return {
        CertificateKind.ATTENDANCE: db.session.scalar(presence.count_present(event.id)),
        CertificateKind.SPEAKER: len(event.people),
        CertificateKind.AWARD: len(awards_of(event)),
    }


def without_certificate(event: Event) -> int:
    """How many were present and never had an attendance certificate; whose was revoked has had one."""
    certified = select(Certificate.registration_id).where(
        Certificate.event_id == event.id,
        Certificate.kind == CertificateKind.ATTENDANCE,
        Certificate.registration_id.is_not(None),
    )
    here = select(func.count()).where(
        Registration.event_id == event.id,
        presence.is_present(event.id),
        Registration.id.not_in(certified),
    )
    return db.session.scalar(here) or 0


def early(event: Event, kind: CertificateKind) -> list[str]:
    """Why issuing now is early, in sentences: whoever issues all the same has to say so."""
    reasons = []
    now = clock.now()
    if now < event.last_moment:
        when = formats.day_and_time(event.last_moment, event.timezone)
        reasons.append(_("The event is not over: it ends on %(when)s.", when=when))
    if kind is CertificateKind.ATTENDANCE and len(event.sessions) > 1:
        reached = dict(db.session.execute(presence.count_by_session(event.id)).all())
        empty = [session.title for session in event.sessions if not reached.get(session.id)]
        if empty:
            reasons.append(_("Nobody is recorded as present at: %(sessions)s.", sessions="; ".join(empty)))
        if some := _at_some_sessions(event):
            reasons.append(
                ngettext(
                    "%(count)s person was not at every session and gets the same certificate as the others.",
                    "%(count)s people were not at every session and get the same certificate as the others.",
                    some,
                    count=formats.number(some),
                )
            )
    return reasons


def _at_some_sessions(event: Event) -> int:
    """How many were present, but not at all sessions."""
    sessions = func.count(distinct(Attendance.session_id))
    each = select(Attendance.registration_id).where(presence.live(event.id)).group_by(Attendance.registration_id)
    some = each.having(sessions < len(event.sessions)).subquery()
    return db.session.scalar(select(func.count()).select_from(some)) or 0


def outdated(event: Event) -> list[Certificate]:
    """The valid certificates that say another title, day or place of the event than it has today."""
    valid = select(Certificate).where(Certificate.event_id == event.id, Certificate.subject_key.is_not(None))
    kinds = db.session.execute(
        select(*(Certificate.snapshot[name].as_string() for name in _FACTS))
        .where(Certificate.event_id == event.id, Certificate.subject_key.is_not(None))
        .distinct()
    ).all()
    if all(_is_of_today(event, dict(zip(_FACTS, kind, strict=True))) for kind in kinds):
        return []
    found = db.session.scalars(valid.order_by(Certificate.kind, Certificate.position, Certificate.id))
    return [one for one in found if not _is_of_today(event, one.snapshot)]


_FACTS = ("lang", "event", "day", "place")


def _is_of_today(event: Event, printed: dict) -> bool:
    now = wording.facts(event, printed.get("lang") or wording.LANGUAGE)
    return all(printed.get(name) in (None, text) for name, text in now.items())


def current_name(certificate: Certificate) -> str | None:
    """How the recipient is called today where the name came from, when that differs from what was printed."""
    kind, _sep, id_ = certificate.snapshot.get("subject", "").partition(":")
    if kind == "registration":
        name = db.session.scalar(select(Registration.name).where(Registration.id == uuid.UUID(id_)))
    elif kind == "person":
        name = db.session.scalar(select(EventPerson.name).where(EventPerson.id == int(id_)))
    elif kind == "award":
        name = db.session.scalar(select(Award.recipient).where(Award.id == int(id_)))
    else:
        return None
    return name if name != certificate.snapshot["recipient"] else None


def standing(event: Event, kind: CertificateKind, subjects: Sequence[str] | None = None) -> tuple[set[str], set[str]]:
    """Subjects with a valid certificate of this kind; subjects whose last one was revoked, not replaced. Of the valid
    ones only those among `subjects`, when these are given."""
    ours = Certificate.event_id == event.id, Certificate.kind == kind
    valid = Certificate.subject_key.isnot(None) if subjects is None else Certificate.subject_key.in_(subjects)
    issued = set(db.session.scalars(select(Certificate.subject_key).where(*ours, valid)))
    ended = db.session.scalars(
        select(Certificate.snapshot["subject"].as_string()).where(
            *ours, Certificate.subject_key.is_(None), Certificate.successor_id.is_(None)
        )
    )
    return issued, {subject for subject in ended if subject} - issued
