"""flask users: staff accounts from the command line."""

import secrets

import click
from flask.cli import AppGroup
from sqlalchemy import select

from halal.accounts import letters, services
from halal.accounts.models import Role, User
from halal.audit import services as audit
from halal.cli.parameters import Email, Name
from halal.errors import DomainError
from halal.extensions import db, read_only
from halal.organizations.models import Organization

group = AppGroup("users", help="Staff accounts.")


@group.command("create")
@click.argument("email", type=Email())
@click.option("--name", type=Name(), help="Full name, as colleagues see it; needed for a new account.")
@click.option("--organization", "slug", required=True, help="Slug of the office.")
@click.option("--role", type=click.Choice([r.value for r in Role]), default=Role.OWNER.value, show_default=True)
@click.option("--password", help="Of a new account; made and printed when not given.")
@click.option("--existing", is_flag=True, help="Give an account that is there already a role in this office.")
def create(email: str, name: str | None, slug: str, role: str, password: str | None, existing: bool) -> None:
    """Create a staff account; with --existing, give one that is there a role in another office."""
    made = None
    try:
        with read_only():  # a password takes its time to be hashed; nobody waits for the database meanwhile
            organization = db.session.scalar(select(Organization).where(Organization.slug == slug))
            if organization is None:
                raise click.ClickException(f"There is no office with the slug {slug!r}.")
            user = services.find_user(email)
            if user is not None:
                _check_existing(user, existing, password)
            else:
                _check_new(email, name, existing)
                made = password or secrets.token_urlsafe(12)
                password_hash = services.new_hash(made, email, name, [organization])
            db.session.rollback()
        if user is None:
            user = services.create_user(email, name, password_hash, confirmed=True)
        services.add_member(user, organization, Role(role))
    except DomainError as error:
        raise click.ClickException(str(error.message)) from None
    audit.record("member.added", organization_id=organization.id, subject=f"user:{user.id}", role=role)
    db.session.commit()
    click.echo(f"{user.email} is {role} of {organization.name}." + (f" Password: {made}" if made else ""))


def _check_new(email: str, name: str | None, existing: bool) -> None:
    if existing:
        raise click.ClickException(f"There is no account with the e-mail {email!r}.")
    if not name:
        raise click.ClickException("A new account needs a name: --name 'Siti Aminah'.")


def _check_existing(user: User, existing: bool, password: str | None) -> None:
    """Say whose account it is that would get a role, before it gets one."""
    if password is not None:
        raise click.ClickException(
            f"{user.email} has an account already and keeps its password; nothing was changed. For a new password: "
            f"flask --app app users password {user.email}"
        )
    offices = ", ".join(f"{m.role.value} of {m.organization.name}" for m in user.memberships) or "no office"
    confirmed = (
        ""
        if user.email_confirmed_at
        else (" Nobody has confirmed that this e-mail is theirs: make sure that the account belongs to whom you mean.")
    )
    if not existing:
        raise click.ClickException(
            f"{user.email} has an account already: {user.name}, {offices}.{confirmed} Nothing was changed; to give "
            "this account the role, run the same with --existing and without --password."
        )
    click.echo(f"The account of {user.name} ({offices}) gets a role in another office.{confirmed}")


@group.command("password")
@click.argument("email")
def password(email: str) -> None:
    """Print a link with which the owner of an account sets a new password: it works once, for a day."""
    user = services.find_user(email)
    if user is None:
        raise click.ClickException(f"There is no account with the e-mail {email!r}.")
    token = services.make_password_link(user)
    db.session.commit()
    click.echo(f"{user.name} sets a new password here, once, within a day: {letters.password_url(token)}")
