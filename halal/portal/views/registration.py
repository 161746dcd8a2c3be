"""Registering for an event on a phone, without an account."""

from flask import url_for
from flask_babel import get_locale

from halal import web
from halal.errors import DomainError
from halal.events.lookup import public_event
from halal.extensions import db, looking
from halal.limits import TooMany
from halal.portal import robots
from halal.portal.offers import offer
from halal.portal.views import bp
from halal.registrations import consents, services
from halal.registrations.forms import PublicForm
from halal.registrations.models import ConsentPurpose, Source
from halal.registrations.reading import read_details


@bp.get("/kegiatan/<slug>/daftar")
@web.allow("public")
def register(slug):
    event = public_event(slug)
    return _page(event, PublicForm(event), 200)


@bp.post("/kegiatan/<slug>/daftar")
@web.allow("public")
def register_post(slug):
    """A hall full of people sends this at once: who only looks holds no lock, and those who write stand in line."""
    with looking():
        event = public_event(slug)
        form = PublicForm(event)
        details = _read(event, form)
        line = f"event:{event.id}"
    if details is None:
        return _page(event, form, 422)
    try:
        with web.writing(line):
            token = _register(event, form, details)
    except DomainError as error:
        db.session.rollback()
        web.show_errors(form, error)
        page = _page(event, form, error.status if isinstance(error, TooMany) else 422)
        return web.too_many(error, page) if isinstance(error, TooMany) else page
    return web.redirect(url_for("portal.ticket", token=token))


def _read(event, form):
    """What was typed; None when the form says what is wrong with it."""
    details = read_details(form, event)
    try:
        if details is not None:
            robots.check_stamp(event, form)
    except DomainError as error:
        web.show_errors(form, error)
        return None
    return details


def _register(event, form, details) -> str:
    robots.count(event, form)
    registration = services.register(
        event,
        details,
        source=Source.PUBLIC,
        submission_id=form.submission_id.data,
        accept_waiting=form.waiting.data,
    )
    _agreed(registration, form)
    return registration.token


def _agreed(registration, form) -> None:
    version = f"{consents.known(form.consent_version.data)}/{get_locale()}"
    services.give_consent(registration, ConsentPurpose.REGISTRATION, version)
    if form.photos.data:
        services.give_consent(registration, ConsentPurpose.PHOTOS, version)


def _page(event, form, status):
    """The form; or why there is none. A form that fails when the last place has just gone keeps what was typed."""
    free = services.places_left(event)
    offered = offer(event, 0 if free is None else event.capacity - free)
    version = consents.known(None)
    form.consent_version.data = version
    robots.stamp(event, form)
    language = str(get_locale())
    return web.render(
        "portal/register.html", None, status, event=event, form=form, offer=offered, articles=[],
        consent=consents.text(ConsentPurpose.REGISTRATION, version, language, event.organization),
        photos=consents.text(ConsentPurpose.PHOTOS, version, language, event.organization),
    )  # fmt: skip
