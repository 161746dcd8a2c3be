"""How certificates reach people: by e-mail once, or in a WhatsApp message that an officer sends and marks as sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from halal.certificates.models import Certificate, CertificateKind, CertificateShare, CertificateStatus
from halal.certificates.services import lookup
from halal.errors import Conflict
from halal.events.models import Event
from halal.extensions import db
from halal.messages import services as messages
from halal.messages.models import Mail
from halal.registrations import letters
from halal.registrations.models import Registration

LANGUAGE = "id"


@dataclass(frozen=True)
class Sharing:
    """One certificate, whose it is, and what was sent: `link` opens WhatsApp with the message ready."""

    certificate: Certificate
    link: str
    has_phone: bool
    share: CertificateShare | None
    mail: Mail | None


def sharable(event: Event, kind: CertificateKind, unsent_only: bool = False) -> Select:
    """The valid certificates of one kind with registration and share, in the order of handing over."""
    found = lookup.of_event(event, kind).where(Certificate.status == CertificateStatus.VALID)
    found = found.outerjoin(CertificateShare).outerjoin(Registration, Registration.id == Certificate.registration_id)
    if unsent_only:
        found = found.where(CertificateShare.certificate_id.is_(None))
    return found.add_columns(Registration, CertificateShare)


def sharings(rows: Sequence) -> list[Sharing]:
    """What the list shows of rows that `sharable` found."""
    keys = [_mail_key(certificate) for certificate, *_rest in rows]
    mails = {mail.key: mail for mail in db.session.scalars(select(Mail).where(Mail.key.in_(keys)))}
    return [
        Sharing(
            certificate, whatsapp_link(certificate, registration), bool(registration and registration.phone), share,
            mails.get(_mail_key(certificate)),
        )
        for certificate, registration, share in rows
    ]  # fmt: skip


def sharing(certificate: Certificate) -> Sharing:
    """The same for one certificate."""
    registration = certificate.registration_id and db.session.get(Registration, certificate.registration_id)
    return sharings([(certificate, registration, db.session.get(CertificateShare, certificate.id))])[0]


def sent_count(event: Event, kind: CertificateKind) -> int:
    """How many of the valid certificates of one kind are marked as sent."""
    query = select(func.count()).select_from(Certificate).join(CertificateShare)
    return db.session.scalar(
        query.where(
            Certificate.event_id == event.id, Certificate.kind == kind, Certificate.status == CertificateStatus.VALID
        )
    )


def address(certificate: Certificate, registration: Registration | None) -> str:
    """Where the recipient finds the certificate: the private ticket, or the verification page without one."""
    return letters.ticket_url(registration) if registration else certificate.snapshot["url"]


def whatsapp_link(certificate: Certificate, registration: Registration | None) -> str:
    """WhatsApp with the message for this person: name, event and link, nothing else."""
    with force_locale(LANGUAGE):
        text = _(
            "Dear %(name)s, your certificate of “%(event)s” is ready. Download it here: %(address)s",
            name=certificate.recipient, event=certificate.snapshot["event"],
            address=address(certificate, registration),
        )  # fmt: skip
    return messages.whatsapp_link(registration.phone if registration else None, text)


def mark_sent(certificate: Certificate, user_id: int | None) -> None:
    """Remember that it was sent; a second tap changes nothing. Raises Conflict for one that no longer counts."""
    if certificate.status is not CertificateStatus.VALID:
        raise Conflict(_("This certificate has ended already."))
    lookup.hold(certificate)
    if db.session.get(CertificateShare, certificate.id) is None:
        db.session.add(CertificateShare(certificate_id=certificate.id, sent_by_id=user_id))
        db.session.flush()


def unmark_sent(certificate: Certificate) -> None:
    """Take the mark back."""
    lookup.hold(certificate)
    if share := db.session.get(CertificateShare, certificate.id):
        db.session.delete(share)
        db.session.flush()


def _mail_key(certificate: Certificate) -> str:
    return f"certificate:{certificate.id}"


def mail(certificate: Certificate, registration: Registration | None) -> bool:
    """Queue the mail with the link in this transaction, where there is an address; whether there is one.

    Its key is the certificate's: no second mail, however often a job begins again.
    """
    if registration is None or not registration.email or registration.invented:
        return False
    with force_locale(LANGUAGE):
        lines = [
            _("Dear %(name)s,", name=certificate.recipient), "",
            _("your certificate of this event is ready:"), "",
            certificate.snapshot["event"], certificate.snapshot["day"], "",
            _("Download it on your ticket's page:"), letters.ticket_url(registration), "",
            _("The link is private: whoever has it can use your ticket."), "",
            certificate.snapshot["issuer"],
        ]  # fmt: skip
        subject = _("Your certificate: %(event)s", event=certificate.snapshot["event"])
    messages.queue_mail(
        _mail_key(certificate), registration.email, subject, "\n".join(lines), certificate.organization_id
    )
    return True


def mail_many(certificates: Sequence[Certificate]) -> int:
    """Queue the mail of each that has an address; how many have one."""
    ids = [c.registration_id for c in certificates if c.registration_id]
    people = {r.id: r for r in db.session.scalars(select(Registration).where(Registration.id.in_(ids)))}
    return sum(mail(certificate, people.get(certificate.registration_id)) for certificate in certificates)


def unmailed(event: Event, kind: CertificateKind) -> list[Certificate]:
    """The valid certificates whose recipient has an address and no mail yet."""
    rows = db.session.execute(
        sharable(event, kind).where(Registration.email != "", Registration.invented.is_(False))
    ).all()
    keys = {_mail_key(row[0]): row[0] for row in rows}
    prefix = select(Mail.key).where(Mail.organization_id == event.organization_id, Mail.key.startswith("certificate:"))
    known = set(db.session.scalars(prefix))
    return [certificate for key, certificate in keys.items() if key not in known]
