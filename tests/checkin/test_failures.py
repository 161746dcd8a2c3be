"""What goes wrong in a hall, and what must be true afterwards; on the server's side. The tablet's side is proven in
tests/browser, the whole of it in tests/soak."""

import pytest
from sqlalchemy import delete, select

from halal.checkin.models import Attendance, CheckInOp
from halal.events.models import Event
from tests.checkin import said


def test_a_guest_whose_contact_the_tablet_forgot_can_be_sent_again(db, hall):
    tablet, guest = hall.tablet(), said.walk_in(hall.session, "Ibu Rohayati", "0812 3456 7890", dev_seq=1)
    first = tablet.sync(guest).json["results"]
    again = tablet.sync({key: value for key, value in guest.items() if key != "contact"}).json["results"]
    assert first == again
    assert said.kept(db, hall.event) == []


# -- a server that forgot ------------------------------------------------------------------------------------------


def lose_commits(db, hall, left: int) -> None:
    """The server lost its power: its log ends after `left` operations, and it does not know."""
    gone = [op.op_id for op in db.session.scalars(select(CheckInOp).where(CheckInOp.seq > left))]
    db.session.execute(delete(Attendance).where(Attendance.op_id.in_(gone)))
    db.session.execute(delete(CheckInOp).where(CheckInOp.op_id.in_(gone)))
    hall.event.next_seq = left + 1
    db.session.commit()


def read_on(tablet, answer, latest=None) -> None:
    """What a tablet says next, when it has heard this answer."""
    tablet.known = {name: answer[name] for name in ("log_id", "cursor", "tail")} | {"latest": latest}


def log_id(db, hall) -> str:
    return db.session.scalar(select(Event.log_id).where(Event.id == hall.event.id))


def test_a_tablet_whose_operations_are_gone_is_asked_for_all_of_them(db, make, hall, caplog):
    east, west = hall.tablet("Timur"), hall.tablet("Barat")
    people = [make.registration(hall.event) for _ in range(4)]
    ops = [said.check_in(hall.session, person, dev_seq=n) for n, person in enumerate(people, 1)]
    read_on(west, west.sync(ops[3]).json, ops[3]["id"])
    read_on(east, east.sync(*ops[:3]).json, ops[2]["id"])
    before = log_id(db, hall)
    lose_commits(db, hall, left=2)
    answer = east.sync().json
    assert not answer["known"]
    assert answer["log_id"] != before
    assert [change["id"] for change in answer["changes"]] == [ops[3]["id"]]
    assert "the end of the check-in log is gone" in caplog.text
    heard = west.sync().json  # it lost nothing, but it read what was lost
    assert (heard["known"], heard["log_id"]) == (False, answer["log_id"])
    east.known = {"log_id": answer["log_id"], "cursor": 0}
    assert [r["status"] for r in east.sync(*ops[:3]).json["results"]] == ["ok"] * 3
    assert log_id(db, hall) == answer["log_id"]


@pytest.mark.parametrize("says_where", [True, False])
def test_a_log_that_grew_again_is_not_mistaken_for_the_one_that_was_read(db, make, hall, says_where):
    """As many operations as before, but others: a tablet that only counted would never send its own again."""
    east, west = hall.tablet("Timur"), hall.tablet("Barat")
    mine = said.check_in(hall.session, make.registration(hall.event), dev_seq=1)
    read_on(east, east.sync(mine).json, mine["id"])
    if not says_where:
        east.known["tail"] = None
    lose_commits(db, hall, left=0)
    west.sync(said.check_in(hall.session, make.registration(hall.event), dev_seq=1))
    assert not east.sync().json["known"]


def test_a_tablet_that_read_what_is_gone_reads_from_the_beginning(db, make, hall):
    east, west = hall.tablet("Timur"), hall.tablet("Barat")
    west.sync(said.check_in(hall.session, make.registration(hall.event), dev_seq=1))
    read_on(east, east.sync().json)
    lose_commits(db, hall, left=0)
    theirs = said.check_in(hall.session, make.registration(hall.event), dev_seq=2)
    west.sync(theirs)
    answer = east.sync().json
    assert (answer["known"], [change["id"] for change in answer["changes"]]) == (False, [theirs["id"]])


def test_a_log_that_is_whole_keeps_its_name(db, make, hall):
    east, before = hall.tablet("Timur"), log_id(db, hall)
    assert not east.sync().json["known"]  # its first word
    mine = said.check_in(hall.session, make.registration(hall.event), dev_seq=1)
    for _time in range(3):
        answer = east.sync(mine).json
        read_on(east, answer, mine["id"])
    assert answer["known"]
    assert log_id(db, hall) == before


def test_what_was_sent_past_the_disk_of_a_tablet_comes_back_to_it(db, make, hall):
    """It could not be written there, so it has no number: after a reload only the server knows of it."""
    tablet = hall.tablet()
    direct, numbered = (said.check_in(hall.session, make.registration(hall.event)) for _ in range(2))
    tablet.sync(direct)
    answer = tablet.sync({**numbered, "dev_seq": 1}).json
    assert [change["id"] for change in answer["changes"]] == [direct["id"]]
