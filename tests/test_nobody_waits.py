"""What takes its time holds nobody up: storage that accepts and never answers, a spreadsheet made to be read for ever.

Behind the real server with its worker, on both databases; the storage is a TCP server that takes everything and says
nothing.
"""

import json
import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from halal.accounts.models import Role
from halal.events.models import Event
from halal.extensions import db as database
from tests import spreadsheets as make_sheet
from tests.conftest import make_app
from tests.factories import Make
from tests.organizations.test_settings import picture
from tests.real_site import FORM, Site, add_event

pytestmark = pytest.mark.once
IMPORT = "/kelola/kegiatan/kegiatan-uji/peserta/impor"
OFFICE = "/kelola/kantor"


@contextmanager
def silent_storage():
    """The port of a server that accepts whoever comes, reads, and never answers."""
    listener, lines = socket.create_server(("127.0.0.1", 0)), []

    def accept():
        with suppress(OSError):
            while True:
                lines.append(listener.accept()[0])

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        for one in (listener, *lines):
            one.close()


class Owner:
    """The owner of the event's office, logged in with a browser that keeps cookies."""

    def __init__(self, site: Site, folder, url: str):
        app = make_app(folder, url)
        with app.app_context():
            event = database.session.scalar(select(Event).where(Event.slug == "kegiatan-uji"))
            Make(database.session).user(event.organization, Role.OWNER, email="pemilik@uji.example")
            database.session.commit()
            database.session.remove()
            database.engine.dispose()
        self.site, self.cookies = site, {}
        fields = self.hidden("/masuk", "/masuk") | {"email": "pemilik@uji.example", "password": Make.PASSWORD}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        assert self.ask("POST", "/masuk", urlencode(fields), kind)[0] == 303

    def ask(self, method: str, path: str, body=None, headers=None):
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        status, head, text, _seconds = self.site.ask(method, path, body, {"Cookie": cookies, **(headers or {})})
        for one in head.get_all("Set-Cookie") or []:
            name, _is, value = one.partition(";")[0].partition("=")
            self.cookies[name] = value
        return status, head, text

    def hidden(self, path: str, mark: str) -> dict:
        """The hidden fields of the form in whose text `mark` stands."""
        page = self.ask("GET", path)[2]
        form = next(form for form in re.findall(r"<form.*?</form>", page, re.S) if mark in form)
        inputs = [tag for tag in re.findall(r"<input[^>]*>", form) if 'type="hidden"' in tag]
        value = lambda tag, name: (re.search(rf'{name}="([^"]*)"', tag) or ["", ""])[1]  # noqa: E731
        return {value(tag, "name"): value(tag, "value") for tag in inputs}

    def send(self, path: str, field: str, content: bytes):
        """Send a file by the form that has this field."""
        parts = [
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in self.hidden(path, f'name="{field}"').items()
        ]
        head = f'--x\r\nContent-Disposition: form-data; name="{field}"; filename="a"\r\n\r\n'.encode()
        body = b"".join([*parts, head, content, b"\r\n--x--\r\n"])
        return self.ask("POST", path, body, {"Content-Type": "multipart/form-data; boundary=x"})


def register(site: Site, number: int) -> None:
    head, fields = site.form()
    fields |= {"name": f"Peserta {chr(65 + number)}", "phone": f"0812 3456 {7000 + number}"}
    status, _headers, page, _seconds = site.ask("POST", FORM, urlencode(fields), head)
    assert status in {303, 422}, page  # 422: the form wants more of a person; it was answered all the same


@pytest.fixture(params=["sqlite", "postgresql"])
def silent(request, new_database, tmp_path):
    """(a site whose storage never answers, its owner)"""
    url = new_database(request.param)
    with silent_storage() as port:
        site = Site(
            tmp_path, url, HALAL_FILES_URL="s3://berkas/halal", AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y",
            AWS_REGION="us-east-1", AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}", AWS_ALLOW_HTTP="true",
        )  # fmt: skip
        try:
            site.wait_until(503)
            add_event(tmp_path / "maker", url)
            yield site, Owner(site, tmp_path / "maker", url)
        finally:
            site.stop()


def test_storage_that_never_answers_holds_nobody_up_and_is_told(silent):
    site, owner = silent
    assert json.loads(site.ask("GET", "/healthz")[2])["files"] == "no answer"
    people = make_sheet.csv([["Nama", "No HP"], ["Siti", "081234567890"]])
    for path, field, content in ((IMPORT, "file", people), (OFFICE, "picture", picture())):
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(owner.send, path, field, content)
            time.sleep(0.5)
            answered = 0
            while not sent.done():
                register(site, answered)
                answered += 1
            status, _head, page = sent.result()
        assert status == 503, page
        assert "Tempat penyimpanan berkas tidak menjawab" in page
        assert answered >= 2  # while storage was waited for, people went on registering


def test_a_spreadsheet_made_to_be_read_for_ever_holds_nobody_up_and_is_refused_in_words(new_database, tmp_path):
    url = new_database("sqlite")
    site = Site(tmp_path, url)
    try:
        site.wait_until(200)
        add_event(tmp_path / "maker", url)
        owner = Owner(site, tmp_path / "maker", url)
        status, head, _page = owner.send(IMPORT, "file", make_sheet.many_times("ÿ" * 2000, 416, 240))
        assert status == 303
        for number in range(100):
            register(site, number % 20)
            page = owner.ask("GET", head["Location"])[2]
            if "tidak dapat dibaca" in page or "juta huruf" in page:
                break
        assert "10 juta huruf" in page
    finally:
        site.stop()
