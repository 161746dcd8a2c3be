"""Log-in, log-out, language, choice of office."""

from flask import Blueprint, g, request, session, url_for
from flask_limiter.util import get_remote_address
from flask_login import login_user, logout_user

from halal import i18n, web
from halal.accounts import gate, services
from halal.accounts.forms import LoginForm
from halal.errors import DomainError
from halal.extensions import limiter

bp = Blueprint("accounts", __name__)
RESUME = "resume:"


def _attempt_key() -> str:
    return f"{get_remote_address()}|{request.form.get('email', '').strip().lower()}"


def _resumed():
    """The form that was on its way when the session ended, as the log-in page carried it."""
    action = web.safe_next(request.form.get("resume_action"), "")
    if not action:
        return None
    return action, [(k.removeprefix(RESUME), v) for k, v in request.form.items(multi=True) if k.startswith(RESUME)]


@bp.get("/masuk")
@web.allow("public")
def login():
    next_url = web.safe_next(request.args.get("next"), "")
    if g.membership:
        return web.redirect(next_url or url_for("desk.home"))
    return gate.login_page(200, next_url=next_url)


@bp.post("/masuk")
@web.allow("public")
@limiter.limit("10/minute;60/hour", key_func=_attempt_key)
@limiter.limit("60/minute")
def login_post():
    form, resume = LoginForm(), _resumed()
    next_url = web.safe_next(request.form.get("next"), "")
    if not form.validate():
        return gate.login_page(422, form=form, resume=resume, next_url=next_url)
    try:
        user = services.authenticate(form.email.data, form.password.data)
    except DomainError as error:
        web.show_errors(form, error)
        return gate.login_page(422, form=form, resume=resume, next_url=next_url)
    locale = session.get("locale")
    session.clear()  # nothing of an anonymous session outlives the log-in
    login_user(user)
    session.permanent = True
    session["locale"] = locale
    services.note_login(user)
    web.commit()
    if resume:
        return web.resume_page(*resume)
    return web.redirect(next_url or url_for("desk.home"))


@bp.post("/keluar")
@web.allow("public")
def logout():
    logout_user()
    session.clear()
    return web.redirect(url_for("portal.home"))


@bp.post("/bahasa")
@web.allow("public")
def set_language():
    if request.form.get("lang") in i18n.LOCALES:
        session["locale"] = request.form["lang"]
    return web.redirect(web.safe_next(request.form.get("next"), url_for("portal.home")))


@bp.post("/kelola/pilih-kantor")
@web.allow("staff")
def switch_organization():
    chosen = request.form.get("organization_id", type=int)
    if chosen in [m.organization_id for m in g.memberships]:
        session["organization_id"] = chosen
    return web.redirect(url_for("desk.home"))


@bp.get("/kelola/akun")
@web.allow("staff")
def profile():
    return web.render("accounts/profile.html")


@bp.get("/kelola/tim")
@web.allow("own")
def team():
    return web.render("accounts/team.html")
