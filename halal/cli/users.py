"""flask users: staff accounts from the command line."""

import secrets

import click
from flask.cli import AppGroup
from sqlalchemy import select

from halal.accounts import services
from halal.accounts.models import Role
from halal.cli.parameters import Email, Name
from halal.errors import DomainError
from halal.extensions import db
from halal.organizations.models import Organization

group = AppGroup("users", help="Staff accounts.")


@group.command("create")
@click.argument("email", type=Email())
@click.option("--name", type=Name(), required=True, help="Full name, as colleagues see it.")
@click.option("--organization", "slug", required=True, help="Slug of the office.")
@click.option("--role", type=click.Choice([r.value for r in Role]), default=Role.OWNER.value, show_default=True)
@click.option("--password", help="Made and printed when not given.")
def create(email: str, name: str, slug: str, role: str, password: str | None) -> None:
    """Create a staff account, or give an existing one a role in another office."""
    organization = db.session.scalar(select(Organization).where(Organization.slug == slug))
    if organization is None:
        raise click.ClickException(f"There is no office with the slug {slug!r}.")
    user, made = services.find_user(email), None
    try:
        if user is None:
            made = password or secrets.token_urlsafe(12)
            user = services.create_user(email, name, made)
        services.add_member(user, organization, Role(role))
    except DomainError as error:
        raise click.ClickException(str(error.message)) from None
    db.session.commit()
    click.echo(f"{user.email} is {role} of {organization.name}." + (f" Password: {made}" if made else ""))
