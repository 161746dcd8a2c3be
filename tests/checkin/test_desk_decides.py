"""What tablets sent and nobody counted: sessions that are gone, a cancelled event, too many guests, a stolen tablet."""

import pytest
from sqlalchemy import select

from halal import ids
from halal.checkin import services
from halal.checkin.models import Attendance, CheckInOp, QuarantinedOp
from halal.checkin.services.walk_ins import FEWEST
from halal.events.models import EventSession, EventStatus
from halal.registrations.models import Registration, RegistrationStatus
from tests.checkin import said


@pytest.fixture
def removed(db, hall):
    """The number of a second session that was removed while tablets had it open."""
    hall.event.sessions.append(EventSession(title="Siang", position=1))
    db.session.commit()
    number = hall.event.sessions[1].id
    hall.event.sessions.remove(hall.event.sessions[1])
    hall.event.version += 1
    db.session.commit()
    return number


def reasons(db) -> list[str]:
    rows = db.session.scalars(
        select(QuarantinedOp).where(QuarantinedOp.settled_at.is_(None)).order_by(QuarantinedOp.id)
    )
    return [row.reason.value for row in rows]


def here(db, event) -> set[str]:
    rows = select(Registration.name).join(Attendance, Attendance.registration_id == Registration.id)
    return set(db.session.scalars(rows.where(Attendance.event_id == event.id)))


def test_check_ins_for_a_session_that_is_gone_count_for_the_one_that_the_desk_chooses(db, make, hall, removed):
    tablet, people = hall.tablet(), [make.registration(hall.event, name=f"Ibu {n}") for n in "ABC"]
    ops = [said.check_in(removed, one, dev_seq=n) for n, one in enumerate(people, 1)]
    answer = tablet.sync(*ops).json
    assert [(r["status"], r["reason"]) for r in answer["results"]] == 3 * [("quarantined", "session_gone")]
    assert here(db, hall.event) == set()
    page = hall.organizer.get(hall.url).text
    assert "Sesinya sudah dihapus: 3" in page
    hall.organizer.post(f"{hall.url}/karantina/terima-semua", data={"reason": "session_gone"})
    assert here(db, hall.event) == set()  # a session must be chosen
    chosen = {"reason": "session_gone", "session_id": hall.session.id}
    assert hall.organizer.post(f"{hall.url}/karantina/terima-semua", data=chosen).status_code == 303
    assert here(db, hall.event) == {"Ibu A", "Ibu B", "Ibu C"}
    assert reasons(db) == []
    # the tablet that sent them counts them no more, so it hears of them like everybody else
    changes = tablet.sync().json["changes"]
    assert {(c["id"], c["session"]) for c in changes} == {(op["id"], hall.session.id) for op in ops}


def test_one_check_in_for_a_session_that_is_gone_is_taken_to_another(db, make, hall, removed):
    siti = make.registration(hall.event, name="Siti")
    hall.tablet().sync(said.check_in(removed, siti, dev_seq=1))
    row = db.session.scalar(select(QuarantinedOp.id))
    hall.organizer.post(f"{hall.url}/karantina/terima", data={"row_id": row})
    assert here(db, hall.event) == set()
    hall.organizer.post(f"{hall.url}/karantina/terima", data={"row_id": row, "session_id": hall.session.id})
    assert here(db, hall.event) == {"Siti"}


def test_a_session_that_was_added_a_moment_ago_is_known(db, make, hall):
    tablet, siti = hall.tablet(), make.registration(hall.event)
    tablet.sync()  # what the place knows is kept for a moment
    hall.event.sessions.append(EventSession(title="Malam", position=1))
    db.session.commit()
    assert tablet.sync(said.check_in(hall.event.sessions[1], siti)).json["results"][0]["status"] == "ok"


def test_nothing_counts_while_the_event_is_cancelled_and_all_of_it_when_it_is_opened_again(db, make, hall):
    tablet, siti = hall.tablet(), make.registration(hall.event, name="Siti")
    before = tablet.sync().json
    hall.event.status = EventStatus.CANCELLED
    hall.event.version += 1
    db.session.commit()
    answer = tablet.sync(said.check_in(hall.session, siti, dev_seq=1))
    assert answer.status_code == 200
    assert [(r["status"], r["reason"]) for r in answer.json["results"]] == [("quarantined", "event_closed")]
    assert answer.json["roster_version"] != before["roster_version"]  # so the tablet asks what is new
    roster = tablet.get(f"/checkin/api/v1/roster?event={hall.event.slug}&since={before['server_time'][:4]}").json
    assert roster["event"]["status"] == "cancelled"
    form = {"reason": "event_closed"}
    hall.organizer.post(f"{hall.url}/karantina/terima-semua", data=form)
    assert here(db, hall.event) == set()
    assert "Kegiatannya dibatalkan atau masih draf: 1" in hall.organizer.get(hall.url).text
    hall.event.status = EventStatus.PUBLISHED
    db.session.commit()
    hall.organizer.post(f"{hall.url}/karantina/terima-semua", data=form)
    assert here(db, hall.event) == {"Siti"}


# -- a tablet in wrong hands -----------------------------------------------------------------------------------------


def guests(hall, count: int) -> list[dict]:
    return [said.walk_in(hall.session, f"Tamu {n:03}", dev_seq=n) for n in range(1, count + 1)]


def test_more_walk_ins_than_one_tablet_may_register_wait_for_a_decision(db, hall):
    tablet = hall.tablet()
    ops = guests(hall, FEWEST + 2)
    results = tablet.sync(*ops).json["results"]
    assert [r["status"] for r in results].count("ok") == FEWEST
    assert reasons(db) == ["too_many", "too_many"]
    assert tablet.sync(*ops[:FEWEST]).json["results"] == results[:FEWEST]  # sent again, they are what they were
    assert tablet.sync(said.walk_in(hall.session)).json["results"][0]["reason"] == "too_many"
    assert hall.tablet("Tablet 2").sync(said.walk_in(hall.session)).json["results"][0]["status"] == "ok"
    hall.organizer.post(f"{hall.url}/karantina/terima-semua", data={"reason": "too_many"})
    assert services.counters(hall.event.id)["walk_ins"] == FEWEST + 4
    assert reasons(db) == []


def test_the_events_own_limit_of_walk_ins_holds_and_without_one_the_hall_decides(db, make, hall):
    hall.event.walk_in_limit = 2
    db.session.commit()
    assert [r["status"] for r in hall.tablet().sync(*guests(hall, 3)).json["results"]] == ["ok", "ok", "quarantined"]
    hall.event.walk_in_limit, hall.event.capacity = None, FEWEST + 5
    db.session.commit()
    results = hall.tablet("Tablet 2").sync(*guests(hall, FEWEST + 6)).json["results"]
    assert [r["status"] for r in results].count("ok") == FEWEST + 5


def test_an_officer_who_is_logged_in_has_no_limit_of_walk_ins(db, door):
    door.event.walk_in_limit = 1
    db.session.flush()
    results = door.say(said.walk_in(door.session, "Satu"), said.walk_in(door.session, "Dua"))
    assert [r["status"] for r in results] == ["ok", "ok"]


def test_one_tap_takes_back_what_a_stolen_tablet_made_and_nothing_else(db, make, hall):
    honest, stolen = hall.tablet("Pintu timur"), hall.tablet("Hilang")
    people = [make.registration(hall.event, name=f"Ibu {n}") for n in "ABCD"]
    true, undone = [said.check_in(hall.session, one, dev_seq=n) for n, one in enumerate(people[:2], 1)]
    honest.sync(true, undone)
    guest = said.walk_in(hall.session, "Orang Khayalan", dev_seq=4)
    stolen.sync(
        said.check_in(hall.session, people[0], dev_seq=1), said.check_in(hall.session, people[2], dev_seq=2),
        said.undo(people[1], undone["id"], dev_seq=3), guest, said.scan(hall.session, "apa saja", dev_seq=5),
        said.check_in(hall.session, people[3], dev_seq=5), "rusak",
    )  # fmt: skip
    assert here(db, hall.event) == {"Ibu A", "Ibu C", "Orang Khayalan"}
    assert len(reasons(db)) == 2
    page = hall.organizer.get(hall.url).text
    address = f"{hall.url}/tablet/{stolen.device.id}/tarik"
    assert address in page
    answer = hall.organizer.post(address, follow_redirects=True)
    assert "Ditarik kembali: 3 presensi, 1 di antaranya tamu." in answer.text
    assert here(db, hall.event) == {"Ibu A", "Ibu B"}
    assert db.session.get(Registration, ids.uuid.UUID(guest["registration"])).status == RegistrationStatus.CANCELLED
    counters = services.counters(hall.event.id)
    assert (counters["present"], counters["walk_ins"], counters["unknown"]) == (2, 0, 0)
    assert reasons(db) == []
    db.session.refresh(stolen.device)
    assert stolen.device.revoked_at is not None
    count = db.session.query(CheckInOp).count()
    hall.organizer.post(address)
    assert db.session.query(CheckInOp).count() == count  # a second tap changes nothing
