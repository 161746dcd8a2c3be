"""Requests that wait for a database which hangs leave threads for those that do not need it.

A web process has more threads than places at the database. Whoever finds all places taken waits a moment, as in any
rush; but when nobody has come back from there for a while, waiting is useless, and the request is refused. Sooner when
the last who came back was not served: without that sign, those inside may only have slow pages to make.
"""

import threading
import time

from flask import Flask, g, request

from halal.config import THREADS
from halal.database_limits import DatabaseBusy

STALLED = 2.0  # seconds without anybody served, with all places taken, after somebody was not
SLOW = 8.0  # seconds without anybody served or refused: then an answer is due, and no page takes so long
_WITHOUT_DATABASE = {"static", "portal.healthz"}


class Places:
    """A number of places; `enter` takes one, or raises DatabaseBusy."""

    def __init__(self, count: int):
        self._change = threading.Condition()
        self._free = count
        self._moved_at = time.monotonic()  # when somebody was served, or got in while nothing looked wrong
        self._failing = False  # the last to leave was not served

    def enter(self) -> None:
        with self._change:
            while not self._free:
                self._change.wait(self._patience())
                self._patience()  # who left may not have been served either
            self._free -= 1
            if not self._failing:
                self._moved_at = time.monotonic()

    def _patience(self) -> float:
        """For how many seconds it is worth waiting. Raises DatabaseBusy."""
        left = (STALLED if self._failing else SLOW) - (time.monotonic() - self._moved_at)
        if left <= 0:
            raise DatabaseBusy("all places are taken, and nobody was served for a while")
        return left

    def leave(self, *, served: bool) -> None:
        with self._change:
            self._free += 1
            self._failing = not served
            if served:
                self._moved_at = time.monotonic()
            self._change.notify(1 if served else 100)


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
