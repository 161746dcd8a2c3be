"""Our own scripts, run in a process of their own: whatever comes from outside and may be made to exhaust its reader.

The script limits its memory and its seconds by itself; here its answer is bounded in bytes while it is read, and the
time that anybody waits for it.
"""

import os
import selectors
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_PART = 1 << 16  # bytes read at a time


class TooMuch(RuntimeError):
    """The script did not come to an end in time, or its answer has no end."""


@dataclass(frozen=True)
class Ended:
    """How a script ended, and what it has said. A negative code is the signal that ended it."""

    code: int
    answer: bytes


def run(script: Path, *limits: int, given: bytes, seconds: float, most: int) -> Ended:
    """Let a script read `given` from its standard input; `limits` are its arguments. It is waited for this many
    seconds, and it may answer at most this many bytes: beyond either it is killed. Raises TooMuch."""
    with tempfile.TemporaryFile() as question:
        question.write(given)
        question.seek(0)
        with subprocess.Popen(  # noqa: S603 -- our own script, numbers as arguments
            [sys.executable, "-I", str(script), *map(str, limits)],
            stdin=question, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            try:
                answer = _read(process.stdout.fileno(), time.monotonic() + seconds, most)
                return Ended(process.wait(timeout=seconds), answer)
            except subprocess.TimeoutExpired:
                raise TooMuch("time") from None
            finally:
                process.kill()


def _read(pipe: int, until: float, most: int) -> bytes:
    answer = bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(pipe, selectors.EVENT_READ)
        while ready.select(max(0.0, until - time.monotonic())):
            if not (part := os.read(pipe, _PART)):
                return bytes(answer)
            answer += part
            if len(answer) > most:
                raise TooMuch("bytes")
    raise TooMuch("time")
