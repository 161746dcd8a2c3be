"""Answers in gzip: pages and static files, once, and only for those who take it."""

import gzip

import pytest

GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize("path", ["/kegiatan", "/static/css/base.css", "/static/img/kawung.svg", "/sitemap.xml"])
def test_text_comes_compressed_to_who_takes_it(client, make, path):
    for _ in range(10):
        make.event()
    with client.get(path) as plain:
        assert plain.data
    small = client.get(path, headers=GZIP)
    assert small.content_encoding == "gzip"
    assert len(small.data) < len(plain.data)
    assert int(small.headers["Content-Length"]) == len(small.data)
    assert "Accept-Encoding" in small.headers["Vary"]
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert plain.content_encoding is None
    if path != "/kegiatan":  # that one carries a new token every time
        assert gzip.decompress(small.data) == plain.data


def test_who_refuses_gzip_gets_the_plain_answer(client):
    assert client.get("/kegiatan", headers={"Accept-Encoding": "gzip;q=0, identity"}).content_encoding is None


def test_what_is_compressed_already_is_left_alone(client):
    with client.get("/static/fonts/plus-jakarta-sans-latin-wght-normal.woff2", headers=GZIP) as font:
        assert font.content_encoding is None
        assert font.data[:4] == b"wOF2"


def test_small_answers_are_left_alone(client):
    assert client.get("/healthz", headers=GZIP).content_encoding is None


@pytest.mark.parametrize("path", ["/static/css/base.css", "/sitemap.xml"])
def test_who_has_it_already_is_told_so(client, path):
    first = client.get(path, headers=GZIP)
    with client.get(path, headers={**GZIP, "If-None-Match": first.headers["ETag"]}) as again:
        assert again.status_code == 304
        assert again.data == b""


def test_a_head_request_has_the_same_headers_and_no_body(client):
    answer = client.head("/static/css/base.css", headers=GZIP)
    assert answer.status_code == 200
    assert answer.data == b""
