"""Many tablets at once, on a real database, each with a connection of its own."""

import random
import threading
import uuid

import pytest
from sqlalchemy import func, select

from halal.checkin import services
from halal.checkin.fold import fold
from halal.checkin.models import Attendance, CheckInOp, Device
from halal.checkin.services.history import to_op
from halal.events.models import Event
from halal.extensions import db as database
from tests.checkin import said
from tests.conftest import make_app
from tests.factories import Make

TABLETS = 8
TAPS = 12


@pytest.fixture(params=["sqlite", "postgresql"])
def hall(request, new_database, tmp_path):
    """An application on a database of its own, with an event of ten people; rows are really committed."""
    app = make_app(tmp_path, new_database(request.param))
    with app.app_context():
        database.create_all()
        make = Make(database.session)
        event = make.event()
        people = [make.registration(event).id for _ in range(10)]
        database.session.commit()
        app.hall = (event.organization_id, event.slug, event.sessions[0].id, people)
        database.session.remove()
    yield app
    with app.app_context():
        database.engine.dispose()


def _tablet(app, number: int, problems: list) -> None:
    """Check people in and out at random, sending some batches twice, as a tablet that lost the answer does."""
    office, slug, session_id, people = app.hall
    chance, device, mine = random.Random(number), uuid.UUID(int=(7 << 76) + (2 << 62) + number), []
    try:
        for tap in range(1, TAPS + 1):
            person = chance.choice(people)
            if mine and chance.random() < 0.3:
                target, owner = chance.choice(mine)
                op = said.undo(owner, target, dev_seq=tap)
            else:
                op = said.check_in(session_id, person, dev_seq=tap)
                mine.append((op["id"], person))
            batch = said.wire.read_batch({**said.batch(_Slug(slug), op, device=device), "store_id": f"s{number}"})
            for _again in range(2 if chance.random() < 0.3 else 1):
                with app.app_context():
                    place = services.open_place(office, slug, device)
                    database.session.commit()
                    services.record(place, batch, user_id=None)
                    database.session.commit()
    except Exception as problem:  # said in the main thread
        problems.append(problem)


class _Slug:
    def __init__(self, slug: str):
        self.slug = slug


def test_eight_tablets_at_once_skip_no_number_and_give_none_twice(hall):
    problems: list[Exception] = []
    threads = [threading.Thread(target=_tablet, args=(hall, n, problems)) for n in range(TABLETS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with hall.app_context():
        rows = database.session.execute(select(*CheckInOp.__table__.c).order_by(CheckInOp.seq)).all()
        assert [row.seq for row in rows] == list(range(1, TABLETS * TAPS + 1))
        assert database.session.scalar(select(Event.next_seq)) == TABLETS * TAPS + 1
        stored = database.session.execute(select(Attendance.session_id, Attendance.registration_id, Attendance.op_id))
        assert {(s, r): op for s, r, op in stored} == {
            key: presence.op.op_id for key, presence in fold(to_op(row) for row in rows).items()
        }
        assert database.session.scalar(select(func.count()).select_from(Device)) == TABLETS


def test_one_person_at_eight_doors_is_counted_once(hall):
    office, slug, session_id, people = hall.hall
    statuses, problems = [], []
    ready = threading.Barrier(TABLETS)

    def door() -> None:
        try:
            batch = said.wire.read_batch(said.batch(_Slug(slug), said.check_in(session_id, people[0])))
            ready.wait()
            with hall.app_context():
                (result,) = services.record(services.open_place(office, slug, said.DEVICE), batch, user_id=None)
                database.session.commit()
                statuses.append(result.status)
        except Exception as problem:  # said in the main thread
            problems.append(problem)

    threads = [threading.Thread(target=door) for _ in range(TABLETS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(statuses) == ["duplicate"] * (TABLETS - 1) + ["ok"]
    with hall.app_context():
        assert database.session.scalar(select(func.count()).select_from(Attendance)) == 1
