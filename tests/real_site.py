"""The product as an installation runs it: `flask serve` in processes of its own, asked over HTTP."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress

from halal.config import ROOT
from halal.extensions import db as database
from tests.conftest import make_app
from tests.factories import Make

FORM = "/kegiatan/kegiatan-uji/daftar"


class Site:
    """The real server on a database, and how one asks it."""

    def __init__(self, folder, database_url: str, **settings: str):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HALAL_")}
        settings = {
            "HALAL_INSTANCE": str(folder), "HALAL_DATABASE_URL": database_url, "HALAL_TEST_CHEAP_HASHES": "1",
            "HALAL_WORKERS": "1", "PORT": str(self.port), **settings,
        }  # fmt: skip
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "app", "serve"],
                cwd=ROOT, env=kept | settings, stdout=log, stderr=log,
            )  # fmt: skip

    def ask(self, method: str, path: str, body=None, headers=None):
        """(status, headers, text, seconds)"""
        begun = time.monotonic()
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)) as line:
            line.request(method, path, body, headers or {})
            answer = line.getresponse()
            text = answer.read().decode(errors="replace")
        return answer.status, answer.headers, text, time.monotonic() - begun

    def wait_until(self, status: int) -> None:
        for _look in range(400):
            try:
                if self.ask("GET", "/healthz")[0] == status:
                    return
            except OSError:
                pass
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.2)
        raise AssertionError(f"/healthz never answered {status}: {self.log.read_text()}")

    def form(self) -> tuple[dict, dict]:
        """What a browser sends that has opened the registration form: (headers, fields)."""
        _status, headers, page, _seconds = self.ask("GET", FORM)
        token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        assert token, page
        cookie = headers["Set-Cookie"].partition(";")[0]
        head = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        return head, {"csrf_token": token, "name": "", "phone": "0812 3456 7890", "product": "Keripik Sanjai"}

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(40)
        self.process.kill()


def add_event(folder, url: str) -> None:
    """An event whose registration is open, at FORM."""
    app = make_app(folder, url)
    with app.app_context():
        Make(database.session).event(slug="kegiatan-uji")
        database.session.commit()
        database.session.remove()
        database.engine.dispose()
