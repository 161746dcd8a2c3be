"""One issuing of certificates in a process of its own: python -m tests.benchmarks._issuing DATABASE EVENT.

Prints how many were issued, the processor time of each in milliseconds and the peak memory of the process in MiB.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from halal.certificates import work
from halal.extensions import db
from tests.certificates import hall
from tests.conftest import make_app


def main(url: str, event_id: str) -> None:
    with tempfile.TemporaryDirectory() as folder, make_app(Path(folder), url).app_context():
        outcome, start = work.Outcome(), time.process_time()
        work.issue_all(int(event_id), hall.issue(), None, None, outcome, lambda _left: db.session.commit())
        spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"issued": outcome.issued, "ms": 1000 * spent / outcome.issued, "peak": peak}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
