"""Events, for organizers."""

from flask import Blueprint, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import regions, web
from halal.errors import DomainError
from halal.events import labels, services
from halal.events.forms import EventForm, StatusForm
from halal.events.lookup import own_event
from halal.events.models import Event, EventStatus
from halal.extensions import db
from halal.meanwhile import mark
from halal.programs.lookup import open_programs

bp = Blueprint("events", __name__)
for _name, _filter in labels.FILTERS.items():
    bp.add_app_template_filter(_filter, _name)

PAGE_SIZE = 25
# What a form can show anew without saving (the button's name is `more`): with htmx that part alone, else the page.
PARTS = {
    "sessions": "events/_sessions.html",
    "people": "events/_people.html",
    "place": "events/_place.html",
    "preview": "events/_preview.html",
}


@bp.get("/kelola/kegiatan")
@web.allow("read")
def index():
    office, args = web.current_organization.id, request.args
    scope = _choice(services.Scope, args.get("scope"), services.Scope.UPCOMING)
    status, query = _choice(EventStatus, args.get("status")), args.get("q", "")[:100]
    found = services.find_events(office, scope, query, status)
    total = db.session.scalar(services.count_of(found))
    page = web.Page(args.get("page", 1, type=int), PAGE_SIZE, total)
    events = db.session.scalars(found.offset(page.offset).limit(page.size)).all()
    return web.render(
        "events/index.html", "events/_list.html", events=events, page=page, scope=scope, wanted=status, query=query,
        taken=services.places_taken([event.id for event in events]), counts=services.count_by_scope(office),
    )  # fmt: skip


def _choice(enum, value, otherwise=None):
    return enum(value) if value in set(enum) else otherwise


def _form(event: Event | None = None) -> EventForm:
    office = web.current_organization
    region = regions.find(office.region_code)
    programs = open_programs(office.id, also=event.program_id if event else None)
    if event is not None:
        return EventForm(event, programs, region.province_code, mark(services.shown(event)))
    return EventForm.for_new(programs, region, program_id=request.args.get("program", ""))


def _show_form(form: EventForm, status: int = 200):
    form.offer_rows()
    return web.render("events/edit.html", PARTS.get(request.form.get("more")), status, form=form, event=form.event)


@bp.route("/kelola/kegiatan/baru", methods=["GET", "POST"])
@web.allow("manage")
def create():
    form = _form()
    if not form.is_submitted() or "more" in request.form:
        return _show_form(form)
    try:
        if form.validate():
            event = services.create_event(web.current_organization, form.details(), user_id=current_user.id)
            web.commit()
            return web.redirect(url_for("events.show", slug=event.slug), _("Saved as a draft."))
    except DomainError as error:
        web.show_errors(form, error)
    return _show_form(form, 422)


@bp.route("/kelola/kegiatan/<slug>/ubah", methods=["GET", "POST"])
@web.allow("manage")
def edit(slug):
    event = own_event(slug)
    form, status = _form(event), 422
    if not form.is_submitted() or "more" in request.form:
        return _show_form(form)
    try:
        if form.validate():
            services.change_event(event, form.details(), seen=form.seen.data, user_id=current_user.id)
            web.commit()
            return web.redirect(url_for("events.show", slug=slug), _("Saved."))
    except DomainError as error:
        web.show_errors(form, error)
        status = error.status
    return _show_form(form, status)


@bp.get("/kelola/kegiatan/<slug>")
@web.allow("read")
def show(slug):
    return _show(own_event(slug), StatusForm())


def _show(event: Event, form: StatusForm, status: int = 200):
    return web.render("events/show.html", status=status, event=event, form=form, allowed=services.allowed_states(event))


@bp.post("/kelola/kegiatan/<slug>/status")
@web.allow("manage")
def set_status(slug):
    event, form = own_event(slug), StatusForm()
    target = _choice(EventStatus, form.status.data) or abort(400)
    try:
        services.set_status(event, target, reason=form.reason.data or "", user_id=current_user.id)
    except DomainError as error:
        web.show_errors(form, error)
        return _show(event, form, 422)
    web.commit()
    return web.redirect(url_for("events.show", slug=slug), labels.CHANGED[target])


@bp.post("/kelola/kegiatan/<slug>/salin")
@web.allow("manage")
def copy(slug):
    copied = services.copy_event(own_event(slug), user_id=current_user.id)
    web.commit()
    return web.redirect(
        url_for("events.edit", slug=copied.slug), _("This is the copy, as a draft. Check its date, then save.")
    )
