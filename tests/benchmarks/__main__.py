"""Runs the benchmarks: python -m tests.benchmarks [NAME ...]; one JSON object a line.

Each module of this folder whose name has no underscore in front is a benchmark: its run() returns or yields
{"name", "value", "unit", "against", "ratio"}. HALAL_TEST_DB=postgresql measures on PostgreSQL instead of SQLite.
"""

import importlib
import json
import pkgutil
import sys
from collections.abc import Iterable

from tests import benchmarks


def names() -> list[str]:
    return [m.name for m in pkgutil.iter_modules(benchmarks.__path__) if not m.name.startswith("_")]


def results(name: str) -> Iterable[dict]:
    result = importlib.import_module(f"tests.benchmarks.{name}").run()
    return [result] if isinstance(result, dict) else result


def main(chosen: list[str]) -> int:
    unknown = set(chosen) - set(names())
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(names())}", file=sys.stderr)  # noqa: T201
        return 2
    for name in chosen or names():
        for result in results(name):
            print(json.dumps(result, ensure_ascii=False), flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
