"""Eight syncs that really are at the database at the same moment, each in a web process of its own."""

import fcntl
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, text

from halal import ids
from halal.checkin import gate, services
from halal.checkin.models import Attendance, CheckInOp
from halal.config import ROOT
from halal.events.models import Event
from halal.extensions import db as database
from tests.checkin import said
from tests.checkin.conftest import AT_ONCE

pytestmark = pytest.mark.once
ROUNDS = 4


@pytest.fixture
def web(busy_hall, tmp_path):
    """Two hosts on the hall's database, with a web process for each tablet between them: their addresses."""
    addresses, processes = [], []
    try:
        for host in ("one", "two"):
            (tmp_path / host).mkdir()
            with (tmp_path / host / "web.log").open("w") as log:
                port, process = _gunicorn(busy_hall, tmp_path / host, log)
            processes.append(process)
            addresses.append(f"http://127.0.0.1:{port}")
        for address in addresses:
            _wait_for(address)
        yield addresses
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)  # nothing here is worth a goodbye of all of them
            process.wait()


def _gunicorn(app, folder: Path, log) -> tuple[int, subprocess.Popen]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {
        **os.environ, "HALAL_INSTANCE": str(folder), "HALAL_SECRET_KEY": app.config["SECRET_KEY"],
        "HALAL_DATABASE_URL": app.config["HALAL"].database_url,
    }  # fmt: skip
    line = [sys.executable, "-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{port}", "--preload", "--workers",
            str(AT_ONCE // 2)]  # fmt: skip
    return port, subprocess.Popen(line, cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True)


def _wait_for(address: str) -> None:
    for _attempt in range(300):
        try:
            return urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{address} did not start")


class _Tablet:
    def __init__(self, web: str, hall, number: int):
        device, _slug, secret = services.pair(hall.codes[number], "")
        self.web, self.hall, self.cookie = web, hall, f"{gate.COOKIE}={device.id}.{secret}"
        self.store, self.dev_seq, self.heard, self.mine = str(ids.uuid7()), 0, [], {}
        self.known: dict = {"log_id": None, "cursor": 0, "tail": None}

    def sync(self, *people) -> None:
        numbers = itertools.count(self.dev_seq + 1)
        ops = [said.check_in(self.hall.session_id, person, dev_seq=next(numbers)) for person in people]
        self.dev_seq += len(ops)
        body = {
            "v": 1, "event": self.hall.slug, "store_id": self.store, "sent_at": said.now(), "unsent": 0, "ops": ops,
            "last_dev_seq": self.dev_seq, **self.known,
        }  # fmt: skip
        headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "Cookie": self.cookie}
        request = urllib.request.Request(f"{self.web}/checkin/api/v1/sync", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            told = json.loads(answer.read())
        self.mine |= {result["id"]: result["seq"] for result in told["results"]}
        self.heard += [change["id"] for change in told["changes"]]
        self.known = {name: told[name] for name in ("log_id", "cursor", "tail")}


def _in_line(folder: Path) -> int:
    """How many processes stand in line at the files that writers of one host queue at."""
    marks = [f":{queue.stat().st_ino} " for queue in folder.rglob("*.queue")]
    locks = Path("/proc/locks").read_text().splitlines()
    return sum("->" in line and any(mark in line for mark in marks) for line in locks)


@contextmanager
def _door_held(app, folder: Path):
    """Nobody can write to the event's log while this lasts; gives a function: how many wait for it."""
    if database.engine.dialect.name == "sqlite":
        queue = Path(f"{database.engine.url.database}.queue")
        queue.touch()
        with queue.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield lambda: _in_line(queue.parent)
        return
    with database.engine.connect() as connection, database.engine.connect() as watcher:
        connection.execute(text("SELECT 1 FROM events WHERE id = :id FOR UPDATE"), {"id": app.hall.event_id})
        waiting = text("SELECT count(*) FROM pg_stat_activity "
                       "WHERE datname = current_database() AND wait_event_type = 'Lock'")  # fmt: skip

        def count() -> int:
            """Of each host the first waits for the row, the others for the first."""
            watcher.rollback()
            return watcher.execute(waiting).scalar_one() + _in_line(folder)

        yield count


def test_eight_processes_write_at_once_and_no_number_is_skipped_or_given_twice(busy_hall, web, tmp_path):
    hall = busy_hall.hall
    with busy_hall.app_context():
        tablets = [_Tablet(web[number % 2], hall, number) for number in range(AT_ONCE)]
        database.session.commit()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for round_ in range(ROUNDS):
                with _door_held(busy_hall, tmp_path) as waiting:
                    people = [(hall.people[(n + round_) % 10], hall.people[(n * 3) % 10]) for n in range(AT_ONCE)]
                    sent = [pool.submit(tablet.sync, *two) for tablet, two in zip(tablets, people, strict=True)]
                    for _look in range(1200):
                        if waiting() == AT_ONCE:
                            break
                        threading.Event().wait(0.05)
                    else:
                        raise AssertionError(f"only {waiting()} of {AT_ONCE} wait at once")
                for one in sent:
                    one.result()
        for tablet in tablets:
            tablet.sync()
        rows = database.session.execute(select(CheckInOp.seq, CheckInOp.op_id).order_by(CheckInOp.seq)).all()
        assert [row.seq for row in rows] == list(range(1, 2 * AT_ONCE * ROUNDS + 1))
        assert database.session.scalar(select(Event.next_seq)) == len(rows) + 1
        present = database.session.scalars(select(Attendance.registration_id)).all()
        assert len(present) == len(set(present))
        numbers = {str(row.op_id): row.seq for row in rows}
        for tablet in tablets:
            assert tablet.mine.items() <= numbers.items()
            assert sorted([*tablet.mine, *tablet.heard]) == sorted(numbers)
