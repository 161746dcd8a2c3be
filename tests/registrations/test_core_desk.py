"""Registering by hand: enter, enter, next person."""

import re

import pytest
from sqlalchemy import func, select

from halal.people.models import Person
from halal.registrations.models import Registration

NIB = "1234567890123"
HTMX = {"HX-Request": "true", "HX-Request-Type": "full", "HX-Target": "register-by-hand"}


@pytest.fixture
def desk(log_in):
    return log_in("organizer")


def address(event):
    return f"/kelola/kegiatan/{event.slug}/peserta/baru"


def send(client, event, headers=None, **fields):
    return client.post(address(event), data=fields, headers=headers)


def names(db, event):
    return db.session.scalars(
        select(Registration.name).where(Registration.event_id == event.id).order_by(Registration.created_at)
    ).all()


def test_a_saved_person_leaves_an_empty_form_and_their_name(db, make, desk):
    event = make.event(desk.organization, capacity=30)
    answer = send(desk, event, HTMX, name="Siti Aminah", phone="0812 3456 7890", submission_id="satu")
    assert answer.status_code == 200
    assert "Tersimpan: Siti Aminah" in answer.text
    name_field = re.search(r"<input[^>]*\bid=\"name\"[^>]*>", answer.text)[0]
    assert "autofocus" in name_field
    assert 'value=""' in name_field
    assert 'value="satu"' not in answer.text
    assert "<b>1</b> / 30" in answer.text
    assert names(db, event) == ["Siti Aminah"]


def test_without_javascript_the_next_form_comes_by_a_redirect(make, desk):
    event = make.event(desk.organization)
    answer = desk.post(address(event), data={"name": "Siti Aminah"}, follow_redirects=True)
    assert answer.history[0].status_code == 303
    assert "Tersimpan: Siti Aminah" in answer.text


def test_the_same_form_sent_twice_registers_once(db, make, desk):
    event = make.event(desk.organization)
    for _time in range(2):
        assert send(desk, event, name="Siti Aminah", submission_id="satu").status_code == 303
    assert names(db, event) == ["Siti Aminah"]


def test_somebody_similar_is_shown_and_nothing_is_saved_until_the_organizer_decides(db, make, desk):
    event = make.event(desk.organization)
    send(desk, event, name="Asep Awaludin", phone="081234567890", business_name="Keripik Asep")
    answer = send(desk, event, name="H. Asep", phone="081234567890")
    assert answer.status_code == 422
    assert "Keripik Asep" in answer.text
    assert 'value="H. Asep"' in answer.text
    assert len(names(db, event)) == 1
    assert send(desk, event, name="H. Asep", phone="081234567890", anyway="1").status_code == 303
    assert len(names(db, event)) == 2


def test_a_person_from_an_earlier_event_is_offered_and_linked_with_what_is_known(db, make, desk):
    earlier = make.event(desk.organization, title="Pelatihan tahun lalu")
    send(desk, earlier, name="Siti Aminah", phone="081234567890", business_name="Keripik Siti", nib=NIB)
    event = make.event(desk.organization)
    answer = send(desk, event, name="Siti", phone="081234567890")
    assert answer.status_code == 422
    assert "Pelatihan tahun lalu" in answer.text
    person_id = re.search(r'name="person_id" value="(\d+)"', answer.text)[1]
    send(desk, event, name="Siti", phone="081234567890", person_id=person_id)
    linked = db.session.scalar(select(Registration).where(Registration.event_id == event.id))
    assert (linked.business_name, linked.nib, linked.person_id) == ("Keripik Siti", NIB, int(person_id))
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1


def test_somebody_else_with_that_phone_becomes_a_new_person(db, make, desk):
    send(desk, make.event(desk.organization), name="Siti Aminah", phone="081234567890")
    event = make.event(desk.organization)
    send(desk, event, name="Siti", phone="081234567890", new_person="1")
    assert names(db, event) == ["Siti"]
    assert db.session.scalar(select(func.count()).select_from(Person)) == 2


def test_another_offices_person_cannot_be_linked_by_typing_their_number(db, make, desk, log_in):
    other = log_in("organizer")
    send(other, make.event(other.organization), name="Rahasia", phone="081299998888", nib=NIB)
    stranger = db.session.scalar(select(Person))
    event = make.event(desk.organization)
    send(desk, event, name="Siti", person_id=stranger.id)
    mine = db.session.scalar(select(Registration).where(Registration.event_id == event.id))
    assert (mine.phone, mine.nib) == (None, None)
    assert mine.person_id != stranger.id


@pytest.mark.parametrize("person_id", ["0", "-1", "9" * 30, "abc", "\x00"])
def test_a_person_number_that_nobody_has_links_nobody(make, desk, person_id):
    event = make.event(desk.organization)
    assert send(desk, event, name="Siti", person_id=person_id).status_code in {303, 422}


def test_a_full_event_asks_whether_to_wait_or_to_squeeze_in(db, make, desk):
    event = make.event(desk.organization, capacity=1)
    send(desk, event, name="Satu")
    answer = send(desk, event, name="Dua")
    assert answer.status_code == 422
    assert 'name="waiting"' in answer.text
    assert 'name="over_capacity"' in answer.text
    send(desk, event, name="Dua", waiting="1")
    send(desk, event, name="Tiga", over_capacity="1")
    by_name = dict(db.session.execute(select(Registration.name, Registration.status)).all())
    assert by_name == {"Satu": "confirmed", "Dua": "waiting", "Tiga": "confirmed"}


def test_decisions_taken_are_carried_on_to_the_next_question(make, desk):
    event = make.event(desk.organization, capacity=1)
    send(desk, event, name="Asep", phone="081234567890")
    answer = send(desk, event, name="Asep", phone="081234567890", anyway="1")
    assert 'type="hidden" name="anyway" value="1"' in answer.text
    assert 'name="waiting"' in answer.text


def test_a_needed_nib_may_follow_later_when_the_organizer_says_so(db, make, desk):
    event = make.event(desk.organization, requires_nib=True)
    answer = send(desk, event, name="Siti")
    assert answer.status_code == 422
    assert 'name="without_nib"' in answer.text
    send(desk, event, name="Siti", without_nib="1")
    assert names(db, event) == ["Siti"]


def test_those_who_wait_are_let_in_by_one_button(db, make, desk):
    event = make.event(desk.organization, capacity=1)
    send(desk, event, name="Satu")
    send(desk, event, name="Dua", waiting="1")
    event.capacity = 2
    db.session.commit()
    assert "1 orang di daftar tunggu, 1 tempat kosong." in desk.get(address(event)).text
    answer = desk.post(f"/kelola/kegiatan/{event.slug}/peserta/naikkan")
    assert answer.status_code == 303
    assert db.session.scalars(select(Registration.status)).all() == ["confirmed", "confirmed"]


def test_a_cancelled_event_takes_nobody(db, make, desk):
    event = make.event(desk.organization, status="cancelled")
    answer = send(desk, event, name="Siti")
    assert answer.status_code == 422
    assert "dibatalkan" in answer.text
    assert names(db, event) == []


@pytest.mark.parametrize("role", ["viewer", "checkin_officer"])
def test_only_organizers_register_by_hand(make, log_in, role):
    client = log_in(role)
    event = make.event(client.organization)
    assert client.get(address(event)).status_code == 403
    assert send(client, event, name="Siti").status_code == 403


def test_another_offices_event_does_not_exist(make, desk):
    event = make.event()
    assert desk.get(address(event)).status_code == 404
    assert send(desk, event, name="Siti").status_code == 404
    assert desk.post(f"/kelola/kegiatan/{event.slug}/peserta/naikkan").status_code == 404


def test_invited_regions_come_first_in_the_list(db, make, desk):
    from halal.events.models import EventRegion

    event = make.event(desk.organization)
    event.regions.append(EventRegion(region_code="36.04"))
    db.session.commit()
    page = desk.get(address(event)).text
    assert page.index("Kab. Serang") < page.index("Kab. Pandeglang") < page.index("Kab. Aceh Selatan")
    assert page.count("Kab. Serang<") == 1


def test_a_ticket_can_be_sent_by_whatsapp_without_nib(make, desk):
    event = make.event(desk.organization, title="Sosialisasi & Tanya Jawab")
    answer = send(desk, event, HTMX, name="Siti", phone="081234567890", nib=NIB)
    link = re.search(r'href="(https://wa\.me/6281234567890\?text=[^"]+)"', answer.text)[1]
    assert "Sosialisasi%20%26%20Tanya%20Jawab" in link
    assert NIB not in link
