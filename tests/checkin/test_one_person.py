"""A guest who turns out to be somebody on the list is one person: at the server, and on every tablet."""

import json
import subprocess

import pytest
from sqlalchemy import select

from halal import ids
from halal.checkin import services
from halal.checkin.models import Attendance, CheckInOp
from halal.config import ROOT
from halal.registrations import search
from halal.registrations.models import Registration, RegistrationStatus
from tests.checkin import said


@pytest.fixture
def came(db, hall, make):
    """A function: somebody registers late, is scanned by a tablet that does not know it yet, and gives another name to
    the button that is offered. (late, the guest's id, the tablet, the operations)"""

    def come(**late):
        tablet = hall.tablet()
        late = make.registration(hall.event, name="Dewi Lestari", **late)
        guest = ids.uuid7()
        scan = said.scan(hall.session, late.token)
        walk_in = said.walk_in(hall.session, "Bu Dewi", registration=str(guest), token_hash=late.token_hash)
        return late, guest, tablet, [{**scan, "dev_seq": 1}, {**walk_in, "dev_seq": 2}]

    return come


def present(db, event) -> list[str]:
    rows = select(Registration.name).join(Attendance, Attendance.registration_id == Registration.id)
    return list(db.session.scalars(rows.where(Attendance.event_id == event.id)))


def test_a_walk_in_with_the_code_of_a_late_registrant_is_that_person_whatever_name_was_typed(db, hall, came):
    late, guest, tablet, ops = came()
    answer = tablet.sync(*ops).json
    assert present(db, hall.event) == ["Dewi Lestari"]
    assert db.session.get(Registration, guest).status == RegistrationStatus.CANCELLED
    counters = services.counters(hall.event.id)
    assert (counters["present"], counters["walk_ins"], counters["unknown"], counters["registered"]) == (1, 0, 0, 1)
    merges = [(c["registration"], c["into"]) for c in answer["changes"] if c["kind"] == "merge"]
    assert merges == [(str(guest), str(late.id))]  # this tablet hears of it with the same answer, and the others too
    others = hall.tablet("Tablet 2").sync().json["changes"]
    assert [c["kind"] for c in others] == ["checkin", "walkin", "merge"]
    assert others[1]["token_hash"] == late.token_hash


def test_the_same_walk_in_sent_again_joins_nobody_twice(db, hall, came):
    _late, _guest, tablet, ops = came()
    first = tablet.sync(*ops).json["results"]
    assert tablet.sync(*ops).json["results"] == first
    kinds = db.session.scalars(select(CheckInOp.kind).where(CheckInOp.event_id == hall.event.id).order_by("seq")).all()
    assert kinds == ["checkin", "walkin", "merge"]
    assert db.session.scalars(select(CheckInOp.seq).where(CheckInOp.event_id == hall.event.id)).all() == [1, 2, 3]
    db.session.refresh(hall.event)
    assert hall.event.next_seq == 4


def test_the_walk_in_alone_is_enough_when_its_scan_never_came(db, hall, came):
    _late, _guest, tablet, (_scan, walk_in) = came(status=RegistrationStatus.WAITING)
    tablet.sync(walk_in)
    assert present(db, hall.event) == ["Dewi Lestari"]
    late = db.session.scalar(select(Registration).where(Registration.name == "Dewi Lestari"))
    assert late.status == RegistrationStatus.CONFIRMED  # whoever is in has a place


def test_a_guest_with_a_code_that_nobody_has_explains_its_scan_until_the_guest_is_taken_back(db, hall):
    tablet, code, guest = hall.tablet(), ids.token_hash("tiket-lama"), ids.uuid7()
    walk_in = said.walk_in(hall.session, "Ibu Tamu", registration=str(guest), token_hash=code)
    tablet.sync(said.check_in(hall.session, token_hash=code, kind="unknown_scan"), walk_in)
    assert services.counters(hall.event.id)["unknown"] == 0
    tablet.sync(said.undo(guest, walk_in["id"]))
    counters = services.counters(hall.event.id)
    assert (counters["unknown"], counters["walk_ins"]) == (1, 0)


def test_the_code_of_another_events_ticket_joins_nobody(db, hall, make):
    elsewhere = make.registration(make.event(hall.organizer.organization))
    walk_in = said.walk_in(hall.session, "Ibu Tamu", token_hash=elsewhere.token_hash)
    hall.tablet().sync(walk_in)
    assert present(db, hall.event) == ["Ibu Tamu"]


def test_who_was_merged_is_found_once_on_the_screen_with_a_log_in(db, door, make):
    walk_in = said.walk_in(door.session, "Siti Aminah")
    door.say(walk_in)
    siti = make.registration(door.event, name="Siti Aminah")
    search.index([siti])
    door.say(said.merge(walk_in["registration"], siti.id))
    place = services.open_place(door.event.organization_id, door.event.slug)
    assert [registration.id for registration, _at in services.search(place, door.session.id, "siti")] == [siti.id]


@pytest.mark.once
def test_every_tablet_counts_and_lists_one_person():
    """The shipped modules, by tests/checkin/one_person.mjs."""
    script = ROOT / "tests/checkin/one_person.mjs"
    run = subprocess.run(["node", script, ROOT / "static/checkin"], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    one = {"here": 1, "registered": 2, "walkIns": 0, "unknown": 0, "present": ["Dewi Lestari"]}
    assert told["alone"] == {**one, "registered": 2, "walkIns": 1, "present": ["Bu Dewi"], "found": ["Bu Dewi"]}
    assert told["repeated"] == "duplicate"  # the same code once more, after its guest was named
    assert told["arrived"] == {**one, "found": ["Dewi Lestari"]}
    assert told["merged"] == {**one, "found": ["Dewi Lestari"]}
