"""The versions of a design: each as a picture, and the way back to one."""

from flask import current_app, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import web
from halal.certificates import preview
from halal.certificates.services import designs
from halal.certificates.views import bp
from halal.certificates.views.design import chosen_kind, sample_of
from halal.certificates.views.pages import kind_or_404
from halal.errors import DomainError


@bp.get("/kelola/sertifikat/desain/versi")
@web.allow("manage")
def versions():
    return _page(chosen_kind())


@bp.get("/kelola/sertifikat/desain/<kind>/versi/<int:version>.png")
@web.allow("manage")
def version_picture(kind, version):
    """The picture of one version. It says what is wrong with one that cannot be drawn any more."""
    kind = kind_or_404(kind)
    look = web.get_or_404(designs.of_version(web.current_organization, kind, version))
    content = preview.picture(sample_of(kind, look), 600)
    return current_app.response_class(content, mimetype="image/png")


@bp.post("/kelola/sertifikat/desain/<kind>/versi/<int:version>")
@web.allow("manage")
def restore_version(kind, version):
    kind = kind_or_404(kind)
    look = web.get_or_404(designs.of_version(web.current_organization, kind, version))
    try:
        sample_of(kind, look)  # what cannot be printed any more does not come back
        saved = designs.save(web.current_organization, kind, look, current_user.id)
    except DomainError as error:
        return _page(kind, str(error.message), 422)
    web.commit()
    address = url_for("certificates.design", kind=kind.value)
    return web.redirect(address, _("The design is saved as version %(version)s.", version=saved.version))


def _page(kind, problem: str = "", status: int = 200):
    office = web.current_organization
    return web.render(
        "certificates/versions.html", None, status, kind=kind, versions=designs.versions(office, kind),
        current=designs.current(office, kind).version, problem=problem, zone=office.timezone,
    )  # fmt: skip
