"""flask attendees: a spreadsheet of attendees from the command line."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from halal.errors import DomainError
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.importing import contract, work
from halal.registrations.importing.review import TAKEN
from halal.registrations.models import Registration, RegistrationStatus, Verdict

group = AppGroup("attendees", help="Attendees of an event.")


@group.command("import")
@click.argument("slug")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--nib-later", is_flag=True, help="Take people without a NIB where the event asks for one.")
@click.option("--rows", is_flag=True, help="Say of every column and row what was understood (docs/import.md).")
@click.pass_context
def import_(context: click.Context, slug: str, file: Path, dry_run: bool, nib_later: bool, rows: bool) -> None:
    """Register the attendees in FILE (.xlsx, .ods, .csv) for the event SLUG; prints a summary as JSON.

    New people are registered; those registered already, possible duplicates and rows with errors are left alone.
    A question that only a person can answer ends it with 2, and nobody is registered.
    """
    event = db.session.scalar(select(Event).where(Event.slug == slug))
    if event is None:
        raise click.ClickException(f"There is no event with the slug {slug!r}.")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read: {error.strerror}.") from None
    try:
        outcome = work.at_once(event, file.name, content, dry_run=dry_run, nib_later=nib_later)
    except work.Question as question:
        db.session.rollback()
        click.echo(str(question.message), err=True)
        context.exit(2)
    except DomainError as error:
        db.session.rollback()
        raise click.ClickException(str(error.message)) from None
    found, waiting = outcome.found, 0 if dry_run else _waiting(outcome.import_)
    summary = {
        "event": event.slug, "file": file.name, "dry_run": dry_run, "rows": found["all"],
        "new": found[Verdict.NEW], "existing": found[Verdict.EXISTING],
        "possible_duplicates": found[Verdict.POSSIBLE_DUPLICATE], "errors": found[Verdict.ERROR],
        "registered": outcome.taken[TAKEN] - waiting, "waiting_list": waiting,
    }  # fmt: skip
    if rows:
        summary |= {
            "columns": contract.columns(outcome.import_), "rows": contract.rows(outcome.import_, outcome.rows),
            "notes": outcome.import_.mapping["notes"],
        }  # fmt: skip
    click.echo(json.dumps(summary, ensure_ascii=False))
    if outcome.question:
        click.echo(outcome.question, err=True)
        context.exit(2)


def _waiting(import_) -> int:
    return db.session.scalar(
        select(func.count()).where(
            Registration.import_id == import_.id, Registration.status == RegistrationStatus.WAITING
        )
    )
