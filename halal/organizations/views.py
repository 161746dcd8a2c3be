"""The office: name, letterhead, logo, numbering, signatories. One page and one button that saves all of it."""

from collections.abc import Sequence

from flask import Blueprint, Response, abort, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import files, web
from halal.errors import DomainError
from halal.extensions import db
from halal.meanwhile import mark
from halal.organizations import services
from halal.organizations.forms import IdentityForm, LogoForm, NumberingForm, SealForm, SignatoriesForm

bp = Blueprint("organizations", __name__)
# What stands in a request tells which parts of the page it carries: the page sends all, with one button.
PARTS = {
    "identity": {"name"},
    "logo": {"picture", "remove_logo"},
    "seal": {"seal", "remove_seal"},
    "numbering": {"number_pattern"},
    "signatories": {"signatories-0-name"},
}
PICTURES = {"logo": services.store_logo, "seal": services.store_seal}


def _sent() -> list[str]:
    """The parts that this request carries."""
    there = request.form.keys() | request.files.keys()
    return [part for part, fields in PARTS.items() if fields & there]


def _forms(office, sent: Sequence[str] = ()) -> dict:
    """The form of each part; those that were sent read what was typed, the others show what is stored."""
    forms = {
        "identity": IdentityForm(office, **_typed("identity", sent)),
        "logo": LogoForm(**_typed("logo", sent)),
        "seal": SealForm(**_typed("seal", sent)),
        "numbering": NumberingForm(obj=office, **_typed("numbering", sent)),
        "signatories": SignatoriesForm(office, **_typed("signatories", sent)),
    }
    seen = dict(mark.split(":", 1) for mark in request.form.get("seen", "").split() if ":" in mark)
    for part, shown in services.shown(office).items():
        forms[part].seen.data = seen.get(part, "") if part in sent else mark(shown)
    return forms


def _typed(part: str, sent: Sequence[str]) -> dict:
    return {} if part in sent else {"formdata": None}


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
    """All parts of the page at once: nothing typed into one is lost by saving another."""
    sent = _sent() or abort(400)
    forms, status = _forms(web.current_organization, sent), 422
    if "more" in request.form:
        return _page(forms)
    complete = [forms[part].validate() for part in sent]
    if all(complete):
        stored, part = {}, ""
        try:
            for part in [part for part in PICTURES if part in sent]:
                stored[part] = _store(part, forms[part])
            for part in [*stored, *(part for part in sent if part not in PICTURES)]:
                _save(part, forms[part], stored.get(part, ""))
            web.commit()
            return web.redirect(url_for("organizations.settings"), _("Saved."))
        except DomainError as error:
            web.show_errors(forms[part], error)
            db.session.rollback()
            status = error.status
    return _page(forms, status)


def _store(part: str, form) -> str:
    """Store the picture that was sent, before anything is written: it takes its time. Its key; empty without one."""
    store, field = PICTURES[part], form["picture" if part == "logo" else "seal"]
    if not field.data:
        return ""
    office_id = web.current_organization.id
    with web.looking():
        return store(office_id, field.data.read())


def _save(part: str, form, stored: str) -> None:
    office, who = web.current_organization, {"user_id": current_user.id}
    if part == "identity":
        services.change_identity(office, form.identity(), seen=form.seen.data, **who)
    elif part == "logo" and stored:
        services.set_logo(office, stored, **who)
    elif part == "logo" and form.remove_logo.data:
        services.remove_logo(office, **who)
    elif part == "seal" and stored:
        services.set_seal(office, stored, **who)
    elif part == "seal" and form.remove_seal.data:
        services.remove_seal(office, **who)
    elif part == "numbering":
        services.change_pattern(office, form.number_pattern.data or "", seen=form.seen.data, **who)
    elif part == "signatories":
        services.change_signatories(office, form.details(), seen=form.seen.data, **who)


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
