"""Registering one person: places, waiting list, duplicates, the directory."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from halal.audit.models import AuditEntry
from halal.errors import DomainError
from halal.events.models import EventKind, EventStatus
from halal.messages.models import Mail
from halal.people.models import Business, Person
from halal.registrations import services
from halal.registrations.errors import AlreadyRegistered, EventFull, RegistrationClosed
from halal.registrations.models import RegistrationStatus, RegistrationWord, Source
from halal.registrations.services import Details, writing

NIB = "1234567890123"


@pytest.fixture
def register(db):
    """register(event, name, …): cleaned and registered at the desk, unless something else is said."""

    def register(event, name="Siti Aminah", *, source=Source.DESK, anyway=False, accept_waiting=True, **details):
        options = {k: details.pop(k) for k in ("submission_id", "person_id", "over_capacity") if k in details}
        cleaned = services.clean(Details(name=name, **details), event)
        return services.register(event, cleaned, source=source, anyway=anyway, accept_waiting=accept_waiting, **options)

    return register


def count(db, model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_a_registration_gets_a_place_a_token_words_and_an_audit_entry(db, make, register):
    registration = register(make.event(), "H. Moh. Asep, S.H.", phone="0812-3456 7890", nib=NIB)
    assert registration.status == RegistrationStatus.CONFIRMED
    assert registration.name == "H. Moh. Asep, S.H."
    assert registration.phone == "+6281234567890"
    assert len(registration.token) >= 22
    words = set(db.session.scalars(select(RegistrationWord.word)))
    assert {"asep", "muhammad", NIB} <= words
    entry = db.session.scalar(select(AuditEntry))
    assert entry.action == "registration.created"
    assert "Asep" not in str(entry.detail)


def test_the_last_place_is_the_last_and_then_people_wait(make, register):
    event = make.event(capacity=1)
    assert register(event, "Satu").status == RegistrationStatus.CONFIRMED
    assert register(event, "Dua").status == RegistrationStatus.WAITING
    assert services.waiting_position(register(event, "Tiga")) == 2


def test_a_full_event_without_a_waiting_list_refuses(make, register):
    event = make.event(capacity=1, waiting_list=False)
    register(event, "Satu")
    with pytest.raises(EventFull) as full:
        register(event, "Dua")
    assert not full.value.waiting_list


def test_nobody_is_put_on_the_waiting_list_without_asking_for_it(make, register):
    event = make.event(capacity=1)
    register(event, "Satu")
    with pytest.raises(EventFull) as full:
        register(event, "Dua", accept_waiting=False)
    assert full.value.waiting_list


def test_an_organizer_may_go_over_capacity(make, register):
    event = make.event(capacity=1)
    register(event, "Satu")
    assert register(event, "Dua", over_capacity=True).status == RegistrationStatus.CONFIRMED


def test_cancelling_moves_up_the_one_who_waits_longest_and_tells_them(db, make, register):
    event = make.event(capacity=1)
    first, second, third = register(event, "Satu"), register(event, "Dua", email="dua@uji.example"), register(
        event, "Tiga"
    )  # fmt: skip
    assert services.cancel(first) == [second]
    assert (first.status, second.status, third.status) == ("cancelled", "confirmed", "waiting")
    subjects = db.session.scalars(select(Mail.subject).order_by(Mail.id)).all()
    assert [s.partition(":")[0] for s in subjects] == ["Daftar tunggu", "Bapak/Ibu mendapat tempat"]
    assert services.cancel(first) == []


def test_invented_people_get_no_mail(db, make):
    event = make.event()
    services.register(event, Details(name="Siti", email="siti@uji.example"), source=Source.DESK, invented=True)
    assert count(db, Mail) == 0
    assert db.session.scalar(select(Person.invented)) is True


def test_raising_the_capacity_lets_those_who_wait_in_before_newcomers(make, register):
    event = make.event(capacity=1)
    register(event, "Satu")
    waiting = register(event, "Dua")
    event.capacity = 2
    assert register(event, "Tiga").status == RegistrationStatus.WAITING
    assert waiting.status == RegistrationStatus.CONFIRMED


def test_promoting_fills_free_places_in_the_order_of_registration(make, register):
    event = make.event(capacity=1)
    register(event, "Nol")
    waiting = [register(event, f"Penunggu {n}") for n in "abcd"]
    event.capacity = 3
    assert services.promote_waiting(event) == waiting[:2]
    assert services.promote_waiting(event) == []


def test_nobody_moves_up_once_the_event_is_over(make, register):
    event = make.event(capacity=1)
    first = register(event, "Satu")
    waiting = register(event, "Dua")
    event.status = EventStatus.FINISHED
    assert services.cancel(first) == []
    assert waiting.status == RegistrationStatus.WAITING


def test_the_same_form_sent_twice_is_one_registration(make, register):
    event = make.event()
    one = register(event, "Siti", submission_id="abc")
    assert register(event, "Siti", submission_id="abc") is one


def test_a_page_that_the_browser_kept_registers_the_next_person_once(make, register):
    event = make.event()
    first = register(event, "Ibu Pertama", phone="081234567890", submission_id="abc")
    second = register(event, "Bapak Kedua", phone="081234567890", submission_id="abc")
    assert second.id != first.id
    assert register(event, "Bapak Kedua", phone="081234567890", submission_id="abc") is second
    assert register(event, "Ibu Pertama", phone="081234567890", submission_id="abc") is first


def test_a_dash_is_the_name_of_no_business(make, register):
    assert register(make.event(), "Siti", business_name=" - ", product="—").business_name == ""


@pytest.mark.parametrize("capacity", [None, 1], ids=["the same person", "the last place"])
def test_the_same_form_that_got_in_between_two_looks_is_that_registration(make, register, monkeypatch, capacity):
    event = make.event(capacity=capacity, waiting_list=False)
    look = writing.refuse_closed

    def meanwhile(*args, **kwargs):
        monkeypatch.setattr(writing, "refuse_closed", look)
        faster.append(register(event, "Siti", phone="081234567890", submission_id="abc"))

    faster = []
    monkeypatch.setattr(writing, "refuse_closed", meanwhile)
    assert register(event, "Siti", phone="081234567890", submission_id="abc") is faster[0]


def test_a_form_sent_again_after_cancelling_registers_anew(make, register):
    event = make.event()
    one = register(event, "Siti", phone="081234567890", submission_id="abc")
    services.cancel(one)
    again = register(event, "Siti", phone="081234567890", submission_id="abc")
    assert again is not one
    assert again.status == RegistrationStatus.CONFIRMED


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        ({"name": "Asep", "nib": NIB}, {"name": "Dedi", "nib": NIB}, "nib"),
        ({"name": "H. Moh. Asep", "phone": "081234567890"}, {"name": "muhammad asep, S.H.", "phone": "+6281234567890"},
         "phone"),
        ({"name": "Asep", "nib": NIB, "phone": "081234567890"}, {"name": "Asep", "phone": "081234567890"}, "phone"),
    ],
)  # fmt: skip
def test_the_same_person_is_refused_a_second_time(make, register, first, second, field):
    event = make.event()
    existing = register(event, **first)
    with pytest.raises(AlreadyRegistered) as refused:
        register(event, **second)
    assert refused.value.registration is existing
    assert refused.value.field == field
    assert existing.token not in str(refused.value.message)
    assert register(event, **second, anyway=True) is not existing


def test_a_family_may_share_a_phone(make, register):
    event = make.event()
    register(event, "Asep", phone="081234567890")
    assert register(event, "Dewi", phone="081234567890").status == RegistrationStatus.CONFIRMED


def test_similar_people_are_suggested(make, register):
    event = make.event()
    asep = register(event, "Asep Awaludin", phone="081234567890")
    nameless = register(event, "Dewi")
    register(event, "Dewi", phone="081200000000", anyway=True)

    def similar(**details):
        return services.find_similar(event, services.clean(Details(**details), event))

    assert similar(name="Asep", phone="081234567890") == [asep]
    assert similar(name="Asep Awalludin", phone="081234567890") == [asep]  # as another spells it
    assert similar(name="Budi", phone="081234567890") == []
    assert similar(name="Asep Awaludin", phone="081299999999") == []
    assert nameless in similar(name="Dewi", phone="081277777777")
    assert len(similar(name="Dewi")) == 2


def test_who_cancelled_may_register_again(make, register):
    event = make.event()
    services.cancel(register(event, "Asep", phone="081234567890"))
    assert register(event, "Asep", phone="081234567890").status == RegistrationStatus.CONFIRMED


def test_nobody_can_become_somebody_else_by_a_correction(make, register):
    event = make.event()
    register(event, "Asep", nib=NIB)
    other = register(event, "Dewi")
    with pytest.raises(AlreadyRegistered):
        services.change(other, services.clean(Details(name="Dewi", nib=NIB), event))


def test_a_correction_is_found_by_its_new_words_and_keeps_the_ticket(db, make, register):
    registration = register(make.event(), "Asep", phone="081234567890")
    token = registration.token
    services.change(registration, services.clean(Details(name="Usep", phone="081234567899"), registration.event))
    words = set(db.session.scalars(select(RegistrationWord.word)))
    assert "usep" in words
    assert "asep" not in words
    assert registration.token == token
    assert registration.dedupe_key == "phone:+6281234567899:usep"


def test_register_anyway_survives_a_correction(make, register):
    event = make.event()
    register(event, "Asep", phone="081234567890")
    twin = register(event, "Asep", phone="081234567890", anyway=True)
    services.change(twin, services.clean(Details(name="Asep", phone="081234567890", note="kembar"), event))
    assert twin.note == "kembar"


def test_a_new_person_and_business_enter_the_directory(db, make, register):
    registration = register(make.event(), "Siti", phone="081234567890", business_name="Keripik Siti", nib=NIB)
    person, business = db.session.scalar(select(Person)), db.session.scalar(select(Business))
    assert (registration.person_id, registration.business_id) == (person.id, business.id)
    assert (business.owner_id, business.nib, business.name) == (person.id, NIB, "Keripik Siti")


def test_nobody_is_merged_without_a_persons_decision(db, make, register):
    office = make.organization()
    register(make.event(office), "Siti", phone="081234567890", nib=NIB)
    register(make.event(office), "Siti", phone="081234567890", nib=NIB)
    assert count(db, Person) == 2
    assert count(db, Business) == 2


def test_a_recognized_person_is_linked_and_brought_up_to_date(db, make, register):
    office = make.organization()
    earlier = register(make.event(office), "Siti", phone="081234567890", business_name="Keripik Siti", nib=NIB)
    event = make.event(office)
    typed = services.clean(Details(name="Siti Aminah", phone="081234567890"), event)
    known = services.find_known(event, typed)
    assert [k.person.id for k in known] == [earlier.person_id]
    again = services.register(event, replace(typed, nib=NIB), source=Source.DESK, person_id=earlier.person_id)
    assert (again.person_id, again.business_id) == (earlier.person_id, earlier.business_id)
    assert db.session.get(Person, earlier.person_id).name == "Siti Aminah"


def test_another_offices_people_are_neither_suggested_nor_linked(make, register):
    stranger = register(make.event(), "Siti", phone="081234567890")
    event = make.event()
    typed = services.clean(Details(name="Siti", phone="081234567890"), event)
    assert services.find_known(event, typed) == []
    assert services.register(event, typed, source=Source.DESK, person_id=stranger.person_id).person_id != (
        stranger.person_id
    )


def test_a_correction_of_an_old_event_does_not_undo_newer_knowledge(db, make, register):
    office = make.organization()
    old = register(make.event(office), "Siti", phone="081111111111")
    old.created_at -= timedelta(days=30)
    new = register(make.event(office), "Siti", phone="082222222222", person_id=old.person_id)
    services.change(old, services.clean(Details(name="Siti A", phone="081111111112"), old.event))
    assert db.session.get(Person, new.person_id).phone == "+6282222222222"


NOW = datetime.now(UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, "open"),
        ({"status": EventStatus.DRAFT}, "draft"),
        ({"status": EventStatus.CANCELLED}, "cancelled"),
        ({"status": EventStatus.FINISHED}, "finished"),
        ({"starts_at": NOW - DAY, "ends_at": NOW - HOUR}, "finished"),
        ({"registration_opens_at": NOW + HOUR}, "not_yet"),
        ({"registration_closes_at": NOW - HOUR}, "closed"),
        ({"public_registration": False}, "office_only"),
        ({"starts_at": NOW - HOUR, "ends_at": NOW + HOUR}, "open"),
    ],
)
def test_the_public_registers_only_while_it_is_open(make, register, values, state):
    event = make.event(**values)
    assert services.registration_state(event) == state
    if state == "open":
        assert register(event, source=Source.PUBLIC)
        return
    with pytest.raises(RegistrationClosed):
        register(event, source=Source.PUBLIC)
    if state != "cancelled":
        assert register(event, source=Source.PAPER)


def test_nobody_registers_for_a_cancelled_event(make, register):
    with pytest.raises(RegistrationClosed):
        register(make.event(status=EventStatus.CANCELLED))


@pytest.mark.parametrize("email", ["siti@", "siti", "a b@c.id", "siti@contoh..id", "x" * 300 + "@contoh.id"])
def test_an_e_mail_that_is_none_is_refused(make, email):
    with pytest.raises(DomainError) as wrong:
        services.clean(Details(name="Siti", email=email), make.event())
    assert wrong.value.field == "email"


def test_all_problems_of_a_person_are_named_at_once(make):
    details = Details(name="", phone="belum ada", nib="123", region_code="36", business_name="x" * 151)
    _cleaned, problems = services.check(details, make.event())
    assert [p.field for p in problems] == ["name", "phone", "business_name", "nib", "region_code"]


def test_an_event_that_needs_a_nib_says_so_unless_the_office_knows_better(make):
    event = make.event(program=make.program(requires_nib=True))
    with pytest.raises(DomainError) as wrong:
        services.clean(Details(name="Siti"), event)
    assert wrong.value.field == "nib"
    assert services.clean(Details(name="Siti"), event, need_nib=False).nib is None


@pytest.mark.parametrize("typed", ["0000000000000", "1111111111111", "0000 0000 00000", "999.999.999.999.9"])
def test_a_nib_of_one_digit_repeated_is_none(make, typed):
    assert services.clean(Details(name="Siti", nib=typed), make.event()).nib is None
    with pytest.raises(DomainError) as refused:
        services.clean(Details(name="Siti", nib=typed), make.event(requires_nib=True))
    assert refused.value.field == "nib"


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize("own", [None, True, False])
def test_the_nib_is_required_of_businesses_unless_the_event_decides_otherwise(make, kind, own):
    event = make.event(program=make.program(requires_nib=True), kind=kind, requires_nib=own)
    usual = kind in {EventKind.OUTREACH_SESSION, EventKind.DRIVE_DAY, EventKind.TRAINING}
    assert event.needs_nib == (usual if own is None else own)
