"""Answers that are kept for a moment, in each process: for questions that many requests a second ask alike."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import TypeVar

Answer = TypeVar("Answer")

# How old an answer may be; twice that while somebody asks anew. Somebody who loses a role, or an event that is
# cancelled, is believed so much longer.
SECONDS = 1.0


class Briefly:
    """`kept.get(key, ask)`: the answer to `ask()`, at most SECONDS old. What `ask` raises is not kept.

    When an answer is too old, one thread asks anew, and those beside it take the old one meanwhile: eight that count
    the same at once would hold each other up. `most` answers lie in memory at the same time, old ones too; fewer where
    they are large. `times` SECONDS is old enough, where the question is dear and the answer not urgent.
    """

    def __init__(self, most: int = 1_000, times: int = 1):
        self._most, self._times = most, times
        self._answers: dict[Hashable, tuple[float, object]] = {}
        self._asking: set[Hashable] = set()
        self._guard = threading.Lock()

    def get(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        kept, now, fresh = self._answers.get(key), time.monotonic(), self._times * SECONDS
        if kept is not None and now - kept[0] < fresh:
            return kept[1]
        with self._guard:
            if kept is not None and key in self._asking and now - kept[0] < 2 * fresh:
                return kept[1]
            self._asking.add(key)
        try:
            answer = ask()
        finally:
            self._asking.discard(key)
        if len(self._answers) >= self._most:
            self._answers.clear()
        self._answers[key] = (now, answer)
        return answer
