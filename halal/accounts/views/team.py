"""The team of an office: members, roles, invitations, and joining by an invitation's link."""

from flask import request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import web
from halal.accounts import services
from halal.accounts.forms import ROLE_LABELS, InviteForm, JoinForm
from halal.accounts.models import Role
from halal.accounts.views import bp
from halal.accounts.views.session import sign_in
from halal.errors import DomainError, NotFound
from halal.extensions import limiter
from halal.web import current_organization


def _team_page(form: InviteForm, status: int = 200):
    return web.render(
        "accounts/team.html", form=form, status=status, role_labels=ROLE_LABELS,
        members=services.members(current_organization), invitations=services.open_invitations(current_organization),
        fresh_link=session.pop("invitation_link", None),
    )  # fmt: skip


@bp.get("/kelola/tim")
@web.allow("own")
def team():
    return _team_page(InviteForm(formdata=None))


@bp.post("/kelola/tim/undang")
@web.allow("own")
def invite():
    form = InviteForm()
    if not form.validate():
        return _team_page(form, 422)
    try:
        _invitation, token = services.invite(current_organization, form.email.data, Role(form.role.data), current_user)
    except DomainError as error:
        web.show_errors(form, error)
        return _team_page(form, 422)
    web.commit()
    session["invitation_link"] = web.absolute(url_for("accounts.join", token=token))
    return web.redirect(
        url_for("accounts.team"), _("The invitation is ready. Send its link to %(email)s.", email=form.email.data)
    )


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


@bp.post("/kelola/tim/undangan/<int:invitation_id>/cabut")
@web.allow("own")
def revoke_invitation(invitation_id):
    services.revoke_invitation(current_organization, invitation_id)
    web.commit()
    return web.redirect(url_for("accounts.team"), _("The invitation is withdrawn."))


def _join_page(token: str, form: JoinForm, status: int = 200):
    invitation = services.find_invitation(token)
    known = services.find_user(invitation.email) is not None
    return web.render("accounts/join.html", form=form, invitation=invitation, known=known, token=token, status=status)


@bp.get("/undangan/<token>")
@web.allow("public")
@limiter.limit("30/minute")
def join(token):
    return _join_page(token, JoinForm(formdata=None))


@bp.post("/undangan/<token>")
@web.allow("public")
@limiter.limit("10/minute")
def join_post(token):
    form = JoinForm()
    if not form.validate():
        return _join_page(token, form, 422)
    try:
        user = services.accept_invitation(token, form.name.data or "", form.password.data)
    except NotFound:
        raise
    except DomainError as error:
        web.show_errors(form, error)
        return _join_page(token, form, 422)
    web.commit()
    sign_in(user)
    return web.redirect(url_for("desk.home"), _("Welcome, %(name)s.", name=user.name))
