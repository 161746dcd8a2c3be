"""What others wrote, for a tablet that knows the log up to a number.

The numbers are in commit order, so whoever sees one sees all before it: reading on from the last one skips nothing.
"""

import json
import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from flask_babel import get_locale
from sqlalchemy import and_, bindparam, or_, select, update

from halal import ids
from halal.briefly import Briefly
from halal.checkin.fold import corrected_time
from halal.checkin.models import CheckInOp, Device
from halal.checkin.services.history import MEANING, to_op, where_from
from halal.events.models import Event
from halal.extensions import db
from halal.prepared import prepared
from halal.registrations.models import Registration

MOST = 500  # changes in one answer
_PAGE = 250  # operations that are remembered together
_PAGES = 64  # of all logs, in each process: some 50 MB in the worst case
log = logging.getLogger(__name__)

_ops, _people, _devices, _events = (table.__table__ for table in (CheckInOp, Registration, Device, Event))
_SEQ, _STORE, _DEV_SEQ = range(3)
_BETWEEN = prepared(
    select(
        _ops.c.seq, _ops.c.store_id, _ops.c.dev_seq, *MEANING,
        _people.c.name.label("name"), _devices.c.name.label("where"),
    )
    .outerjoin(_people, (_people.c.id == _ops.c.registration_id) & (_people.c.event_id == _ops.c.event_id))
    .outerjoin(_devices, _devices.c.id == _ops.c.device_id)
    .where(_ops.c.event_id == bindparam("event"), _ops.c.seq > bindparam("after"), _ops.c.seq <= bindparam("until"))
    .order_by(_ops.c.seq)
)  # fmt: skip
_MARKS = (
    select(_events.c.log_id, _ops.c.seq, _ops.c.op_id)
    .outerjoin(_ops, and_(_ops.c.event_id == _events.c.id, or_(
        _ops.c.seq == bindparam("cursor"), _ops.c.op_id == bindparam("latest", type_=_ops.c.op_id.type))))
    .where(_events.c.id == bindparam("event"))
)  # fmt: skip


@dataclass(frozen=True)
class Read:
    """How far a tablet has read a log: its name, the last number, the operation there (None: it did not say), and the
    tablet's own operation with the highest number (None: it has none)."""

    log_id: str | None
    cursor: int
    tail: uuid.UUID | None
    latest: uuid.UUID | None


class Storage(NamedTuple):
    """A tablet's storage. It holds its own operations, but no more than the bare fact of those up to number `bare`: it
    was told to forget them, when the tablet was revoked or the event closed."""

    id: str
    bare: int = 0


_BEGINNING = Read(None, 0, None, None)


def recognize(event_id: int, read: Read) -> tuple[str, bool]:
    """(the log's name, whether it still holds what a tablet read in it and wrote to it).

    A server whose last commits were lost with its power, or whose database was put back by hand, goes on with the same
    log and gives its numbers anew. Only a tablet can notice: another operation stands where it stopped reading, or its
    own latest one is gone. A log loses its end, never its middle, so the latest one answers for all before it.
    """
    asked = {"event": event_id, "cursor": read.cursor, "latest": read.latest}
    rows = db.session.connection().execute(_MARKS, asked).all()
    found = {row.op_id: row.seq for row in rows}
    at_cursor = read.cursor in found.values() if read.tail is None else found.get(read.tail) == read.cursor
    known = (read.cursor == 0 or at_cursor) and (read.latest is None or read.latest in found)
    return rows[0].log_id, known and read.log_id == rows[0].log_id


def rename_log(event_id: int, log_id: str) -> str:
    """Call the log something else, once one tablet has noticed that its end is gone: then all of them send everything
    again, and read from the beginning. Of several who notice at once, the first names it."""
    new = str(ids.uuid7())
    query = update(Event).where(Event.id == event_id, Event.log_id == log_id).values(log_id=new)
    db.session.execute(query.execution_options(synchronize_session=False))
    log.error("event %s: the end of the check-in log is gone; tablets are asked for all they have", event_id)
    return db.session.scalar(select(Event.log_id).where(Event.id == event_id))


def changes(event_id: int, log_id: str, read: Read | None, storage: Storage) -> tuple[dict, list[str]]:
    """What came after that this storage does not hold; from the beginning when it read nothing of this log.

    (how far the tablet knows the log now, the changes in JSON). Operations without a number of the storage are not in
    it: they could not be written there, and came at once.
    """
    read = read or _BEGINNING
    entries = _after(event_id, log_id, read.cursor, storage)
    last, tail = (entries[-1].seq, entries[-1].op_id) if entries else (read.cursor, read.tail)
    others = [entry.words for entry in entries if not entry.is_in(storage)]
    return {"cursor": last, "tail": tail and str(tail), "more": len(entries) == MOST}, others


class _Entry:
    """One operation of the log; `words` is what tablets are told whose storage does not hold it, once it is needed."""

    def __init__(self, found: tuple, read: Callable):
        self._found, self._read, self.words = found, read, None
        self.seq, self._store_id, self._dev_seq = found[_SEQ], found[_STORE], found[_DEV_SEQ] or 0

    @property
    def op_id(self) -> uuid.UUID:
        return self._read(self._found).op_id

    def is_in(self, storage: Storage) -> bool:
        return self._store_id == storage.id and self._dev_seq > storage.bare

    def put_into_words(self) -> None:
        if self.words is None:
            self.words = _in_words(_change(self._read(self._found)))


class _Page:
    """Operations of a log, from some number to the last of the page, as they were read a moment ago.

    An operation never changes and its number has no gap before it. So of ten tablets that send at once, one has the
    others' operations read and put into words, and not each of the ten each of them; the others wait for it.
    """

    def __init__(self, end: int):
        self._end, self._kept = end, []
        self._turn = threading.Lock()

    def after(self, event_id: int, cursor: int, storage: Storage) -> list[_Entry]:
        """Those with a higher number, in words as far as the storage does not hold them."""
        with self._turn:
            found = self._found(event_id, cursor)
            for entry in found:
                if not entry.is_in(storage):
                    entry.put_into_words()
            return found

    def _found(self, event_id: int, cursor: int) -> list[_Entry]:
        kept = self._kept
        if kept and cursor + 1 < kept[0].seq:
            before = _read(event_id, cursor, kept[0].seq - 1)
            if len(before) < kept[0].seq - 1 - cursor:
                return before  # our transaction began before these were written: for us the log ends here
            kept = [*before, *kept]
        last = kept[-1].seq if kept else cursor
        if last < self._end:
            kept = [*kept, *_read(event_id, last, self._end)]
        self._kept = kept
        return kept[cursor + 1 - kept[0].seq :] if kept else []


_in_words = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_pages = Briefly(most=_PAGES)


def _after(event_id: int, log_id: str, cursor: int, storage: Storage) -> list[_Entry]:
    """The first MOST operations with a higher number."""
    found: list[_Entry] = []
    while len(found) < MOST:
        end = (cursor // _PAGE + 1) * _PAGE
        page = _pages.get((log_id, str(get_locale()), end), lambda end=end: _Page(end))
        found += (entries := page.after(event_id, cursor, storage))
        if len(entries) < end - cursor:
            break  # the log ends here
        cursor = end
    return found[:MOST]


def _read(event_id: int, after: int, until: int) -> list[_Entry]:
    rows = _BETWEEN.unread(db.session.connection(), event=event_id, after=after, until=until)
    return [_Entry(*row) for row in rows]


def _change(row) -> dict:
    op, payload = to_op(row), row.payload or {}
    return {
        "seq": op.seq, "id": str(op.op_id), "kind": op.kind.value, "session": op.session_id,
        "registration": op.registration_id and str(op.registration_id), "token_hash": payload.get("token_hash"),
        "at": corrected_time(op).isoformat(), "undoes": sorted(str(i) for i in op.undoes),
        "into": op.into and str(op.into), "name": row.name or payload.get("name") or "",
        "where": where_from(row.where, payload),
    }  # fmt: skip
