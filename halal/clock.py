"""The only clock. Everything that asks for the time asks here, so a test can answer."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return datetime.now(UTC)
