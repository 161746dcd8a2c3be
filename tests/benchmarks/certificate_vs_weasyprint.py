"""Certificates per second and core: filled, against each rendered by WeasyPrint. At least 50 times as many.

The same snapshots through the same functions that issuing uses; a thousand at a time, rendering the template included.
`:signed_qr` are certificates whose QR code holds a signed payload of 450 characters.
"""

import functools
import statistics
from collections.abc import Iterator

from halal.certificates import compose, press
from tests.benchmarks._certificates import SIGNED, people, per_second

ROUNDS, FILLED, RENDERED = 5, 1_000, 6


def run() -> Iterator[dict]:
    snapshots = people(FILLED)
    yield _compare("certificate_vs_weasyprint", snapshots, press.certificate, compose.render)
    signed = [functools.partial(_signed, draw) for draw in (press.certificate, compose.render)]
    yield _compare("certificate_vs_weasyprint:signed_qr", snapshots, *signed)


def _signed(draw, snapshot: dict) -> bytes:
    return draw(snapshot, qr_text=SIGNED.format(code=snapshot["code"]))


def _compare(name: str, snapshots: list[dict], fill, render) -> dict:
    filled, rendered = [], []
    for number in range(ROUNDS + 1):
        press._kept.clear()
        fast = per_second(fill, snapshots)
        slow = per_second(render, snapshots[number * RENDERED : (number + 1) * RENDERED])
        if number:  # the first round warms up
            filled.append(fast)
            rendered.append(slow)
    value, against = statistics.median(filled), statistics.median(rendered)
    return {"name": name, "value": round(value, 1), "unit": "certificates/s", "against": round(against, 2),
            "ratio": round(value / against, 1)}  # fmt: skip
