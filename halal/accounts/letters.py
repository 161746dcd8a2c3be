"""What staff are sent by mail: invitations and links for a new password."""

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from halal.accounts.models import Invitation, User
from halal.messages import services as messages
from halal.messages.problems import is_set_up as messages_are_set_up


def can_send() -> bool:
    """Whether mail is set up here; where it is not, links are handed over."""
    return messages_are_set_up()


def invitation_url(token: str) -> str:
    return f"{current_app.config['HALAL'].base_url}/undangan/{token}"


def password_url(token: str) -> str:
    return f"{current_app.config['HALAL'].base_url}/sandi/{token}"


def mail_key(invitation: Invitation) -> str:
    """By what the mail of an invitation is found again."""
    return f"invitation:{invitation.id}"


def send_invitation(invitation: Invitation, token: str) -> None:
    """Queue the mail with the link that lets its reader join the office."""
    office = invitation.organization
    with force_locale("id"):
        lines = [
            _("%(office)s invites you to work with it on Serambi Halal.", office=office.name),
            "",
            _("Open this link to join. It works once, for seven days:"),
            invitation_url(token),
            "",
            _("If you do not know this office, you need not do anything."),
            "",
            office.name,
        ]
        subject = _("Invitation to %(office)s", office=office.name)
    messages.queue_mail(mail_key(invitation), invitation.email, subject, "\n".join(lines), office.id)


def send_password_link(user: User, token: str, cause: str) -> None:
    """Queue the mail with the link for a new password."""
    with force_locale("id"):
        lines = [
            _("Dear %(name)s,", name=user.name),
            "",
            _(
                "Somebody, probably you, asked for a new password on Serambi Halal. Set it here; "
                "the link works once, for two hours:"
            ),
            password_url(token),
            "",
            _("If you did not ask for it, you need not do anything: your password stays as it is."),
        ]
        subject = _("New password for Serambi Halal")
    messages.queue_mail(f"password:{cause}", user.email, subject, "\n".join(lines))
