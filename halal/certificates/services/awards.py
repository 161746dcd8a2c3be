"""The planned awards of an event and their order of honor."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from halal.certificates.models import Award, Certificate, CertificateKind
from halal.certificates.services.planning import awards_of
from halal.errors import DomainError
from halal.events.models import Event
from halal.extensions import db
from halal.meanwhile import hold, over_nobody
from halal.text import clean_line, refuse_disguised

FIELDS = (
    "recipient", "recipient_kind", "received_by", "citation", "issuer", "signatory_name", "signatory_title", "number",
)  # fmt: skip


def _lines(typed: str) -> str:
    """The lines of a recipient's name as they are to stand on paper."""
    return "\n".join(filter(None, map(clean_line, typed.splitlines())))


def _fill(award: Award, values: dict) -> None:
    for name in FIELDS:
        typed = values.get(name) or ""
        if name in {"recipient", "received_by", "issuer", "signatory_name"}:
            refuse_disguised(typed, name)
        setattr(award, name, _lines(typed) if name == "recipient" else clean_line(typed))
    if not any(ch.isalpha() for ch in award.recipient):
        raise DomainError(_l("Write who receives the award."), "recipient")
    if award.issuer and not award.signatory_name:
        raise DomainError(_l("Write who signs for the other issuer."), "signatory_name")


def add(event: Event, values: dict) -> Award:
    """Plan an award, last in the order of honor."""
    last = db.session.scalar(select(func.max(Award.position)).where(Award.event_id == event.id))
    award = Award(event_id=event.id, position=0 if last is None else last + 1)
    _fill(award, values)
    db.session.add(award)
    db.session.flush()
    return award


def shown(award: Award) -> dict:
    """What the form shows."""
    return {name: getattr(award, name) for name in FIELDS}


def change(award: Award, values: dict, *, seen: str = "") -> None:
    """Change a planned award. A certificate that was issued for it stays as it is. Raises ChangedMeanwhile when the
    award is not as `seen` any more."""
    hold(award)
    with over_nobody(seen, shown, award):
        _fill(award, values)


def remove(award: Award) -> None:
    """Take an award off the plan, unless it was issued."""
    if is_issued(award):
        raise DomainError(_l("A certificate was issued for this award. Revoke it first."))
    db.session.delete(award)
    db.session.flush()


def is_issued(award: Award) -> bool:
    """Whether a valid certificate exists for the award."""
    query = select(Certificate.id).where(
        Certificate.event_id == award.event_id,
        Certificate.kind == CertificateKind.AWARD,
        Certificate.subject_key == f"award:{award.id}",
    )
    return db.session.scalar(query) is not None


def move(event: Event, award: Award, step: int) -> None:
    """One place up (-1) or down (+1) in the order of honor; nothing at the ends. What is issued already is printed for
    handing over in the new order too."""
    order = awards_of(event)
    here = order.index(award)
    there = here + step
    if 0 <= there < len(order):
        order[here], order[there] = order[there], order[here]
    issued = {
        certificate.subject_key: certificate
        for certificate in db.session.scalars(
            select(Certificate).where(Certificate.event_id == event.id, Certificate.kind == CertificateKind.AWARD)
        )
    }
    for position, row in enumerate(order):
        row.position = position
        if certificate := issued.get(f"award:{row.id}"):
            certificate.position = position
    db.session.flush()
