"""What can be done with accounts."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal import clock
from halal.accounts import passwords
from halal.accounts.models import Membership, Role, User
from halal.errors import Conflict, DomainError
from halal.extensions import db
from halal.organizations.models import Organization
from halal.text import clean_name


def find_user(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def create_user(email: str, name: str, password: str) -> User:
    """A new staff account. Raises Conflict when the e-mail has one, DomainError for a short password."""
    if find_user(email):
        raise Conflict(_l("There is an account with this e-mail already."), "email")
    user = User(email=email.strip().lower(), name=clean_name(name), password_hash=new_hash(password))
    db.session.add(user)
    db.session.flush()
    return user


def new_hash(password: str) -> str:
    """The hash of a new password. Raises DomainError when it is too short."""
    if len(password) < passwords.MIN_LENGTH:
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
