"""The office: name, letterhead, logo, numbering, signatories. One page; each part is a form that posts to it."""

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import files, web
from halal.errors import DomainError
from halal.meanwhile import mark
from halal.organizations import services
from halal.organizations.forms import IdentityForm, LogoForm, NumberingForm, SealForm, SignatoriesForm

bp = Blueprint("organizations", __name__)
PARTS = ("identity", "logo", "seal", "numbering", "signatories")


def _forms(office, part: str | None = None) -> dict:
    """The form of each part; the one that was sent reads what was typed, the others show what is stored."""

    marks = {name: mark(shown) for name, shown in services.shown(office).items()}

    def typed(name: str) -> dict:
        return {"seen": marks.get(name)} | ({} if name == part else {"formdata": None})

    return {
        "identity": IdentityForm(office, **typed("identity")),
        "logo": LogoForm(**typed("logo")),
        "seal": SealForm(**typed("seal")),
        "numbering": NumberingForm(obj=office, **typed("numbering")),
        "signatories": SignatoriesForm(office, **typed("signatories")),
    }


def _page(forms: dict, status: int = 200):
    office = web.current_organization
    forms["signatories"].signatories.offer()
    partial = "organizations/_signatories.html" if request.form.get("more") else None
    return web.render(
        "organizations/settings.html", partial, status, office=office, forms=forms,
        next_number=_next_number(office, forms["numbering"].number_pattern.data),
    )  # fmt: skip


def _next_number(office, pattern: str | None) -> dict:
    try:
        return {"number": services.next_number(office, pattern or "")}
    except DomainError as error:
        return {"error": error.message}


@bp.get("/kelola/kantor")
@web.allow("own")
def settings():
    return _page(_forms(web.current_organization))


@bp.get("/kelola/kantor/penomoran")
@web.allow("own")
def preview_number():
    office = web.current_organization
    shown = _next_number(office, request.args.get("number_pattern", office.number_pattern))
    if not web.wants_partial():
        return web.redirect(url_for("organizations.settings"))
    return web.render("organizations/_next_number.html", next_number=shown)


@bp.post("/kelola/kantor")
@web.allow("own")
def save():
    part = request.form.get("part")
    forms = _forms(web.current_organization, part if part in PARTS else abort(400))
    if "more" in request.form:
        return _page(forms)
    try:
        if forms[part].validate():
            _save(part, forms[part])
            web.commit()
            return web.redirect(url_for("organizations.settings", _anchor=part), _("Saved."))
    except DomainError as error:
        web.show_errors(forms[part], error)
        return _page(forms, error.status)
    return _page(forms, 422)


def _save(part: str, form) -> None:
    office, who = web.current_organization, {"user_id": current_user.id}
    if part == "identity":
        services.change_identity(office, form.identity(), seen=form.seen.data, **who)
    elif part == "logo":
        services.set_logo(office, _stored(services.store_logo, form.picture), **who)
    elif part == "seal":
        services.set_seal(office, _stored(services.store_seal, form.seal), **who)
    elif part == "numbering":
        services.change_pattern(office, form.number_pattern.data or "", seen=form.seen.data, **who)
    else:
        services.change_signatories(office, form.details(), seen=form.seen.data, **who)


def _stored(store, field) -> str:
    office_id = web.current_organization.id
    with web.looking():
        return store(office_id, field.data.read())


@bp.post("/kelola/kantor/logo/hapus")
@web.allow("own")
def remove_logo():
    services.remove_logo(web.current_organization, user_id=current_user.id)
    web.commit()
    return web.redirect(url_for("organizations.settings", _anchor="logo"), _("The logo is removed."))


@bp.get("/kelola/kantor/stempel")
@web.allow("own")
def seal():
    """The stamp, for those who may change it."""
    key = web.current_organization.seal_file
    try:
        content = files.get(key) if key else b""
    except files.FileMissing:
        content = b""
    if not content:
        return web.redirect(url_for("organizations.settings", _anchor="seal"), _("The office has no stamp yet."))
    return Response(content, mimetype="image/webp" if key.endswith(".webp") else "image/png")


@bp.post("/kelola/kantor/stempel/hapus")
@web.allow("own")
def remove_seal():
    services.remove_seal(web.current_organization, user_id=current_user.id)
    web.commit()
    return web.redirect(url_for("organizations.settings", _anchor="seal"), _("The stamp is removed."))
