"""What stands in a log, read once for all the tablets that ask for it at the same moment."""

import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert

from halal import briefly, clock, ids
from halal.checkin.models import CheckInOp, OpKind
from halal.checkin.services.changes import MOST, Storage, _after, _pages, changes
from tests.checkin import said

log_changes = sys.modules[changes.__module__]  # the module; the package gives its function this name


def _append(db, door, count: int) -> None:
    begin = door.event.next_seq
    rows = [
        {"op_id": ids.uuid7(), "event_id": door.event.id, "seq": seq, "kind": OpKind.UNKNOWN_SCAN,
         "session_id": door.session.id, "payload": {"token_hash": "0" * 64}, "payload_hash": "",
         "client_at": clock.now(), "sent_at": clock.now(), "received_at": clock.now()}
        for seq in range(begin, begin + count)
    ]  # fmt: skip
    db.session.execute(insert(CheckInOp), rows)
    door.event.next_seq = begin + count
    db.session.flush()


def _numbers(entries) -> list[int]:
    return [entry.seq for entry in entries]


def _ask(door, cursor: int) -> list:
    return _after(door.event.id, door.event.log_id, cursor, Storage("of a tablet"))


@pytest.fixture(autouse=True)
def remembered(monkeypatch):
    """As in a server: what was read is remembered for a moment."""
    monkeypatch.setattr(briefly, "SECONDS", 60.0)
    _pages._answers.clear()


def test_whatever_was_read_before_everybody_hears_the_next_operations_in_order(db, door):
    chance, last = random.Random(7), 0
    for _moment in range(40):
        more = chance.choice((0, 0, 1, 7, 90, 700))
        if more:
            _append(db, door, more)
        last += more
        for cursor in [chance.randint(0, last), last, max(0, last - chance.randint(0, 900)), 0]:
            expected = list(range(cursor + 1, min(cursor + MOST, last) + 1))
            assert _numbers(_ask(door, cursor)) == expected


def test_an_operation_is_read_and_put_into_words_once_for_all_who_ask_at_the_same_moment(db, door):
    _append(db, door, 3)
    first = _ask(door, 0)
    _append(db, door, 2)
    second = _ask(door, 1)
    assert _numbers(second) == [2, 3, 4, 5]
    assert second[:2] == first[1:]
    assert second[0].words is first[1].words


def test_while_one_reads_the_others_wait_and_read_nothing(monkeypatch):
    reads, words = [], []

    class Entry:
        def __init__(self, seq: int):
            self.seq = seq

        def is_in(self, storage: Storage) -> bool:
            return storage.id == "a"

        def put_into_words(self) -> None:
            words.append(self.seq)

    def read(event_id: int, after: int, until: int) -> list[Entry]:
        time.sleep(0.05)
        reads.append((after, until))
        return [Entry(seq) for seq in range(after + 1, until + 1)]

    monkeypatch.setattr(log_changes, "_read", read)
    page = log_changes._Page(3)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _n: _numbers(page.after(1, 0, Storage("a"))), range(8)))
    assert answers == [[1, 2, 3]] * 8
    assert reads == [(0, 3)]
    assert words == []  # its own storage holds them
    page.after(1, 0, Storage("b"))
    assert words == [1, 2, 3]


def test_tablets_far_behind_share_what_they_read_too(db, door):
    _append(db, door, 3 * MOST)
    first = _ask(door, 20)
    assert _ask(door, 70)[: MOST - 50] == first[50:]


def test_whoever_is_nearly_up_to_date_has_only_the_news_read(db, door):
    _append(db, door, 200)
    assert _numbers(_ask(door, 199)) == [200]
    (page,) = (answer for _time, answer in _pages._answers.values())
    assert _numbers(page._kept) == [200]


def test_two_logs_are_two(db, door):
    _append(db, door, 3)
    assert len(_ask(door, 0)) == 3
    assert _after(door.event.id + 1, "another", 0, Storage("of a tablet")) == []


def test_a_tablet_is_not_told_what_its_own_storage_holds(db, door):
    door.say(said.check_in(door.session, token_hash="1" * 64, dev_seq=1), store="a")
    door.say(said.check_in(door.session, token_hash="2" * 64, dev_seq=1), store="b")
    reached, told = changes(door.event.id, door.event.log_id, None, Storage("a"))
    assert [json.loads(change)["token_hash"] for change in told] == ["2" * 64]
    assert reached["cursor"] == 2
