"""The attendee list, taken away: as a spreadsheet, and on paper for signatures."""

from flask import Response, request, url_for
from flask_login import current_user

from halal import clock, files, formats, web
from halal.errors import DomainError
from halal.events.lookup import own_event
from halal.headers import name_download
from halal.registrations import attendance_list as lists
from halal.registrations.export import workbook
from halal.registrations.listing import choose
from halal.registrations.views import bp

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _pdf(content: bytes, event) -> Response:
    response = Response(content, mimetype="application/pdf")
    return name_download(response, f"daftar-hadir-{event.slug}.pdf", inline=True)


@bp.get("/kelola/kegiatan/<slug>/peserta/unduh")
@web.allow("read")
def export(slug):
    event = own_event(slug)
    response = Response(workbook(event, choose(request.args, event)), mimetype=_XLSX)
    today = formats.local(clock.now(), event.timezone).date().isoformat()
    return name_download(response, f"peserta-{event.slug}-{today}.xlsx")


@bp.get("/kelola/kegiatan/<slug>/peserta/daftar-hadir")
@web.allow("read")
def attendance_list(slug):
    event = own_event(slug)
    return _settings(event, lists.read_paper(request.args, event))


def _settings(event, paper, status=200):
    people, problem = 0, None
    try:
        people = lists.count(event, paper)
    except DomainError as error:
        problem = error.message
    return web.render(
        "registrations/attendance_list.html", status=status, event=event, paper=paper, people=people, problem=problem,
        at_once=people <= lists.AT_ONCE, max_blank=lists.MAX_BLANK, job=lists.latest(event, current_user.id),
    )  # fmt: skip


@bp.get("/kelola/kegiatan/<slug>/peserta/daftar-hadir.pdf")
@web.allow("read")
def attendance_list_pdf(slug):
    """The PDF of a short list, drawn now; a long one is sent to the settings, where it becomes a job.

    What was printed is remembered, once for the same rows, however often it is asked for."""
    event, user_id = own_event(slug), current_user.id
    paper = lists.read_paper(request.args, event)
    if lists.count(event, paper) > lists.AT_ONCE:
        return web.redirect(url_for("registrations.attendance_list", slug=slug, **paper.arguments()))
    drawing = lists.draw(event, paper)
    with web.writing(f"prints of {slug}"):  # drawing takes a second for a hundred people: nobody waits meanwhile
        codes = lists.keep(drawing, user_id)
    return _pdf(lists.finish(drawing, codes), event)


@bp.post("/kelola/kegiatan/<slug>/peserta/daftar-hadir")
@web.allow("read")
def attendance_list_start(slug):
    event = own_event(slug)
    paper = lists.read_paper(request.form, event)
    lists.count(event, paper)
    lists.start(event, paper, current_user.id)
    web.commit()
    return web.redirect(url_for("registrations.attendance_list", slug=slug, **paper.arguments()))


@bp.get("/kelola/kegiatan/<slug>/peserta/daftar-hadir/pekerjaan")
@web.allow("read")
def attendance_list_job(slug):
    event = own_event(slug)
    job = web.get_or_404(lists.latest(event, current_user.id))
    if not web.wants_partial():
        return web.redirect(url_for("registrations.attendance_list", slug=slug))
    return web.render("registrations/_attendance_list_job.html", event=event, job=job)


@bp.get("/kelola/kegiatan/<slug>/peserta/daftar-hadir/terakhir.pdf")
@web.allow("read")
def attendance_list_file(slug):
    event = own_event(slug)
    job = web.get_or_404(lists.latest(event, current_user.id))
    try:
        content = lists.stored(job) if job.result else None
    except files.FileMissing:
        content = None
    return _pdf(web.get_or_404(content), event)
