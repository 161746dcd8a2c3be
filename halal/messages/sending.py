"""Sending mail by SMTP: the worker's part of halal/messages."""

import contextlib
import hashlib
import logging
import re
import smtplib
import ssl
from collections.abc import Callable
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from flask import current_app

from halal import clock, files, jobs
from halal.extensions import db
from halal.messages.models import Mail
from halal.messages.services import SEND_MAIL
from halal.organizations.models import Organization

# How long to wait after the first, second, … attempt that failed for a reason that may pass.
RETRIES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720))
NOT_SET_UP = "HALAL_SMTP_URL is not set"
_TIMEOUT = 20  # seconds
# Some servers examine a mail before their yes; who does not wait for it sends again what arrived (RFC 5321, 4.5.3.2.6).
_PATIENCE = 120
log = logging.getLogger(__name__)


@jobs.handler(SEND_MAIL, outside=True)
def send_mail(job: jobs.Job) -> dict:
    """Send one mail. A server that is away or busy is asked again later; a refusal for good is kept in words.

    The server's yes is noted in a file at once, for the database may be held by others for a while: a worker that is
    killed before it has committed leaves that note, and no second mail is sent. Killed between the yes and the note,
    it sends a second time (better twice than never) the same message under the same Message-ID.
    """
    mail = db.session.get(Mail, job.params["mail_id"])
    settings = current_app.config["HALAL"]
    if mail is None:
        return {}
    note = f"mails/{_identity(mail)}"
    if mail.sent_at is not None:
        db.session.commit()
        files.delete(note)
        return {}
    if not settings.smtp_url:
        mail.error, mail.body = NOT_SET_UP, ""
        log.warning("mail %s was not sent: %s", mail.id, NOT_SET_UP)
        return {"sent": False}
    message, mail_id = compose(mail), mail.id
    db.session.commit()  # no transaction stays open while the network is slow
    error, passing = ("", False) if _is_noted(note) else _deliver(settings.smtp_url, message, lambda: _note(note))
    mail = db.session.get(Mail, mail_id)
    mail.attempts += 1
    mail.error = error[:300]
    if not error:
        mail.sent_at = clock.now()
    again = error and passing and mail.attempts <= len(RETRIES)
    if error:
        log.warning(
            "mail %s was not sent%s: %s", mail_id, ", and will be tried again" if again else "", _anonymous(error)
        )
    if not again:
        mail.body = ""  # it holds private links, and nothing reads it any more
    db.session.commit()
    if again:
        raise jobs.Later(RETRIES[mail.attempts - 1])
    with contextlib.suppress(files.StorageAway):  # the mail is sent, whatever becomes of its note
        files.delete(note)
    return {"sent": not error}


def _identity(mail: Mail) -> str:
    """What is this mail's alone, also when ids begin anew in another database."""
    said = f"{mail.id} {mail.key} {mail.created_at.isoformat()}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _anonymous(reason: str) -> str:
    """What a server said, without the addresses that it repeats: for the log."""
    return re.sub(r"\S+@\S+", "<address>", " ".join(reason.split()))[:200]


def _note(key: str) -> None:
    try:
        files.put(key, b"")
    except Exception:  # the mail is sent all the same
        log.exception("could not note that a mail was taken")


def _is_noted(key: str) -> bool:
    try:
        files.get(key)
    except files.FileMissing:
        return False
    except files.StorageAway:  # nobody knows whether it was sent
        raise jobs.Later(RETRIES[0]) from None
    return True


def compose(mail: Mail) -> EmailMessage:
    """The mail as it goes over the wire, from the office's name, answers to the office's address."""
    sender = current_app.config["HALAL"].mail_from
    office = db.session.get(Organization, mail.organization_id) if mail.organization_id else None
    message = EmailMessage()
    message["From"] = Address(office.short_name if office else "Serambi Halal", addr_spec=sender)
    message["To"] = mail.recipient
    if office and office.email:
        message["Reply-To"] = office.email
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<mail-{_identity(mail)}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices in return
    message.set_content(mail.body)
    return message


def _deliver(smtp_url: str, message: EmailMessage, taken: Callable[[], None]) -> tuple[str, bool]:
    """Hand the message to the server: ("", …) when it was taken, else (reason, whether trying again may help). `taken`
    is called as soon as the server has said yes; how it says goodbye afterwards changes nothing."""
    said_yes = False
    try:
        with _connect(smtp_url) as server:
            server.sock.settimeout(_PATIENCE)
            server.send_message(message)
            said_yes = True
            taken()
            server.sock.settimeout(_TIMEOUT)
    except (OSError, smtplib.SMTPException) as error:
        if not said_yes:
            return _reason(error)
    return "", False


def _reason(error: OSError) -> tuple[str, bool]:
    """What went wrong, and whether trying again may help."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, reason = next(iter(error.recipients.values()))
        return f"{code} {reason.decode(errors='replace')}", code < 500
    if isinstance(error, smtplib.SMTPResponseException):
        reason = error.smtp_error
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        return f"{error.smtp_code} {text}", error.smtp_code < 500
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return str(error), False
    return f"{type(error).__name__}: {error}", True


def _connect(smtp_url: str) -> smtplib.SMTP:
    parts = urlsplit(smtp_url)
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(parts.hostname, parts.port or 465, timeout=_TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(parts.hostname, parts.port or (587 if parts.scheme == "smtp" else 25), timeout=_TIMEOUT)
    try:
        if parts.scheme == "smtp":
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server
