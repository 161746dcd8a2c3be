"""The Flask extensions, made once, bound to the application in create_app."""

import time
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from htmx_flask import Htmx
from sqlalchemy import Engine, MetaData, Pool, event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, registry

from halal import database_limits
from halal.types import UTCDateTime


class Base(DeclarativeBase):
    registry = registry(
        type_annotation_map={datetime: UTCDateTime},
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(column_0_label)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
    )


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()
htmx = Htmx()

# SQLite cannot turn a read transaction into a write transaction once somebody else has written in between
# (SQLITE_BUSY_SNAPSHOT, which no busy timeout cures). So whoever may write says so when the transaction begins.
_may_write: ContextVar[bool] = ContextVar("may_write", default=True)


@contextmanager
def read_only():
    """Transactions begun in here take no write lock on SQLite (the default is to take it)."""
    mark = _may_write.set(False)
    try:
        yield
    finally:
        _may_write.reset(mark)


@contextmanager
def read_write():
    """Transactions begun in here may write, in a request that otherwise only reads too."""
    mark = _may_write.set(True)
    try:
        yield
    finally:
        _may_write.reset(mark)


@contextmanager
def looking():
    """A part of some work that takes its time and only reads: meanwhile nobody waits for a lock of ours. It comes
    before everything that the work changes, for that would be lost."""
    db.session.rollback()
    try:
        with read_only():
            yield
    finally:
        db.session.rollback()


def set_may_write(value: bool) -> None:
    """Say for the present request whether its transactions may write."""
    _may_write.set(value)


def _busy_timeout(seconds: float) -> str:
    return f"PRAGMA busy_timeout={int(seconds * 1000)}"


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection, _record) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    connection.isolation_level = None  # BEGIN is ours, see below
    cursor = connection.cursor()
    # FULL: what was answered is on the disk, and a power cut takes nothing back (PostgreSQL does likewise by itself)
    cursor.execute(_busy_timeout(database_limits.lock_seconds()))
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "do_connect")
def _connect_within_limits(dialect, _record, args, params):
    return database_limits.connect(*args, **params) if dialect.driver == "psycopg" else None


# A connection that lay idle may have been cut meanwhile (the database restarted, a firewall forgot it): ask before
# use. One that was in use a moment ago is not asked, for that costs every request a round trip.
IDLE_SECONDS = 15.0


@event.listens_for(Pool, "checkin")
def _note_idle(_connection, record) -> None:
    record.info["idle_since"] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _ping_idle(connection, record, proxy) -> None:
    since = record.info.get("idle_since")
    if since is None or time.monotonic() - since < IDLE_SECONDS or type(connection).__module__.startswith("sqlite3"):
        return
    try:
        with database_limits.in_a_hurry(database_limits.PING):
            connection.execute("SELECT 1")
            connection.rollback()
    except Exception as error:
        raise DisconnectionError from error


OUR_BEGIN = "our_begin"  # the last transaction of a connection to PostgreSQL was begun by halal/prepared.py


@event.listens_for(Engine, "begin")
def _begin(connection) -> None:
    if connection.dialect.name == "sqlite":
        driver = connection.connection.dbapi_connection
        if hurry := database_limits.hurry_seconds():
            driver.execute(_busy_timeout(hurry))
        try:
            driver.execute("BEGIN IMMEDIATE" if _may_write.get() else "BEGIN")
        finally:
            if hurry:
                driver.execute(_busy_timeout(database_limits.lock_seconds()))
    elif connection.info.pop(OUR_BEGIN, False):
        connection.connection.dbapi_connection.autocommit = False


_ANSWER = {"sqlite": 2.0, "postgresql": 0.8}  # seconds; PostgreSQL's may be followed by 2 for a new connection


def check_database() -> None:
    """Ask whether the database takes what is written; raises what `is_unavailable` recognizes, within three seconds."""
    dialect = db.engine.dialect.name
    with read_write(), database_limits.in_a_hurry(_ANSWER[dialect]):
        copy = dialect == "postgresql" and db.session.scalar(text("SELECT pg_is_in_recovery()"))
        if copy:
            raise database_limits.DatabaseBusy("the database is a copy that only reads")
        db.session.execute(text("SELECT 1"))
    db.session.rollback()
