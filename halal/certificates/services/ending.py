"""What ends a certificate: a replacement with the name corrected, or revoking. Nothing is deleted or changed."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal import clock, files, text
from halal.audit import services as audit
from halal.certificates.models import REASON_MAX, Certificate, CertificateStatus
from halal.certificates.services.issuing import Draft, keep_files, next_seq, redraft, store, take_turn, tools
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


def draw_replacement(certificate: Certificate, name: str, detail: str, reason: str, base_url: str) -> Draft:
    """The certificate that is to take the place of this one, with name and detail corrected. It takes its time, so it
    is drawn, and its file stored, before anything is locked. Raises DomainError."""
    _reason(reason)
    detail = text.clean_line(detail)
    name = "\n".join(filter(None, map(text.clean_line, name.splitlines())))
    if not any(ch.isalpha() for ch in name):
        raise DomainError(_l("Write the name as it should appear on the certificate."), "name")
    _refuse_replaced(certificate)
    event = certificate.event
    draft = redraft(
        certificate, name, detail, next_seq(event.organization_id, certificate.year), base_url,
        tools(event.organization),
    )  # fmt: skip
    keep_files([draft])
    return draft


def replace(certificate: Certificate, draft: Draft, reason: str, user_id: int | None = None) -> Certificate | None:
    """Issue what was drawn under a new number; the old certificate names it. None when somebody took that number in the
    meantime: roll back and draw again.

    A revoked certificate may get a successor too, and stays revoked.
    """
    reason, event = _reason(reason), certificate.event
    files.delete_unless_committed(draft.pdf_file)
    seq = take_turn(event, certificate.year).next_seq
    certificate = _locked(certificate)
    _refuse_replaced(certificate)
    if draft.seq is not None and seq != draft.seq:
        return None
    if certificate.status is CertificateStatus.VALID:
        _end(certificate, CertificateStatus.REPLACED, reason)
    stored = store(event, certificate.kind, certificate.issued_on, [draft], user_id)
    if stored is None:
        raise Conflict(_l("There is a valid certificate for this already."))
    certificate.successor_id = stored[0].id
    _record("certificate.replaced", certificate, user_id)
    db.session.flush()
    return stored[0]


def _refuse_replaced(certificate: Certificate) -> None:
    if certificate.successor_id or certificate.status is CertificateStatus.REPLACED:
        raise Conflict(_l("This certificate was replaced already."))


def _end(certificate: Certificate, status: CertificateStatus, reason: str) -> None:
    certificate.status, certificate.subject_key = status, None
    certificate.ended_at, certificate.end_reason = clock.now(), reason
    db.session.flush()


def _record(action: str, certificate: Certificate, user_id: int | None) -> None:
    audit.record(
        action, organization_id=certificate.organization_id, user_id=user_id, subject=f"certificate:{certificate.id}"
    )
