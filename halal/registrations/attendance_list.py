"""The attendance list on paper (daftar hadir): who is expected, with room to sign.

Drawing takes about a second for a hundred people: short lists are drawn while the browser waits, long ones by a
worker, which keeps the latest list of each user and event as a file.

Which rows stand on which page is known only when the pages are drawn. So it goes in three steps: `draw` (slow, reads),
`keep` (quick, remembers the rows of each page under a code), `finish` (puts the codes on the pages and writes them).
"""

import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pikepdf
from flask import render_template
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal import files, jobs, pdf, qr
from halal.config import ROOT
from halal.errors import DomainError
from halal.events.models import Event, EventSession
from halal.extensions import db, read_only
from halal.organizations import letterhead
from halal.organizations.models import Signatory
from halal.registrations import printed
from halal.registrations.attendees import everybody
from halal.registrations.listing import Choice, Listing, choose
from halal.registrations.models import RegistrationStatus

KIND = "attendance_list"
FONT = "certificate-sans.ttf"
MAX_BLANK, BLANK = 50, 10
AT_ONCE = 150
MOST = 3_000  # about half a minute, and memory that grows with every row
_MM = 72 / 25.4
_CODE_LEFT, _CODE_BOTTOM, _CODE_SIZE = 10 * _MM, 4 * _MM, 20 * _MM  # within the bottom margin of the style sheet


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
    """How many people are on the paper. Raises DomainError when they are too many for one, or some have letters that
    cannot be printed."""
    listing = Listing(event, paper.choice)
    people = len(listing.ids()) if listing.count() > listing.cap else listing.count()
    if people > MOST:
        raise DomainError(
            _l(
                "%(most)s people fit on one attendance list. Choose a regency or city first.",
                most=f"{MOST:,}".replace(",", "."),
            )
        )
    printed_texts = [event.title, event.organization.name, event.organization.parent_name, event.venue]
    for attendee in everybody(event, paper.choice):
        person = attendee.registration
        printed_texts += [person.name, person.business_name, person.address]
    pdf.refuse_missing_letters(filter(None, printed_texts), FONT)
    return people


@dataclass(frozen=True)
class Drawing:
    """A list whose pages are settled: who stands on it, and the numbers of the rows on each page."""

    layout: pdf.Layout
    event_id: int
    session_id: int | None
    people: Sequence[uuid.UUID]
    pages: Sequence[Sequence[int]]


def draw(event: Event, paper: Paper) -> Drawing:
    """The attendance list on A4, in Indonesian."""
    office = event.organization
    assets = letterhead.assets(office)
    people = [attendee.registration for attendee in everybody(event, paper.choice)]
    with force_locale("id"):
        html = render_template(
            "registrations/attendance_list_pdf.html",
            event=event, office=office, logo="asset:logo" if assets else None, people=people, paper=paper,
        )  # fmt: skip
    css = (ROOT / "static" / "css" / "attendance-list.css").read_text(encoding="utf-8")
    layout = pdf.lay_out(html, letterhead.css() + css, assets)
    pages = [sorted(int(id_[4:]) for id_ in ids if id_.startswith("row-")) for ids in layout.ids]
    only_session = event.sessions[0] if len(event.sessions) == 1 else None
    session = paper.session or only_session
    return Drawing(layout, event.id, session and session.id, [person.id for person in people], pages)


def keep(drawing: Drawing, user_id: int | None) -> list[str]:
    """Remember the rows of each page; the code of each."""
    return printed.keep(drawing.event_id, drawing.session_id, drawing.people, drawing.pages, user_id)


def finish(drawing: Drawing, codes: Sequence[str]) -> bytes:
    """The PDF, with the QR code of its sheet on every page."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(drawing.layout.write())) as document:
        for page, code in zip(document.pages, codes, strict=True):
            if code:
                picture = qr.pdf(printed.address(code), _CODE_LEFT, _CODE_BOTTOM, _CODE_SIZE)
                page.contents_add(picture, prepend=True)
        document.save(out, compress_streams=True)
    return out.getvalue()


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
        drawing = draw(event, read_paper(arguments, event))
        db.session.rollback()
    codes = keep(drawing, user_id)
    db.session.commit()
    key = f"attendance-lists/{event_id}-{user_id}.pdf"
    files.put(key, finish(drawing, codes))
    return {"file": key}
