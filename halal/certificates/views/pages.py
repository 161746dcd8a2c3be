"""The certificates of an event, and the page of one."""

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select

from halal import web
from halal.certificates import work
from halal.certificates.forms import ReplaceForm, RevokeForm
from halal.certificates.models import Certificate, CertificateKind
from halal.certificates.services import ending, lookup, planning, signing
from halal.certificates.views import bp
from halal.errors import Conflict, DomainError
from halal.events.lookup import own_event
from halal.extensions import db

PAGE_SIZE = 50


def own_certificate(slug: str, certificate_id) -> Certificate:
    """The certificate if it is one of this event of the office; 404 otherwise."""
    return web.get_or_404(lookup.own(own_event(slug), certificate_id))


def kind_or_404(name: str) -> CertificateKind:
    return web.get_or_404(next((kind for kind in CertificateKind if kind.value == name), None))


@bp.get("/kelola/kegiatan/<slug>/sertifikat")
@web.allow("read")
def index(slug):
    event = own_event(slug)
    kind = next((k for k in CertificateKind if k.value == request.args.get("kind")), None)
    found = lookup.of_event(event, kind, request.args.get("q", ""))
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery()))
    page = web.Page(request.args.get("page", 1, int), PAGE_SIZE, total)
    return web.render(
        "certificates/index.html", "certificates/_list.html", event=event, kind=kind, page=page,
        query=request.args.get("q", ""), issued=lookup.counts(event), possible=planning.possible(event),
        certificates=db.session.scalars(found.limit(page.size).offset(page.offset)).all(),
        awards=planning.awards_of(event), job=work.last_job(event),
        awarded=planning.standing(event, CertificateKind.AWARD)[0],
        outdated=[] if web.wants_partial() else planning.outdated(event),
    )  # fmt: skip


@bp.get("/kelola/kegiatan/<slug>/sertifikat/kemajuan")
@web.allow("read")
def progress(slug):
    """Polled every two seconds while an issuing runs (a few hundred bytes); the page is loaded anew when it ends."""
    event = own_event(slug)
    job = work.last_job(event)
    if not web.wants_partial():
        return web.redirect(url_for("certificates.index", slug=slug))
    response = web.render("certificates/_job.html", event=event, job=job)
    if job is None or job.finished:
        response.headers["HX-Refresh"] = "true"
    return response


@bp.get("/kelola/kegiatan/<slug>/sertifikat/<uuid:certificate_id>")
@web.allow("read")
def show(slug, certificate_id):
    return _page(own_certificate(slug, certificate_id))


@bp.post("/kelola/kegiatan/<slug>/sertifikat/<uuid:certificate_id>/ganti")
@web.allow("manage")
def replace(slug, certificate_id):
    certificate, form = own_certificate(slug, certificate_id), ReplaceForm()
    if not form.validate():
        return _page(certificate, replace_form=form)
    try:
        new = _replaced(certificate, form)
    except DomainError as error:
        db.session.rollback()
        web.show_errors(form, error)
        return _page(own_certificate(slug, certificate_id), replace_form=form)
    web.commit()
    address = url_for("certificates.show", slug=slug, certificate_id=new.id)
    done = _("The corrected certificate is issued.")
    if new.number:
        done = _("The corrected certificate has the number %(number)s.", number=new.number)
    return web.redirect(address, done)


def _replaced(certificate: Certificate, form: ReplaceForm) -> Certificate:
    signing.ensure(certificate.organization_id)
    web.commit()  # the office's first key outlives whatever comes of this
    said = form.name.data, form.detail.data or "", form.reason.data, current_app.config["HALAL"].base_url
    for _attempt in range(work.TRIES):
        with web.looking():
            draft = ending.draw_replacement(certificate, *said)
        new = ending.replace(certificate, draft, form.reason.data, current_user.id)
        if new is not None:
            return new
        db.session.rollback()
    raise Conflict(_("Others are issuing at the same time. Try again in a moment."))


@bp.post("/kelola/kegiatan/<slug>/sertifikat/<uuid:certificate_id>/cabut")
@web.allow("manage")
def revoke(slug, certificate_id):
    certificate, form = own_certificate(slug, certificate_id), RevokeForm()
    if not form.validate():
        return _page(certificate, revoke_form=form)
    try:
        ending.revoke(certificate, form.reason.data, current_user.id)
    except DomainError as error:
        web.show_errors(form, error)
        return _page(certificate, revoke_form=form)
    web.commit()
    address = url_for("certificates.show", slug=slug, certificate_id=certificate_id)
    return web.redirect(address, _("The certificate was revoked. Its page says so from now on."))


def _page(certificate: Certificate, replace_form=None, revoke_form=None):
    """The page of one certificate; with a form's errors, 422."""
    printed = certificate.snapshot
    return web.render(
        "certificates/show.html", status=422 if replace_form or revoke_form else 200, event=certificate.event,
        certificate=certificate, current_name=planning.current_name(certificate),
        replace_form=replace_form or ReplaceForm(
            formdata=None, name=printed.get("recipient"), detail=printed.get("detail")
        ),
        revoke_form=revoke_form or RevokeForm(formdata=None),
    )  # fmt: skip
