"""Finding certificates: of an event, of a registration, by code."""

import uuid

from sqlalchemy import Select, func, or_, select

from halal import ids
from halal.certificates.models import Certificate, CertificateKind, CertificateStatus
from halal.events.models import Event
from halal.extensions import db


def of_event(event: Event, kind: CertificateKind | None = None, query: str = "") -> Select:
    """An event's certificates in the order of handing over; `query` looks into names and numbers."""
    found = select(Certificate).where(Certificate.event_id == event.id)
    if kind:
        found = found.where(Certificate.kind == kind)
    if words := " ".join(query.split()):
        looked_at = Certificate.recipient, Certificate.number, Certificate.snapshot["number"].as_string()
        found = found.where(or_(*(column.icontains(words, autoescape=True) for column in looked_at)))
    return found.order_by(Certificate.kind, Certificate.position, Certificate.id)


def valid(event: Event, kind: CertificateKind) -> list[Certificate]:
    """The valid certificates of one kind, in the order of handing over."""
    return list(db.session.scalars(of_event(event, kind).where(Certificate.status == CertificateStatus.VALID)))


def counts(event: Event) -> dict[CertificateKind, int]:
    """How many valid certificates there are of each kind."""
    rows = db.session.execute(
        select(Certificate.kind, func.count())
        .where(Certificate.event_id == event.id, Certificate.status == CertificateStatus.VALID)
        .group_by(Certificate.kind)
    ).all()
    return dict.fromkeys(CertificateKind, 0) | dict(rows)


def own(event: Event, certificate_id: uuid.UUID) -> Certificate | None:
    """The certificate if it is one of the event's."""
    certificate = db.session.get(Certificate, certificate_id)
    return certificate if certificate is not None and certificate.event_id == event.id else None


def by_code(code: str) -> Certificate | None:
    """The certificate with this code, as typed by a person."""
    typed = ids.normalize_code(code[:80])
    return db.session.scalar(select(Certificate).where(Certificate.code == typed)) if typed else None


def hold(certificate: Certificate) -> None:
    """Hold the row until the transaction ends: two people may tap at once."""
    db.session.execute(select(Certificate.id).where(Certificate.id == certificate.id).with_for_update())
