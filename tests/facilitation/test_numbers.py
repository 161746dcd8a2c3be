"""A program's numbers: one rule for the same business, and the same answer on every page."""

import re

import pytest
from sqlalchemy import select

from halal.desk import services as desk
from halal.events.models import EventKind, EventStatus
from halal.facilitation import services as register
from halal.facilitation.models import Facilitation, Stage
from halal.facilitation.numbers import Counts, RegionNumbers, numbers_of_programs, program_numbers
from halal.people.models import Business, Person
from halal.people.same_business import Traits, groups, is_same, link
from halal.programs.models import ProgramQuota
from halal.registrations import services as registrations
from halal.registrations.models import RegistrationStatus, Source
from halal.registrations.services import Details

NIB, OTHER_NIB = "9120000000029", "9120000000030"


def come(event, name, business="", **details):
    """Somebody registers as anybody does: cleaned, written down, recognized by nobody."""
    cleaned = registrations.clean(Details(name=name, business_name=business, **details), event)
    return registrations.register(event, cleaned, source=Source.DESK, anyway=True)


def record(db, organization, **values):
    row = Business(**{"organization_id": organization.id, "name": "Usaha", "name_key": "usaha", **values})
    db.session.add(row)
    db.session.flush()
    return row


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Traits("keripik barokah", NIB, "36.73"), Traits("keripik barokah serang", NIB, "36.04"), True),
        (Traits("keripik barokah", NIB, "36.73"), Traits("katering ibu", NIB, "36.73"), False),
        (Traits("siti", NIB, None, "siti"), Traits("keripik barokah", NIB, None, "siti"), True),
        (Traits("keripik", NIB, None, phone="+62811"), Traits("keripik", OTHER_NIB, None, phone="+62811"), False),
        (Traits("keripik", NIB, None, phone="+62811"), Traits("keripik", None, None, phone="+62811"), True),
        (Traits("keripik", None, "36.73", "siti"), Traits("keripik", None, "36.73", "siti"), True),
        (Traits("keripik", None, "36.73", "siti"), Traits("keripik", None, "36.04", "siti"), False),
        (Traits("keripik", None, "36.73", "siti"), Traits("keripik", None, "36.73", "wati"), False),
        (Traits("keripik", None, None, phone="+62811"), Traits("manisan", None, None, phone="+62811"), False),
        (Traits("keripik", None, None), Traits("keripik", None, None), False),
    ],
)
def test_the_rule_of_the_same_business(one, other, same):
    assert is_same(one, other) is is_same(other, one) is same
    assert bool(groups({1: one, 2: other})) is same


def test_a_business_without_nib_that_comes_to_every_event_is_one(make):
    office = make.organization()
    program = make.program(office, quotas=[ProgramQuota(region_code="36.73", quota=5)])
    for phone in ("0812 3456 7890", None, "+62 812-3456-7890"):
        come(
            make.event(office, program=program), "Ibu Siti Aminah", "Keripik Barokah", phone=phone, region_code="36.73"
        )
    come(make.event(office, program=program), "Wati", "Keripik Barokah", region_code="36.73")
    assert program_numbers(program).counts.businesses == 2


def test_one_nib_with_two_names_is_two_businesses_and_every_page_says_so(make, db, log_in):
    client = log_in("owner")
    office = client.organization
    program = make.program(office, quotas=[ProgramQuota(region_code="36.73", quota=1)])
    event = make.event(office, program=program)
    for name in ("Keripik Barokah", "Keripik Barokah Serang", "Katering Ibu"):
        come(event, "Siti", name, nib=NIB, region_code="36.73")
    for place in ("36.73", "36.04"):
        come(event, "Tanpa NIB", "Warung", region_code=place)
    numbers = program_numbers(program)
    assert numbers.counts.businesses == 4
    assert register.count(office, register.Choice(program_id=program.id)) == 4
    assert register.count(office, register.Choice()) == 4
    assert sum(n for _c, n in register.count_by_commodity(office, register.Choice(program_id=program.id))) == 4
    assert "4 usaha" in client.get(f"/kelola/usaha?program={program.id}").text
    (quota,) = [one for one in desk.home(office, manage=True).attention if one.kind is desk.Kind.QUOTA]
    assert quota.regions == ["Kota Serang"]
    for page in (f"/kelola/program/{program.id}", f"/kelola/kegiatan/{event.slug}/laporan"):
        text = client.get(page).text
        assert "kelebihan 2" in text
        assert f"/kelola/usaha?program={program.id}" in text
        assert not re.search(r">\s*-2\b", text)


def test_what_a_later_record_says_completes_the_first(make, db):
    office = make.organization()
    first = come(make.event(office), "Siti", "Keripik Barokah", phone="081234567890")
    second = come(make.event(office), "Siti", "Keripik Barokah", phone="081234567890", nib=NIB, region_code="36.73")
    head = db.session.get(Business, first.business_id)
    assert db.session.get(Business, second.business_id).same_as_id == head.id
    assert (head.nib, head.region_code) == (NIB, "36.73")
    third = come(make.event(office), "Orang Lain", "Keripik Barokah", nib=NIB)
    assert db.session.get(Business, third.business_id).same_as_id == head.id


def test_a_record_that_joins_two_groups_makes_them_one(make, db):
    office = make.organization()
    by_nib = come(make.event(office), "Siti", "Keripik Barokah", nib=NIB)
    by_phone = come(make.event(office), "Wati", "Keripik Barokah", phone="081234567890")
    come(make.event(office), "Tini", "Keripik Barokah", phone="081234567890", nib=NIB)
    assert db.session.get(Business, by_phone.business_id).same_as_id == by_nib.business_id
    assert register.count(office, register.Choice()) == 1


def test_a_corrected_business_is_recognized_anew(make, db):
    office = make.organization()
    first = come(make.event(office), "Siti", "Keripik Barokah", phone="081234567890")
    second = come(make.event(office), "Siti", "Keripik Barokah", phone="081234567890")
    details = registrations.clean(Details(name="Siti", business_name="Manisan", phone="081234567890"), second.event)
    registrations.change(second, details)
    assert db.session.get(Business, second.business_id).same_as_id is None
    details = registrations.clean(
        Details(name="Siti", business_name="Keripik Barokah", phone="081234567890"), second.event
    )
    registrations.change(second, details)
    assert db.session.get(Business, second.business_id).same_as_id == first.business_id


def test_offices_do_not_share_businesses(make, db):
    ours = come(make.event(), "Siti", "Keripik Barokah", nib=NIB)
    theirs = come(make.event(), "Siti", "Keripik Barokah", nib=NIB)
    assert ours.organization_id != theirs.organization_id
    assert db.session.scalars(select(Business.same_as_id)).all() == [None, None]


def test_numbers_are_called_what_they_are(make, db):
    office = make.organization()
    program = make.program(office, target=100)
    event = make.event(office, program=program)
    here = come(event, "Siti", "Keripik A", nib=NIB)
    make.attendance(here)
    come(event, "Wati", "Keripik B", nib=OTHER_NIB)
    gone = come(event, "Tini", "Keripik C", phone="081234567890")
    make.attendance(gone)
    registrations.cancel(gone)  # presence stands
    away = come(event, "Rina", "Keripik D", phone="081234567891")
    registrations.cancel(away)
    come(make.event(office, program=program, status=EventStatus.DRAFT), "Draf", "Keripik E", phone="081234567892")
    for kind in (EventKind.COORDINATION_MEETING, EventKind.AWARD_CEREMONY):
        come(make.event(office, program=program, kind=kind), "Pejabat", "Bank F", phone="081234567893")
    enrolled = record(db, office, name="Manisan", name_key="manisan")
    for business, stage in ((enrolled, Stage.CERTIFIED), (db.session.get(Business, here.business_id), Stage.STUCK)):
        db.session.add(Facilitation(program=program, business=business, stage=stage))
    db.session.flush()
    assert program_numbers(program).counts == Counts(registered=3, present=2, enrolled=2, certified=1, businesses=4)
    assert register.count(office, register.Choice(program_id=program.id)) == 4


def test_a_business_uses_its_regions_quota_once_in_a_program(db, make):
    office = make.organization()
    program = make.program(
        office, quotas=[ProgramQuota(region_code="36.73", quota=2), ProgramQuota(region_code="36.04")]
    )
    events = [make.event(office, program=program) for _n in range(2)]
    one = record(db, office, region_code="36.73", nib=NIB)
    again = record(db, office, region_code="36.73", nib=NIB)
    link(office.id, [again])
    far, nowhere = record(db, office, region_code="36.01", name_key="jauh"), record(db, office, name_key="entah")
    for event, business in ((0, one), (1, one), (1, again), (1, far), (1, nowhere)):
        make.registration(events[event], business_id=business.id)
    make.registration(events[1])  # named no business
    numbers = program_numbers(program)
    assert numbers.counts.businesses == 3
    assert {r.code: (r.quota, r.used) for r in numbers.regions} == {"36.04": (None, 0), "36.73": (2, 1)}
    assert [(r.code, r.used) for r in numbers.others] == [("36.01", 1), (None, 1)]


def test_cancelled_events_and_those_without_a_place_use_no_quota(db, make):
    office = make.organization()
    program = make.program(office)
    off = make.event(office, program=program, status=EventStatus.CANCELLED)
    make.registration(off, business_id=record(db, office).id)
    drive = make.event(office, program=program, kind=EventKind.DRIVE_DAY)
    for status in (RegistrationStatus.CANCELLED, RegistrationStatus.WAITING):
        make.registration(drive, status=status, business_id=record(db, office).id)
    assert numbers_of_programs([program])[program.id].counts == Counts()
    assert numbers_of_programs([]) == {}


def test_what_is_left_and_what_is_over_sum_up(db, make):
    office = make.organization()
    program = make.program(
        office, quotas=[ProgramQuota(region_code=code, quota=quota) for code, quota in (("36.73", 1), ("36.04", 9))]
    )
    event = make.event(office, program=program)
    for number in range(9):
        come(event, f"Siti {number}", f"Usaha {number}", phone=f"0812345678{number:02}", region_code="36.73")
    numbers = program_numbers(program)
    assert {r.code: (r.left, r.over) for r in numbers.regions} == {"36.04": (9, 0), "36.73": (0, 8)}
    assert (numbers.left, numbers.over) == (9, 8)
    assert numbers.left - numbers.over == numbers.quota_sum - numbers.counts.businesses


def test_a_quota_is_reached_when_as_many_came():
    def region(quota, used):
        return RegionNumbers("36.73", quota, Counts(businesses=used))

    assert region(5, 5).reached
    assert region(5, 7).reached
    assert not region(5, 4).reached
    assert not region(None, 4).reached


def test_an_import_recognizes_businesses_among_its_own_rows_and_the_offices(make, db):
    from halal.people.services import describe_new, remember_new

    office = make.organization()
    known = come(make.event(office), "Siti", "Keripik Barokah", nib=NIB)
    givens = [
        Details(name="Siti", business_name="Keripik Barokah", nib=NIB),
        Details(name="Wati", business_name="Manisan", phone="+6281234567890"),
        Details(name="Wati", business_name="Manisan", phone="+6281234567890"),
    ]
    written = remember_new(office.id, [describe_new(office.id, given) for given in givens])
    rows = [db.session.get(Business, business_id) for _person, business_id in written]
    assert [row.same_as_id for row in rows] == [known.business_id, None, rows[1].id]
    assert db.session.scalars(select(Person)).all()
