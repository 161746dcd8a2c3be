"""The attendance list on paper (daftar hadir): who is expected, with room to sign.

Drawing takes about a second for a hundred people: short lists are drawn while the browser waits, long ones by a
worker, which keeps the latest list of each user and event as a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import render_template
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal import files, jobs, pdf
from halal.config import ROOT
from halal.errors import DomainError
from halal.events.models import Event, EventSession
from halal.extensions import db, read_only
from halal.organizations import letterhead
from halal.organizations.models import Signatory
from halal.registrations.attendees import everybody
from halal.registrations.listing import Choice, Listing, choose
from halal.registrations.models import RegistrationStatus

KIND = "attendance_list"
MAX_BLANK, BLANK = 50, 10
AT_ONCE = 150
MOST = 3_000  # a worker must be seen alive before a minute is over


@dataclass(frozen=True)
class Paper:
    """What is printed: the people of `choice`, for its session or the whole event, `blank` rows for people who come
    unannounced, and who signs at the end."""

    choice: Choice
    session: EventSession | None
    blank: int
    signatory: Signatory | None

    def arguments(self) -> dict[str, str]:
        signatory = str(self.signatory.id) if self.signatory else "-"
        return {**self.choice.arguments(), "blank": str(self.blank), "signatory": signatory}


def read_paper(arguments: Mapping[str, str], event: Event) -> Paper:
    """What an address or form asks for; the office's first signatory signs unless another or none is chosen."""
    choice = choose(arguments, event)
    signatories = [s for s in event.organization.signatories if s.active]
    chosen = arguments.get("signatory", "")
    if chosen == "-":
        signatory = None
    else:
        signatory = next((s for s in signatories if str(s.id) == chosen), signatories[0] if signatories else None)
    blank = arguments.get("blank", "").strip()
    return Paper(
        # whether somebody came already does not decide who is expected to sign; a place does
        choice=replace(choice, status=choice.status or RegistrationStatus.CONFIRMED),
        session=next((s for s in event.sessions if s.id == choice.session_id), None),
        blank=min(int(blank), MAX_BLANK) if blank.isdecimal() and len(blank) < 6 else BLANK,
        signatory=signatory,
    )


def count(event: Event, paper: Paper) -> int:
    """How many people are on the paper. Raises DomainError when they are too many for one."""
    listing = Listing(event, paper.choice)
    people = len(listing.ids()) if listing.count() > listing.cap else listing.count()
    if people > MOST:
        raise DomainError(
            _l(
                "%(most)s people fit on one attendance list. Choose a regency or city first.",
                most=f"{MOST:,}".replace(",", "."),
            )
        )
    return people


def render(event: Event, paper: Paper) -> bytes:
    """The attendance list as PDF, A4, in Indonesian."""
    office = event.organization
    assets = letterhead.assets(office)
    people = [attendee.registration for attendee in everybody(event, paper.choice)]
    with force_locale("id"):
        html = render_template(
            "registrations/attendance_list_pdf.html",
            event=event, office=office, logo="asset:logo" if assets else None, people=people, paper=paper,
        )  # fmt: skip
    css = (ROOT / "static" / "css" / "attendance-list.css").read_text(encoding="utf-8")
    return pdf.render(html, letterhead.css() + css, assets)


def start(event: Event, paper: Paper, user_id: int) -> jobs.Job:
    """Let a worker draw it."""
    return jobs.start(
        KIND, organization_id=event.organization_id, user_id=user_id, event_id=event.id, paper=paper.arguments()
    )


def latest(event: Event, user_id: int) -> jobs.Job | None:
    """The list that this user asked for last."""
    mine = select(jobs.Job).where(jobs.Job.kind == KIND, jobs.Job.event_id == event.id, jobs.Job.user_id == user_id)
    return db.session.scalar(mine.order_by(jobs.Job.created_at.desc(), jobs.Job.id.desc()).limit(1))


def stored(job: jobs.Job) -> bytes:
    """What a finished job has drawn; FileMissing when a later one took its place."""
    return files.get(job.result["file"])


@jobs.handler(KIND)
def _draw(job: jobs.Job) -> dict:
    event_id, user_id, arguments = job.event_id, job.user_id, job.params["paper"]
    db.session.commit()
    with read_only():  # nobody waits for the lock while pages are drawn
        event = db.session.get_one(Event, event_id)
        content = render(event, read_paper(arguments, event))
        db.session.rollback()
    key = f"attendance-lists/{event_id}-{user_id}.pdf"
    files.put(key, content)
    return {"file": key}
