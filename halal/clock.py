"""The only clock. Everything that asks for the time asks here, so a test can answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_stopped: ContextVar[datetime | None] = ContextVar("stopped", default=None)

YEARS = range(2000, 2100)  # of what offices remember or plan; any other was mistyped


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return _stopped.get() or datetime.now(UTC)


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """In here it is always this moment: for tests, and for telling what happened in the past."""
    mark = _stopped.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _stopped.reset(mark)
