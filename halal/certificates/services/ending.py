"""What ends a certificate: a replacement with the name corrected, or revoking. Nothing is deleted or changed."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal import clock, text
from halal.audit import services as audit
from halal.certificates.models import REASON_MAX, Certificate, CertificateStatus
from halal.certificates.services import signing
from halal.certificates.services.issuing import redraft, store, take_turn, tools
from halal.errors import Conflict, DomainError
from halal.extensions import db


def _locked(certificate: Certificate) -> Certificate:
    """The row as it is now, held until the transaction ends: two people may press the button at once."""
    query = select(Certificate).where(Certificate.id == certificate.id).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _reason(typed: str) -> str:
    reason = text.clean_line(typed)
    if not reason:
        raise DomainError(_l("Write the reason. It is shown on the verification page."), "reason")
    if len(reason) > REASON_MAX:
        raise DomainError(_l("The reason is too long; at most %(max)s characters fit.", max=REASON_MAX), "reason")
    return reason


def revoke(certificate: Certificate, reason: str, user_id: int | None = None) -> None:
    """End a certificate. Its page keeps answering, with date and reason."""
    reason = _reason(reason)
    certificate = _locked(certificate)
    if certificate.status is not CertificateStatus.VALID:
        raise Conflict(_l("This certificate has ended already."))
    _end(certificate, CertificateStatus.REVOKED, reason)
    _record("certificate.revoked", certificate, user_id)


def replace(
    certificate: Certificate, name: str, detail: str, reason: str, base_url: str, user_id: int | None = None
) -> Certificate:
    """Issue a new certificate with name and detail corrected, under a new number; the old one names it.

    A revoked certificate may get a successor too, and stays revoked.
    """
    reason, detail = _reason(reason), text.clean_line(detail)
    name = "\n".join(filter(None, map(text.clean_line, name.splitlines())))
    if not any(ch.isalpha() for ch in name):
        raise DomainError(_l("Write the name as it should appear on the certificate."), "name")
    event = certificate.event
    signing.ensure(event.organization_id)
    seq = take_turn(event, certificate.year).next_seq
    certificate = _locked(certificate)
    if certificate.successor_id or certificate.status is CertificateStatus.REPLACED:
        raise Conflict(_l("This certificate was replaced already."))
    new = redraft(certificate, name, detail, seq, base_url, tools(event.organization))
    if certificate.status is CertificateStatus.VALID:
        _end(certificate, CertificateStatus.REPLACED, reason)
    stored = store(event, certificate.kind, certificate.issued_on, [new], user_id)
    if stored is None:
        raise Conflict(_l("There is a valid certificate for this already."))
    certificate.successor_id = stored[0].id
    _record("certificate.replaced", certificate, user_id)
    db.session.flush()
    return stored[0]


def _end(certificate: Certificate, status: CertificateStatus, reason: str) -> None:
    certificate.status, certificate.subject_key = status, None
    certificate.ended_at, certificate.end_reason = clock.now(), reason
    db.session.flush()


def _record(action: str, certificate: Certificate, user_id: int | None) -> None:
    audit.record(
        action, organization_id=certificate.organization_id, user_id=user_id, subject=f"certificate:{certificate.id}"
    )
