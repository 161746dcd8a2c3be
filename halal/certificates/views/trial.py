"""The dry run of an office's own design over everybody: begun on the page of an issuing, and watched there."""

from flask import url_for
from flask_login import current_user

from halal import web
from halal.certificates import preview, trial
from halal.certificates.services import planning
from halal.certificates.views import bp
from halal.certificates.views.issue import form_of, issue_of, page, same_again, subjects_of
from halal.certificates.views.pages import kind_or_404
from halal.errors import DomainError
from halal.events.lookup import own_event


@bp.post("/kelola/kegiatan/<slug>/sertifikat/coba/<kind>")
@web.allow("manage")
def start_trial(slug, kind):
    event, kind = own_event(slug), kind_or_404(kind)
    form = form_of(event, kind)
    try:
        issue, subjects = preview.signed(issue_of(event, kind, form)), subjects_of(kind, form)
        with web.looking():
            plan = planning.plan(event, issue, subjects)
        trial.start(event, issue, subjects, plan, current_user.id)
    except DomainError as error:
        web.show_errors(form, error)
        return page(event, kind, form, 422)
    web.commit()
    return web.redirect(url_for("certificates.prepare", slug=slug, kind=kind.value, **same_again(kind, form)))


@bp.get("/kelola/kegiatan/<slug>/sertifikat/coba/<kind>/<uuid:job_id>")
@web.allow("manage")
def trial_progress(slug, kind, job_id):
    """Polled every two seconds while a dry run goes on (a few hundred bytes); its page is loaded anew when it ends."""
    event, kind = own_event(slug), kind_or_404(kind)
    if not web.wants_partial():
        return web.redirect(url_for("certificates.prepare", slug=slug, kind=kind.value))
    job = web.get_or_404(trial.one(event, job_id))
    response = web.render("certificates/_trial.html", event=event, kind=kind, trial=job)
    if job.finished:
        response.headers["HX-Refresh"] = "true"
    return response
