"""What can be done with accounts."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from halal import clock, ids
from halal.accounts import passwords
from halal.accounts.models import Invitation, Membership, Role, User
from halal.audit import services as audit
from halal.errors import Conflict, DomainError, NotFound
from halal.extensions import db
from halal.organizations.models import Organization
from halal.text import clean_line, clean_name

INVITATION_LIFETIME = timedelta(days=7)


def clean_email(typed: str) -> str:
    return clean_line(typed).lower()


def find_user(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == clean_email(email)))


def create_user(email: str, name: str, password: str) -> User:
    """A new staff account. Raises Conflict when the e-mail has one, DomainError for a short password."""
    if find_user(email):
        raise Conflict(_l("There is an account with this e-mail already."), "email")
    name = clean_name(name, _l("Write your name."))
    user = User(email=clean_email(email), name=name, password_hash=new_hash(password))
    db.session.add(user)
    db.session.flush()
    return user


def new_hash(password: str) -> str:
    """The hash of a new password. Raises DomainError when it is too short; spaces around it do not count."""
    if len(password.strip()) < passwords.MIN_LENGTH:
        raise DomainError(_l("A password needs at least %(count)s characters.", count=passwords.MIN_LENGTH), "password")
    return passwords.hash_password(password)


def authenticate(email: str, password: str) -> User:
    """The user with this e-mail and password. Raises DomainError that does not say which of the two was wrong."""
    user = find_user(email)
    if not passwords.verify(user.password_hash if user else None, password) or not user.active:
        raise DomainError(_l("E-mail or password is not right. Check both and try again."))
    return user


def note_login(user: User) -> None:
    user.last_login_at = clock.now()


def add_member(user: User, organization: Organization, role: Role) -> Membership:
    """Give a user a role in an office; changes the role of somebody who is a member already."""
    membership = db.session.scalar(
        select(Membership).where(Membership.user_id == user.id, Membership.organization_id == organization.id)
    )
    if membership is None:
        membership = Membership(user=user, organization=organization, role=role)
        db.session.add(membership)
    membership.role = role
    db.session.flush()
    return membership


def change_password(user: User, current: str, new: str) -> None:
    """Set a new password; every session of the user ends. Raises DomainError when the current one is wrong."""
    if not passwords.verify(user.password_hash, current):
        raise DomainError(_l("That is not your current password."), "current")
    try:
        user.password_hash = new_hash(new)
    except DomainError as error:
        raise DomainError(error.message, "new") from None
    user.session_version += 1


def members(organization: Organization) -> list[Membership]:
    """The office's staff, in the order they joined."""
    return list(
        db.session.scalars(
            select(Membership).where(Membership.organization_id == organization.id).order_by(Membership.id)
        )
    )


def _membership(organization: Organization, membership_id: int) -> Membership:
    membership = db.session.get(Membership, membership_id)
    if membership is None or membership.organization_id != organization.id:
        raise NotFound(_l("This person is not in your team."))
    return membership


def _keep_an_owner(membership: Membership) -> None:
    # The office's row is the lock: two owners who demote each other at once must not both succeed.
    db.session.scalar(select(Organization.id).where(Organization.id == membership.organization_id).with_for_update())
    owners = db.session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(Membership.organization_id == membership.organization_id, Membership.role == Role.OWNER)
    )
    if membership.role is Role.OWNER and owners <= 1:
        raise DomainError(_l("An office needs at least one owner. Make somebody else owner first."))


def change_role(organization: Organization, membership_id: int, chosen: str, by: User) -> Membership:
    """Give a member another role. Raises DomainError for an unknown role, or when the last owner would be gone."""
    membership = _membership(organization, membership_id)
    if chosen not in {role.value for role in Role}:
        raise DomainError(_l("Choose a role from the list."), "role")
    role = Role(chosen)
    if role is not Role.OWNER:
        _keep_an_owner(membership)
    membership.role = role
    audit.record("member.role_changed", organization_id=organization.id, user_id=by.id,
                 subject=f"user:{membership.user_id}", role=role.value)  # fmt: skip
    return membership


def remove_member(organization: Organization, membership_id: int, by: User) -> Membership:
    """Take somebody out of the office. Raises DomainError when the last owner would be gone."""
    membership = _membership(organization, membership_id)
    _keep_an_owner(membership)
    db.session.delete(membership)
    audit.record("member.removed", organization_id=organization.id, user_id=by.id,
                 subject=f"user:{membership.user_id}")  # fmt: skip
    return membership


def invite(organization: Organization, email: str, role: Role, by: User) -> tuple[Invitation, str]:
    """An invitation and the token of its link; the token is stored as a hash and cannot be shown again.

    An earlier open invitation to the same e-mail is withdrawn. Raises Conflict for somebody who is in already.
    """
    email = clean_email(email)
    user = find_user(email)
    if user and any(m.organization_id == organization.id for m in user.memberships):
        raise Conflict(_l("This person is in your team already."), "email")
    for earlier in open_invitations(organization):
        if earlier.email == email:
            earlier.revoked_at = clock.now()
    token = ids.token()
    invitation = Invitation(
        organization=organization, email=email, role=role, token_hash=ids.token_hash(token), invited_by_id=by.id,
        expires_at=clock.now() + INVITATION_LIFETIME,
    )  # fmt: skip
    db.session.add(invitation)
    db.session.flush()
    audit.record("member.invited", organization_id=organization.id, user_id=by.id,
                 subject=f"invitation:{invitation.id}", role=role.value)  # fmt: skip
    return invitation, token


def open_invitations(organization: Organization) -> list[Invitation]:
    """Invitations that can still be accepted, newest first."""
    return list(
        db.session.scalars(
            select(Invitation)
            .where(Invitation.organization_id == organization.id, Invitation.accepted_at.is_(None))
            .where(Invitation.revoked_at.is_(None), Invitation.expires_at > clock.now())
            .order_by(Invitation.id.desc())
        )
    )


def revoke_invitation(organization: Organization, invitation_id: int) -> None:
    """Withdraw an invitation; its link stops working."""
    invitation = db.session.get(Invitation, invitation_id)
    if invitation is None or invitation.organization_id != organization.id:
        raise NotFound(_l("There is no such invitation."))
    invitation.revoked_at = invitation.revoked_at or clock.now()


def find_invitation(token: str) -> Invitation:
    """The invitation of a link. Raises NotFound when it is unknown, used, withdrawn or too old."""
    invitation = db.session.scalar(select(Invitation).where(Invitation.token_hash == ids.token_hash(token)))
    if invitation is None or invitation.accepted_at or invitation.revoked_at or invitation.expires_at <= clock.now():
        raise NotFound(_l("This invitation no longer works. Ask the owner of the office for a new one."))
    return invitation


def accept_invitation(token: str, name: str, password: str) -> User:
    """Join the office: with a new account, or with the existing one when its password fits. Works once.

    Raises NotFound for a link that no longer works, DomainError for a short or wrong password.
    """
    invitation = find_invitation(token)
    # Lock the row and look again: a link opened twice lets one person in, not two.
    db.session.refresh(invitation, with_for_update=True)
    if invitation.accepted_at:
        raise NotFound(_l("This invitation no longer works. Ask the owner of the office for a new one."))
    user = find_user(invitation.email)
    if user is None:
        user = create_user(invitation.email, name, password)
    elif not passwords.verify(user.password_hash, password):
        raise DomainError(_l("There is an account with this e-mail: use its password."), "password")
    add_member(user, invitation.organization, invitation.role)
    invitation.accepted_at = clock.now()
    audit.record("member.joined", organization_id=invitation.organization_id, user_id=user.id,
                 subject=f"invitation:{invitation.id}")  # fmt: skip
    return user
