"""Histories of three tablets and a server: nothing acknowledged is lost, nothing counts twice, all agree."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.amounts import amount
from tests.checkin.histories import TABLETS, History, Model, Tablets
from tests.checkin.real_server import Real

pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]

OFTEN = ["check_in"] * 6 + ["exchange"] * 6 + ["ask", "deliver", "hear", "lose", "undo"] * 2
SELDOM = ["unknown", "walk_in", "die_at_the_door", "crash", "straggle", "merge", "back_up", "restore", "lose_power"]
WHAT = OFTEN + SELDOM


def steps_of(drawn: bytes) -> list[tuple[str, int, int]]:
    """Two bytes a step, which is drawn ten times as quickly as lists of tuples: what happens, where and how."""
    pairs = zip(drawn[::2], drawn[1::2], strict=False)
    return [(WHAT[what % len(WHAT)], how % TABLETS, how // TABLETS) for what, how in pairs]


STEPS = st.binary(min_size=24, max_size=100).map(steps_of)
COUNT = itertools.count(1)
# The same histories each time: what is found here must be found again by whoever looks for it.
TOLD = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def tablets():
    tablets = Tablets()
    yield tablets
    tablets.close()


@given(steps=STEPS)
@settings(TOLD, max_examples=amount(600, 1960))
def test_whatever_happens_on_the_way_nothing_is_lost_and_all_agree(tablets, steps):
    History(tablets, Model()).tell(steps)


@given(steps=STEPS)
@settings(TOLD, max_examples=amount(15, 40))
def test_the_real_server_keeps_the_same_promises(tablets, hall, make, steps):
    History(tablets, Real(hall, make, next(COUNT))).tell(steps)
