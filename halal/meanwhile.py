"""Two people who edit the same at once notice each other.

A form that changes something carries a mark of what it showed. Whoever saves holds the row and compares the mark with
what is stored by then: nobody undoes a colleague's change without having been told.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal.errors import Conflict, DomainError, NotFound
from halal.extensions import db


class ChangedMeanwhile(Conflict):
    """What the form showed is not what is stored any more; `now` is the mark of that, `theirs` what is stored where it
    differs from what was typed."""

    def __init__(self, now: str, theirs: dict | None = None):
        super().__init__(
            _l(
                "Somebody else saved a change while you were editing. What you typed is still here: "
                "open this page in another tab to compare, then save again to replace theirs."
            )
        )
        self.now, self.theirs = now, theirs or {}


def mark(shown: dict) -> str:
    """A short text that differs when any of the values does: plain ones, moments, lists."""
    return hashlib.sha256(json.dumps(shown, default=_plain).encode()).hexdigest()[:16]


def _plain(value) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def hold(row) -> None:
    """Hold a row until the transaction ends, and forget what was read of it and of its lists before.

    On SQLite the transaction itself holds everything. Raises NotFound when somebody deleted it meanwhile.
    """
    db.session.flush()  # reading anew forgets what is not written yet
    model, row_id = row.__class__, row.id
    db.session.expire_all()
    if db.session.scalar(select(model).where(model.id == row_id).with_for_update(key_share=True)) is None:
        raise NotFound(_l("This is no longer there. Reload the page."))


def is_old(seen: str, now: str) -> bool:
    """Whether a form showed something else than what is stored `now`, by their marks. Who changes something without
    having seen a form (`seen` is empty) has nothing to compare."""
    return bool(seen) and seen != now


@contextmanager
def over_nobody(seen: str, shown: Callable[..., dict], *of) -> Iterator[None]:
    """Around what changes rows that are held: either all of it is done, or nothing. `shown(*of)` is what a form shows
    of them, by the names of its fields.

    Raises ChangedMeanwhile when the form showed something else than what is stored. The same form sent twice is no
    such case: what is stored already is not stored again, and nobody is told of a stranger who is themselves.
    """
    with db.session.begin_nested() as change:
        before = shown(*of)
        now = mark(before)
        stale = is_old(seen, now)
        try:
            yield
            db.session.flush()
        except DomainError:  # a rule said no to what was typed on an old page: that it is old comes first
            if stale:
                raise ChangedMeanwhile(now) from None
            raise
        after = shown(*of)
        if stale:
            change.rollback()
            if mark(after) != now:
                raise ChangedMeanwhile(now, {name: before[name] for name in before if before[name] != after[name]})
