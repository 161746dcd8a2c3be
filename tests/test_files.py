"""Stored files: in a local folder and in S3-compatible storage, the same."""

import pytest
from moto.server import ThreadedMotoServer

from halal import files
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
