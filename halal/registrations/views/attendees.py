"""The attendee list: search, filter, edit in place, cancel and take back."""

import uuid

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from halal import regions, web
from halal.errors import DomainError
from halal.events.lookup import own_event
from halal.extensions import db
from halal.meanwhile import mark
from halal.messages.services import whatsapp_link
from halal.registrations import attendees, labels, letters, services
from halal.registrations.forms import CorrectionForm
from halal.registrations.listing import ANY_BOUND, NO_REGION, PAGE_SIZE, Choice, Sort, choose
from halal.registrations.models import Registration, RegistrationStatus
from halal.registrations.reading import read_details
from halal.registrations.services import Bounds, details_of
from halal.registrations.views import bp


def own_registration(slug: str, registration_id) -> Registration:
    """The registration if it is one of this event's, and the event the office's; 404 otherwise."""
    event = own_event(slug)
    return web.get_or_404(
        db.session.scalar(
            select(Registration).where(Registration.id == registration_id, Registration.event_id == event.id)
        )
    )


def _whatsapp_link(registration: Registration) -> str:
    return whatsapp_link(registration.phone, letters.whatsapp_text(registration))


_ROW_WORDS = {"ticket_url": letters.ticket_url, "whatsapp_link": _whatsapp_link}


def list_url(event, choice: Choice, registration=None, **arguments) -> str:
    """The list as it was chosen, at the row of this registration."""
    anchor = f"r-{registration.id}" if registration is not None else None
    return url_for("registrations.index", slug=event.slug, _anchor=anchor, **choice.arguments(), **arguments)


def _row(event, registration, **context):
    """The row of the list that shows one registration, as a fragment; or the list at that row."""
    choice = choose(request.args, event)
    if not web.wants_partial():
        return web.redirect(list_url(event, choice, registration))
    attendee = attendees.attendees(event, [registration.id])[0]
    return web.render("registrations/_row.html", event=event, choice=choice, attendee=attendee, **_ROW_WORDS, **context)


@bp.get("/kelola/kegiatan/<slug>/peserta")
@web.allow("read")
def index(slug):
    event = own_event(slug)
    choice = choose(request.args, event)
    shown = attendees.page(event, choice, request.args.get("page", 1, type=int))
    response = web.render(
        "registrations/index.html", "registrations/_list.html", event=event, choice=choice, shown=shown, sorts=Sort,
        pages=web.Page(shown.number, PAGE_SIZE, shown.total), regions=_region_choices(event),
        bounds=_bound_choices(event, choice),
        cancelled=_just_cancelled(event), bulk=_cancelled_at_once(event, choice), **_ROW_WORDS,
    )  # fmt: skip
    if web.wants_partial():  # the browser's address names what is shown, without empty fields
        response.headers["HX-Replace-Url"] = list_url(event, choice)
    return response


def _bound_choices(event, choice: Choice) -> list[tuple[str, str]]:
    """Bounds of the program to filter by; none where nothing has bounds."""
    if not (Bounds(event).program or choice.outside):
        return []
    return [
        (ANY_BOUND, _("Outside the program's bounds")),
        *((bound, str(text)) for bound, text in labels.OUTSIDE.items()),
    ]


def _region_choices(event) -> list[tuple[str, str]]:
    """Regions to filter by: the invited ones first, then the others of their provinces."""
    invited = [region.region_code for region in event.regions]
    provinces = dict.fromkeys(code[:2] for code in [event.region_code, *invited])
    others = [r.code for province in provinces for r in regions.regencies(province) if r.code not in invited]
    chosen = request.args.get("region", "")
    elsewhere = [chosen] if regions.find(chosen) and chosen not in {*invited, *others} else []
    return [(code, regions.label(code)) for code in [*invited, *others, *elsewhere]] + [(NO_REGION, _("Not known"))]


def _cancelled_at_once(event, choice: Choice) -> list:
    """Cancellations of many that can be taken back: the one that was just made, and all beside the cancelled."""
    just = request.args.get("bulk", type=int)
    if just is None and choice.status is not RegistrationStatus.CANCELLED:
        return []
    found = services.recent_cancellations(event)
    return found if choice.status is RegistrationStatus.CANCELLED else [one for one in found if one.id == just]


def _just_cancelled(event) -> Registration | None:
    """Whose cancellation can be taken back right here."""
    registration_id = request.args.get("cancelled", type=uuid.UUID)
    return registration_id and db.session.scalar(
        select(Registration).where(
            Registration.id == registration_id,
            Registration.event_id == event.id,
            Registration.status == RegistrationStatus.CANCELLED,
        )
    )


@bp.get("/kelola/kegiatan/<slug>/peserta/<uuid:registration_id>")
@web.allow("read")
def show(slug, registration_id):
    registration = own_registration(slug, registration_id)
    return _row(registration.event, registration)


@bp.get("/kelola/kegiatan/<slug>/peserta/<uuid:registration_id>/ubah")
@web.allow("manage")
def edit(slug, registration_id):
    registration = own_registration(slug, registration_id)
    form = _correction(registration, data=vars(details_of(registration)), formdata=None)
    return _edit_page(registration, form)


@bp.post("/kelola/kegiatan/<slug>/peserta/<uuid:registration_id>/ubah")
@web.allow("manage")
def edit_post(slug, registration_id):
    registration = own_registration(slug, registration_id)
    form = _correction(registration)
    details = read_details(form, registration.event, need_nib=False)
    if details is None:
        return _edit_page(registration, form, 422)
    try:
        services.change(registration, details, seen=form.seen.data, user_id=current_user.id)
    except DomainError as error:
        web.show_errors(form, error)
        return _edit_page(registration, form, error.status)
    web.commit()
    return _row(registration.event, registration, saved=True)


def _correction(registration, **kwargs) -> CorrectionForm:
    prefix = f"r{registration.id.hex[-12:]}-"
    return CorrectionForm(registration.event, prefix=prefix, seen=mark(services.shown(registration)), **kwargs)


def _edit_page(registration, form, status=200):
    event = registration.event
    return web.render(
        "registrations/edit.html", "registrations/_edit_row.html", status,
        event=event, registration=registration, form=form, choice=choose(request.args, event),
    )  # fmt: skip


@bp.post("/kelola/kegiatan/<slug>/peserta/<uuid:registration_id>/batal")
@web.allow("manage")
def cancel(slug, registration_id):
    registration = own_registration(slug, registration_id)
    event = registration.event
    promoted = services.cancel(registration, user_id=current_user.id)
    web.commit()
    message = _("%(count)s moved up from the waiting list.", count=len(promoted)) if promoted else None
    return web.redirect(
        list_url(event, choose(request.args, event), cancelled=registration.id), message, category="info"
    )


@bp.post("/kelola/kegiatan/<slug>/peserta/<uuid:registration_id>/pulihkan")
@web.allow("manage")
def restore(slug, registration_id):
    return _move(slug, registration_id, services.restore)


@bp.post("/kelola/kegiatan/<slug>/peserta/<uuid:registration_id>/beri-tempat")
@web.allow("manage")
def give_place(slug, registration_id):
    return _move(slug, registration_id, services.give_place)


def _move(slug, registration_id, service):
    """Let the service move somebody to another state; the list says which."""
    registration = own_registration(slug, registration_id)
    event = registration.event
    back = list_url(event, choose(request.args, event), registration)
    try:
        service(registration, user_id=current_user.id)
    except DomainError as error:
        db.session.rollback()
        return web.redirect(back, error.message, "error")
    web.commit()
    if registration.status == RegistrationStatus.WAITING:
        message = _("%(name)s is on the waiting list.", name=registration.name)
    else:
        message = _("%(name)s has a place.", name=registration.name)
    return web.redirect(back, message)
