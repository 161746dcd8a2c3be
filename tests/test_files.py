"""Stored files: in a local folder and in S3-compatible storage, the same."""

import threading

import pytest
from moto.server import ThreadedMotoServer

from halal import files
from halal.portal.views import machine
from tests.conftest import make_app


@pytest.fixture
def bucket(monkeypatch):
    """A bucket of a real S3-compatible server on this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    for name, value in {
        "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": address, "AWS_ALLOW_HTTP": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{address}/berkas", method="PUT")).close()
    yield "s3://berkas/halal"
    server.stop()


@pytest.fixture(params=["file", "s3"])
def storage(request, tmp_path, new_database):
    url = request.getfixturevalue("bucket") if request.param == "s3" else (tmp_path / "files").as_uri()
    app = make_app(tmp_path, new_database("sqlite"), HALAL_FILES_URL=url)
    with app.app_context():
        yield


def test_what_is_put_can_be_got_replaced_and_deleted(storage):
    files.put("certificates/1/a.pdf", b"one")
    files.put("certificates/1/a.pdf", b"two")
    assert files.get("certificates/1/a.pdf") == b"two"
    files.delete("certificates/1/a.pdf")
    files.delete("certificates/1/a.pdf")
    with pytest.raises(files.FileMissing):
        files.get("certificates/1/a.pdf")


@pytest.mark.parametrize("key", ["../secret_key", "public/../../secret_key", "/etc/passwd"])
def test_a_key_cannot_leave_the_folder(storage, key):
    with pytest.raises(Exception):  # noqa: B017 -- whatever it is called: it must not answer
        files.get(key)


@pytest.fixture
def hanging(app, monkeypatch):
    """(keys that storage was asked to take, that it is asked, what lets it answer): it says nothing before."""
    keys, asked, answers = [], threading.Event(), threading.Event()

    def put(_store, key, _content):
        keys.append(key)
        asked.set()
        answers.wait(10)

    monkeypatch.setattr(files.obstore, "put", put)
    monkeypatch.setattr(files, "_PATIENCE", 0.05)
    monkeypatch.delitem(app.extensions, "files look", raising=False)
    with app.app_context():
        yield keys, asked, answers
        answers.set()
        app.extensions.pop("files look").thread.join()


def test_can_store_where_storage_hangs_is_no_and_asks_once(app, hanging):
    keys, _asked, answers = hanging
    assert [files.can_store(), files.can_store()] == [False, False]
    assert keys == ["health"]
    answers.set()
    app.extensions["files look"].thread.join()
    assert files.can_store()


def test_healthz_asks_storage_while_it_asks_the_database(app, hanging, monkeypatch):
    _keys, asked, answers = hanging

    def check_database():
        assert asked.wait(10)
        answers.set()

    monkeypatch.setattr(machine, "check_database", check_database)
    monkeypatch.setattr(files, "_PATIENCE", 10)
    assert app.test_client().get("/healthz").json["files"] == "ok"


def test_storage_elsewhere_is_given_seconds_to_answer(app, monkeypatch):
    given = []
    monkeypatch.setattr(files, "from_url", lambda _url, **options: given.append(options))
    for patience in (files._ANSWER, files._HURRY):
        files._opened("s3://berkas/halal", patience)
    client, again = zip(*((one["client_options"], one["retry_config"]) for one in given), strict=True)
    assert [one["timeout"].total_seconds() for one in client] == [8, 1.5]
    assert [one["connect_timeout"].total_seconds() for one in client] == [3, 1.5]
    assert [one["retry_timeout"].total_seconds() for one in again] == [4, 1.5]
    assert files._HURRY.total_seconds() < files._PATIENCE < 3  # /healthz answers in three
