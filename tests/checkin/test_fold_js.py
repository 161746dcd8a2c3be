"""The fold that tablets run means the same as the server's."""

import json
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halal.checkin.fold import Op, fold, persons, unknown_scans
from halal.config import ROOT
from tests.amounts import amount
from tests.checkin.test_fold import logs

pytestmark = pytest.mark.once


def as_json(op: Op) -> dict:
    return {
        "id": str(op.op_id), "seq": op.seq, "kind": op.kind.value, "session": op.session_id,
        "registration": op.registration_id and str(op.registration_id), "undoes": [str(i) for i in op.undoes],
        "into": op.into and str(op.into), "token_hash": op.token_hash,
    }  # fmt: skip


def meaning(log) -> dict:
    """What the server makes of a log, as tests/checkin/fold.mjs writes it."""
    return {
        "present": {f"{session}|{who}": [str(op.op_id) for op in presence.live]
                    for (session, who), presence in fold(log).items()},
        "unknown": [str(op.op_id) for op in unknown_scans(log)],
        "persons": {str(one): str(other) for one, other in persons(log).items()},
    }  # fmt: skip


@pytest.fixture(scope="module")
def tablet():
    """A function: what node makes of a log with the shipped fold.js."""
    node = subprocess.Popen(
        ["node", ROOT / "tests/checkin/fold.mjs", ROOT / "static/checkin/fold.js"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    )  # fmt: skip

    def ask(log) -> dict:
        node.stdin.write(json.dumps([as_json(op) for op in log]) + "\n")
        return json.loads(node.stdout.readline())

    yield ask
    node.stdin.close()
    node.wait(timeout=10)
    node.stdout.close()


@given(log=logs(), random=st.randoms(use_true_random=False), nobody=st.booleans())
@settings(max_examples=amount(600, 2000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_tablets_fold_is_the_servers_fold(tablet, log, random, nobody):
    if nobody:  # undos of unknown scans name nobody
        log = [op._replace(registration_id=None) if op.kind in ("unknown_scan", "undo") else op for op in log]
    shuffled = random.sample(log, len(log))
    assert tablet([*shuffled, *log[:3]]) == meaning([*shuffled, *log[:3]])
