"""flask checkin: what the check-in desk needs of the operator."""

import click
from flask.cli import AppGroup

from halal.checkin import services
from halal.extensions import db

group = AppGroup("checkin", help="Check-in at the door.")


@group.command("restored")
def restored() -> None:
    """Say that a backup was restored: tablets send everything again that they recorded."""
    count = services.begin_new_logs()
    db.session.commit()
    click.echo(f"Events: {count}. Their tablets send everything again, as soon as they reach this server.")
