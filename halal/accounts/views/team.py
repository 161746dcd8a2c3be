"""The team of an office: members, roles, their log-ins, invitations, and joining by an invitation's link."""

from flask import g, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import web
from halal.accounts import letters, login_sessions, services
from halal.accounts.forms import ROLE_LABELS, InviteForm, JoinForm
from halal.accounts.models import Role
from halal.accounts.views import bp
from halal.accounts.views.session import sign_in
from halal.errors import DomainError, NotFound
from halal.messages import services as messages
from halal.web import current_organization


def _team_page(form: InviteForm, status: int = 200):
    invitations = services.open_invitations(current_organization)
    return web.render(
        "accounts/team.html",
        form=form,
        status=status,
        role_labels=ROLE_LABELS,
        by_mail=letters.can_send(),
        members=services.members(current_organization),
        invitations=invitations,
        mails=messages.find_mails(letters.mail_key(invitation) for invitation in invitations),
        mail_key=letters.mail_key,
        fresh_link=session.pop("invitation_link", None),
    )


@bp.get("/kelola/tim")
@web.allow("own")
def team():
    return _team_page(InviteForm(formdata=None))


@bp.post("/kelola/tim/undang")
@web.allow("own")
def invite():
    form, by_mail = InviteForm(), letters.can_send()
    if not form.validate():
        return _team_page(form, 422)
    try:
        invitation, token = services.invite(
            current_organization, form.email.data, Role(form.role.data), current_user, by_mail=by_mail
        )
    except DomainError as error:
        web.show_errors(form, error)
        return _team_page(form, 422)
    if by_mail:
        letters.send_invitation(invitation, token)
        message = _("The invitation goes to %(email)s by e-mail.", email=invitation.email)
    else:
        session["invitation_link"] = letters.invitation_url(token)
        message = _("The invitation is ready. Send its link to %(email)s.", email=invitation.email)
    web.commit()
    return web.redirect(url_for("accounts.team"), message)


@bp.post("/kelola/tim/<int:membership_id>/peran")
@web.allow("own")
def change_role(membership_id):
    chosen = request.form.get("role", "")
    membership = services.change_role(current_organization, membership_id, chosen, current_user)
    web.commit()
    return web.redirect(url_for("accounts.team"), _("%(name)s has a new role.", name=membership.user.name))


@bp.post("/kelola/tim/<int:membership_id>/keluarkan")
@web.allow("own")
def remove_member(membership_id):
    membership = services.remove_member(current_organization, membership_id, current_user)
    name = membership.user.name
    web.commit()
    return web.redirect(url_for("accounts.team"), _("%(name)s is no longer in the team.", name=name))


@bp.get("/kelola/tim/<int:membership_id>")
@web.allow("own")
def member(membership_id):
    """A member's account: where it is logged in, and a link for a new password."""
    membership = services.find_member(current_organization, membership_id)
    user = membership.user
    return web.render(
        "accounts/member.html",
        membership=membership,
        logins=login_sessions.of_user(user),
        this_login=g.login_session.id,
        may_reset=services.may_reset_password(current_organization, user),
        fresh_link=session.pop("password_link", None),
    )


@bp.post("/kelola/tim/<int:membership_id>/sesi/akhiri")
@web.allow("own")
def end_member_sessions(membership_id):
    services.end_member_sessions(
        current_organization,
        membership_id,
        current_user,
        session_id=request.form.get("session_id", type=int),
        everywhere=bool(request.form.get("all")),
    )
    web.commit()
    return web.redirect(url_for("accounts.member", membership_id=membership_id), _("Logged out there."))


@bp.post("/kelola/tim/<int:membership_id>/sandi")
@web.allow("own")
def make_password_link(membership_id):
    page = url_for("accounts.member", membership_id=membership_id)
    try:
        token = services.make_member_password_link(current_organization, membership_id, current_user)
    except NotFound:
        raise
    except DomainError as error:
        return web.redirect(page, error.message, "error")
    web.commit()
    session["password_link"] = letters.password_url(token)
    return web.redirect(page)


@bp.post("/kelola/tim/undangan/<int:invitation_id>/cabut")
@web.allow("own")
def revoke_invitation(invitation_id):
    services.revoke_invitation(current_organization, invitation_id)
    web.commit()
    return web.redirect(url_for("accounts.team"), _("The invitation is withdrawn."))


def _join_page(token: str, form: JoinForm, status: int = 200):
    """A form for a new account; or, where the e-mail has one, the way to log in with it, and the button to join."""
    invitation = services.find_invitation(token)
    known = services.find_user(invitation.email)
    return web.render(
        "accounts/join.html",
        form=form,
        invitation=invitation,
        token=token,
        status=status,
        known=known is not None,
        here=known is not None and current_user.is_authenticated and current_user.id == known.id,
    )


@bp.get("/undangan/<token>")
@web.allow("public")
def join(token):
    return _join_page(token, JoinForm(formdata=None))


@bp.post("/undangan/<token>")
@web.allow("public")
def join_post(token):
    form = JoinForm()
    invitation = services.find_invitation(token)
    try:
        if services.find_user(invitation.email) is not None:
            return _join_with_account(token)
        if not form.validate():
            return _join_page(token, form, 422)
        name, email, office = form.name.data or "", invitation.email, invitation.organization
        with web.looking():
            password_hash = services.new_hash(form.password.data, email, name, [office])
        user = services.join_with_new_account(token, name, password_hash)
    except NotFound:
        raise
    except DomainError as error:
        web.show_errors(form, error)
        return _join_page(token, form, 422)
    sign_in(user)
    name = user.name
    web.commit()
    return web.redirect(url_for("desk.home"), _("Welcome, %(name)s.", name=name))


def _join_with_account(token: str):
    if not current_user.is_authenticated:
        return web.redirect(url_for("accounts.login", next=url_for("accounts.join", token=token)))
    office_id = services.find_invitation(token).organization_id
    services.accept_invitation(token, current_user)
    session["organization_id"] = office_id
    name = current_user.name
    web.commit()
    return web.redirect(url_for("desk.home"), _("Welcome, %(name)s.", name=name))
