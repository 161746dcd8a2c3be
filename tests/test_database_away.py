"""A database that is locked, stopped or swallows all: 503 in time with what was typed, and static files meanwhile.

Behind the real gunicorn, with a lock held by another process's connection, and a PostgreSQL behind a line that can be
cut without a word.
"""

import json
import socket
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from urllib.parse import parse_qs, urlencode, urlsplit

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from halal import admission, database_limits
from halal.admission import Places
from halal.database_limits import DatabaseBusy
from halal.extensions import db as database
from tests.conftest import make_app
from tests.real_site import FORM, Site, add_event

pytestmark = pytest.mark.once


class Line:
    """A TCP line to a server of a Unix socket. While it is held, it takes what is sent and hands on nothing."""

    def __init__(self, path: str):
        self._path, self._open = path, threading.Event()
        self._open.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets, self._threads = [], []
        self._begin(self._accept)

    def hold(self) -> None:
        self._open.clear()

    def release(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._open.set()
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for one in (self._listener, *self._sockets):
            one.close()

    def _begin(self, work, *args) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                self._sockets.append(client)
                self._begin(self._join, client)

    def _join(self, client: socket.socket) -> None:
        self._open.wait()
        server = socket.socket(socket.AF_UNIX)
        self._sockets.append(server)
        server.connect(self._path)
        self._begin(self._pump, client, server)
        self._begin(self._pump, server, client)

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                self._open.wait()
                other.sendall(data)
            other.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def site(tmp_path):
    sites = []

    def start(url: str) -> Site:
        sites.append(Site(tmp_path, url))
        sites[0].wait_until(200)
        add_event(tmp_path / "maker", url)
        return sites[0]

    yield start
    for one in sites:
        one.stop()


def _check_while_away(site: Site, head: dict, form: dict, *, reading: bool) -> None:
    """What everybody sees while the database is away; `reading`: whether pages that only read fail, too."""
    status, _headers, text, seconds = site.ask("GET", "/healthz")
    assert (status, json.loads(text)["status"]) == (503, "unavailable")
    assert seconds < 3.5
    with ThreadPoolExecutor(40) as pool:
        posts = [pool.submit(site.ask, "POST", FORM, urlencode(form), head) for _one in range(24)]
        time.sleep(0.5)
        statics = [pool.submit(site.ask, "GET", "/static/css/public.css") for _one in range(6)]
        assert {one.result()[0] for one in statics} == {200}
        assert max(one.result()[3] for one in statics) < 5
        for status, headers, text, seconds in (one.result() for one in posts):
            assert status == 503
            assert headers["Retry-After"] == "5"
            assert 'name="product" value="Keripik Sanjai"' in text
            assert seconds < 10.5
    if reading:
        status, headers, text, seconds = site.ask("GET", "/kegiatan")
        assert (status, headers["Retry-After"]) == (503, "5")
        assert seconds < 10.5
    assert site.ask("GET", "/static/css/public.css")[0] == 200
    log = site.log.read_text()
    assert "Traceback" not in log
    assert "Sanjai" not in log
    assert "503 in portal.register_post" in log


def test_sqlite_locked_by_another_process_answers_503_in_time(tmp_path, site):
    path = tmp_path / "halal.sqlite3"
    site = site(f"sqlite:///{path}")
    head, form = site.form()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert site.ask("GET", "/kegiatan")[0] == 200  # who reads waits for nobody
        _check_while_away(site, head, form, reading=False)
        other.execute("ROLLBACK")
    site.wait_until(200)
    assert site.ask("POST", FORM, urlencode(form), head)[0] == 422  # the name is missing, and that is all


@contextmanager
def _reached_by_line(new_database):
    """(URL of a new PostgreSQL database through a line that can be held, the line)"""
    url = new_database("postgresql")
    socket_folder = parse_qs(urlsplit(url).query)["host"][0]
    line = Line(f"{socket_folder}/.s.PGSQL.5432")
    parts = urlsplit(url)
    try:
        yield f"postgresql://{parts.username}:@127.0.0.1:{line.port}{parts.path}", line
    finally:
        line.close()


def test_postgresql_that_says_nothing_any_more_answers_503_in_time(new_database, site):
    with _reached_by_line(new_database) as (url, line):
        site = site(url)
        head, form = site.form()
        assert site.ask("GET", "/kegiatan")[0] == 200
        line.hold()
        _check_while_away(site, head, form, reading=True)
        line.release()
        site.wait_until(200)
        assert site.ask("GET", "/kegiatan")[0] == 200
        assert site.ask("POST", FORM, urlencode(form), head)[0] == 422


def test_postgresql_with_a_locked_table_answers_503_in_time(new_database, site):
    url = new_database("postgresql")
    site = site(url)
    head, form = site.form()
    with psycopg.connect(url.replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
        status, headers, text, seconds = site.ask("POST", FORM, urlencode(form), head)
        assert (status, headers["Retry-After"]) == (503, "5")
        assert 'value="Keripik Sanjai"' in text
        assert seconds < 10
        assert site.ask("GET", "/masuk")[0] == 200
    assert site.ask("POST", FORM, urlencode(form), head)[0] == 422


def test_connections_to_postgresql_carry_their_limits(new_database):
    engine = create_engine(new_database("postgresql"))
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    with engine.connect() as connection:
        assert [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names] == ["4s", "5s", "1min"]
        with pytest.raises(DBAPIError) as ended:
            connection.exec_driver_sql("SELECT pg_sleep(20)")
        assert database_limits.is_unavailable(ended.value)
    engine.dispose()
    with database_limits.within(database_limits.WORK), engine.connect() as connection:
        assert [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names] == ["30s", "15min", "30min"]
    engine.dispose()


def test_tablet_is_told_in_json_that_the_database_is_busy(tmp_path, new_database, monkeypatch):
    monkeypatch.setattr(database_limits, "_limits", database_limits.Limits(1, 0.2, 1, 1, 1))
    url = new_database("sqlite")
    app = make_app(tmp_path, url)
    with app.app_context():
        database.create_all()
        path = database.engine.url.database
        database.engine.dispose()
    add_event(tmp_path, url)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        answer = app.test_client().post(FORM, json={"name": "Siti"})
    assert answer.status_code == 503
    assert set(answer.json) == {"error"}
    assert answer.headers["Retry-After"] == "5"
    with app.app_context():
        database.engine.dispose()


def test_what_is_wrong_with_a_statement_is_no_busy_database(db):
    with pytest.raises(DBAPIError) as failed, db.session.begin_nested():
        db.session.execute(db.text("SELECT nothing FROM users"))
    assert not database_limits.is_unavailable(failed.value)


def test_who_finds_all_places_taken_waits_only_while_others_are_served(monkeypatch):
    monkeypatch.setattr(admission, "STALLED", 0.2)
    monkeypatch.setattr(admission, "SLOW", 0.3)
    places = Places(1)
    places.enter()
    with pytest.raises(DatabaseBusy):
        places.enter()
    places.leave(served=False)
    places.enter()
    with pytest.raises(DatabaseBusy):  # whoever came in after somebody who was not served proves nothing
        places.enter()


def test_who_comes_in_a_rush_after_a_quiet_time_waits_for_a_place(monkeypatch):
    monkeypatch.setattr(admission, "SLOW", 0.5)
    places = Places(1)
    places._moved_at -= 3600
    places.enter()
    threading.Timer(0.05, places.leave, kwargs={"served": True}).start()
    places.enter()


def test_who_waits_for_slow_pages_is_not_refused_as_if_the_database_were_away(monkeypatch):
    monkeypatch.setattr(admission, "STALLED", 0.01)
    places = Places(1)
    places.enter()
    threading.Timer(0.1, places.leave, kwargs={"served": True}).start()
    places.enter()


def test_who_waited_is_refused_when_a_place_becomes_free_because_the_database_is_away(monkeypatch):
    monkeypatch.setattr(admission, "STALLED", 0.01)
    places = Places(1)
    places.enter()
    threading.Timer(0.1, places.leave, kwargs={"served": False}).start()
    with pytest.raises(DatabaseBusy):
        places.enter()
