"""Issuing certificates to 10,000 against 1,000: processor time of each certificate, and the peak memory of the job.

The whole job in a fresh process each time: planning, drawing, storing files and rows, batch after batch. Time at most
1.2 times as much; `:memory` at most 250 MiB, which is what it is put against.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator

from halal.extensions import db
from tests.benchmarks._office import fill, office
from tests.certificates import hall

SIZES = (1_000, 10_000, 1_000, 1_000)
PRESENT = 0.6  # of those that fill() registers
CAP = 250


def run() -> Iterator[dict]:
    with office() as (app, make, client):
        events = []
        for size in SIZES:
            event = hall.past_event(make, client.organization)
            fill(event, round(size / PRESENT))
            events.append(event.id)
        db.session.commit()
        url = app.config["SQLALCHEMY_DATABASE_URI"]
        db.session.remove()
        results = [_issue(url, event_id) for event_id in events]
    large = max(results, key=lambda result: result["issued"])
    small = statistics.median(result["ms"] for result in results if result is not large)
    yield {"name": "certificate_growth", "value": round(large["ms"], 2), "unit": "ms", "against": round(small, 2),
           "ratio": round(large["ms"] / small, 2)}  # fmt: skip
    yield {"name": "certificate_growth:memory", "value": round(large["peak"], 1), "unit": "MiB", "against": CAP,
           "ratio": round(large["peak"] / CAP, 2)}  # fmt: skip


def _issue(url: str, event_id: int) -> dict:
    command = [sys.executable, "-m", "tests.benchmarks._issuing", url, str(event_id)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
