"""Sending mail by SMTP: the worker's part of halal/messages."""

import smtplib
import ssl
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

from flask import current_app

from halal import clock, jobs
from halal.extensions import db
from halal.messages.models import Mail
from halal.messages.services import SEND_MAIL
from halal.organizations.models import Organization

# How long to wait after the first, second, … attempt that failed for a reason that may pass.
RETRIES = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720))
_TIMEOUT = 20  # seconds


@jobs.handler(SEND_MAIL)
def send_mail(job: jobs.Job) -> dict:
    """Send one mail. A server that is away or busy is asked again later; a refusal for good is kept in words.

    A worker that dies between the server's yes and the commit sends the mail a second time: better twice than never.
    """
    mail = db.session.get(Mail, job.params["mail_id"])
    settings = current_app.config["HALAL"]
    if mail is None or mail.sent_at is not None:
        return {}
    if not settings.smtp_url:
        mail.error = "HALAL_SMTP_URL is not set"
        return {"sent": False}
    message, mail_id = compose(mail), mail.id
    db.session.commit()  # no transaction stays open while the network is slow
    error, passing = _deliver(settings.smtp_url, message)
    mail = db.session.get(Mail, mail_id)
    mail.attempts += 1
    mail.error = error[:300]
    if not error:
        mail.sent_at = clock.now()
    elif passing and mail.attempts <= len(RETRIES):
        db.session.commit()
        raise jobs.Later(RETRIES[mail.attempts - 1])
    return {"sent": not error}


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
    message["Message-ID"] = make_msgid(f"mail-{mail.id}", sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday notices in return
    message.set_content(mail.body)
    return message


def _deliver(smtp_url: str, message: EmailMessage) -> tuple[str, bool]:
    """Hand the message to the server: ("", …) when it was taken, else (reason, whether trying again may help)."""
    try:
        with _connect(smtp_url) as server:
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, reason = next(iter(error.recipients.values()))
        return f"{code} {reason.decode(errors='replace')}", code < 500
    except smtplib.SMTPResponseException as error:
        reason = error.smtp_error
        text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        return f"{error.smtp_code} {text}", error.smtp_code < 500
    except smtplib.SMTPNotSupportedError as error:
        return str(error), False
    except (OSError, smtplib.SMTPException) as error:
        return f"{type(error).__name__}: {error}", True
    return "", False


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
