"""flask offices: organizations from the command line."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from halal.cli.parameters import Name, RegionCode, Slug
from halal.extensions import db
from halal.organizations.models import Organization

group = AppGroup("offices", help="Organizations.")


@group.command("create")
@click.argument("slug", type=Slug())
@click.option("--name", type=Name(), required=True, help="Full name, as in the letterhead.")
@click.option("--short-name", type=Name(), help="Short name for menus; the name when not given.")
@click.option(
    "--region", "region_code", type=RegionCode(), required=True,
    help="Code or name of its province, regency or city: 36, Banten, 36.73, \"Kota Serang\".",
)  # fmt: skip
def create(slug: str, name: str, short_name: str | None, region_code: str) -> None:
    """Create an office."""
    if db.session.scalar(select(Organization).where(Organization.slug == slug)):
        raise click.ClickException(f"There is an office with the slug {slug!r} already.")
    db.session.add(Organization(slug=slug, name=name, short_name=(short_name or name)[:80], region_code=region_code))
    db.session.commit()
    click.echo(
        f"{name} is ready. Now: flask --app app users create EMAIL --name NAME --organization {slug} --role owner"
    )
