"""Check-ins that waited on tablets: sent in batches as tablets do, against the same sent one by one, in the same run.

Paired tablets over the wire to the real server with two workers; 1,000 queued check-ins of one tablet, then 1,000 of
each of ten tablets at once. At least twenty times as many a second is the target.
"""

import json
import re
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from halal import ids
from halal.checkin.wire import MAX_OPS
from tests.benchmarks._server import (
    DIALECTS,
    Client,
    Hall,
    Request,
    ask_all,
    database,
    environ,
    gunicorn,
    prepare,
    vacuum,
)
from tests.checkin import said

QUEUED, ONE_BY_ONE = 1_000, 150
FIRST = 100  # a tablet's first batch; the next are larger, as the answers are quick (static/checkin/sync.js)
TABLETS = (1, 10)
ROUNDS = 3
_LONG = 300.0
_CURSOR = re.compile(rb'"cursor":(\d+)')


def run() -> Iterator[dict]:
    people = sum((ROUNDS + 1) * count * (QUEUED + ONE_BY_ONE) for count in TABLETS)
    for dialect in DIALECTS:
        with tempfile.TemporaryDirectory() as folder, database(dialect, Path(folder)) as url:
            hall = prepare(Path(folder), url, people, max(TABLETS))
            tokens = _Counted(hall.tokens)
            with gunicorn("app:app", environ(Path(folder), url)) as port:
                for count in TABLETS:
                    yield _compare(f"sync_batch_vs_one.{dialect}.{count}", port, url, hall, tokens, count)


def _compare(name: str, port: int, url: str, hall: Hall, tokens: "_Counted", count: int) -> dict:
    rates: dict[int, list[float]] = {MAX_OPS: [], 1: []}
    for number in range(ROUNDS + 1):
        for size, queued in ((MAX_OPS, QUEUED), (1, ONE_BY_ONE)):
            known = tokens.taken
            tablets = [_tablet(hall, cookie, tokens.take(queued), size, known) for cookie in hall.tablets[:count]]
            took, _times = ask_all(port, tablets, _LONG)
            if number:
                rates[size].append(count * queued / took)
        if not number:  # the first round warms up
            vacuum(url)
    batches, singly = (statistics.median(rates[size]) for size in (MAX_OPS, 1))
    ratio = statistics.median(a / b for a, b in zip(rates[MAX_OPS], rates[1], strict=True))
    return {"name": name, "value": round(batches), "unit": "check-ins/s", "against": round(singly),
            "ratio": round(ratio, 1)}  # fmt: skip


class _Counted:
    """Tickets, each scanned once; `taken` is also how long the log is by then."""

    def __init__(self, tokens: list[str]):
        self._tokens, self.taken = tokens, 0

    def take(self, count: int) -> list[str]:
        self.taken += count
        return self._tokens[self.taken - count : self.taken]


def _tablet(hall: Hall, cookie: str, tokens: list[str], size: int, cursor: int) -> Client:
    """A tablet that knows the log up to now and has check-ins in its queue; each call is the next batch."""
    headers = {"Cookie": cookie, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}
    ops = [
        said.check_in(hall.session_id, token_hash=ids.token_hash(token), dev_seq=n) for n, token in enumerate(tokens, 1)
    ]
    first = min(size, FIRST)
    batches = [ops[:first], *(ops[begin : begin + size] for begin in range(first, len(ops), size))]
    store = str(ids.uuid7())

    def request(last: bytes) -> Request | None:
        nonlocal cursor
        if last:
            # what a tablet does with the rest, it does with a processor of its own
            cursor = int(_CURSOR.search(last)[1])
        if not batches:
            return None
        batch = batches.pop(0)
        body = {"v": 1, "event": hall.slug, "device": None, "store_id": store, "log_id": hall.log_id,
                "cursor": cursor, "sent_at": said.now(), "last_dev_seq": len(ops),
                "unsent": sum(map(len, batches)), "ops": batch}  # fmt: skip
        return "/checkin/api/v1/sync", headers, json.dumps(body).encode()

    return request
