"""flask signing: the keys and seals of offices' certificates."""

from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from halal.certificates.services import sealing, signing
from halal.errors import DomainError
from halal.extensions import db
from halal.organizations.models import Organization

group = AppGroup("signing", help="Keys that sign certificates' QR codes, and seals of their PDFs.")


def _office(slug: str) -> Organization:
    organization = db.session.scalar(select(Organization).where(Organization.slug == slug))
    if organization is None:
        raise click.ClickException(f"There is no office with the slug {slug!r}.")
    return organization


@group.command("rotate")
@click.argument("slug")
def rotate(slug: str) -> None:
    """Sign QR codes with a new key. What the old key signed stays valid."""
    key = signing.rotate(_office(slug))
    db.session.commit()
    click.echo(f"{slug} signs with the key {key.kid} from now on; /v/kunci.json publishes it.")


@group.command("declare-compromised")
@click.argument("slug")
@click.argument("kid")
@click.argument("since", type=click.DateTime(["%Y-%m-%d"]))
def declare_compromised(slug: str, kid: str, since: datetime) -> None:
    """Say that a key is in other hands since a day. What the register holds stays valid."""
    office = _office(slug)
    try:
        signing.declare_compromised(office, kid, since.date())
    except DomainError as error:
        raise click.ClickException(str(error.message)) from None
    db.session.commit()
    click.echo(f"/v/kunci.json says that {kid} is compromised; {slug} signs with {signing.in_use(office.id).kid}.")


@group.command("create-key")
@click.argument("slug")
@click.option("--algorithm", type=click.Choice(["ecdsa", "rsa"]), default="ecdsa", show_default=True)
def create_key(slug: str, algorithm: str) -> None:
    """Make a self-signed certificate and seal PDFs with it: to try sealing out."""
    seal = sealing.create_test_seal(_office(slug), algorithm)
    db.session.commit()
    click.echo(f"PDFs of {slug} are sealed by {seal.subject} (self-signed) from now on.")


@group.command("install-seal")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--password", prompt=True, hide_input=True, default="", envvar="HALAL_SEAL_PASSWORD")
def install_seal(slug: str, file: Path, password: str) -> None:
    """Seal PDFs with a certificate and its key (PKCS#12 or PEM). Both are kept in the database, the key encrypted."""
    try:
        unpacked = sealing.unpack(file.read_bytes(), password)
        seal = sealing.install(_office(slug), unpacked)
    except DomainError as error:
        raise click.ClickException(str(error.message)) from None
    db.session.commit()
    click.echo(f"PDFs of {slug} are sealed by {seal.subject} from now on.")


@group.command("remove-seal")
@click.argument("slug")
def remove_seal(slug: str) -> None:
    """Seal no more PDFs. What was sealed stays sealed."""
    try:
        sealing.remove(_office(slug))
    except DomainError as error:
        raise click.ClickException(str(error.message)) from None
    db.session.commit()
    click.echo(f"PDFs of {slug} are not sealed from now on.")
