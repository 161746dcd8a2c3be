"""The office's key for QR codes and its seal for PDFs: what is in use, and changing it. For owners."""

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import web
from halal.certificates.forms import SealForm
from halal.certificates.services import sealing, signing
from halal.certificates.views import bp
from halal.errors import DomainError


def _page(form: SealForm, status: int = 200):
    office = web.current_organization
    seal = sealing.of(office)
    return web.render(
        "certificates/security.html", None, status, form=form, key=signing.in_use(office.id), seal=seal,
        valid_until=seal and sealing.valid_until(seal),
    )  # fmt: skip


def _back(message: str):
    return web.redirect(url_for("certificates.security"), message)


@bp.get("/kelola/kantor/segel")
@web.allow("own")
def security():
    return _page(SealForm())


@bp.post("/kelola/kantor/segel")
@web.allow("own")
def install_seal():
    form = SealForm()
    try:
        if form.validate():
            content = form.file.data.read(sealing.MAX_FILE + 1)
            sealing.install(web.current_organization, content, form.password.data, user_id=current_user.id)
            web.commit()
            return _back(_("Certificates issued from now on are sealed."))
    except DomainError as error:
        web.show_errors(form, error)
    return _page(form, 422)


@bp.post("/kelola/kantor/segel/lepas")
@web.allow("own")
def remove_seal():
    sealing.remove(web.current_organization, user_id=current_user.id)
    web.commit()
    return _back(_("Certificates issued from now on carry no seal."))


@bp.post("/kelola/kantor/segel/kunci")
@web.allow("own")
def rotate_key():
    signing.rotate(web.current_organization, user_id=current_user.id)
    web.commit()
    return _back(_("QR codes are signed with a new key from now on. Earlier certificates stay valid."))
