"""What people are told about their registration: by e-mail, or in a WhatsApp message that they or an officer send."""

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from halal.events.labels import when
from halal.messages import services as messages
from halal.registrations.models import Registration, RegistrationStatus


def ticket_url(registration: Registration) -> str:
    """The private address of the ticket; also what its QR code says."""
    return f"{current_app.config['HALAL'].base_url}/t/{registration.token}"


def send_confirmation(registration: Registration) -> None:
    """Queue the mail with the ticket's link, where an e-mail was given."""
    with force_locale("id"):
        if registration.status == RegistrationStatus.WAITING:
            _send("registered", registration, _("Waiting list"), _("You are on the waiting list of this event:"))
        else:
            _send("registered", registration, _("Registration"), _("You are registered for this event:"))


def send_promoted(registration: Registration) -> None:
    """Queue the mail that says: from the waiting list to a place."""
    with force_locale("id"):
        _send("promoted", registration, _("You have a place"), _("A place became free, and it is yours:"))


def whatsapp_text(registration: Registration) -> str:
    """The event and the ticket's link, short enough for a message. No NIB, no NIK."""
    event = registration.event
    return "\n".join([event.title, *_when_and_where(event), "", _("Ticket:"), ticket_url(registration)])


def _send(cause: str, registration: Registration, topic: str, opening: str) -> None:
    if not registration.email or registration.invented:
        return
    event = registration.event
    lines = [
        _("Dear %(name)s,", name=registration.name),
        "",
        opening,
        "",
        event.title,
        *_when_and_where(event),
        "",
        _("Your ticket, to show at the entrance. There you can also correct your data or cancel:"),
        ticket_url(registration),
        "",
        _("The link is private: whoever has it can use your ticket."),
        "",
        event.organization.name,
    ]
    messages.queue_mail(
        f"{cause}:{registration.id}", registration.email, f"{topic}: {event.title}", "\n".join(lines),
        registration.organization_id,
    )  # fmt: skip


def _when_and_where(event) -> list[str]:
    return [when(event), ", ".join(part for part in (event.venue, event.region_label) if part)]
