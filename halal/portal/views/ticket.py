"""The ticket: a private page that shows a registration, and lets the attendee correct or cancel it."""

import re

from flask import abort, make_response, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import select

from halal import clock, qr, web
from halal.certificates.models import Certificate, CertificateStatus
from halal.certificates.services import bundle
from halal.errors import DomainError
from halal.events.models import EventStatus
from halal.extensions import db
from halal.headers import name_download
from halal.meanwhile import mark
from halal.messages.services import whatsapp_link
from halal.portal import calendar
from halal.portal.views import bp
from halal.registrations import consents, letters, presence, services
from halal.registrations.forms import TicketForm
from halal.registrations.models import ConsentPurpose, Registration, RegistrationStatus
from halal.registrations.reading import read_details


def _by_token(token: str) -> Registration:
    """The registration whose private link this is; 404 otherwise."""
    found = None
    if re.fullmatch(r"[\w-]{16,40}", token, re.ASCII):
        found = db.session.scalar(select(Registration).where(Registration.token == token))
    return web.get_or_404(found)


def _editable(registration: Registration) -> bool:
    """Attendees change and cancel until the event begins; afterwards lists and certificates rely on it."""
    event = registration.event
    over = event.status in {EventStatus.CANCELLED, EventStatus.FINISHED} or clock.now() >= event.starts_at
    return registration.status != RegistrationStatus.CANCELLED and not over


def _own(token: str) -> Registration:
    """The registration while it can be changed; otherwise back to the ticket, which says how it stands."""
    registration = _by_token(token)
    if not _editable(registration):
        too_late = _("The data can no longer be changed here. Ask the organizer.")
        abort(web.redirect(url_for("portal.ticket", token=token), too_late, "warning"))
    return registration


def _private(response):
    """For one person's eyes: no search engine, no cache."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


def _certificates(registration: Registration):
    """The certificates that count of one registration."""
    own = Certificate.registration_id == registration.id
    return select(Certificate).where(own, Certificate.status == CertificateStatus.VALID).order_by(Certificate.issued_at)


@bp.get("/t/<token>")
@web.allow("public")
def ticket(token):
    registration = _by_token(token)
    address, certificates = letters.ticket_url(registration), db.session.scalars(_certificates(registration)).all()
    came = select(Registration.id).where(Registration.id == registration.id, presence.is_present(registration.event_id))
    return _private(web.render(
        "portal/ticket.html", present=db.session.scalar(came) is not None,
        registration=registration, event=registration.event, address=address,
        qr=Markup(qr.svg(address, _("QR code of the ticket"))),  # noqa: S704 -- drawn by ourselves from our own address
        position=services.waiting_position(registration), editable=_editable(registration), certificates=certificates,
        whatsapp=whatsapp_link(registration.phone, letters.whatsapp_text(registration)),
    ))  # fmt: skip


@bp.get("/t/<token>/sertifikat/<uuid:certificate_id>.pdf")
@web.allow("public")
def ticket_certificate(token, certificate_id):
    """The certificate of this ticket's own person, as it was issued."""
    own = _certificates(_by_token(token)).where(Certificate.id == certificate_id)
    certificate = web.get_or_404(db.session.scalar(own))
    response = make_response(bundle.content(certificate))
    response.mimetype = "application/pdf"
    return _private(name_download(response, bundle.filename(certificate)))


@bp.get("/t/<token>/kalender.ics")
@web.allow("public")
def ticket_calendar(token):
    registration = _by_token(token)
    response = make_response(calendar.entry(registration.event, letters.ticket_url(registration)))
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    return _private(name_download(response, f"{registration.event.slug}.ics"))


@bp.get("/t/<token>/ubah")
@web.allow("public")
def ticket_edit(token):
    registration = _own(token)
    shown = _shown(registration)
    data = {"photos": shown["photos"], "seen": mark(shown)}
    return _edit_page(registration, TicketForm(registration.event, obj=registration, data=data))


@bp.post("/t/<token>/ubah")
@web.allow("public")
def ticket_edit_post(token):
    registration = _own(token)
    form = TicketForm(registration.event)
    details = read_details(form, registration.event)
    if details is None:
        return _edit_page(registration, form, 422)
    try:
        services.change(
            registration, details, seen=form.seen.data, as_shown=_shown, keep=("address", "note"),
            also=lambda: _photos(registration, form.photos.data),
        )  # fmt: skip
    except DomainError as error:
        web.show_errors(form, error)
        return _edit_page(registration, form, error.status)
    web.commit()
    return web.redirect(url_for("portal.ticket", token=token), _("Your data is saved."))


def _shown(registration) -> dict:
    """What the form of the ticket shows: not what the office notes for itself."""
    details = services.shown(registration)
    photos = services.consent_to(registration, ConsentPurpose.PHOTOS) is not None
    return {"photos": photos, **{name: details[name] for name in TicketForm.FIELDS}}


def _photos(registration, allowed: bool) -> None:
    if allowed:
        services.give_consent(registration, ConsentPurpose.PHOTOS, f"{consents.known(None)}/{get_locale()}")
    else:
        services.withdraw_consent(registration, ConsentPurpose.PHOTOS)


def _edit_page(registration, form, status=200):
    office = registration.event.organization
    photos = consents.text(ConsentPurpose.PHOTOS, consents.known(None), str(get_locale()), office)
    return _private(web.render(
        "portal/ticket_edit.html", None, status, registration=registration, event=registration.event, form=form,
        photos=photos,
    ))  # fmt: skip


@bp.post("/t/<token>/batal")
@web.allow("public")
def ticket_cancel(token):
    if _by_token(token).status != RegistrationStatus.CANCELLED:  # a second tap finds it done
        services.cancel(_own(token))
        web.commit()
    return web.redirect(url_for("portal.ticket", token=token), _("Your registration is cancelled."))
