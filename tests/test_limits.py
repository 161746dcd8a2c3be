"""Attempts counted in the database: limits that refill, pauses that grow, clocks that are set back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from halal import clock, limits
from halal.limits import Attempt, Limit, TooMany

NOON = datetime(2026, 11, 28, 5, tzinfo=UTC)
THREE_A_MINUTE = Limit(3, timedelta(minutes=1))


@pytest.fixture(autouse=True)
def counted(app, db, monkeypatch):
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)


def at(**later):
    return clock.stopped_at(NOON + timedelta(**later))


def seconds(function, *args) -> int:
    """How long it asks to wait; 0 when it lets this try pass."""
    try:
        function(*args)
    except TooMany as error:
        return error.seconds
    return 0


def test_take_lets_the_count_pass_and_refills_evenly():
    with at():
        assert [seconds(limits.take, THREE_A_MINUTE, "x") for _ in range(4)] == [0, 0, 0, 20]
        assert seconds(limits.take, THREE_A_MINUTE, "y") == 0
    with at(seconds=20):
        assert [seconds(limits.take, THREE_A_MINUTE, "x") for _ in range(2)] == [0, 20]


def test_take_counts_no_try_that_is_given_back():
    with at():
        for _ in range(10):
            limits.take(THREE_A_MINUTE, "x")
            limits.give_back(THREE_A_MINUTE, "x")
        assert seconds(limits.take, THREE_A_MINUTE, "x") == 0


def test_pauses_grow_to_a_quarter_of_an_hour_and_no_further():
    moment, pauses = timedelta(), []
    for _ in range(18):
        with at(seconds=moment.total_seconds()):
            pause = seconds(limits.delay_attempts, "log-in", "a@b.example")
        if pause:
            pauses.append(pause)
            moment += timedelta(seconds=pause)
            with at(seconds=moment.total_seconds()):
                limits.delay_attempts("log-in", "a@b.example")
    assert pauses == [30, 60, 120, 240, 480, 900, 900, 900]


def test_attempts_are_forgotten_on_success_and_after_a_day():
    with at():
        for _ in range(limits.FREE_ATTEMPTS):
            limits.delay_attempts("x")
        assert seconds(limits.delay_attempts, "x") == 30
        limits.forget("x")
        assert seconds(limits.delay_attempts, "x") == 0
    with at(days=1, minutes=1):
        assert [seconds(limits.delay_attempts, "x") for _ in range(limits.FREE_ATTEMPTS)] == [0] * 10


def test_clock_set_back_makes_nobody_wait_longer():
    with at(hours=1):
        for _ in range(limits.FREE_ATTEMPTS):
            limits.delay_attempts("x")
        for _ in range(3):
            limits.take(THREE_A_MINUTE, "y")
    with at():
        assert seconds(limits.delay_attempts, "x") == 30
        assert seconds(limits.take, THREE_A_MINUTE, "y") == 0
    with at(seconds=31):
        assert seconds(limits.delay_attempts, "x") == 0


def test_old_attempts_leave_the_table_and_no_name_stands_in_it(db):
    with at():
        limits.delay_attempts("log-in", "siti@uji.example")
        assert "siti" not in repr(db.session.execute(select(Attempt.__table__)).all())
    with at(days=2):
        limits.delay_attempts("log-in", "budi@uji.example")
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_the_sentence_says_how_long():
    assert "30 detik" in str(TooMany(timedelta(seconds=29.2)).message)
    assert "15 menit" in str(TooMany(timedelta(minutes=14, seconds=3)).message)
