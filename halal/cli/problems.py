"""What a command says when the installation is not ready for it: one sentence and exit code 1, never a traceback."""

import contextlib
import sqlite3
from collections.abc import Callable
from functools import wraps

import alembic.util
import click
import psycopg
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from obstore.exceptions import BaseError as StorageError
from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from halal import database_limits
from halal.config import ROOT
from halal.errors import DomainError
from halal.extensions import db, read_only
from halal.vault import Unreadable

UPGRADE = "flask --app app db upgrade"
_DATABASE_ERRORS = (SQLAlchemyError, psycopg.Error, sqlite3.Error)


def explain_errors(command: click.Command) -> None:
    """Let this command, and every command below it, end with a sentence when something outside of it is not ready."""
    for below in getattr(command, "commands", {}).values():
        explain_errors(below)
    if command.callback is not None and not hasattr(command.callback, "explained"):
        command.callback = _explained(command.callback)


def _explained(callback: Callable) -> Callable:
    @wraps(callback)
    def run(*args, **kwargs):
        try:
            with database_limits.within(database_limits.WORK):
                return callback(*args, **kwargs)
        except SystemExit as end:  # Flask-Migrate's, whose words name no remedy
            if end.code and (problem := schema_problem()):
                raise click.ClickException(problem) from None
            raise
        except (DomainError, *_DATABASE_ERRORS, alembic.util.CommandError, StorageError, OSError, Unreadable) as error:
            raise click.ClickException(explanation(error)) from None

    run.explained = True
    return run


def explanation(error: Exception) -> str:
    """The error in one sentence that says what to do."""
    if isinstance(error, DomainError):
        return str(error.message)
    if isinstance(error, alembic.util.CommandError):
        return schema_problem() or f"The migration stopped: {_first_line(error)}."
    if isinstance(error, _DATABASE_ERRORS):
        return _database_problem(error)
    if isinstance(error, Unreadable):
        return "HALAL_SECRET_KEY is not the key that the secrets in this database were locked with. Set that key again."
    if isinstance(error, StorageError):
        return f"The stored files cannot be reached: {_first_line(error)}. Check HALAL_FILES_URL."
    return f"{error.filename or 'A file'}: {error.strerror or _first_line(error)}."


def require_schema() -> None:
    """End the command with a sentence unless the database has exactly the tables that this program works with."""
    if problem := schema_problem():
        raise click.ClickException(problem)


def schema_problem() -> str | None:
    """Why this program cannot work with the database's tables, with the remedy; None when it can."""
    scripts = ScriptDirectory(str(ROOT / "migrations"))
    with read_only(), db.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        tables = set() if revision else set(inspect(connection).get_table_names())
    if (
        revision == scripts.get_current_head() or set(db.metadata.tables) <= tables
    ):  # the latter: made without migrations
        return None
    if revision is None and not tables:
        return f"The database has no tables yet. Make them first: {UPGRADE} (flask --app app serve does it, too)."
    if revision is None:
        return "The database has tables that are not of this program. Check HALAL_DATABASE_URL."
    if revision not in {script.revision for script in scripts.walk_revisions()}:
        return (
            f"The database was migrated by a newer version of this program (its revision is {revision}). "
            "Install that version, or restore the backup made before it."
        )
    return f"The database is of an older version of this program. Back it up, then run: {UPGRADE}"


def _database_problem(error: Exception) -> str:
    with contextlib.suppress(*_DATABASE_ERRORS):
        db.session.remove()  # what failed may hold a lock
        if problem := schema_problem():
            return problem
    cause = error.orig if isinstance(error, DBAPIError) else error
    where = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).render_as_string(hide_password=True)
    return f"The database {where} cannot be used: {_first_line(cause)}. Check that it runs, and HALAL_DATABASE_URL."


def _first_line(error: BaseException | None) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].strip().rstrip(".:") if lines else type(error).__name__
