"""How the office's certificates look: a form beside a picture that follows it."""

from base64 import b64encode

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import clock, formats, web
from halal.certificates import own, preview
from halal.certificates.forms import DesignForm
from halal.certificates.look import Look, checked
from halal.certificates.models import CertificateKind
from halal.certificates.services import designs
from halal.certificates.views import bp
from halal.certificates.views.pages import kind_or_404
from halal.errors import DomainError
from halal.extensions import db


def chosen_kind() -> CertificateKind:
    """The kind that the address names, or attendance."""
    return kind_or_404(request.args.get("kind", CertificateKind.ATTENDANCE.value))


def sample_of(kind: CertificateKind, look: Look) -> bytes:
    """The look on a certificate of nobody, as PDF. Raises DomainError."""
    office = web.current_organization
    today = formats.local(clock.now(), office.timezone).date()
    about = kind, checked(look), today, current_app.config["HALAL"].base_url
    with web.looking():
        pdf = preview.invented(office, *about)
        if look.html.strip():  # the shipped pages measure every name; an office's own is tried with the longest one
            preview.invented(office, *about, preview.LONGEST)
    return pdf


def _picture(kind: CertificateKind, look: Look) -> str:
    """The look as the address of a picture that is its own content. Raises DomainError."""
    return f"data:image/png;base64,{b64encode(preview.picture(sample_of(kind, look), 1000)).decode()}"


def _page(kind: CertificateKind, form: DesignForm, status: int = 200):
    picture, problem = "", ""
    try:
        picture = _picture(kind, form.look())
    except DomainError as error:
        problem = error.message
        if status == 422 and not form.errors:
            web.show_errors(form, error)
    return web.render(
        "certificates/design.html", "certificates/_design_preview.html", status, kind=kind,
        form=form, picture=picture, problem=problem, office=web.current_organization,
        slots=(*own.TEXTS, *own.PICTURES), version=designs.current(web.current_organization, kind).version,
    )  # fmt: skip


@bp.get("/kelola/sertifikat/desain")
@web.allow("manage")
def design():
    kind = chosen_kind()
    return _page(kind, DesignForm(designs.current(web.current_organization, kind), formdata=None))


@bp.post("/kelola/sertifikat/desain")
@web.allow("manage")
def save_design():
    kind, office = chosen_kind(), web.current_organization
    form = DesignForm(designs.current(office, kind))
    if "preview" in request.form:
        return _page(kind, form)
    if not form.validate():
        return _page(kind, form, 422)
    try:
        _picture(kind, form.look())  # what cannot be printed is not kept
        saved = designs.save(office, kind, form.look(), current_user.id, seen=form.seen.data)
    except DomainError as error:
        db.session.rollback()
        web.show_errors(form, error)
        return _page(kind, form, error.status)
    web.commit()
    address = url_for("certificates.design", kind=kind.value)
    return web.redirect(address, _("The design is saved as version %(version)s.", version=saved.version))
