"""The end of a log, read once for all the tablets that ask for it at the same moment."""

import random

from sqlalchemy import insert

from halal import clock, ids
from halal.checkin.models import CheckInOp, OpKind
from halal.checkin.services.changes import MOST, _End, changes
from tests.checkin import said


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


def test_whatever_was_read_before_everybody_hears_the_next_operations_in_order(db, door):
    chance, end, last = random.Random(7), _End(), 0
    for _moment in range(40):
        more = chance.choice((0, 0, 1, 7, 90, 700))
        if more:
            _append(db, door, more)
        last += more
        for cursor in [0, last, max(0, last - chance.randint(0, 900)), chance.randint(0, last)]:
            expected = list(range(cursor + 1, min(cursor + MOST, last) + 1))
            assert _numbers(end.after(door.event.id, cursor)) == expected


def test_an_operation_is_read_and_put_into_words_once_for_all_who_ask_at_the_same_moment(db, door):
    end = _End()
    _append(db, door, 3)
    first = end.after(door.event.id, 0)
    _append(db, door, 2)
    second = end.after(door.event.id, 1)
    assert _numbers(second) == [2, 3, 4, 5]
    assert second[:2] == first[1:]
    assert second[0].change is first[1].change


def test_whoever_is_far_behind_does_not_take_the_end_of_the_log_from_the_others(db, door):
    end = _End()
    _append(db, door, MOST + 10)
    late = end.after(door.event.id, MOST)
    assert _numbers(end.after(door.event.id, 0)) == list(range(1, MOST + 1))
    assert end.after(door.event.id, MOST) == late


def test_a_tablet_is_not_told_what_its_own_storage_holds(db, door):
    door.say(said.check_in(door.session, token_hash="1" * 64, dev_seq=1), store="a")
    door.say(said.check_in(door.session, token_hash="2" * 64, dev_seq=1), store="b")
    told = changes(door.event.id, door.event.log_id, None, "a")
    assert [change["token_hash"] for change in told["changes"]] == ["2" * 64]
    assert told["cursor"] == 2
