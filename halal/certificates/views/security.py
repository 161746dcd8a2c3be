"""The office's key for QR codes and its seal for PDFs: what is in use, and changing it. For owners."""

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import clock, formats, web
from halal.certificates.forms import CompromisedForm, SealForm
from halal.certificates.services import sealing, signing
from halal.certificates.views import bp
from halal.errors import DomainError
from halal.fields import options


def _page(form: SealForm | None = None, stolen: CompromisedForm | None = None, status: int = 200):
    office = web.current_organization
    seal, keys = sealing.of(office), signing.all_of(office.id)
    # A page with two forms shows what was sent in the one that was sent.
    form, stolen = form or SealForm(formdata=None), stolen or CompromisedForm(formdata=None)
    stolen.kid.choices = options((key.kid, key.kid) for key in keys)
    return web.render(
        "certificates/security.html", None, status, form=form, stolen=stolen, keys=keys, seal=seal,
        key=signing.in_use(office.id), today=formats.local(clock.now(), office.timezone).date(),
        valid_until=seal and sealing.valid_until(seal),
    )  # fmt: skip


def _back(message: str):
    return web.redirect(url_for("certificates.security"), message)


@bp.get("/kelola/kantor/segel")
@web.allow("own")
def security():
    return _page()


@bp.post("/kelola/kantor/segel")
@web.allow("own")
def install_seal():
    form = SealForm()
    try:
        if form.validate():
            content = form.file.data.read(sealing.MAX_FILE + 1)
            with web.looking():
                unpacked = sealing.unpack(content, form.password.data)
            sealing.install(web.current_organization, unpacked, user_id=current_user.id)
            web.commit()
            return _back(_("Certificates issued from now on are sealed."))
    except DomainError as error:
        web.show_errors(form, error)
    return _page(form, status=422)


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


@bp.post("/kelola/kantor/segel/kunci/dicuri")
@web.allow("own")
def declare_key_compromised():
    form = CompromisedForm()
    try:
        if form.validate():
            signing.declare_compromised(
                web.current_organization, form.kid.data or "", form.since.data, user_id=current_user.id
            )
            web.commit()
            return _back(_("The key is declared stolen. New certificates are signed with another one."))
    except DomainError as error:
        web.show_errors(form, error)
    return _page(stolen=form, status=422)
