"""A short version of `make soak`: a bad hall, a server that is killed, and nothing lost or counted twice."""

import json
import os
import subprocess
import sys

import pytest

from halal.config import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROUNDS = 2
SEED = 316  # draws a killed server, a killed browser, a reload and a restored backup


def test_what_was_green_in_a_bad_hall_is_on_the_server_once():
    run = subprocess.run(
        [sys.executable, "-m", "tests.soak"], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "ROUNDS": str(ROUNDS), "SEED": str(SEED)},
    )  # fmt: skip
    told = run.stdout + run.stderr
    assert run.returncode == 0, told
    summary = json.loads(run.stdout.splitlines()[-1])
    assert {name: summary[name] for name in ("rounds", "lost", "counted_twice", "wrong")} == {
        "rounds": ROUNDS, "lost": 0, "counted_twice": 0, "wrong": 0,
    }, told  # fmt: skip
    assert summary["acknowledged"] >= ROUNDS * 4 * 48
    deaths = {"server killed", "crash", "reload", "backup restored"}
    assert deaths <= summary["happened"].keys(), told
