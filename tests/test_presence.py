"""Every page that says who is present says the same, whatever became of people's places meanwhile."""

import random
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from halal.certificates.models import CertificateKind
from halal.certificates.services import planning
from halal.checkin.services.board import board
from halal.desk import services as desk
from halal.events.models import EventSession
from halal.registrations import services as registrations
from halal.registrations.listing import Choice, Listing, Presence
from halal.registrations.models import Registration, RegistrationStatus
from halal.reports import services as reports
from halal.sheets import read_sheets
from tests.certificates import hall


@pytest.fixture
def awkward(make, log_in):
    """An event of two sessions with every mixture of place and presence, by chance but always the same."""

    def build(seed: int):
        chance = random.Random(seed)
        client = log_in("owner")
        event = hall.past_event(
            make, client.organization, capacity=5, waiting_list=True,
            sessions=[EventSession(title="Pagi"), EventSession(title="Siang", position=1)],
        )  # fmt: skip
        here = set()
        for number in range(14):
            person = make.registration(
                event, name=f"Peserta {number:02}", status=chance.choice(list(RegistrationStatus)),
                region_code=chance.choice(["36.73", "36.04", None]),
            )  # fmt: skip
            for session in event.sessions:
                if chance.random() < 0.5:
                    make.attendance(person, session, event.starts_at + timedelta(minutes=number))
                    here.add(person.id)
        return client, event, here

    return build


def _rows(response):
    return [row.cells for sheet in read_sheets(response.data, "daftar.xlsx") for row in sheet.rows]


@pytest.mark.parametrize("seed", range(3))
def test_present_is_the_same_on_every_page(db, awkward, seed):
    client, event, here = awkward(seed)
    expected = len(
        here
        | set(db.session.scalars(select(Registration.id).where(Registration.status == RegistrationStatus.CONFIRMED)))
    )
    counts, numbers, live = reports.event_counts(event), reports.event_numbers(event), board(event)
    assert counts == numbers.counts == reports.counts_of([event])[event.id]
    assert (counts.present, counts.expected) == (len(here), expected)
    assert live.counters["present"] == sum(present for _l, present, _e in live.regions) == len(here)
    assert live.expected == expected
    assert sum(row.present for row in numbers.regions) == sum(n for _at, n in numbers.hours) == len(here)
    assert sum(count for _at, count in live.arrivals) == len(here)
    assert [count for _t, count in numbers.sessions] == [count for _i, _t, count in live.sessions]
    assert set(Listing(event, Choice(presence=Presence.PRESENT)).ids()) == here
    assert {c.registration_id for c in planning.plan(event, hall.issue()).ready} == here
    assert planning.possible(event)[CertificateKind.ATTENDANCE] == len(here)
    assert desk.counts_of([event])[event.id].present == len(here)
    listed = client.get(f"/kelola/kegiatan/{event.slug}/peserta.xlsx?presence=present").data
    assert listed  # the file holds what the list shows, see tests/registrations/test_list_views.py


@pytest.mark.parametrize("seed", range(3))
def test_no_share_of_attendance_passes_a_hundred_percent(awkward, seed):
    client, event, _here = awkward(seed)
    numbers, live = reports.event_numbers(event), board(event)
    assert numbers.counts.present <= numbers.counts.expected
    assert all(row.present <= row.expected for row in numbers.regions)
    assert all(present <= expected for _label, present, expected in live.regions)
    assert all(count <= live.expected for _id, _title, count in live.sessions)
    for page in ("laporan", "kehadiran"):
        text = client.get(f"/kelola/kegiatan/{event.slug}/{page}").text
        assert "progress--over" not in text
        assert all(int(share) <= 100 for share in re.findall(r"(\d+) ?%", text.split("<main")[1]) if share)


def test_four_of_five_present_after_a_cancellation_are_five_of_five(make, log_in):
    client = log_in("owner")
    event = hall.past_event(make, client.organization)
    people = [hall.present(make, event, f"Orang {n}") for n in range(5)]
    registrations.cancel(people[0])
    page = client.get(f"/kelola/kegiatan/{event.slug}/laporan").text
    assert "125" not in page
    assert "100 % dari 5 yang terdaftar atau hadir; 1 di antaranya tidak lagi mempunyai tempat" in page


def test_who_is_present_gets_the_place_back_although_the_event_is_full(make, log_in):
    event = hall.past_event(make, capacity=1, waiting_list=True)
    first, second = hall.present(make, event, "Siti"), make.registration(event, status=RegistrationStatus.WAITING)
    registrations.cancel(first)
    second.status = RegistrationStatus.CONFIRMED
    registrations.restore(first)
    assert first.status is RegistrationStatus.CONFIRMED
