"""Tablets that tap at the same moment are written together.

The event's row lets one writer in at a time, and every commit waits for the disk. So whoever waits for its turn may
find, when the turn comes, that the one before has written its batch too: one lock, one commit for all of them, and
under load the door gets quicker instead of queueing. Each process does this for its own threads; the processes of a
host stand in line (web.writing), and what arrives while they do is taken along.
"""

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import accumulate

from halal import web
from halal.checkin import services
from halal.database_limits import LINE, DatabaseBusy, is_cut, is_unavailable
from halal.extensions import db


@dataclass
class _Waiting:
    """A batch in line; `results` once it is committed, `error` if that failed. `call`: it is settled, or first now."""

    sent: services.Sent
    results: list[services.Result] | None = None
    error: Exception | None = None
    call: threading.Event = field(default_factory=threading.Event)

    @property
    def settled(self) -> bool:
        return self.results is not None or self.error is not None

    def settle(self) -> None:
        """Let its thread go on; whatever happened to who wrote, it does not wait for ever."""
        if not self.settled:
            self.error = RuntimeError("who wrote for this one could not end it")
        self.call.set()


MOST = 300  # operations that are written with one's own
_guard = threading.Lock()
_lines: defaultdict[str, list[_Waiting]] = defaultdict(list)
_written: set[str] = set()  # the lines that somebody is writing


def record(sent: services.Sent) -> tuple[list[dict], dict]:
    """Write a batch, with those of other threads that wait for the same event; commits. (results, counters)."""
    log_id, mine = sent.place.log_id, _Waiting(sent)
    with _guard:
        _lines[log_id].append(mine)
        first = log_id not in _written
        _written.add(log_id)
    if not first and not mine.call.wait(LINE):
        _leave_line(log_id, mine)
    if not mine.settled:
        try:
            _write(log_id)
        finally:
            _call_next(log_id)
    if mine.error is not None:
        raise mine.error
    # whoever has to count, or to put results into words, holds up nobody's writing
    return [result.to_json() for result in mine.results], services.recent_counters(sent.place)


def _leave_line(log_id: str, mine: _Waiting) -> None:
    """Wait no longer for those before, unless they are writing this batch by now. Raises DatabaseBusy."""
    with _guard:
        if not mine.call.is_set() and mine in (line := _lines.get(log_id, [])):
            line.remove(mine)
            raise DatabaseBusy("the line to write moves too slowly")
    mine.call.wait()


def _call_next(log_id: str) -> None:
    """Who came meanwhile writes for all who came meanwhile."""
    with _guard:
        if line := _lines.get(log_id):
            line[0].call.set()
        else:
            _written.discard(log_id)


def _write(log_id: str, only: _Waiting | None = None) -> None:
    """All who wait, in one transaction; if that fails, each in its own, so that one cannot spoil the others'."""
    line = [only] if only else []
    try:
        with web.writing(log_id) as last:
            line = line or _take_line(log_id)
            results = services.record_all([one.sent for one in line], last)
        for one, its_own in zip(line, results, strict=True):
            one.results = its_own
    except Exception as error:
        db.session.rollback()
        line = line or _take_line(log_id)
        if is_unavailable(error) and not is_cut(error):  # no better for each of them alone
            for one in line:
                one.error = error
        elif len(line) > 1:
            for one in line:
                _write(log_id, one)
        else:
            line[0].error = error
    finally:
        for one in line:
            one.settle()


def _take_line(log_id: str) -> list[_Waiting]:
    """Those at the head of the line, the one who writes first of all; with no more than MOST operations beside its own.

    A tap that comes while full tablets hand in their queues waits for a part of them, not for all.
    """
    with _guard:
        line = _lines.pop(log_id)
        counts = accumulate(len(one.sent.batch.ops) for one in line[1:])
        end = 1 + sum(count <= MOST for count in counts)
        if line[end:]:
            _lines[log_id] = line[end:]
        return line[:end]
