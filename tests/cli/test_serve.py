"""`flask serve`: what an installation is when it starts for the first time."""

import os
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing

import pytest

from halal.config import ROOT


@pytest.fixture(scope="module")
def first_start(tmp_path_factory):
    """The address and the database of a server that has just loaded the demo."""
    folder = tmp_path_factory.mktemp("first")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"HALAL_INSTANCE": str(folder), "PORT": str(port), "HALAL_DEMO": "1", "HALAL_TEST_CHEAP_HASHES": "1"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HALAL_")}
    with (folder / "log").open("w") as log:
        command = [sys.executable, "-m", "flask", "--app", "app", "serve"]
        server = subprocess.Popen(command, cwd=ROOT, env=kept | settings, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz", server)
            yield f"http://127.0.0.1:{port}", folder / "halal.sqlite3"
        finally:
            server.terminate()
            server.wait(30)


def test_files_of_the_demo_are_served_by_the_start_that_has_loaded_it(first_start):
    address, database = first_start
    with closing(sqlite3.connect(database)) as connection:
        (code,) = connection.execute("SELECT code FROM certificates WHERE status = 'valid'").fetchone()
    assert _get(f"{address}/v/{code}/sertifikat.pdf").startswith(b"%PDF")


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read()


def _wait_for(url: str, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and server.poll() is None:
        try:
            return _get(url)
        except urllib.error.URLError:
            time.sleep(0.2)
    raise RuntimeError("the server did not start")


def test_what_an_installation_writes_is_readable_by_its_owner_alone(first_start):
    address, database = first_start
    _get(f"{address}/kegiatan")
    written = [database.parent, *database.parent.rglob("*")]
    assert {"halal.sqlite3", "halal.sqlite3-wal", "halal.sqlite3-shm", "secret_key"} <= {path.name for path in written}
    # the log is this test's own
    assert [path for path in written if path.stat().st_mode & 0o077 and path.name != "log"] == []
