"""Name badges: ten on an A4 sheet with crop marks, each with the QR code of its ticket.

WeasyPrint sets the texts; the codes are drawn into the finished pages, which is many times faster than a thousand
pictures. Lengths are millimetres.
"""

import io
from dataclasses import dataclass

import pikepdf
from flask import render_template
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal import files, jobs, pdf, qr
from halal.certificates import fit
from halal.certificates.layout import MM
from halal.config import ROOT
from halal.errors import Conflict, DomainError
from halal.events.models import Event
from halal.extensions import db, read_only
from halal.registrations import letters
from halal.registrations.models import Registration, RegistrationStatus

KIND = "badges"
MOST = 3_000
PORTION = 100  # people, whole sheets: little memory, and the page tells how far it is
COLUMNS, ROWS, WIDTH, HEIGHT = 2, 5, 90.0, 54.0
LEFT, TOP = (210 - COLUMNS * WIDTH) / 2, (297 - ROWS * HEIGHT) / 2
CODE, CODE_RIGHT, CODE_TOP = 25.0, 5.0, 19.0  # side of the code, its distance from the right and upper edge
_TEXT = WIDTH - CODE - CODE_RIGHT - 5 - 4
_MIDDLE = 31.5  # of name and business, from the upper edge
_BUSINESS = 8.5  # points


@dataclass(frozen=True)
class Badge:
    """What one badge says, in lines that fit; sizes in points. `left` and `top` are on the sheet; `drop` is how far
    below the upper edge the name begins, so that name and business stand in the middle."""

    left: float
    top: float
    drop: float
    name: tuple[str, ...]
    size: float
    business: tuple[str, ...]


def people(event: Event) -> list[Registration]:
    """Everybody with a place, in the order of names."""
    query = select(Registration).where(
        Registration.event_id == event.id, Registration.status == RegistrationStatus.CONFIRMED
    )
    return list(db.session.scalars(query.order_by(Registration.name_key, Registration.id)))


def _name(text: str) -> tuple[tuple[str, ...], float]:
    """The name in the largest type that keeps its words whole; what is longer still is cut at the end of a word."""
    for count, largest, least in ((1, 19.0, 14.0), (2, 17.0, 12.0), (3, 13.0, 9.0), (4, 10.0, 7.0)):
        lines, widest = fit.even(text, fit.SANS_BOLD, count, degrees=True)
        size = min(largest, _TEXT * MM / widest) if widest else largest
        if size >= least:
            return lines, round(size - 0.05, 1)
    return _cut(text, fit.SANS_BOLD, 7.0, 5), 7.0


def _cut(text: str, font: str, size: float, count: int) -> tuple[str, ...]:
    words = [word[:30] for word in text.split()]
    while words and len(fit.wrap(" ".join(words), font, size, _TEXT * MM) or ("",) * 99) > count:
        words.pop()
    return tuple(fit.wrap(" ".join(words), font, size, _TEXT * MM) or ())


def _badges(registrations: list[Registration]) -> list[list[Badge]]:
    """The sheets, each with up to ten badges."""
    made = []
    for n, registration in enumerate(registrations):
        row, column = divmod(n % (COLUMNS * ROWS), COLUMNS)
        name, size = _name(registration.name)
        business = _cut(registration.business_name or "", fit.SANS, _BUSINESS, 2)
        # with the line heights and the gap of the style sheet; it could center by itself, in half as much time again
        height = (len(name) * size * 1.2 + len(business) * _BUSINESS * 1.25) / MM + (1.5 if business else 0)
        drop = round(_MIDDLE - height / 2, 3)
        made.append(Badge(LEFT + column * WIDTH, TOP + row * HEIGHT, drop, name, size, business))
    return [made[n : n + COLUMNS * ROWS] for n in range(0, len(made), COLUMNS * ROWS)]


def _marks() -> bytes:
    """Lines to cut along: short ones around the sheet, small crosses between the badges."""
    xs, ys = [LEFT + n * WIDTH for n in range(COLUMNS + 1)], [TOP + n * HEIGHT for n in range(ROWS + 1)]
    path = ""
    for x in xs:
        path += f"M{x} {TOP - 6}V{TOP - 2}M{x} {ys[-1] + 2}V{ys[-1] + 6}"
        path += "".join(f"M{x} {y - 1.5}V{y + 1.5}" for y in ys[1:-1])
    for y in ys:
        path += f"M{LEFT - 6} {y}H{LEFT - 2}M{xs[-1] + 2} {y}H{xs[-1] + 6}"
        path += "".join(f"M{x - 1.5} {y}H{x + 1.5}" for x in xs[1:-1])
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="210mm" height="297mm" viewBox="0 0 210 297">'
        f'<path d="{path}" fill="none" stroke="#777" stroke-width=".2"/></svg>'
    ).encode()


def render(event: Event, registrations: list[Registration]) -> bytes:
    """The badges of these people as PDF, A4, in the order given."""
    sheets = _badges(registrations)
    with force_locale("id"):
        html = render_template("certificates/badges_pdf.html", event=event, sheets=sheets)
    css = (ROOT / "static" / "css" / "badges.css").read_text(encoding="utf-8")
    content = pdf.render(html, css, {"marks": (_marks(), "image/svg+xml")})
    return _with_codes(content, sheets, [letters.ticket_url(one) for one in registrations])


def _with_codes(content: bytes, sheets: list[list[Badge]], addresses: list[str]) -> bytes:
    out, waiting = io.BytesIO(), iter(addresses)
    with pikepdf.open(io.BytesIO(content)) as document:
        for page, badges in zip(document.pages, sheets, strict=True):
            drawn = [b"q", f"{MM:.5f} 0 0 {-MM:.5f} 0 {297 * MM:.3f} cm".encode()]  # from here in mm, y downwards
            for badge in badges:
                side, path = qr.operators(next(waiting))
                x, y = badge.left + WIDTH - CODE_RIGHT - CODE, badge.top + CODE_TOP
                drawn += [f"q {CODE / side:.5f} 0 0 {CODE / side:.5f} {x} {y} cm".encode(), path, b"f Q"]
            page.contents_add(b"q", prepend=True)
            page.contents_add(b"Q\n" + b"\n".join(drawn) + b"\nQ")
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def start(event: Event, user_id: int) -> jobs.Job:
    """Let a worker draw them. Raises DomainError when there is nobody, or too many for one document."""
    everybody = people(event)
    count = len(everybody)
    if not count:
        raise DomainError(_l("Nobody has a place yet. Badges are made for confirmed registrations."))
    if count > MOST:
        raise DomainError(_l("At most %(most)s badges fit into one document.", most=f"{MOST:,}".replace(",", ".")))
    texts = [event.title, event.organization.short_name]
    texts += [text for one in everybody for text in (one.name, one.business_name or "")]
    pdf.refuse_missing_letters(texts, fit.SANS)
    running = latest(event)
    if running is not None and not running.finished:
        raise Conflict(_l("Badges are being drawn already."))
    return jobs.start(KIND, organization_id=event.organization_id, user_id=user_id, event_id=event.id, total=count)


def latest(event: Event) -> jobs.Job | None:
    """The badges of this event that were asked for last."""
    asked = select(jobs.Job).where(jobs.Job.kind == KIND, jobs.Job.event_id == event.id)
    return db.session.scalar(asked.order_by(jobs.Job.created_at.desc(), jobs.Job.id.desc()).limit(1))


def stored(job: jobs.Job | None) -> bytes | None:
    """What a finished job has drawn; None when there is none, or it is gone."""
    try:
        return files.get(job.result["file"]) if job and job.result else None
    except files.FileMissing:
        return None


@jobs.handler(KIND)
def _draw(job: jobs.Job) -> dict:
    event_id, drawn, done = job.event_id, [], 0
    db.session.commit()
    while True:
        with read_only():  # nobody waits for the lock while pages are drawn
            event = db.session.get_one(Event, event_id)
            everybody = people(event)
            portion, total = everybody[done : done + PORTION], len(everybody)
            if portion:
                drawn.append(render(event, portion))
            db.session.rollback()
        if not portion:
            break
        done += len(portion)
        jobs.progress(job, done, total)
    key = f"badges/{event_id}.pdf"
    files.put(key, _joined(drawn))
    return {"file": key, "count": done}


def _joined(portions: list[bytes]) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as document:
        opened = [pikepdf.open(io.BytesIO(portion)) for portion in portions]
        for one in opened:
            document.pages.extend(one.pages)
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        for one in opened:
            one.close()
    return out.getvalue()
