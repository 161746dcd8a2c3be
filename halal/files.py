"""Stored files (PDFs, pictures, uploads): one small interface over a local folder or S3-compatible storage.

Storage may be slow or away, so nobody stores or reads a file while a transaction holds what others wait for: files are
stored before the transaction that makes them known, and deleted after it (`delete_unless_committed`,
`delete_when_committed`). The tests refuse anything else (tests/guard.py).
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from flask import current_app
from flask_babel import lazy_gettext as _l
from obstore.exceptions import BaseError
from obstore.store import LocalStore, from_url
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from halal.errors import DomainError
from halal.extensions import db

# How long storage elsewhere is waited for. What failed at once is asked again, what did not answer is not.
_LOOK, _PATIENCE, _HURRY = 30.0, 2.0, timedelta(seconds=1.5)
_CONNECT, _ANSWER, _AGAIN = timedelta(seconds=3), timedelta(seconds=8), timedelta(seconds=4)
# What may be said of the way to S3 in variables, AWS_ALLOW_HTTP for instance.
_WAY = ("allow_http", "allow_invalid_certificates", "proxy_url", "proxy_ca_certificate")
log = logging.getLogger(__name__)


class FileMissing(LookupError):
    """No file has this key."""


class StorageAway(DomainError):
    """Storage does not answer, or refuses: nothing is wrong with what a person did."""

    status = 503

    def __init__(self):
        super().__init__(
            _l("The place where files are kept does not answer. Nothing was changed. Try again in a few minutes.")
        )


def _store():
    # Made on first use in each process: its threads do not survive a fork.
    store = current_app.extensions.get("files")
    if store is None:
        store = current_app.extensions["files"] = _opened(current_app.config["HALAL"].files_url, _ANSWER)
    return store


def _opened(url: str, patience: timedelta):
    if url.startswith("file://"):
        return LocalStore(prefix=Path(unquote(urlsplit(url).path)), mkdir=True)
    way = {name: os.environ[key] for name in _WAY if (key := f"AWS_{name.upper()}") in os.environ}
    return from_url(
        url, client_options={"connect_timeout": min(_CONNECT, patience), "timeout": patience, **way},
        retry_config={"max_retries": 2, "retry_timeout": min(_AGAIN, patience)},
    )  # fmt: skip


@contextmanager
def _answering() -> Iterator[None]:
    """Raises StorageAway when storage does not do what it is asked."""
    try:
        yield
    except BaseError as error:
        # Its own words may hold the file's key, and with it whose file it is: only the kind of error is told.
        log.error("storage failed: %s", type(error).__name__)
        raise StorageAway from None


def put(key: str, content: bytes) -> None:
    """Store the content under the key, whole or not at all. Raises StorageAway, as all that follow."""
    with _answering():
        obstore.put(_store(), key, content)


def get(key: str) -> bytes:
    """The content; FileMissing when there is none."""
    try:
        with _answering():
            return bytes(obstore.get(_store(), key).bytes())
    except FileNotFoundError:
        raise FileMissing(key) from None


def delete(key: str) -> None:
    """Remove the file; quiet when it is gone already."""
    with contextlib.suppress(FileNotFoundError), _answering():
        obstore.delete(_store(), key)


class _Look:
    """One question to storage, on a thread of its own: a folder on a server that is gone answers never, and no time
    limit ends that."""

    def __init__(self):
        self.began, self.answer = time.monotonic(), False
        self.thread = threading.Thread(target=self._ask, args=(current_app.config["HALAL"].files_url,), daemon=True)
        self.thread.start()

    def _ask(self, url: str) -> None:
        try:
            obstore.put(_opened(url, _HURRY), "health", b"")
        except (BaseError, OSError) as error:
            log.error("storage takes no files: %s", type(error).__name__)
        else:
            self.answer = True

    @property
    def is_due_again(self) -> bool:
        return not self.thread.is_alive() and time.monotonic() - self.began >= _LOOK


_one_looks = threading.Lock()


def look() -> _Look:
    """Begin to ask whether storage takes a file, for monitoring, which asks often: twice a minute at most, and never
    while an earlier question waits."""
    with _one_looks:
        latest = current_app.extensions.get("files look")
        if latest is None or latest.is_due_again:
            latest = current_app.extensions["files look"] = _Look()
        return latest


def can_store() -> bool:
    """Whether storage takes a file, within two seconds since it was asked (`look`)."""
    latest = look()
    latest.thread.join(max(0.0, latest.began + _PATIENCE - time.monotonic()))
    return latest.answer


# -- beside a transaction ----------------------------------------------------------------------------------------------


def delete_unless_committed(*keys: str) -> None:
    """The present transaction makes these stored files known: they go again when it is not committed."""
    db.session.info.setdefault("files", {}).update(dict.fromkeys(keys, False))


def delete_when_committed(*keys: str) -> None:
    """The present transaction is the end of these files: they go when it is committed, and stay when it is not."""
    db.session.info.setdefault("files", {}).update(dict.fromkeys(keys, True))


@event.listens_for(Session, "after_commit")
def _note_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info["files committed"] = True


@event.listens_for(Session, "after_transaction_end")
def _delete_files(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    committed, waiting = session.info.pop("files committed", False), session.info.pop("files", {})
    for key in [key for key, when in waiting.items() if when == committed]:
        with contextlib.suppress(StorageAway):  # nobody waits for it; it is noted in the log
            delete(key)
