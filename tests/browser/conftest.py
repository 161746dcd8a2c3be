"""A real server on an empty database of its own, and Debian's Chromium in front of it.

    def test_something(server, new_page):
        with server.seed() as make:
            event = make.event(server.organization())
        page = new_page(820, "checkin_officer")
        page.goto(f"/checkin/{slug}/{session_id}")

What a page writes to its console as an error, and every breach of the content security policy, fails the test.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from halal.accounts.models import Role, User
from halal.checkin.models import Attendance
from halal.config import ROOT
from halal.events.models import EventSession
from halal.extensions import db as database
from halal.organizations.models import Organization
from halal.registrations import search
from halal.registrations.models import Registration, RegistrationStatus
from tests.conftest import make_app
from tests.factories import Make

CHROMIUM = "/usr/bin/chromium"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required")  # fmt: skip
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
HEIGHTS = {390: 844, 820: 1180, 1280: 720, 1440: 900}


class Server:
    """gunicorn, as in production, with two threads; `app` is the same application in the test's own process."""

    OFFICE = "UPTD Uji Peramban"

    def __init__(self, folder: Path):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url, self.folder = f"http://127.0.0.1:{self.port}", folder
        self.database = f"sqlite:///{folder / 'browser.sqlite3'}"
        self.app = make_app(folder, self.database)
        with self.app.app_context():
            database.create_all()
            Make(database.session).organization(name=self.OFFICE, short_name="Uji Peramban")
            database.session.commit()
            database.engine.dispose()
        self.start()

    def start(self) -> None:
        """Serve; once more after `stop()`, under the same address."""
        environ = {
            "HALAL_INSTANCE": str(self.folder), "HALAL_DATABASE_URL": self.database, "HALAL_BASE_URL": self.url,
            "PORT": str(self.port), "HALAL_SECRET_KEY": self.app.config["SECRET_KEY"],
        }  # fmt: skip
        self.log = (self.folder / "server.log").open("a")
        # in a process group of its own, so that all of it can be killed at one blow
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "app:app", "--bind", f"127.0.0.1:{self.port}", "--threads", "4"],
            cwd=ROOT, env={**os.environ, **environ}, stdout=self.log, stderr=self.log, start_new_session=True,
        )  # fmt: skip
        self._wait()

    def kill(self) -> None:
        """SIGKILL: it gets to finish nothing and to say nothing."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def _wait(self) -> None:
        for _attempt in range(200):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the server did not start: {Path(self.log.name).read_text()[-2000:]}")

    @contextmanager
    def seed(self):
        """Factories on the server's database; what they make is committed at the end."""
        with self.app.app_context():
            try:
                yield Make(database.session)
                database.session.commit()
            finally:
                database.session.remove()
                database.engine.dispose()

    def organization(self) -> Organization:
        """The office of all users of `new_page`; inside `seed()`."""
        return database.session.scalar(select(Organization).where(Organization.name == self.OFFICE))

    def user(self, role: str) -> str:
        """The e-mail of the office's user with this role; the password is Make.PASSWORD."""
        email = f"{role}@peramban.example"
        with self.seed() as make:
            if database.session.scalar(select(User).where(User.email == email)) is None:
                make.user(self.organization(), Role(role), email=email, name=f"Pengguna {role}")
        return email

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)
        self.log.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser(playwright):
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *FAKE_CAMERA])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def signed_in():
    """What the browser keeps of each role's log-in, so that a role logs in once."""
    return {}


@pytest.fixture
def new_page(browser, server, signed_in):
    """A function that opens a page of its own browser context: new_page(390), new_page(820, "checkin_officer").

    `using` is another browser than the usual one; other words are Playwright's options of a context.
    """
    contexts, problems = [], []

    def open_page(width: int = 1440, role: str | None = None, using=None, **options):
        if role and role not in signed_in:
            signed_in[role] = _log_in(browser, server, role)
        context = (using or browser).new_context(
            base_url=server.url, viewport={"width": width, "height": HEIGHTS.get(width, 900)}, locale="id-ID",
            timezone_id="Asia/Jakarta", storage_state=signed_in.get(role), **options,
        )  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", lambda message: _note(message, problems))
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def door(server):
    """An event with four people: one confirmed, one to scan, one who waits, one of another event."""
    with server.seed() as make:
        event = make.event(server.organization(), title="Sosialisasi Halal Serang")
        event.sessions.append(EventSession(title="Praktik", position=1))
        other = make.event(server.organization(), title="Rakor Percepatan Halal")
        asep = make.registration(event, name="H. Asep Awaludin", business_name="Keripik Asep", region_code="36.04",
                                 nib="1234567890123", phone="+6281234567890")  # fmt: skip
        siti = make.registration(event, name="Siti Aminah")
        wait = make.registration(event, name="Edi", status=RegistrationStatus.WAITING)
        stranger = make.registration(other)
        search.index([asep, siti, wait])
        database.session.flush()
        return SimpleNamespace(
            id=event.id, slug=event.slug, path=f"/checkin/{event.slug}/{event.sessions[0].id}",
            second=f"/checkin/{event.slug}/{event.sessions[1].id}",
            tokens={"asep": asep.token, "siti": siti.token, "wait": wait.token, "stranger": stranger.token},
        )  # fmt: skip


@pytest.fixture
def present(server, door):
    """A function: the names of who is in, by the server's own rows."""

    def names():
        with server.seed():
            return sorted(database.session.scalars(
                select(Registration.name).join(Attendance, Attendance.registration_id == Registration.id)
                .where(Attendance.event_id == door.id)))  # fmt: skip

    return names


def _note(message, problems: list[str]) -> None:
    answered_with_an_error = "Failed to load resource" in message.text  # the page says what it means
    if message.type == "error" and not answered_with_an_error:
        problems.append(message.text)


def _log_in(browser, server: Server, role: str) -> dict:
    context = browser.new_context(base_url=server.url)
    page = context.new_page()
    page.goto("/masuk")
    page.fill("input[name=email]", server.user(role))
    page.fill("input[name=password]", Make.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: not url.endswith("/masuk"))
    state = context.storage_state()
    context.close()
    return state
