"""Mail that leaves after the commit, and WhatsApp links that a person sends."""

from collections.abc import Iterable
from urllib.parse import quote

from sqlalchemy import select

from halal import jobs
from halal.extensions import db
from halal.messages.models import Mail

SEND_MAIL = "send_mail"


def queue_mail(key: str, recipient: str, subject: str, body: str, organization_id: int | None = None) -> Mail:
    """Write a mail in the present transaction; a worker sends it after the commit, or never if it is rolled back.

    `key` names the cause ("invitation:7"): the same cause again gives the same mail and sends nothing.
    """
    mail = db.session.scalar(select(Mail).where(Mail.key == key))
    if mail is None:
        mail = Mail(
            key=key, recipient=recipient, subject=" ".join(subject.split())[:200], body=body,
            organization_id=organization_id,
        )  # fmt: skip
        db.session.add(mail)
        db.session.flush()
        jobs.start(SEND_MAIL, organization_id=organization_id, mail_id=mail.id)
    return mail


def find_mails(keys: Iterable[str]) -> dict[str, Mail]:
    """The mails of these causes, by their keys."""
    return {mail.key: mail for mail in db.session.scalars(select(Mail).where(Mail.key.in_(list(keys))))}


def whatsapp_link(phone: str | None, text: str) -> str:
    """An address that opens WhatsApp with the text ready to send: to this number, or to whom the sender chooses."""
    number = (phone or "").removeprefix("+")
    return f"https://wa.me/{number}?text={quote(text, safe='')}"
