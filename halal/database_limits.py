"""How long anything waits for the database, and how one sees that it did not answer.

Three things keep somebody waiting: a lock that another holds (the database's own timeout ends that), a statement that
takes too long (PostgreSQL ends it), and a database that takes what is sent and says nothing: its host is stopped, or a
box between swallows all. Only the client can end the last one: a connection that is silent is given up.

A request waits for each of them so long that it can still answer 503 within ten seconds. Jobs and commands have time.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import psycopg
from psycopg.errors import _WaitTimeout  # the only sign that `wait` gives; an OperationalError
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout


@dataclass(frozen=True)
class Limits:
    """Seconds. `silence`: until a connection to PostgreSQL that answers nothing is given up."""

    connect: int
    lock: float
    statement: float
    silence: float
    idle_in_transaction: float


REQUESTS = Limits(connect=3, lock=4, statement=5, silence=6, idle_in_transaction=60)
WORK = Limits(connect=10, lock=30, statement=900, silence=960, idle_in_transaction=1800)
LINE = 5.0  # seconds that a request may have stood in line for its turn to write and still wait for the database
PING = 2.0  # seconds for a connection that lay idle to say that it lives

_limits = REQUESTS
_hurry: ContextVar[float | None] = ContextVar("hurry", default=None)


class Silent(psycopg.OperationalError):
    """The database took what was sent and answered nothing."""


class DatabaseBusy(Exception):
    """The database cannot be waited for any longer: others wait for it already."""


def set_limits(limits: Limits) -> None:
    """Say for this process how long its connections may wait. To be called before the first is made."""
    global _limits
    _limits = limits


@contextmanager
def within(limits: Limits) -> Iterator[None]:
    """Connections that are made in here wait so long."""
    before = _limits
    set_limits(limits)
    try:
        yield
    finally:
        set_limits(before)


def lock_seconds() -> float:
    """How long SQLite asks for a lock that another holds."""
    return _limits.lock


def hurry_seconds() -> float | None:
    """What `in_a_hurry` was told, or None."""
    return _hurry.get()


@contextmanager
def in_a_hurry(seconds: float) -> Iterator[None]:
    """In here nobody waits longer for a lock of SQLite, or for PostgreSQL to say anything."""
    mark = _hurry.set(min(seconds, _hurry.get() or seconds))
    try:
        yield
    finally:
        _hurry.reset(mark)


class BoundedConnection(psycopg.Connection):
    """A connection to PostgreSQL that is closed when it is silent for too long."""

    def wait(self, gen, *args, timeout: float | None = None, **kwargs):
        if timeout is not None:  # psycopg's own, which it handles
            return super().wait(gen, *args, timeout=timeout, **kwargs)
        seconds = min(_limits.silence, _hurry.get() or _limits.silence)
        try:
            return super().wait(gen, *args, timeout=seconds, **kwargs)
        except _WaitTimeout:
            self.pgconn.finish()  # what it would say some day belongs to nobody
            raise Silent(f"the database said nothing for {seconds:g} seconds") from None


def connect(*args, **kwargs) -> BoundedConnection:
    """A connection to PostgreSQL within this process's limits."""
    limits = {
        "lock_timeout": _limits.lock,
        "statement_timeout": _limits.statement,
        "idle_in_transaction_session_timeout": _limits.idle_in_transaction,
    }
    options = " ".join(f"-c {name}={int(seconds * 1000)}" for name, seconds in limits.items())
    ours = {
        "connect_timeout": 2 if _hurry.get() else _limits.connect,  # libpq knows no less than 2
        "options": f"{kwargs.pop('options', '')} {options}".strip(),
        # a host that vanished without a word: found out by the kernel
        "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000,
    }  # fmt: skip
    return BoundedConnection.connect(*args, **(ours | kwargs))


_SQLITE_AWAY = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM,
}  # fmt: skip
# Classes of SQLSTATE: connection, resources, intervention (cancelled, shut down), system, a lock not available,
# a deadlock or a transaction that must be tried again, and one that ended because it idled.
_POSTGRESQL_AWAY = ("08", "53", "57", "58", "55P03", "40", "25P03", "25006")


def is_unavailable(error: BaseException | None) -> bool:
    """Whether the database did not answer, or could not now; the same may be asked again later."""
    if isinstance(error, DatabaseBusy | PoolTimeout | DisconnectionError):
        return True
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or is_unavailable(error.orig)
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE_AWAY
    if isinstance(error, psycopg.Error):
        # without a code nothing came from the server: the connection failed
        return (
            isinstance(error, psycopg.OperationalError)
            if not error.sqlstate
            else error.sqlstate.startswith(_POSTGRESQL_AWAY)
        )
    return False


def is_cut(error: BaseException) -> bool:
    """Whether the connection broke, so that the same may succeed at once on another: the server restarted, or somebody
    pulled a cable. A database that is silent or locked would only be waited for again."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg.Error) or isinstance(cause, Silent):
        return False
    # without a code nothing came from the server
    return isinstance(cause, psycopg.OperationalError) and (cause.sqlstate or "08").startswith(("08", "57P"))
