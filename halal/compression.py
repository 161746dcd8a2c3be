"""Answers in gzip for browsers that take it: the first page must come through a weak signal.

gunicorn sends what it is given. Static files are compressed once and kept; pages are compressed as they are made.
Guessing a token by the length of compressed pages (BREACH) needs a foreign site to load our pages with the visitor's
cookies; ours are SameSite=Lax, so they stay behind.
"""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import Flask, request

from halal.config import ROOT
from halal.headers import vary

_TYPES = {
    "text/html", "text/css", "text/plain", "text/javascript", "application/javascript", "application/json",
    "application/xml", "application/atom+xml", "image/svg+xml", "application/wasm",
}  # fmt: skip
SMALLEST = 600  # bytes; below, the frame weighs more than what is saved


def init_app(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response):
    if response.mimetype not in _TYPES or response.status_code != 200 or response.content_encoding:
        return response
    file = request.endpoint == "static" and response.direct_passthrough
    if not file and (response.is_streamed or len(response.get_data()) < SMALLEST):
        return response
    vary(response, "Accept-Encoding")
    if request.accept_encodings["gzip"] <= 0:
        return response
    if file:
        path = ROOT / "static" / request.view_args["filename"]
        small = _compressed_file(path, path.stat().st_mtime_ns)
    else:
        small = gzip.compress(response.get_data(), 6, mtime=0)
    etag, _weak = response.get_etag()
    if response.direct_passthrough:
        response.response.close()  # the file, which nobody reads now
        response.direct_passthrough = False
    response.set_data(small)
    response.content_encoding = "gzip"
    if etag:
        response.set_etag(etag, weak=True)  # the same content in another coating
    return response


@lru_cache(maxsize=128)
def _compressed_file(path: Path, _changed: int) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)
