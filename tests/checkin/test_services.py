"""The log and the attendance that follows from it."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from halal import ids
from halal.audit.models import AuditEntry
from halal.checkin import services
from halal.checkin.models import CheckInOp, Device, OpKind
from halal.errors import Conflict, NotFound
from halal.events.models import EventSession, EventStatus
from halal.registrations import search as index
from halal.registrations.models import Registration, RegistrationStatus, Source
from tests.checkin import said


def test_a_check_in_is_recorded_and_makes_somebody_present(door, make):
    asep = make.registration(door.event, name="H. Asep Awaludin", business_name="Keripik Asep", region_code="36.04",
                             nib="1234567890123")  # fmt: skip
    op = said.check_in(door.session, asep, via="search", dev_seq=1)
    (result,) = door.say(op)
    assert (result["status"], result["seq"], result["live"]) == ("ok", 1, [op["id"]])
    assert result["person"] == {
        "id": str(asep.id), "name": "H. Asep Awaludin", "business": "Keripik Asep", "region": "Kab. Serang",
        "nib5": "90123",
    }  # fmt: skip
    assert door.attendance() == {(door.session.id, asep.id): uuid.UUID(op["id"])}
    assert door.ops()[0].payload == {"via": "search"}


def test_a_ticket_is_found_by_its_token_or_by_the_hash_of_it(door, make):
    one, two = make.registration(door.event), make.registration(door.event)
    by_token = said.scan(door.session, one.token)
    by_hash = said.check_in(door.session, token_hash=two.token_hash)
    assert [r["status"] for r in door.say(by_token, by_hash)] == ["ok", "ok"]
    assert {key[1] for key in door.attendance()} == {one.id, two.id}


def test_of_many_tickets_in_one_batch_those_who_are_in_are_known(door, make):
    people = [make.registration(door.event) for _ in range(12)]
    door.say(*(said.scan(door.session, one.token) for one in people[:3]), device=uuid.UUID(int=1))
    results = door.say(*(said.scan(door.session, one.token) for one in people))
    assert [r["status"] for r in results] == ["duplicate"] * 3 + ["ok"] * 9
    assert all(r["duplicate_of"] for r in results[:3])
    assert len(door.attendance()) == 12


def test_sending_an_operation_again_changes_nothing_and_answers_the_same(door, make):
    op = said.check_in(door.session, make.registration(door.event), dev_seq=1)
    first = door.say(op)
    assert door.say(op) == first
    assert door.say(op, op) == first * 2
    assert len(door.ops()) == 1


def test_the_same_id_with_other_content_is_a_conflict_and_is_not_recorded(door, make):
    op = said.check_in(door.session, make.registration(door.event))
    door.say(op)
    (result,) = door.say({**op, "registration": str(make.registration(door.event).id)})
    assert result["status"] == "conflict"
    assert len(door.ops()) == len(door.attendance()) == 1


def test_an_operation_of_one_event_cannot_be_replayed_at_another(door, make):
    op = said.check_in(door.session, make.registration(door.event))
    door.say(op)
    other = make.event(door.event.organization)
    place = services.open_place(other.organization_id, other.slug, ids.uuid7())
    device = ids.uuid7()
    (result,) = services.record(place, said.read(other, op, device=device), user_id=door.user.id)
    assert result.status == "conflict"
    assert len(door.ops()) == 1


def test_a_place_in_the_tablets_own_order_is_given_once(door, make):
    one, two = make.registration(door.event), make.registration(door.event)
    ops = [said.check_in(door.session, one, dev_seq=7), said.check_in(door.session, two, dev_seq=7)]
    assert [r["status"] for r in door.say(*ops)] == ["ok", "conflict"]
    assert [r["status"] for r in door.say(ops[1], store="store-2")] == ["ok"]


def test_numbers_have_no_gaps_whatever_is_refused_or_repeated(door, make):
    people = [make.registration(door.event) for _ in range(4)]
    waiting = make.registration(door.event, status=RegistrationStatus.WAITING)
    first = said.check_in(door.session, people[0])
    door.say(first)
    door.say(first, said.check_in(door.session, waiting), said.check_in(door.session, people[1]))
    door.say(said.check_in(door.session, waiting))
    door.say(said.check_in(door.session, people[2]), said.check_in(door.session, people[3]))
    assert [op.seq for op in door.ops()] == [1, 2, 3, 4]
    assert services.counters(door.event.id)["seq"] == 4


def test_a_second_check_in_is_kept_and_says_where_and_when_the_first_was(door, make):
    siti = make.registration(door.event)
    first, second = said.check_in(door.session, siti), said.check_in(door.session, siti)
    east, west = ids.uuid7(), ids.uuid7()
    place = services.open_place(door.event.organization_id, door.event.slug, east)
    services.name_device(place, east, "Pintu timur", door.user.id)
    door.say(first, device=east)
    (result,) = door.say(second, device=west)
    assert (result["status"], result["duplicate_of"], result["where"]) == ("duplicate", first["id"], "Pintu timur")
    assert result["at"] and result["live"] == [first["id"], second["id"]]
    assert len(door.ops()) == 2
    assert len(door.attendance()) == 1


def test_sessions_have_their_own_attendance(db, door, make):
    door.event.sessions.append(EventSession(title="Praktik", position=1))
    db.session.flush()
    siti, second = make.registration(door.event), door.event.sessions[1]
    assert [r["status"] for r in door.say(said.check_in(door.session, siti), said.check_in(second, siti))] == ["ok"] * 2
    counters = services.counters(door.event.id)
    assert counters["sessions"] == {str(door.session.id): 1, str(second.id): 1}
    assert counters["present"] == 1


def test_an_undo_removes_the_presence_and_keeps_both_operations(door, make):
    siti = make.registration(door.event)
    op = said.check_in(door.session, siti)
    door.say(op)
    (result,) = door.say(said.undo(siti, op["id"]))
    assert result["status"] == "undone"
    assert door.attendance() == {}
    assert [o.kind for o in door.ops()] == [OpKind.CHECK_IN, OpKind.UNDO]
    assert door.say(op)[0]["status"] == "taken_back"
    assert door.say(said.check_in(door.session, siti))[0]["status"] == "ok"


def test_an_undo_that_arrives_first_still_works(door, make):
    siti = make.registration(door.event)
    op = said.check_in(door.session, siti)
    door.say(said.undo(siti, op["id"]))
    assert door.say(op)[0]["status"] == "taken_back"
    assert door.attendance() == {}


def test_undoing_the_one_that_counts_leaves_the_repetition(door, make):
    siti = make.registration(door.event)
    first, second = said.check_in(door.session, siti), said.check_in(door.session, siti)
    door.say(first, second, said.undo(siti, first["id"]))
    assert door.attendance() == {(door.session.id, siti.id): uuid.UUID(second["id"])}


def test_an_unknown_code_is_kept_and_counted_apart(door):
    (result,) = door.say(said.scan(door.session, "bukan-tiket-siapa-pun"))
    assert result["status"] == "unknown"
    (row,) = door.ops()
    assert (row.kind, row.registration_id) == (OpKind.UNKNOWN_SCAN, None)
    assert row.payload == {"token_hash": ids.token_hash("bukan-tiket-siapa-pun")}
    assert services.counters(door.event.id)["unknown"] == 1
    assert door.attendance() == {}


def test_an_unknown_scan_whose_ticket_the_server_knows_is_a_check_in(door, make):
    siti = make.registration(door.event)
    op = {**said.scan(door.session, siti.token), "kind": "unknown_scan"}
    assert door.say(op)[0]["status"] == "ok"


def test_a_ticket_of_another_event_admits_nobody(door, make):
    other = make.event(door.event.organization, title="Rakor Percepatan Halal")
    ticket = make.registration(other)
    (result,) = door.say(said.scan(door.session, ticket.token))
    assert (result["status"], result["title"]) == ("other_event", "Rakor Percepatan Halal")
    assert "person" not in result
    assert door.ops() == []
    (result,) = door.say(said.scan(door.session, ticket.token, admitted=True))
    assert result["status"] == "unknown"
    assert door.attendance() == {}


def test_a_ticket_of_another_office_tells_nothing_of_it(door, make):
    ticket = make.registration(make.event(title="Rahasia"))
    (result,) = door.say(said.scan(door.session, ticket.token))
    assert result["status"] == "other_event"
    assert "Rahasia" not in str(result)


@pytest.mark.parametrize("status", [RegistrationStatus.CANCELLED, RegistrationStatus.WAITING])
def test_who_has_no_place_is_let_in_by_choice_only_and_then_has_one(db, door, make, status):
    siti = make.registration(door.event, status=status)
    (result,) = door.say(said.scan(door.session, siti.token))
    assert result["status"] == status.value
    assert result["person"]["name"] == siti.name
    assert door.ops() == []
    (result,) = door.say(said.scan(door.session, siti.token, admitted=True))
    assert result["status"] == "ok"
    assert db.session.get(Registration, siti.id).status == RegistrationStatus.CONFIRMED
    assert "registration.admitted" in db.session.scalars(select(AuditEntry.action)).all()


def test_a_walk_in_gets_a_place_and_is_present_even_when_the_event_is_full(db, door):
    door.event.capacity = 1
    one = said.walk_in(door.session, "Ny. Rohayati", "0812-3456 7890")
    two = said.walk_in(door.session, "Slamet", "Tahu Bulat Barokah")
    assert [r["status"] for r in door.say(one, two)] == ["ok", "ok"]
    rohayati, slamet = (db.session.get(Registration, uuid.UUID(o["registration"])) for o in (one, two))
    assert (rohayati.phone, rohayati.business_name) == ("+6281234567890", "")
    assert (slamet.phone, slamet.business_name) == (None, "Tahu Bulat Barokah")
    assert {rohayati.source, slamet.source} == {Source.WALK_IN}
    assert {rohayati.status, slamet.status} == {RegistrationStatus.CONFIRMED}
    assert services.counters(door.event.id)["walk_ins"] == 2
    assert len(door.attendance()) == 2


def test_a_walk_in_sent_twice_is_one_person(db, door):
    op = said.walk_in(door.session)
    assert door.say(op) == door.say(op)
    assert len(db.session.scalars(select(Registration).where(Registration.event_id == door.event.id)).all()) == 1


def test_a_walk_in_without_a_name_is_refused_with_a_sentence(door):
    (result,) = door.say(said.walk_in(door.session, " "))
    assert result["status"] == "invalid"
    assert result["message"]
    assert door.ops() == []


def test_a_walk_in_is_nobody_who_is_registered_already(db, door, make):
    siti = make.registration(door.event, name="Siti Aminah")
    walk_in = said.walk_in(door.session, "Orang Lain", registration=str(siti.id))
    assert [result["status"] for result in door.say(walk_in)] == ["conflict"]
    assert door.attendance() == {}
    door.say(said.undo(siti.id, walk_in["id"]))
    assert siti.status == RegistrationStatus.CONFIRMED


def test_taking_a_walk_in_back_takes_the_place_back(db, door):
    op = said.walk_in(door.session)
    door.say(op)
    door.say(said.undo(op["registration"], op["id"]))
    assert db.session.get(Registration, uuid.UUID(op["registration"])).status == RegistrationStatus.CANCELLED
    assert services.counters(door.event.id)["walk_ins"] == 0


def test_a_check_in_before_the_server_knows_the_person_counts_once_it_does(door):
    walk_in = said.walk_in(door.session)
    early = said.check_in(door.session, walk_in["registration"])
    assert door.say(early)[0]["status"] == "unknown"
    assert door.attendance() == {}
    assert door.say(walk_in)[0]["status"] == "duplicate"
    assert list(door.attendance().values()) == [uuid.UUID(early["id"])]


def test_one_bad_operation_does_not_fail_the_others(door, make):
    good = said.check_in(door.session, make.registration(door.event))
    results = door.say({"id": "x"}, said.check_in(10**6, make.registration(door.event)), good, 5)
    assert [r["status"] for r in results] == ["session_gone", "ok", "invalid", "invalid"]


def test_two_registrations_of_one_person_become_one(db, door, make):
    siti = make.registration(door.event, name="Siti Aminah", phone="+6281211112222")
    walk_in = said.walk_in(door.session, "ST. Aminah", "")
    later = said.check_in(door.session, siti)
    door.say(walk_in, later)
    pairs = services.board(door.event).duplicates
    assert [(one.name, other.name) for one, other in pairs] == [("ST. Aminah", "Siti Aminah")]
    services.merge_from_board(door.event, uuid.UUID(walk_in["registration"]), siti.id, user_id=door.user.id)
    assert door.attendance() == {(door.session.id, siti.id): uuid.UUID(walk_in["id"])}
    assert db.session.get(Registration, uuid.UUID(walk_in["registration"])).status == RegistrationStatus.CANCELLED
    assert services.board(door.event).duplicates == []
    assert services.counters(door.event.id)["present"] == 1


def test_a_family_that_shares_a_telephone_is_not_one_person(door, make):
    make.registration(door.event, name="Siti Aisyah Mulyana", phone="+6281211112222")
    door.say(said.walk_in(door.session, "Saepudin Purnama", "0812 1111 2222"))
    assert services.board(door.event).duplicates == []


def test_after_a_merge_either_of_the_two_is_the_same_person(door, make):
    siti = make.registration(door.event)
    walk_in = said.walk_in(door.session)
    door.say(walk_in)
    door.say(said.merge(walk_in["registration"], siti.id))
    (result,) = door.say(said.check_in(door.session, siti))
    assert result["duplicate_of"] == walk_in["id"]
    door.say(said.undo(siti, *result["live"]))
    assert door.attendance() == {}


def test_only_people_of_the_event_can_be_merged(door, make):
    stranger = make.registration()
    siti = make.registration(door.event)
    for op in (said.merge(siti.id, stranger.id), said.merge(siti.id, siti.id), said.merge(siti.id, ids.uuid7())):
        assert door.say(op)[0]["status"] == "invalid"


def test_a_wrong_clock_is_corrected_in_the_attendance(db, door, make):
    ahead = datetime.now(UTC) + timedelta(hours=3)
    op = said.check_in(door.session, make.registration(door.event), client_at=ahead.isoformat())
    (result,) = door.say(op, sent_at=ahead.isoformat())
    assert result["skewed"] is True
    assert datetime.fromisoformat(result["at"]) <= datetime.now(UTC)


def test_a_tablet_is_known_from_its_first_operation_and_can_be_named(db, door, make):
    device = ids.uuid7()
    door.say(said.check_in(door.session, make.registration(door.event)), device=device)
    assert db.session.get(Device, device).name == "Tablet 1"
    place = services.open_place(door.event.organization_id, door.event.slug, device)
    assert services.name_device(place, device, "  Pintu timur ", door.user.id) == "Pintu timur"
    assert services.name_device(place, device, "", door.user.id) == "Pintu timur"


def test_a_tablet_of_another_event_is_refused(door, make):
    device = ids.uuid7()
    door.say(said.check_in(door.session, make.registration(door.event)), device=device)
    other = make.event(door.event.organization)
    with pytest.raises(Conflict):
        services.open_place(other.organization_id, other.slug, device)


def test_other_offices_and_closed_events_have_no_door(make):
    event = make.event()
    with pytest.raises(NotFound):
        services.open_place(make.organization().id, event.slug)
    for status in (EventStatus.DRAFT, EventStatus.CANCELLED):
        closed = make.event(status=status)
        with pytest.raises(Conflict):
            services.open_place(closed.organization_id, closed.slug)


def test_search_says_who_is_in_already_and_since_when(door, make):
    people = [make.registration(door.event, name=n) for n in ("Edi Susilo", "Edi Ali", "Budi")]
    index.index(people)
    door.say(said.check_in(door.session, people[0]))
    place = services.open_place(door.event.organization_id, door.event.slug)
    found = services.search(place, door.session.id, "ed")
    assert [(r.name, at is not None) for r, at in found] == [("Edi Ali", False), ("Edi Susilo", True)]


def test_an_event_shows_on_its_own_day_by_its_own_clock(db, make, monkeypatch):
    office = make.organization()
    start = datetime(2025, 5, 15, 23, 0, tzinfo=UTC)  # 16 May, 08.00 in Jayapura
    make.event(office, title="Jayapura", starts_at=start, ends_at=start + timedelta(hours=4), timezone="Asia/Jayapura")
    make.event(office, title="Besok", starts_at=start + timedelta(days=2), ends_at=None)
    make.event(office, title="Draf", starts_at=start, ends_at=None, status=EventStatus.DRAFT)
    make.event(title="Kantor lain", starts_at=start, ends_at=None)
    monkeypatch.setattr("halal.clock.now", lambda: datetime(2025, 5, 15, 16, 0, tzinfo=UTC))  # 16 May, 01.00 there
    groups = services.sessions_to_choose(office.id)
    assert [e.title for e in groups["today"]] == ["Jayapura"]
    assert [e.title for e in groups["next"]] == ["Besok"]


def test_the_board_counts_rows(door, make):
    here = make.registration(door.event, region_code="36.04")
    make.registration(door.event, region_code="36.04")
    make.registration(door.event)
    make.registration(door.event, status=RegistrationStatus.CANCELLED, region_code="36.01")
    door.say(said.check_in(door.session, here), said.scan(door.session, "tidak-dikenal"), said.walk_in(door.session))
    board = services.board(door.event)
    assert board.sessions == [(door.session.id, door.session.title, 2)]
    assert ("Kab. Serang", 1, 2) in board.regions
    assert sum(count for _at, count in board.arrivals) == 2
    assert {r.name for r, *_ in board.latest} == {here.name, "Ibu Tamu"}
    assert len(board.unknown) == len(board.walk_ins) == 1


def test_the_boards_version_moves_with_the_event(door, make, db):
    before = services.version(door.event)
    assert services.version(door.event) == before
    siti = make.registration(door.event)
    with_siti = services.version(door.event)
    door.say(said.check_in(door.session, siti))
    db.session.refresh(door.event)
    assert len({before, with_siti, services.version(door.event)}) == 3


def test_an_organizer_takes_a_check_in_back_with_every_repetition(db, door, make):
    siti = make.registration(door.event)
    door.say(said.check_in(door.session, siti), said.check_in(door.session, siti))
    services.undo_from_board(door.event, door.session.id, siti.id, user_id=door.user.id)
    assert door.attendance() == {}
    assert db.session.scalar(select(CheckInOp.device_id).where(CheckInOp.kind == OpKind.UNDO)) is None
    with pytest.raises(NotFound):
        services.undo_from_board(door.event, door.session.id, siti.id, user_id=door.user.id)


def test_an_unknown_scan_can_be_settled_once(door):
    op = said.scan(door.session, "tidak-dikenal")
    door.say(op)
    services.dismiss_scan(door.event, uuid.UUID(op["id"]), user_id=door.user.id)
    assert services.counters(door.event.id)["unknown"] == 0
    with pytest.raises(NotFound):
        services.dismiss_scan(door.event, uuid.UUID(op["id"]), user_id=door.user.id)


def test_a_walk_in_whose_id_was_used_registers_nobody(db, door):
    first = said.walk_in(door.session, "Ibu Tamu")
    door.say(first)
    other = {**said.walk_in(door.session, "Orang Lain"), "id": first["id"]}
    assert door.say(other)[0]["status"] == "conflict"
    assert db.session.get(Registration, uuid.UUID(other["registration"])) is None
