"""Outside of a program: another region, a full quota, a deadline that is over."""

from datetime import timedelta

import pytest

from halal import clock, formats
from halal.events.models import EventKind
from halal.programs.models import ProgramQuota
from halal.registrations import services
from halal.registrations.importing import understanding
from halal.registrations.models import Source
from halal.registrations.services.bounds import Bound, OutsideProgram
from tests.portal.test_registration import send

NIBS = [f"91200000000{n:02}" for n in range(9)]


@pytest.fixture
def program(make):
    def build(organization=None, refuses=False, late=False, kind=EventKind.DRIVE_DAY):
        organization = organization or make.organization()
        today = formats.local(clock.now(), "Asia/Jakarta").date()
        found = make.program(
            organization, refuses_outside=refuses, deadline=today - timedelta(days=1) if late else today,
            quotas=[ProgramQuota(region_code="36.73", quota=1), ProgramQuota(region_code="36.04")],
        )  # fmt: skip
        return make.event(organization, program=found, kind=kind)

    return build


def come(event, name="Siti", source=Source.DESK, **details):
    cleaned = services.clean(services.Details(name=name, business_name=f"Usaha {name}", **details), event)
    return services.register(event, cleaned, source=source)


def test_who_is_outside_is_registered_and_marked(program):
    event = program()
    assert services.marks(come(event, "Dalam", region_code="36.04")) == []
    assert services.marks(come(event, "Luar", region_code="36.01")) == [Bound.REGION]
    assert services.marks(come(event, "Pertama", region_code="36.73", nib=NIBS[0])) == []
    assert services.marks(come(event, "Kedua", region_code="36.73", nib=NIBS[1])) == [Bound.QUOTA]
    assert services.marks(come(event, "Entah")) == []
    assert services.marks(come(program(late=True), "Terlambat", region_code="36.01")) == [Bound.REGION, Bound.DEADLINE]


def test_who_is_in_the_program_already_takes_no_further_place(program, make):
    event = program()
    come(event, "Pertama", region_code="36.73", nib=NIBS[0])
    again = make.event(event.organization, program=event.program)
    assert services.marks(come(again, "Pertama", region_code="36.73", nib=NIBS[0])) == []


def test_a_program_may_refuse_who_is_outside(program, make):
    event = program(refuses=True)
    come(event, "Pertama", region_code="36.73", nib=NIBS[0])
    for details, field in (({"region_code": "36.01"}, "region_code"), ({"region_code": "36.73"}, "region_code")):
        with pytest.raises(OutsideProgram) as refused:
            come(event, "Ditolak", **details)
        assert refused.value.field == field
    with pytest.raises(OutsideProgram):
        come(program(refuses=True, late=True), region_code="36.04")
    assert services.marks(come(event, "Di pintu", Source.WALK_IN, region_code="36.01")) == [Bound.REGION]


def test_officials_have_no_bounds(program):
    event = program(refuses=True, late=True, kind=EventKind.COORDINATION_MEETING)
    assert services.marks(come(event, region_code="36.01")) == []


def test_a_list_typed_after_the_event_is_as_old_as_the_event(program):
    event = program(late=True)
    event.starts_at = clock.now() - timedelta(days=30)
    event.ends_at = event.starts_at + timedelta(hours=4)
    assert services.marks(come(event, region_code="36.04")) == []


def test_a_corrected_region_is_judged_anew(program):
    event = program(late=True)
    person = come(event, region_code="36.01")
    services.change(person, services.clean(services.Details(name="Siti", region_code="36.04"), event))
    assert services.marks(person) == [Bound.DEADLINE]


def test_the_public_is_told_and_the_list_shows_it(program, client, log_in):
    desk = log_in("organizer")
    event = program(desk.organization)
    answer = send(client, event, region_code="36.01", nib=NIBS[0])
    ticket = client.get(answer.headers["Location"]).text
    assert "Program ini untuk pelaku usaha dari" in ticket
    assert "Kota Serang" in ticket
    assert "Di luar wilayah program" in desk.get(f"/kelola/kegiatan/{event.slug}/peserta").text


def test_the_public_is_refused_in_words_with_what_was_typed(program, client):
    event = program(refuses=True)
    answer = send(client, event, name="Siti Luar", region_code="36.01", nib=NIBS[0])
    assert answer.status_code == 422
    assert "Program ini untuk pelaku usaha dari" in answer.text
    assert 'value="Siti Luar"' in answer.text


def test_the_desk_is_told(program, log_in):
    desk = log_in("organizer")
    event = program(desk.organization)
    page = desk.post(
        f"/kelola/kegiatan/{event.slug}/peserta/baru",
        data={"name": "Siti", "region_code": "36.01", "submission_id": "s1"}, follow_redirects=True,
    ).text  # fmt: skip
    assert "Program ini untuk pelaku usaha dari" in page


@pytest.mark.parametrize("refuses", [True, False])
def test_an_import_says_it_for_each_row(program, app, refuses):
    event = program(refuses=refuses)
    typed = dict.fromkeys(understanding.FIELDS, "") | {"name": "Siti", "region": "Kab. Pandeglang"}
    with app.test_request_context():
        _fields, problems = understanding.judge(typed, event, nib_later=True)
    (found,) = problems
    assert bool(found.get("note")) is not refuses
    assert "Program ini untuk pelaku usaha dari" in found["message"] or "This program is for" in found["message"]
