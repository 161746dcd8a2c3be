"""Log-in, log-out, language, choice of office, the own account."""

from flask import g, request, session, url_for
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from flask_login import current_user, login_user, logout_user

from halal import i18n, web
from halal.accounts import gate, services
from halal.accounts.forms import LoginForm, PasswordForm
from halal.accounts.views import bp
from halal.errors import DomainError
from halal.extensions import limiter

RESUME = "resume:"


def _attempt_key() -> str:
    return f"{get_remote_address()}|{request.form.get('email', '').strip().lower()}"


def _resumed():
    """The form that was on its way when the session ended, as the log-in page carried it."""
    action = web.safe_next(request.form.get("resume_action"), "")
    if not action:
        return None
    return action, [(k.removeprefix(RESUME), v) for k, v in request.form.items(multi=True) if k.startswith(RESUME)]


def sign_in(user) -> None:
    """Begin a fresh session for the user."""
    locale, organization_id = session.get("locale"), session.get("organization_id")
    session.clear()  # nothing of an anonymous session outlives the log-in, save the language
    g.pop("csrf_token", None)  # made for the session that has just ended
    login_user(user)
    session.permanent = True
    session.update(locale=locale, organization_id=organization_id)


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
        with web.looking():  # a password takes its time to be compared; nobody waits for the database meanwhile
            user = services.authenticate(form.email.data, form.password.data)
    except DomainError as error:
        web.show_errors(form, error)
        return gate.login_page(422, form=form, resume=resume, next_url=next_url)
    sign_in(user)
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
@web.allow("staff", of_office=False)
def switch_organization():
    chosen = request.form.get("organization_id", type=int)
    if chosen in [m.organization_id for m in g.memberships]:
        session["organization_id"] = chosen
    return web.redirect(url_for("desk.home"))


@bp.get("/kelola/akun")
@web.allow("staff", of_office=False)
def profile():
    return web.render("accounts/profile.html", form=PasswordForm(formdata=None))


@bp.post("/kelola/akun")
@web.allow("staff", of_office=False)
@limiter.limit("10/minute")
def change_password():
    form = PasswordForm()
    if form.validate():
        try:
            services.change_password(current_user, form.current.data, form.new.data)
        except DomainError as error:
            web.show_errors(form, error)
        else:
            web.commit()
            sign_in(current_user._get_current_object())  # the user itself, not the stand-in for it
            return web.redirect(
                url_for("accounts.profile"), _("Your password is changed. Other devices are logged out.")
            )
    return web.render("accounts/profile.html", form=form, status=422)
