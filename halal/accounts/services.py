"""What can be done with accounts."""

from collections.abc import Iterable
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select

from halal import clock, ids, limits
from halal.accounts import login_sessions, passwords
from halal.accounts.models import Invitation, Membership, PasswordLink, Role, User
from halal.audit import services as audit
from halal.errors import Conflict, DomainError, NotFound
from halal.extensions import db
from halal.organizations.models import Organization
from halal.text import clean_name, email_key

INVITATION_LIFETIME = timedelta(days=7)
HANDED_LINK_LIFETIME = timedelta(days=1)  # of a link for a new password that somebody hands over
MAILED_LINK_LIFETIME = timedelta(hours=2)
LOG_IN = "log-in"  # by what attempts of one account are counted, see halal/limits.py


def find_user(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email_key(email)))


def create_user(email: str, name: str, password_hash: str, *, confirmed: bool) -> User:
    """A new staff account; `confirmed`: it is known that this person reads the e-mail. Raises Conflict when the e-mail
    has an account."""
    if find_user(email):
        raise Conflict(_l("There is an account with this e-mail already."), "email")
    user = User(
        email=email_key(email), name=clean_name(name, _l("Write your name.")), password_hash=password_hash,
        email_confirmed_at=clock.now() if confirmed else None,
    )  # fmt: skip
    db.session.add(user)
    db.session.flush()
    return user


def new_hash(password: str, email: str, name: str, offices: Iterable[Organization]) -> str:
    """The hash of a new password of this person. It takes its time, so it is made before anything is changed.

    Raises DomainError when the password is short, common, or made of what is known about its owner.
    """
    own = [email, name, *(text for office in offices for text in (office.name, office.short_name, office.slug))]
    passwords.check(password, own)
    return passwords.hash_password(password)


def new_hash_of(user: User, password: str) -> str:
    """The hash of a new password for somebody who has an account; see `new_hash`."""
    return new_hash(password, user.email, user.name, [m.organization for m in user.memberships])


def authenticate(email: str, password: str) -> User:
    """The user with this e-mail and password. Raises DomainError that does not say which of the two was wrong."""
    user = find_user(email)
    if not passwords.verify(user.password_hash if user else None, password) or not user.active:
        raise DomainError(_l("E-mail or password is not right. Check both and try again."))
    return user


def note_login(user: User) -> None:
    user.last_login_at = clock.now()


def add_member(user: User, organization: Organization, role: Role) -> Membership:
    """Give a user a role in an office; changes the role of somebody who is a member already.

    Links for a new password that another office has made end: its admin must not come into this one with them.
    """
    others = (PasswordLink.user_id == user.id) & (PasswordLink.organization_id != organization.id)
    db.session.execute(delete(PasswordLink).where(others))
    membership = db.session.scalar(
        select(Membership).where(Membership.user_id == user.id, Membership.organization_id == organization.id)
    )
    if membership is None:
        membership = Membership(user=user, organization=organization, role=role)
        db.session.add(membership)
    membership.role = role
    db.session.flush()
    return membership


def replace_hash(user: User, current: str, new: str) -> str:
    """The hash of a user's next password. Raises DomainError when the current one is wrong or the new one too weak."""
    if not passwords.verify(user.password_hash, current):
        raise DomainError(_l("That is not your current password."), "current")
    try:
        return new_hash_of(user, new)
    except DomainError as error:
        raise DomainError(error.message, "new") from None


def set_password(user: User, password_hash: str) -> None:
    """Store a new password: every log-in of the user ends, and every link for a new password."""
    user.password_hash = password_hash
    login_sessions.end_of_user(user)
    db.session.execute(delete(PasswordLink).where(PasswordLink.user_id == user.id))


def members(organization: Organization) -> list[Membership]:
    """The office's staff, in the order they joined."""
    return list(
        db.session.scalars(
            select(Membership).where(Membership.organization_id == organization.id).order_by(Membership.id)
        )
    )


def find_member(organization: Organization, membership_id: int) -> Membership:
    """A membership of this office. Raises NotFound for another one's."""
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
    membership = find_member(organization, membership_id)
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
    membership = find_member(organization, membership_id)
    _keep_an_owner(membership)
    db.session.delete(membership)
    audit.record("member.removed", organization_id=organization.id, user_id=by.id,
                 subject=f"user:{membership.user_id}")  # fmt: skip
    return membership


def end_member_sessions(
    organization: Organization, membership_id: int, by: User, *, session_id: int | None = None, everywhere: bool = False
) -> Membership:
    """End one log-in of a member, or all: a lost phone stays logged in nowhere, whichever office it worked for."""
    membership = find_member(organization, membership_id)
    user = membership.user
    ended = login_sessions.end_of_user(user) if everywhere else login_sessions.end_one(user, session_id)
    audit.record("member.sessions_ended", organization_id=organization.id, user_id=by.id,
                 subject=f"user:{membership.user_id}", count=ended)  # fmt: skip
    return membership


def may_reset_password(organization: Organization, user: User) -> bool:
    """Whether this office's admins may hand this user a link for a new password: not when the account works for another
    office too, for whoever uses the link works for all of them."""
    return {m.organization_id for m in user.memberships} == {organization.id}


def make_member_password_link(organization: Organization, membership_id: int, by: User) -> str:
    """The token of a link that an admin hands to a member. Raises DomainError when the account is not this office's
    alone, or is the admin's own: an open browser must not be enough to change its password."""
    user = find_member(organization, membership_id).user
    if user.id == by.id:
        raise DomainError(_l("Change your own password under My account."))
    if not may_reset_password(organization, user):
        raise DomainError(
            _l("This account works for another office too, so only who runs this site can make a link for it.")
        )
    return make_password_link(user, organization=organization, by=by)


def make_password_link(
    user: User, *, organization: Organization | None = None, by: User | None = None, by_mail: bool = False
) -> str:
    """The token of a link with which the user sets a new password, once; only its hash is stored."""
    now, token = clock.now(), ids.token()
    lifetime = MAILED_LINK_LIFETIME if by_mail else HANDED_LINK_LIFETIME
    db.session.execute(delete(PasswordLink).where(PasswordLink.expires_at <= now))
    db.session.add(
        PasswordLink(
            user_id=user.id, organization_id=organization.id if organization else None, by_mail=by_mail,
            token_hash=ids.token_hash(token), expires_at=now + lifetime,
        )
    )  # fmt: skip
    db.session.flush()
    _record_in_offices("member.password_link_made", user, by)
    return token


def _record_in_offices(action: str, user: User, by: User | None) -> None:
    for membership in user.memberships:
        audit.record(action, organization_id=membership.organization_id, user_id=by.id if by else None,
                     subject=f"user:{user.id}")  # fmt: skip


def _check_password_link(link: PasswordLink | None) -> User:
    works = link is not None and link.expires_at > clock.now() and link.user.active
    if works and link.organization_id is not None:
        works = {m.organization_id for m in link.user.memberships} == {link.organization_id}
    if not works:
        raise NotFound(_l("This link for a new password no longer works. Ask for a new one."))
    return link.user


def user_of_password_link(token: str) -> User:
    """Who sets a new password with this link. Raises NotFound when it is unknown, used, too old, or its office has lost
    the say over the account."""
    return _check_password_link(
        db.session.scalar(select(PasswordLink).where(PasswordLink.token_hash == ids.token_hash(token)))
    )


def use_password_link(token: str, password_hash: str) -> User:
    """Set a new password by a link. The link's row is deleted, so of two who use it at once one succeeds; all other
    links and log-ins of the user end. Raises NotFound like `user_of_password_link`."""
    of_token = PasswordLink.token_hash == ids.token_hash(token)
    link = db.session.scalar(select(PasswordLink).where(of_token))
    user, by_mail = _check_password_link(link), link is not None and link.by_mail
    if db.session.execute(delete(PasswordLink).where(of_token)).rowcount != 1:
        _check_password_link(None)
    if by_mail:
        user.email_confirmed_at = user.email_confirmed_at or clock.now()
    set_password(user, password_hash)
    limits.forget(LOG_IN, user.email)
    _record_in_offices("member.password_set", user, user)
    return user


def invite(organization: Organization, email: str, role: Role, by: User, *, by_mail: bool) -> tuple[Invitation, str]:
    """An invitation and the token of its link; the token is stored as a hash and cannot be shown again.

    `by_mail`: the caller sends the link to the e-mail and shows it to nobody, so that who opens it has received it. An
    earlier open invitation to the same e-mail is withdrawn. Raises Conflict for somebody who is in already.
    """
    email = email_key(email)
    user = find_user(email)
    if user and any(m.organization_id == organization.id for m in user.memberships):
        raise Conflict(_l("This person is in your team already."), "email")
    for earlier in open_invitations(organization):
        if earlier.email == email:
            earlier.revoked_at = clock.now()
    token = ids.token()
    invitation = Invitation(
        organization=organization, email=email, role=role, token_hash=ids.token_hash(token), invited_by_id=by.id,
        by_mail=by_mail, expires_at=clock.now() + INVITATION_LIFETIME,
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


def _hold_invitation(token: str) -> Invitation:
    """The invitation of a link, held: a link opened twice lets one person in, not two."""
    invitation = find_invitation(token)
    db.session.refresh(invitation, with_for_update=True)
    if invitation.accepted_at:
        raise NotFound(_l("This invitation no longer works. Ask the owner of the office for a new one."))
    return invitation


def join_with_new_account(token: str, name: str, password_hash: str) -> User:
    """Join the office with a new account. Works once. Its e-mail counts as confirmed when the link came by mail.

    Raises NotFound for a link that no longer works, Conflict when the e-mail has an account by now.
    """
    invitation = _hold_invitation(token)
    user = create_user(invitation.email, name, password_hash, confirmed=invitation.by_mail)
    _join(invitation, user)
    return user


def accept_invitation(token: str, user: User) -> None:
    """Join the office with the account that is logged in. Works once.

    An account whose e-mail nobody has confirmed may be anybody's: it joins only when the link came by mail, or when
    this office has let it in before. Raises NotFound for a link that no longer works, DomainError for another account.
    """
    invitation = _hold_invitation(token)
    if user.email != invitation.email:
        raise DomainError(_l("This invitation is for %(email)s. Log in with that account.", email=invitation.email))
    if invitation.by_mail:
        user.email_confirmed_at = user.email_confirmed_at or clock.now()
    elif user.email_confirmed_at is None and not _was_member(invitation):
        raise DomainError(
            _l("Nobody has confirmed yet that the e-mail of this account is yours, so a link that was handed over is "
               "not enough to join another office. Ask who runs this site to add your account.")
        )  # fmt: skip
    _join(invitation, user)


def _was_member(invitation: Invitation) -> bool:
    """Whether an earlier invitation of the same office to the same e-mail was accepted."""
    same = (Invitation.organization_id == invitation.organization_id) & (Invitation.email == invitation.email)
    return (
        db.session.scalar(select(Invitation.id).where(same, Invitation.accepted_at.is_not(None)).limit(1)) is not None
    )


def _join(invitation: Invitation, user: User) -> None:
    add_member(user, invitation.organization, invitation.role)
    invitation.accepted_at = clock.now()
    audit.record("member.joined", organization_id=invitation.organization_id, user_id=user.id,
                 subject=f"invitation:{invitation.id}")  # fmt: skip
