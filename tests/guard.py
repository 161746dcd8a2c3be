"""The guard that watches every request, job and command of the tests: work that takes its time (files, network, other
processes, drawing, reading spreadsheets, hashing of passwords) is refused while a transaction may hold what others
wait for. On SQLite that is the one lock of all writers, from the first statement on of whoever may write.

What a test itself does between two of them is its own affair: it lies in the transaction that is rolled back at the
end, and holds nobody up.
"""

import functools
from contextvars import ContextVar

import argon2
import pikepdf
import pypdfium2
import weasyprint
from flask import has_app_context
from flask.testing import FlaskClient, FlaskCliRunner
from PIL import Image
from sqlalchemy import event
from sqlalchemy.orm import Session

from halal import apart, extensions, files, jobs, sheets
from halal.extensions import db
from halal.messages import sending

_watched: ContextVar[bool] = ContextVar("watched", default=False)


class HeldUp(BaseException):
    """Something that takes its time was done while others might wait for the lock. No `except Exception` hides it."""


def held() -> bool:
    """Whether the present request, job or command has begun a transaction that may write."""
    if not _watched.get() or not has_app_context():
        return False
    session = db.session()
    return session.in_transaction() and session.info.get("may_write", False)


@event.listens_for(Session, "after_begin")
def _note(session: Session, transaction, _connection) -> None:
    if not transaction.nested:
        session.info["may_write"] = extensions._may_write.get()


def refusing(function, what: str):
    """The function, which refuses to run while others might wait."""

    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        if held():
            raise HeldUp(f"{what} inside a transaction that may write")
        return function(*args, **kwargs)

    return wrapped


def watched(function):
    """The function, whose transactions are its own: a request, a job, a command. As in a process of its own they may
    write until it says otherwise, whatever the last request of the test was."""

    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        mark, may_write = _watched.set(True), extensions._may_write.set(True)
        try:
            return function(*args, **kwargs)
        finally:
            extensions._may_write.reset(may_write)
            _watched.reset(mark)

    return wrapped


def set_up(patch) -> None:
    """Watch from now on; `patch` is a pytest.MonkeyPatch that ends it."""
    for place, name, what in (
        (files, "put", "storing a file"), (files, "get", "reading a stored file"),
        (files, "delete", "deleting a file"),
        (apart, "run", "another process"), (sheets, "read_sheets", "reading a spreadsheet"),
        (sheets, "check", "looking into a spreadsheet"), (sending, "_connect", "sending mail"),
        (weasyprint.HTML, "render", "drawing a page"), (pypdfium2, "PdfDocument", "reading a PDF"),
        (pikepdf, "open", "opening a PDF"), (Image, "open", "opening a picture"),
        (argon2.PasswordHasher, "hash", "hashing a password"),
        (argon2.PasswordHasher, "verify", "comparing a password"),
    ):  # fmt: skip
        patch.setattr(place, name, refusing(getattr(place, name), what))
    patch.setattr(FlaskClient, "open", watched(FlaskClient.open))
    patch.setattr(jobs, "run", watched(jobs.run))
    patch.setattr(FlaskCliRunner, "invoke", watched(FlaskCliRunner.invoke))
