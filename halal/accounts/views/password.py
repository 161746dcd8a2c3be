"""A forgotten password: asking for a link by mail, and setting a new password with a link."""

from datetime import timedelta

from flask import url_for
from flask_babel import gettext as _

from halal import jobs, limits, web
from halal.accounts import letters, services
from halal.accounts.forms import ForgottenForm, NewPasswordForm
from halal.accounts.jobs import MAIL_ACCOUNT_LINK
from halal.accounts.views import bp
from halal.accounts.views.session import sign_in
from halal.errors import DomainError, NotFound
from halal.text import email_key

MAILS_TO_ONE = limits.Limit(3, timedelta(hours=1))
ASKED_FROM_AN_ADDRESS = limits.Limit(30, timedelta(minutes=10))


def _forgotten_page(form: ForgottenForm, status: int = 200, sent: bool = False):
    return web.render("accounts/forgotten.html", form=form, by_mail=letters.can_send(), sent=sent, status=status)


@bp.get("/masuk/lupa-sandi")
@web.allow("public")
def forgotten():
    return _forgotten_page(ForgottenForm(formdata=None))


@bp.post("/masuk/lupa-sandi")
@web.allow("public")
def forgotten_post():
    """The same answer for every e-mail, whether it has an account or not."""
    form = ForgottenForm()
    if not letters.can_send() or not form.validate():
        return _forgotten_page(form, 422)
    email = email_key(form.email.data)
    try:
        with web.counting():
            limits.take(ASKED_FROM_AN_ADDRESS, "password mail", web.client_address())
            limits.take(MAILS_TO_ONE, "password mail", email)
    except limits.TooMany as error:
        web.show_errors(form, error)
        return web.too_many(error, _forgotten_page(form, error.status))
    jobs.start(MAIL_ACCOUNT_LINK, email=email)
    web.commit()
    return _forgotten_page(form, sent=True)


def _new_password_page(token: str, form: NewPasswordForm, status: int = 200):
    user = services.user_of_password_link(token)
    return web.render("accounts/new_password.html", form=form, user=user, token=token, status=status)


@bp.get("/sandi/<token>")
@web.allow("public")
def new_password(token):
    return _new_password_page(token, NewPasswordForm(formdata=None))


@bp.post("/sandi/<token>")
@web.allow("public")
def new_password_post(token):
    form = NewPasswordForm()
    if not form.validate():
        return _new_password_page(token, form, 422)
    try:
        with web.looking():
            password_hash = services.new_hash_of(services.user_of_password_link(token), form.password.data)
        user = services.use_password_link(token, password_hash)
    except NotFound:
        raise
    except DomainError as error:
        web.show_errors(form, error)
        return _new_password_page(token, form, 422)
    sign_in(user)
    web.commit()
    return web.redirect(url_for("desk.home"), _("Your password is changed. Other devices are logged out."))
