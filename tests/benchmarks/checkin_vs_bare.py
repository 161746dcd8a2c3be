"""Check-ins per second through the real server, against a bare Flask application that inserts one row.

Tablets, each with a connection of its own that it keeps, check in as fast as they are answered: log-in, origin, gate,
rules, log, attendance and counters included. Both sides run under gunicorn with two workers of eight threads, take
turns, and are asked by the same client. A third of bare is the target; 500 a second the ambition.
"""

import http.client
import json
import re
import statistics
import tempfile
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import create_engine, text

from halal import ids
from tests.benchmarks._server import (
    DIALECTS,
    OFFICER,
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
from tests.factories import Make

TABLETS = (1, 8, 32)
SECONDS = 3.0
ROUNDS = 3
PEOPLE = 60_000


def run() -> Iterator[dict]:
    for dialect in DIALECTS:
        with tempfile.TemporaryDirectory() as folder, database(dialect, Path(folder)) as url:
            hall = prepare(Path(folder), url, PEOPLE)
            _add_bare_table(url)
            with (
                gunicorn("app:app", environ(Path(folder), url)) as ours,
                gunicorn("tests.benchmarks._bare:app", {"BARE_DATABASE_URL": url}) as bare,
            ):
                door, people = _Door(ours, hall), iter(hall.tokens)
                _warm_up(door, people, bare)
                vacuum(url)
                for count in TABLETS:
                    yield from _compare(f"checkin_vs_bare.{dialect}.{count}", door, people, bare, count)


def _warm_up(door: "_Door", people: Iterator[str], bare: int) -> None:
    """The first rows of both tables: a database that knows nothing of a table plans to read all of it each time."""
    for port, clients in ((door.port, [door.tablet(people)]), (bare, [_bare_request])):
        ask_all(port, clients, SECONDS)


def _compare(name: str, door: "_Door", people: Iterator[str], bare: int, count: int) -> Iterator[dict]:
    rates, waits = {"ours": [], "bare": []}, []
    for number in range(ROUNDS + 1):
        tablets = [door.tablet(people) for _ in range(count)]
        for side, port, clients in (("ours", door.port, tablets), ("bare", bare, [_bare_request] * count)):
            took, times = ask_all(port, clients, SECONDS)
            if number:  # the first round is for the new tablets to become known
                rates[side].append(len(times) / took)
                waits += times if side == "ours" else []
    ours, against = (statistics.median(rates[side]) for side in ("ours", "bare"))
    ratio = statistics.median(a / b for a, b in zip(rates["ours"], rates["bare"], strict=True))
    yield {"name": name, "value": round(ours, 1), "unit": "check-ins/s", "against": round(against, 1),
           "ratio": round(ratio, 3)}  # fmt: skip
    yield {"name": f"{name}.p99", "value": round(1000 * statistics.quantiles(waits, n=100)[98], 1),
           "unit": f"ms, {count} tablets", "against": None, "ratio": None}  # fmt: skip


def _add_bare_table(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bare_rows (id VARCHAR(36) PRIMARY KEY, person VARCHAR(64), at FLOAT)"))
    engine.dispose()


def _bare_request(_last: bytes) -> Request:
    body = json.dumps({"person": str(ids.uuid7())}).encode()
    return "/row", {"Content-Type": "application/json"}, body


class _Door:
    """An officer's log-in at the real server, shared by the tablets."""

    def __init__(self, port: int, hall: Hall):
        self.port, self.hall, self.cookie = port, hall, ""
        token = self._token(self._ask("GET", "/masuk"))
        form = {"email": OFFICER, "password": Make.PASSWORD, "csrf_token": token}
        self._ask("POST", "/masuk", urllib.parse.urlencode(form).encode())

    def _token(self, page: str) -> str:
        return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]

    def _ask(self, method: str, path: str, body: bytes | None = None) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        if cookie := answer.headers.get("Set-Cookie"):
            self.cookie = cookie.partition(";")[0]
        page = answer.read().decode()
        connection.close()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} answered {answer.status}")
        return page

    def tablet(self, people: Iterator[str]) -> Client:
        device, store, numbers = str(ids.uuid7()), str(ids.uuid7()), iter(range(1, 10**9))
        headers = {"Cookie": self.cookie, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}

        def request(_last: bytes) -> Request:
            operation = said.check_in(
                self.hall.session_id, token_hash=ids.token_hash(next(people)), dev_seq=next(numbers)
            )
            batch = {"v": 1, "event": self.hall.slug, "device": device, "store_id": store, "sent_at": said.now(),
                     "ops": [operation]}  # fmt: skip
            return "/checkin/api/v1/ops", headers, json.dumps(batch).encode()

        return request
