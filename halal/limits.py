"""How often something may be tried: counted in the database, so over all web processes and hosts.

What is counted is named by a few words ("login", an e-mail, …), of which a hash is stored. `take` allows a number of
tries in a period and refills evenly; `delay_attempts` lets a few tries pass and then asks for growing pauses. Both
change the present transaction: whoever counts commits before work that takes its time.
"""

import hashlib
import math
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import current_app
from flask_babel import lazy_ngettext
from sqlalchemy import String, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from halal import clock
from halal.errors import DomainError
from halal.extensions import db

FREE_ATTEMPTS = 10
# Pauses after the tenth failure in a row, the eleventh, …; the last one stays: nobody is locked out for good.
PAUSES = tuple(timedelta(seconds=s) for s in (30, 60, 120, 240, 480, 900))
FORGOTTEN_AFTER = timedelta(days=1)


class Attempt(db.Model):
    """How often one thing was tried. `free_at`: when the next try is allowed (`delay_attempts`), or when the bucket of
    `take` is empty again."""

    __tablename__ = "attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    free_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)


class Limit(NamedTuple):
    """So many tries in a period."""

    count: int
    period: timedelta


class TooMany(DomainError):
    """Tried too often; `seconds` says how long to wait."""

    status = 429

    def __init__(self, wait: timedelta):
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        if self.seconds <= 90:
            message = lazy_ngettext(
                "Too many attempts. Try again in %(count)s second.",
                "Too many attempts. Try again in %(count)s seconds.",
                self.seconds,
                count=self.seconds,
            )
        else:
            message = lazy_ngettext(
                "Too many attempts. Try again in %(count)s minute.",
                "Too many attempts. Try again in %(count)s minutes.",
                math.ceil(self.seconds / 60),
                count=math.ceil(self.seconds / 60),
            )
        super().__init__(message)


def take(limit: Limit, *named: object) -> None:
    """Count one try; raises TooMany, and counts nothing, when the limit is reached (GCRA, ITU-T I.371)."""
    if not _enabled():
        return
    now, step = clock.now(), limit.period / limit.count
    row = _hold(_key(named), now)
    empty_at = row.free_at if now < row.free_at <= now + limit.period else now  # further off: the clock was set back
    if empty_at + step > now + limit.period:
        raise TooMany(empty_at + step - now - limit.period)
    _write(row.key, count=row.count + 1, free_at=empty_at + step, last_at=now)


def give_back(limit: Limit, *named: object) -> None:
    """Take one try back: it turned out to be none."""
    step = limit.period / limit.count
    row = db.session.execute(select(Attempt.__table__).where(Attempt.key == _key(named)).with_for_update()).first()
    if row is not None:
        _write(row.key, count=max(0, row.count - 1), free_at=row.free_at - step)


def delay_attempts(*named: object) -> None:
    """Count an attempt as failed, before it is known how it ends; `forget` when it succeeds. Raises TooMany while a
    pause lasts. A day after the last attempt all are forgotten."""
    if not _enabled():
        return
    now = clock.now()
    row = _hold(_key(named), now)
    count = 0 if now - row.last_at > FORGOTTEN_AFTER else row.count
    pause = _pause(count)
    free_at = min(row.free_at, now + pause)  # the clock was set back
    if free_at > now:
        _write(row.key, free_at=free_at)
        raise TooMany(free_at - now)
    _write(row.key, count=count + 1, free_at=now + _pause(count + 1), last_at=now)


def forget(*named: object) -> None:
    """Forget all attempts of this name."""
    db.session.execute(delete(Attempt).where(Attempt.key == _key(named)))


def _pause(count: int) -> timedelta:
    over = count - FREE_ATTEMPTS
    return PAUSES[min(over, len(PAUSES) - 1)] if over >= 0 else timedelta()


def _enabled() -> bool:
    return current_app.config.get("RATELIMIT_ENABLED", True)


def _key(named: tuple[object, ...]) -> str:
    return hashlib.sha256("\n".join(map(str, named)).encode("utf-8", "surrogatepass")).hexdigest()


def _hold(key: str, now: datetime):
    """The row of a key, held until the transaction ends. A new one takes what is forgotten out of the table."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    new = dialect.insert(Attempt.__table__).values(key=key, count=0, free_at=now, last_at=now).on_conflict_do_nothing()
    if db.session.execute(new.returning(Attempt.__table__.c.key)).first() is not None:
        db.session.execute(delete(Attempt).where(Attempt.last_at < now - FORGOTTEN_AFTER))
    return db.session.execute(select(Attempt.__table__).where(Attempt.key == key).with_for_update()).one()


def _write(key: str, **values) -> None:
    db.session.execute(update(Attempt).where(Attempt.key == key).values(**values))
