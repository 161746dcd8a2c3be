"""Tablets that pair and sync at the same moment, on real databases."""

import json
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from halal import briefly, ids
from halal.checkin import gate, services
from halal.checkin.models import Attendance, CheckInOp, Device
from halal.checkin.services.changes import _pages
from halal.events.models import Event
from halal.extensions import db as database
from halal.extensions import read_only
from tests.checkin import said
from tests.checkin.conftest import AT_ONCE

ROUNDS = 8


def test_of_two_who_use_one_code_one_gets_in(busy_hall):
    ready = threading.Barrier(2)

    def pair(_number):
        client = busy_hall.test_client()
        ready.wait()
        return client.post(f"/checkin/pasang/{busy_hall.hall.codes[0]}").status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(pair, range(2))) == [303, 404]
    with busy_hall.app_context():
        assert database.session.scalar(select(func.count()).select_from(Device)) == 1


class _Tablet:
    """Syncs as the shipped one does: sends again what was not answered, reads on from its cursor."""

    def __init__(self, app, number: int):
        self.hall, self.chance, self.client = app.hall, random.Random(number), app.test_client()
        assert self.client.post(f"/checkin/pasang/{app.hall.codes[number]}").status_code == 303
        assert self.client.get_cookie(gate.COOKIE, path="/checkin") is not None
        self.store, self.log_id, self.cursor, self.dev_seq = str(ids.uuid7()), None, 0, 0
        self.mine: dict[str, int] = {}
        self.heard: list[str] = []

    def round(self) -> bool:
        ops = [self.op() for _ in range(self.chance.randint(0, 3))]
        for _again in range(2 if self.chance.random() < 0.3 else 1):  # the answer was lost
            answer = self.send(ops)
        self.mine.update({result["id"]: result["seq"] for result in answer["results"]})
        assert len(answer["results"]) == len(ops)
        self.heard += [change["id"] for change in answer["changes"]]
        self.log_id, self.cursor = answer["log_id"], answer["cursor"]
        return answer["more"]

    def op(self) -> dict:
        self.dev_seq += 1
        return said.check_in(self.hall.session_id, self.chance.choice(self.hall.people), dev_seq=self.dev_seq)

    def send(self, ops: list[dict]) -> dict:
        body = {
            "v": 1, "event": self.hall.slug, "store_id": self.store, "log_id": self.log_id, "cursor": self.cursor,
            "sent_at": said.now(), "last_dev_seq": self.dev_seq, "unsent": 0, "ops": ops,
        }  # fmt: skip
        answer = self.client.post("/checkin/api/v1/sync", json=body, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 200, answer.text
        return answer.json


@pytest.fixture
def remembering(monkeypatch):
    """As in a server: what was read is remembered for a moment."""
    monkeypatch.setattr(briefly, "SECONDS", 60.0)
    _pages._answers.clear()


def test_a_tablet_whose_reading_began_before_the_others_wrote_skips_none_of_theirs(busy_hall, remembering):
    """On SQLite it does not see them yet, but finds what another tablet remembered of the time after them."""
    writer, reader = _Tablet(busy_hall, 0), _Tablet(busy_hall, 1)
    began, written = threading.Event(), threading.Event()

    def write(count: int) -> None:
        answer = writer.send([writer.op() for _ in range(count)])
        writer.log_id, writer.cursor = answer["log_id"], answer["cursor"]

    def read() -> list[int]:
        with busy_hall.test_request_context(), read_only():
            known = services.Read(database.session.scalar(select(Event.log_id)), 3, None, None)
            began.set()
            assert written.wait(10)
            reached, told = services.changes(
                busy_hall.hall.event_id, known.log_id, known, services.Storage(reader.store)
            )
            assert reached["cursor"] == 3 + len(told)
            return [json.loads(change)["seq"] for change in told]

    write(3)
    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(read)
        assert began.wait(10)
        write(2)
        _pages._answers.clear()
        write(1)  # what is remembered begins with this one
        written.set()
        assert early.result() in ([], [4, 5, 6])
        assert pool.submit(read).result() == [4, 5, 6]


def test_eight_tablets_sync_at_once_and_each_hears_every_operation_exactly_once(busy_hall):
    tablets = [_Tablet(busy_hall, number) for number in range(AT_ONCE)]
    ready = threading.Barrier(AT_ONCE)

    def work(tablet):
        ready.wait()
        for _round in range(ROUNDS):
            tablet.round()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(work, tablets))
    with busy_hall.app_context():
        rows = database.session.execute(select(CheckInOp.seq, CheckInOp.op_id).order_by(CheckInOp.seq)).all()
        everything = {str(row.op_id): row.seq for row in rows}
        present = database.session.scalar(select(func.count()).select_from(Attendance))
        people = database.session.scalar(select(func.count(CheckInOp.registration_id.distinct())))
        assert database.session.scalar(select(Event.next_seq)) == len(rows) + 1
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert present == people
    for tablet in tablets:
        answer = tablet.send([])
        tablet.heard += [change["id"] for change in answer["changes"]]
        assert len(tablet.heard) == len(set(tablet.heard))
        assert {op: seq for op, seq in everything.items() if op not in tablet.mine} == {
            op: everything[op] for op in tablet.heard
        }
        assert tablet.mine.items() <= everything.items()
