"""Many tablets at once, on a real database, each with a connection of its own."""

import fcntl
import os
import random
import sys
import threading
import time
import uuid

import psycopg
import pytest
from sqlalchemy import func, select

from halal import ids, web
from halal.checkin import services
from halal.checkin.fold import fold
from halal.checkin.models import Attendance, CheckInOp, Device
from halal.checkin.services.history import to_op
from halal.checkin.views import together
from halal.events.models import Event
from halal.extensions import db as database
from tests.checkin import said
from tests.checkin.conftest import AT_ONCE

TAPS = 12
recording = sys.modules[services.record.__module__]  # the module


def _tablet(app, number: int, problems: list) -> None:
    """Check people in and out at random, sending some batches twice, as a tablet that lost the answer does."""
    hall = app.hall
    chance, device, mine = random.Random(number), uuid.UUID(int=(7 << 76) + (2 << 62) + number), []
    try:
        for tap in range(1, TAPS + 1):
            person = chance.choice(hall.people)
            if mine and chance.random() < 0.3:
                target, owner = chance.choice(mine)
                op = said.undo(owner, target, dev_seq=tap)
            else:
                op = said.check_in(hall.session_id, person, dev_seq=tap)
                mine.append((op["id"], person))
            batch = said.wire.read_batch({**said.batch(hall, op, device=device), "store_id": f"s{number}"})
            for _again in range(2 if chance.random() < 0.3 else 1):
                with app.app_context():
                    place = services.open_place(hall.office, hall.slug, device)
                    database.session.commit()
                    services.record(place, batch, user_id=None)
                    database.session.commit()
    except Exception as problem:  # said in the main thread
        problems.append(problem)


def test_eight_tablets_at_once_skip_no_number_and_give_none_twice(busy_hall):
    problems: list[Exception] = []
    threads = [threading.Thread(target=_tablet, args=(busy_hall, n, problems)) for n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with busy_hall.app_context():
        rows = database.session.execute(select(*CheckInOp.__table__.c).order_by(CheckInOp.seq)).all()
        assert [row.seq for row in rows] == list(range(1, AT_ONCE * TAPS + 1))
        assert database.session.scalar(select(Event.next_seq)) == AT_ONCE * TAPS + 1
        stored = database.session.execute(select(Attendance.session_id, Attendance.registration_id, Attendance.op_id))
        assert {(s, r): op for s, r, op in stored} == {
            key: presence.op.op_id for key, presence in fold(to_op(row) for row in rows).items()
        }
        assert database.session.scalar(select(func.count()).select_from(Device)) == AT_ONCE


def test_one_person_at_eight_doors_is_counted_once(busy_hall):
    hall, statuses, problems = busy_hall.hall, [], []
    ready = threading.Barrier(AT_ONCE)

    def door() -> None:
        try:
            batch = said.wire.read_batch(said.batch(hall, said.check_in(hall.session_id, hall.people[0])))
            ready.wait()
            with busy_hall.app_context():
                place = services.open_place(hall.office, hall.slug, said.DEVICE)
                (result,) = services.record(place, batch, user_id=None)
                database.session.commit()
                statuses.append(result.status)
        except Exception as problem:  # said in the main thread
            problems.append(problem)

    threads = [threading.Thread(target=door) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(statuses) == ["duplicate"] * (AT_ONCE - 1) + ["ok"]
    with busy_hall.app_context():
        assert database.session.scalar(select(func.count()).select_from(Attendance)) == 1


def _in_one_line(app, sent_by_all: list) -> list:
    """What becomes of batches that all wait when the turn comes: answers, or the error that was raised."""
    log_id = sent_by_all[0].place.log_id
    outcomes: list = [None] * len(sent_by_all)

    def tap(number: int) -> None:
        with app.app_context():
            try:
                outcomes[number] = together.record(sent_by_all[number])[0]
            except BaseException as error:  # looked at in the main thread
                outcomes[number] = error

    threads = [threading.Thread(target=tap, args=(n,), daemon=True) for n in range(len(sent_by_all))]
    together._written.add(log_id)  # as if somebody were writing
    for thread in threads:
        thread.start()
    while len(together._lines[log_id]) < len(threads):
        time.sleep(0.01)
    together._call_next(log_id)
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes


def _sent(app, person, user_id=None) -> services.Sent:
    hall, device = app.hall, ids.uuid7()
    batch = said.wire.read_batch(said.batch(hall, said.check_in(hall.session_id, person), device=device))
    with app.app_context():
        return services.Sent(services.open_place(hall.office, hall.slug, device), batch, user_id)


def test_tablets_that_tap_together_are_written_together_and_answered_each(busy_hall):
    people = busy_hall.hall.people
    outcomes = _in_one_line(busy_hall, [_sent(busy_hall, person) for person in (*people[:6], people[0])])
    statuses = [results[0]["status"] for results in outcomes]
    assert sorted(statuses) == ["duplicate"] + ["ok"] * 6
    assert [results[0]["person"]["id"] for results in outcomes] == [str(p) for p in (*people[:6], people[0])]
    with busy_hall.app_context():
        rows = database.session.scalars(select(CheckInOp).order_by(CheckInOp.seq)).all()
        assert [row.seq for row in rows] == list(range(1, 8))
        assert len({row.received_at for row in rows}) == 1  # one transaction for all
        assert len({row.device_id for row in rows}) == 7


@pytest.mark.parametrize("busy_hall", ["postgresql"], indirect=True)
@pytest.mark.parametrize("step", ["_know_people", "_note_devices", "_write"])
def test_a_connection_that_is_cut_under_who_writes_for_all_costs_nobody_an_answer(busy_hall, monkeypatch, step):
    """The database restarts, or somebody pulls a cable."""
    original, cut = getattr(recording._Recording, step), []

    def cut_once(self, *given) -> None:
        if not cut:
            cut.append(self.connection.connection.dbapi_connection.info.backend_pid)
            with psycopg.connect(
                self.connection.engine.url.set(drivername="postgresql").render_as_string(False)
            ) as other:
                other.execute("SELECT pg_terminate_backend(%s)", cut)
        return original(self, *given)

    monkeypatch.setattr(recording._Recording, step, cut_once)
    outcomes = _in_one_line(busy_hall, [_sent(busy_hall, person) for person in busy_hall.hall.people[:3]])
    assert [results[0]["status"] for results in outcomes] == ["ok"] * 3
    with busy_hall.app_context():
        assert database.session.scalars(select(CheckInOp.seq).order_by(CheckInOp.seq)).all() == [1, 2, 3]
    assert len(cut) == 1


def test_whatever_happens_to_who_writes_for_all_the_others_do_not_wait_for_ever(busy_hall, monkeypatch):
    def stop(*_sent) -> None:
        raise SystemExit

    monkeypatch.setattr(services, "record_all", stop)
    outcomes = _in_one_line(busy_hall, [_sent(busy_hall, person) for person in busy_hall.hall.people[:3]])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RuntimeError", "RuntimeError", "SystemExit"]


def test_a_long_line_is_written_in_parts(busy_hall, monkeypatch):
    monkeypatch.setattr(together, "MOST", 2)
    outcomes = _in_one_line(busy_hall, [_sent(busy_hall, person) for person in busy_hall.hall.people[:7]])
    assert [results[0]["status"] for results in outcomes] == ["ok"] * 7
    with busy_hall.app_context():
        moments = database.session.scalars(select(CheckInOp.received_at).order_by(CheckInOp.seq)).all()
        assert [moments.count(moment) for moment in sorted(set(moments))] == [3, 3, 1]
        assert moments == sorted(moments)


def test_one_batch_that_fails_does_not_spoil_those_beside_it(busy_hall):
    people = busy_hall.hall.people
    nobody = 10**6  # no such user: the database refuses the row
    users = (None, nobody, None)
    outcomes = _in_one_line(busy_hall, [_sent(busy_hall, *one) for one in zip(people, users, strict=False)])
    with busy_hall.app_context():
        assert isinstance(outcomes[1], database.engine.dialect.dbapi.IntegrityError)
    assert [outcomes[n][0]["status"] for n in (0, 2)] == ["ok", "ok"]
    with busy_hall.app_context():
        assert database.session.scalars(select(CheckInOp.seq).order_by(CheckInOp.seq)).all() == [1, 2]


def test_whoever_counts_holds_up_nobodys_writing(busy_hall, monkeypatch):
    counted = []

    def count(place) -> dict:
        line = os.open(web._queue_of(place.log_id), os.O_RDWR | os.O_CREAT)
        fcntl.flock(line, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while somebody stands in the line
        os.close(line)
        counted.append(place.log_id)
        return {}

    monkeypatch.setattr(services, "recent_counters", count)
    with busy_hall.app_context():
        answer, counters = together.record(_sent(busy_hall, busy_hall.hall.people[0]))
    assert ([one["status"] for one in answer], counters, len(counted)) == (["ok"], {}, 1)
