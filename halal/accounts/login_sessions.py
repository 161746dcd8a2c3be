"""Log-ins as rows: a browser's cookie carries a token, and without the token's row nobody is logged in.

So whoever logs out, or is logged out by somebody else, is out everywhere that this cookie was copied to.
"""

import ipaddress
import re
import sqlite3
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, exc, select, update
from sqlalchemy.orm import contains_eager

from halal import clock, ids
from halal.accounts.models import LoginSession, User
from halal.extensions import db

SEEN_EVERY = timedelta(minutes=10)  # how exactly it is noted when a log-in was last used
# Rows that were not used for longer than any cookie lives; a day more, for clocks are set wrong and right again.
_UNUSED = timedelta(hours=12) + timedelta(days=1)

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def lifetime() -> timedelta:
    """How long a log-in lasts at most, however often it is used."""
    return timedelta(days=current_app.config["HALAL"].session_days)


def begin(user: User, user_agent: str, address: str) -> str:
    """A new log-in of this user; the token for its cookie. Log-ins that have run out are removed."""
    now, token = clock.now(), ids.token()
    db.session.execute(
        delete(LoginSession).where(
            (LoginSession.started_at < now - lifetime()) | (LoginSession.last_seen_at < now - _UNUSED)
        )
    )
    db.session.add(
        LoginSession(
            user_id=user.id,
            token_hash=ids.token_hash(token),
            device=describe_device(user_agent),
            network=describe_network(address),
            started_at=now,
            last_seen_at=now,
        )
    )
    db.session.flush()
    return token


def find(token: str) -> LoginSession | None:
    """The log-in of a cookie, unless it was ended, has run out, or its account was closed."""
    return db.session.scalar(
        select(LoginSession)
        .join(LoginSession.user)
        .options(contains_eager(LoginSession.user))
        .where(LoginSession.token_hash == ids.token_hash(token), User.active)
        .where(LoginSession.started_at > clock.now() - lifetime())
    )


def of_user(user: User) -> list[LoginSession]:
    """The user's log-ins that still hold, the one used last first."""
    now = clock.now()
    return list(
        db.session.scalars(
            select(LoginSession)
            .where(LoginSession.user_id == user.id, LoginSession.started_at > now - lifetime())
            .where(LoginSession.last_seen_at > now - current_app.permanent_session_lifetime - SEEN_EVERY)
            .order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
        )
    )


def end(token: str) -> None:
    """End the log-in of a cookie."""
    db.session.execute(delete(LoginSession).where(LoginSession.token_hash == ids.token_hash(token)))


def end_of_user(user: User, *, but: int | None = None) -> int:
    """End all log-ins of the user, save one perhaps. How many were ended."""
    ended = delete(LoginSession).where(LoginSession.user_id == user.id)
    return db.session.execute(ended if but is None else ended.where(LoginSession.id != but)).rowcount


def end_one(user: User, session_id: int | None) -> int:
    """End one log-in of the user; 0 when it is not theirs or has ended already."""
    found = next((login for login in of_user(user) if login.id == session_id), None)
    if found is None:
        return 0
    db.session.delete(found)
    db.session.flush()
    return 1


def note_use(session_id: int, last_seen_at) -> None:
    """Write when a log-in was last used, every ten minutes at most, in a small transaction of its own.

    What was read before is read anew. Nobody waits for it: when the database is busy a later request does it.
    """
    now = clock.now()
    if abs(now - last_seen_at) < SEEN_EVERY:
        return
    db.session.rollback()
    with db.engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        is_sqlite = connection.dialect.name == "sqlite"
        patience = driver.execute("PRAGMA busy_timeout").fetchone()[0] if is_sqlite else 0
        try:
            if is_sqlite:
                driver.execute("PRAGMA busy_timeout=0")
            seen = update(LoginSession).where(LoginSession.id == session_id)
            connection.execute(seen.values(last_seen_at=now))
            connection.commit()
        except (exc.OperationalError, sqlite3.OperationalError):  # the latter out of our own BEGIN
            connection.rollback()
        finally:
            if is_sqlite:
                driver.execute(f"PRAGMA busy_timeout={patience}")


def describe_device(user_agent: str) -> str:
    """ "Chrome · Android" for what a browser says of itself; empty for what is no browser."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return " · ".join(filter(None, (browser, system)))


def describe_network(address: str) -> str:
    """ "203.0.113.…": an address without its last part, enough to recognize one's office and to name nobody."""
    try:
        parsed = ipaddress.ip_address(re.sub(r"%.*", "", address))
    except ValueError:
        return ""
    if parsed.version == 6 and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if parsed.version == 4:
        return str(parsed).rpartition(".")[0] + ".…"
    return ":".join(parsed.exploded.split(":")[:3]) + ":…"
