"""Log-in, log-out, language, choice of office, the own account and where it is logged in."""

import logging
from datetime import timedelta

from flask import current_app, g, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user
from itsdangerous import BadSignature

from halal import i18n, ids, limits, web
from halal.accounts import gate, login_sessions, services
from halal.accounts.forms import LoginForm, PasswordForm
from halal.accounts.views import bp
from halal.errors import DomainError
from halal.text import email_key

RESUME = "resume:"
log = logging.getLogger(__name__)

# A browser on which somebody has logged in before counts its attempts by itself: a stranger who tries passwords makes
# nobody wait there (OWASP, device cookies). It opens nothing.
KNOWN_DEVICE = "serambi_known"
_KNOWN_FOR = timedelta(days=180)
_KNOWN_ACCOUNTS = 8  # of one browser

# What fails from one address, whichever accounts are tried; a whole office that mistypes stays below it.
FAILURES_OF_AN_ADDRESS = limits.Limit(100, timedelta(minutes=10))


def _resumed():
    """The form that was on its way when the session ended, as the log-in page carried it."""
    action = web.safe_next(request.form.get("resume_action"), "")
    if not action:
        return None
    return action, [(k.removeprefix(RESUME), v) for k, v in request.form.items(multi=True) if k.startswith(RESUME)]


def sign_in(user) -> None:
    """Begin a fresh session for the user; the view commits it. The one of before, if any, ends."""
    login_sessions.end(session.get("_user_id", ""))
    locale, organization_id = session.get("locale"), session.get("organization_id")
    session.clear()  # nothing of an anonymous session outlives the log-in, save the language
    g.pop("csrf_token", None)  # made for the session that has just ended
    login_user(user)
    session["_user_id"] = login_sessions.begin(user, request.user_agent.string, request.remote_addr or "")
    session.permanent = True
    session.update(locale=locale, organization_id=organization_id)


def _known_accounts() -> dict[str, str]:
    """The accounts that have logged in on this browser: hashes of their e-mails, each with a number of its own."""
    try:
        known = web.signed(KNOWN_DEVICE).loads(
            request.cookies.get(KNOWN_DEVICE, ""), max_age=_KNOWN_FOR.total_seconds()
        )
    except BadSignature:
        return {}
    return known if isinstance(known, dict) else {}


def remember_device(response, user):
    """Note in the browser that this user has logged in here."""
    account = _account_hash(user.email)
    known = _known_accounts()
    known = {account: known.pop(account, None) or ids.token(), **known}
    value = web.signed(KNOWN_DEVICE).dumps(dict(list(known.items())[:_KNOWN_ACCOUNTS]))
    response.set_cookie(
        KNOWN_DEVICE,
        value,
        max_age=_KNOWN_FOR,
        path=url_for("accounts.login"),
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def _account_hash(email: str) -> str:
    return ids.token_hash(email_key(email))[:16]


def _count_attempt(email: str) -> None:
    """Count an attempt to log in before the password is compared: tries at the same moment, on several addresses and at
    several web processes, are counted too. Raises TooMany."""
    device = _known_accounts().get(_account_hash(email))
    with web.counting():
        if device:
            return limits.delay_attempts("log-in on a known device", email_key(email), device)
        limits.take(FAILURES_OF_AN_ADDRESS, "log-in from an address", web.client_address())
        try:
            return limits.delay_attempts(services.LOG_IN, email_key(email))
        except limits.TooMany:  # no password was compared: one impatient colleague does not use up the office's tries
            limits.give_back(FAILURES_OF_AN_ADDRESS, "log-in from an address", web.client_address())
            raise


def _forget_attempts(email: str) -> None:
    device = _known_accounts().get(_account_hash(email))
    if device:
        limits.forget("log-in on a known device", email_key(email), device)
    else:
        limits.give_back(FAILURES_OF_AN_ADDRESS, "log-in from an address", web.client_address())
        limits.forget(services.LOG_IN, email_key(email))


@bp.get("/masuk")
@web.allow("public")
def login():
    next_url = web.safe_next(request.args.get("next"), "")
    if g.membership:
        return web.redirect(next_url or url_for("desk.home"))
    return gate.login_page(200, next_url=next_url)


@bp.post("/masuk")
@web.allow("public")
def login_post():
    form, resume = LoginForm(), _resumed()
    next_url = web.safe_next(request.form.get("next"), "")
    if not form.validate():
        return gate.login_page(422, form=form, resume=resume, next_url=next_url)
    email = form.email.data
    try:
        _count_attempt(email)
        with web.looking():  # a password takes its time to be compared; nobody waits for the database meanwhile
            user = services.authenticate(email, form.password.data)
    except limits.TooMany as error:
        log.warning("a log-in was refused: too many attempts for this account")
        web.show_errors(form, error)
        return web.too_many(error, gate.login_page(error.status, form=form, resume=resume, next_url=next_url))
    except DomainError as error:
        log.warning("a log-in was refused: e-mail or password is not right")
        web.show_errors(form, error)
        return gate.login_page(422, form=form, resume=resume, next_url=next_url)
    _forget_attempts(email)
    sign_in(user)
    services.note_login(user)
    web.commit()
    return remember_device(web.resume_page(*resume) if resume else web.redirect(next_url or url_for("desk.home")), user)


@bp.post("/keluar")
@web.allow("public")
def logout():
    login_sessions.end(session.get("_user_id", ""))
    web.commit()
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


def _profile_page(form: PasswordForm, status: int = 200):
    return web.render(
        "accounts/profile.html",
        form=form,
        status=status,
        logins=login_sessions.of_user(current_user),
        this_login=g.login_session.id,
    )


@bp.get("/kelola/akun")
@web.allow("staff", of_office=False)
def profile():
    return _profile_page(PasswordForm(formdata=None))


@bp.post("/kelola/akun")
@web.allow("staff", of_office=False)
def change_password():
    form = PasswordForm()
    if not form.validate():
        return _profile_page(form, 422)
    user = current_user._get_current_object()  # the user itself, not the stand-in for it
    email = user.email
    try:
        with web.counting():  # whoever found a browser open does not try passwords here without end
            limits.delay_attempts("password change", email)
        with web.looking():
            new_hash = services.replace_hash(user, form.current.data, form.new.data)
    except DomainError as error:
        web.show_errors(form, error)
        page = _profile_page(form, error.status)
        return web.too_many(error, page) if isinstance(error, limits.TooMany) else page
    limits.forget("password change", email)
    services.set_password(user, new_hash)
    sign_in(user)
    web.commit()
    return web.redirect(url_for("accounts.profile"), _("Your password is changed. Other devices are logged out."))


@bp.post("/kelola/akun/sesi/akhiri")
@web.allow("staff", of_office=False)
def end_sessions():
    """End one of one's own log-ins, or all but this one."""
    if request.form.get("all"):
        login_sessions.end_of_user(current_user, but=g.login_session.id)
    else:
        login_sessions.end_one(current_user, request.form.get("session_id", type=int))
    web.commit()
    return web.redirect(url_for("accounts.profile"), _("Logged out there."))
