"""Answers that are kept for a moment, in each process: for questions that many requests a second ask alike."""

import time
from collections.abc import Callable, Hashable
from typing import TypeVar

Answer = TypeVar("Answer")

# How old an answer may be. Somebody who loses a role, or an event that is cancelled, is believed a second longer.
SECONDS = 1.0


class Briefly:
    """`kept.get(key, ask)`: the answer to `ask()`, at most SECONDS old. What `ask` raises is not kept.

    `most` answers lie in memory at the same time, old ones too; fewer where they are large.
    """

    def __init__(self, most: int = 1_000):
        self._most = most
        self._answers: dict[Hashable, tuple[float, object]] = {}

    def get(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        kept = self._answers.get(key)
        now = time.monotonic()
        if kept is not None and now - kept[0] < SECONDS:
            return kept[1]
        answer = ask()
        if len(self._answers) >= self._most:
            self._answers.clear()
        self._answers[key] = (now, answer)
        return answer
