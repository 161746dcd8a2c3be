"""flask seed: data to look at."""

import click
from flask.cli import AppGroup

from halal.cli import demo as demonstration

group = AppGroup("seed", help="Data to look at.")


@group.command("demo")
def demo() -> None:
    """Load the demo: three offices with invented people. Repeatable: what is there stays as it is."""
    added = demonstration.seed()
    for office in added:
        click.echo(f"Added: {office.name}")
    if not added:
        click.echo("The demo is loaded already; nothing was changed.")
    for line in demonstration.describe_logins():
        click.echo(line)
