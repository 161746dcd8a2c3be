"""Registering attendees by hand, and letting in those who wait."""

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import web
from halal.errors import DomainError
from halal.events.lookup import own_event
from halal.registrations import labels, services
from halal.registrations.forms import DeskForm
from halal.registrations.letters import whatsapp_text
from halal.registrations.models import RegistrationStatus
from halal.registrations.reading import read_details
from halal.registrations.services import Decisions
from halal.registrations.views import bp

bp.add_app_template_filter(labels.badge, "registration_badge")
bp.add_app_template_filter(labels.outside, "outside")
bp.add_app_template_filter(services.sentences, "outside_sentences")


def _page(event, form, status=200, **context):
    return web.render(  # always the whole page: htmx takes the counts in the event's header out of it, too
        "registrations/create.html", None, status,
        event=event, form=form, latest=services.latest_registrations(event), whatsapp_text=whatsapp_text, **context,
    )  # fmt: skip


@bp.get("/kelola/kegiatan/<slug>/peserta/baru")
@web.allow("manage")
def create(slug):
    event = own_event(slug)
    return _page(event, DeskForm(event))


@bp.post("/kelola/kegiatan/<slug>/peserta/baru")
@web.allow("manage")
def create_post(slug):
    event = own_event(slug)
    form = DeskForm(event)
    if form.person_id.data:
        form.fill(services.known_details(event, form.person_id.data))
    details = read_details(form, event, need_nib=False if form.without_nib.data else None)
    if details is None:
        return _page(event, form, 422)
    try:
        saved = services.register_by_hand(
            event, details, Decisions(**form.decisions()), user_id=current_user.id,
            submission_id=form.submission_id.data,
        )  # fmt: skip
    except DomainError as doubt:
        return _page(event, form, 422, doubt=doubt)
    web.commit()
    return _saved(event, saved)


def _saved(event, registration):
    """The same form again, empty, for the next person."""
    if registration.status == RegistrationStatus.WAITING:
        message = _("Saved on the waiting list: %(name)s", name=registration.name)
    else:
        message = _("Saved: %(name)s", name=registration.name)
    message = " ".join([message, *(str(sentence) for sentence in services.sentences(registration))])
    if request.htmx:
        return _page(event, DeskForm(event, formdata=None), saved=message)
    return web.redirect(url_for("registrations.create", slug=event.slug), message)


@bp.post("/kelola/kegiatan/<slug>/peserta/naikkan")
@web.allow("manage")
def promote(slug):
    event = own_event(slug)
    promoted = services.promote_waiting(event, user_id=current_user.id)
    web.commit()
    message = _("%(count)s moved up from the waiting list.", count=len(promoted))
    return web.redirect(url_for("registrations.index", slug=event.slug), message)
