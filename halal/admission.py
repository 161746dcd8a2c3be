"""Requests that wait for a database which hangs leave threads for those that do not need it.

A web process has more threads than places at the database. Whoever finds all places taken waits a moment, as in any
rush; but when nobody has come back from there for a while, waiting is useless, and the request is refused at once.
"""

import threading
import time

from flask import Flask, g, request

from halal.config import THREADS
from halal.database_limits import DatabaseBusy

STALLED = 2.0  # seconds without anybody served, with all places taken
_WITHOUT_DATABASE = {"static", "portal.healthz"}


class Places:
    """A number of places; `enter` takes one, or raises DatabaseBusy."""

    def __init__(self, count: int):
        self._free = threading.BoundedSemaphore(count)
        self._served_at = time.monotonic()

    def enter(self) -> None:
        if self._free.acquire(blocking=False):
            return
        left = STALLED - (time.monotonic() - self._served_at)
        if left <= 0 or not self._free.acquire(timeout=left):
            raise DatabaseBusy("all places are taken, and nobody was served for a while")

    def leave(self, *, served: bool) -> None:
        if served:
            self._served_at = time.monotonic()
        self._free.release()


def init_app(app: Flask) -> None:
    """Before everything that asks the database."""
    places = Places(THREADS)

    @app.before_request
    def _enter():
        if request.endpoint not in _WITHOUT_DATABASE:
            places.enter()
            g.has_place = True

    @app.teardown_request
    def _leave(_error):
        if g.pop("has_place", False):
            places.leave(served=not g.get("database_failed"))
