"""Importing attendees from a spreadsheet: send it, look through its rows, take the good ones, undo."""

from flask import Response, abort, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import func, select

from halal import jobs, web
from halal.errors import Conflict, DomainError
from halal.events.lookup import own_event
from halal.extensions import db
from halal.headers import name_download
from halal.meanwhile import ChangedMeanwhile
from halal.registrations import services
from halal.registrations.import_forms import ColumnsForm, RowForm, UploadForm
from halal.registrations.importing import review, taking, undoing, work
from halal.registrations.importing.headings import NIK
from halal.registrations.models import ROWS_OF_A_LIST, Import, ImportRow, ImportStatus, Registration, Verdict
from halal.registrations.views import bp

BASE = "/kelola/kegiatan/<slug>/peserta/impor"
ROWS_ON_A_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_IMPORT_BADGES = {
    ImportStatus.UPLOADED: (_l("Being read"), "neutral"),
    ImportStatus.CHECKING: (_l("Being checked"), "neutral"),
    ImportStatus.READY: (_l("To be looked through"), "warn"),
    ImportStatus.TAKING: (_l("Being taken"), "neutral"),
    ImportStatus.TAKEN: (_l("Registered"), "good"),
    ImportStatus.UNDONE: (_l("Undone"), "neutral"),
    ImportStatus.FAILED: (_l("Not readable"), "bad"),
}
_VERDICT_BADGES = {
    Verdict.NEW: (_l("New"), "good"),
    Verdict.EXISTING: (_l("Already registered"), "neutral"),
    Verdict.POSSIBLE_DUPLICATE: (_l("Possible duplicate"), "warn"),
    Verdict.ERROR: (_l("To be corrected"), "bad"),
}
bp.add_app_template_filter(_VERDICT_BADGES.get, "verdict_badge")


@bp.app_template_filter()
def import_badge(import_: Import) -> tuple:
    """How far an import is. One that has columns but no names waits for a person, not for the worker."""
    asks = import_.status == ImportStatus.UPLOADED and import_.columns
    return _IMPORT_BADGES[ImportStatus.READY if asks else import_.status]


def _own_import(slug: str, import_id: int) -> Import:
    """The import with this id if it is one of this event's, and the event this office's; 404 otherwise."""
    import_ = db.session.get(Import, import_id)
    return import_ if import_ is not None and import_.event_id == own_event(slug).id else abort(404)


def _own_row(import_: Import, number: int) -> ImportRow:
    query = select(ImportRow).where(ImportRow.import_id == import_.id, ImportRow.number == number)
    return web.get_or_404(db.session.scalar(query))


def _address(import_: Import, endpoint: str = "registrations.import_show", **values) -> str:
    """An address of the import; the filter and the page of its list are kept."""
    kept = {key: request.args[key] for key in ("only", "page") if request.args.get(key)}
    return url_for(endpoint, slug=import_.event.slug, import_id=import_.id, **{**kept, **values})


def _job(import_: Import) -> jobs.Job | None:
    return db.session.get(jobs.Job, import_.job_id) if import_.job_id else None


def _xlsx(content: bytes, name: str):
    return name_download(Response(content, mimetype=XLSX), f"{name}.xlsx")


@bp.get(BASE)
@web.allow("manage")
def import_new(slug):
    return _upload_page(own_event(slug), UploadForm())


@bp.post(BASE)
@web.allow("manage")
def import_upload(slug):
    event, form = own_event(slug), UploadForm()
    if not form.validate_on_submit():
        return _upload_page(event, form, 422)
    file = form.file.data
    try:
        with web.looking():
            key = work.store(event, file.read())
        import_ = work.upload(event, file.filename, key, user_id=current_user.id, nib_later=form.nib_later.data)
    except DomainError as error:
        web.show_errors(form, error)
        return _upload_page(event, form, error.status)
    web.commit()
    return web.redirect(_address(import_))


def _upload_page(event, form, status=200):
    earlier = db.session.scalars(select(Import).where(Import.event_id == event.id).order_by(Import.id.desc()).limit(20))
    return web.render("registrations/import_new.html", None, status, event=event, form=form, earlier=earlier.all())


@bp.get("/kelola/kegiatan/<slug>/peserta/impor/templat.xlsx")
@web.allow("manage")
def import_template(slug):
    own_event(slug)
    return _xlsx(review.template_xlsx(), "templat-peserta")


@bp.get(f"{BASE}/<int:import_id>")
@web.allow("manage")
def import_show(slug, import_id):
    import_ = _own_import(slug, import_id)
    job = _job(import_)
    match work.stage(import_, job):
        case "review":
            return _review(import_)
        case "columns":
            return _columns_page(import_, ColumnsForm(import_))
        case stage:
            return web.render(
                "registrations/import_wait.html", event=import_.event, import_=import_, job=job, stage=stage
            )


@bp.get(f"{BASE}/<int:import_id>/kemajuan")
@web.allow("manage")
def import_progress(slug, import_id):
    """What the waiting page asks for twice a second. Nothing is cached or streamed: it is one row of the database."""
    import_ = _own_import(slug, import_id)
    job = _job(import_)
    if work.stage(import_, job) != "working":
        return web.redirect(_address(import_))
    return web.render(
        "registrations/import_wait.html", "registrations/_import_progress.html",
        event=import_.event, import_=import_, job=job, stage="working",
    )  # fmt: skip


@bp.get(f"{BASE}/<int:import_id>/kolom")
@web.allow("manage")
def import_columns(slug, import_id):
    import_ = _own_import(slug, import_id)
    if not import_.columns:
        return web.redirect(_address(import_))
    return _columns_page(import_, ColumnsForm(import_))


@bp.post(f"{BASE}/<int:import_id>/kolom")
@web.allow("manage")
def import_set_columns(slug, import_id):
    import_ = _own_import(slug, import_id)
    if not import_.columns:
        return web.redirect(_address(import_))
    form = ColumnsForm(import_)
    if not form.validate_on_submit():
        return _columns_page(import_, form, 422)
    try:
        work.set_columns(import_, **form.chosen(), user_id=current_user.id)
    except DomainError as error:
        web.show_errors(form, error)
        return _columns_page(import_, form, error.status)
    web.commit()
    return web.redirect(_address(import_))


def _columns_page(import_, form, status=200):
    return web.render(
        "registrations/import_columns.html", None, status, event=import_.event, import_=import_, form=form
    )


def _review(import_, status=200, **context):
    only = request.args.get("only", "")
    counts = review.counts(import_)
    page = web.Page(request.args.get("page", 1, type=int), ROWS_ON_A_PAGE, counts.get(only or "all", counts["all"]))
    rows = db.session.scalars(review.rows_of(import_, only).offset(page.offset).limit(page.size)).all()
    registered = db.session.scalars(select(Registration).where(Registration.id.in_([r.registration_id for r in rows])))
    waiting = select(func.count()).where(Registration.import_id == import_.id, Registration.status == "waiting")
    return web.render(
        "registrations/import_show.html", "registrations/_import_review.html", status,
        event=import_.event, import_=import_, counts=counts, only=only, page=page, rows=rows, review=review,
        registered={registration.id: registration for registration in registered}, address=_address,
        headings=review.HEADINGS, several_sheets=len({one["sheet"] for one in import_.mapping.get("lists", ())}) > 1,
        present=len(review.present_people(import_)),
        bad_nibs=review.bad_nibs(import_), changed=review.changed_people(import_), has_taken=undoing.has_taken(import_),
        taken_over=len(undoing.changed_rows(import_)), left_as_changed=undoing.left_as_changed(import_),
        undecided=review.undecided(import_), takable=taking.count_takable(import_),
        free=services.places_left(import_.event), waiting=db.session.scalar(waiting),
        has_nik=NIK in import_.mapping.get("columns", []), kept=undoing.kept_by_use(import_), **context,
    )  # fmt: skip


@bp.get(f"{BASE}/<int:import_id>/baris/<int:number>")
@web.allow("manage")
def import_row(slug, import_id, number):
    import_ = _own_import(slug, import_id)
    row = _own_row(import_, number)
    return _row_page(import_, row, RowForm(import_.event, row).show(row.problems))


@bp.post(f"{BASE}/<int:import_id>/baris/<int:number>")
@web.allow("manage")
def import_correct(slug, import_id, number):
    import_ = _own_import(slug, import_id)
    row = _own_row(import_, number)
    form = RowForm(import_.event, row)
    if not form.validate_on_submit():
        return _row_page(import_, row, form, 422)
    try:
        review.correct(import_, row, form.typed(), seen=form.seen.data)
    except ChangedMeanwhile as error:
        web.show_errors(form, error)
        return _row_page(import_, row, form, error.status)
    web.commit()
    if row.verdict == "error":
        return _row_page(import_, row, RowForm(import_.event, row, formdata=None).show(row.problems), 422)
    return _changed(import_, _("Row %(number)s is corrected.", number=row.line))


def _row_page(import_, row, form, status=200):
    return web.render(
        "registrations/import_row.html", "registrations/_import_edit.html", status,
        event=import_.event, import_=import_, row=row, form=form, address=_address,
    )  # fmt: skip


@bp.post(f"{BASE}/<int:import_id>/baris/<int:number>/putusan")
@web.allow("manage")
def import_decide(slug, import_id, number):
    import_ = _own_import(slug, import_id)
    take = request.form.get("take") == "1"
    review.decide(import_, _own_row(import_, number), take)
    web.commit()
    if take:
        return _changed(import_, _("Row %(number)s will be taken.", number=number % ROWS_OF_A_LIST))
    return _changed(import_, _("Row %(number)s is left out.", number=number % ROWS_OF_A_LIST))


@bp.post(f"{BASE}/<int:import_id>/putusan")
@web.allow("manage")
def import_decide_all(slug, import_id):
    import_ = _own_import(slug, import_id)
    count = review.decide_all(import_, request.form.get("take") == "1")
    web.commit()
    return _changed(import_, ngettext("%(count)s row is decided.", "%(count)s rows are decided.", count, count=count))


def _changed(import_, message):
    """The list of rows again, where the change shows; without htmx by way of its address."""
    if web.wants_partial():
        return _review(import_, message=message)
    return web.redirect(_address(import_), message)


@bp.post(f"{BASE}/<int:import_id>/ambil")
@web.allow("manage")
def import_take(slug, import_id):
    import_ = _own_import(slug, import_id)
    return _then_show(import_, lambda: work.start_taking(import_, user_id=current_user.id))


@bp.post(f"{BASE}/<int:import_id>/tanpa-nib")
@web.allow("manage")
def import_without_nibs(slug, import_id):
    import_ = _own_import(slug, import_id)
    return _then_show(import_, lambda: work.start_without_nibs(import_, user_id=current_user.id))


@bp.post(f"{BASE}/<int:import_id>/perubahan")
@web.allow("manage")
def import_change(slug, import_id):
    import_ = _own_import(slug, import_id)
    return _then_show(import_, lambda: work.start_changing(import_, user_id=current_user.id))


@bp.post(f"{BASE}/<int:import_id>/lanjut")
@web.allow("manage")
def import_go_on(slug, import_id):
    import_ = _own_import(slug, import_id)
    return _then_show(import_, lambda: work.go_on(import_, user_id=current_user.id))


@bp.post(f"{BASE}/<int:import_id>/batal")
@web.allow("manage")
def import_undo(slug, import_id):
    import_ = _own_import(slug, import_id)
    return _then_show(import_, lambda: work.start_undoing(import_, user_id=current_user.id))


def _then_show(import_, change):
    """Make the change, then the import's page. Somebody else's being faster is no error: the page shows how it is."""
    try:
        message = change()
    except Conflict as error:
        db.session.rollback()
        return web.redirect(url_for("registrations.import_show", slug=import_.event.slug, import_id=import_.id),
                            error.message, "warning")  # fmt: skip
    web.commit()
    return web.redirect(url_for("registrations.import_show", slug=import_.event.slug, import_id=import_.id), message)


@bp.post(f"{BASE}/<int:import_id>/buang")
@web.allow("manage")
def import_discard(slug, import_id):
    import_ = _own_import(slug, import_id)
    work.discard(import_, user_id=current_user.id)
    web.commit()
    return web.redirect(url_for("registrations.import_new", slug=slug), _("The file and its rows are deleted."))


@bp.get(f"{BASE}/<int:import_id>/baris-tidak-diambil.xlsx")
@web.allow("manage")
def import_problems(slug, import_id):
    import_ = _own_import(slug, import_id)
    if not import_.columns:
        abort(404)
    return _xlsx(review.problem_rows_xlsx(import_), f"baris-tidak-diambil-{import_.id}")
