"""The register of businesses: search, filters, counts."""

import pytest

from halal.events.models import EventKind
from halal.facilitation import services
from halal.facilitation.models import Facilitation, Stage
from halal.people.models import Business, Person
from halal.text import name_key
from tests.reports.test_views import _queries


@pytest.fixture
def office(make):
    return make.organization()


@pytest.fixture
def business(db):
    def add(office, name, owner=None, **values):
        person = None
        if owner:
            person = Person(organization_id=office.id, name=owner, name_key=name_key(owner))
            db.session.add(person)
            db.session.flush()
        row = Business(
            organization_id=office.id, name=name, name_key=name_key(name), owner_id=person.id if person else None,
            **values,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        return row

    return add


@pytest.fixture
def facilitate(db):
    def add(program, business, **values):
        db.session.add(Facilitation(program=program, business=business, **values))
        db.session.flush()

    return add


def names(db, office, **choice):
    rows = db.session.execute(services.find(office, services.Choice(**choice))).all()
    assert len(rows) == services.count(office, services.Choice(**choice))
    return [business.name for business, _owner in rows]


def test_businesses_are_found_by_the_beginnings_of_what_one_knows(db, office, business):
    business(office, "Keripik Barokah", owner="Hj. Siti Nur'aini", product="Keripik pisang", nib="0000123456789")
    business(office, "Katering Ibu", owner="Suparman")
    for query in ("kerip", "baro", "KERIPIK baro", "nuraini", "pisang", "00001234"):
        assert names(db, office, query=query) == ["Keripik Barokah"], query
    assert names(db, office, query="arokah") == []
    assert len(names(db, office, query="k")) == 2  # too short to search
    assert names(db, office, query="%%") == names(db, office)


def test_filters_narrow_together(db, make, office, business, facilitate):
    program = make.program(office)
    cake = business(office, "Kue A", commodity="aneka kue")
    chips = business(office, "Keripik B", commodity="keripik")
    plain = business(office, "Warung C")
    facilitate(program, cake, year=2007, stage=Stage.CERTIFIED)
    facilitate(program, chips, year=2015, stage=Stage.SUBMITTED)
    assert names(db, office, commodity="aneka kue") == [cake.name]
    assert names(db, office, commodity=services.NO_COMMODITY) == [plain.name]
    assert names(db, office, year=2015) == [chips.name]
    assert names(db, office, stage=Stage.CERTIFIED) == [cake.name]
    assert names(db, office, stage=Stage.CERTIFIED, year=2015) == []
    assert sorted(names(db, office, program_id=program.id)) == [chips.name, cake.name]


def test_year_and_stage_are_those_of_the_chosen_program(db, make, office, business, facilitate):
    one, other = make.program(office), make.program(office)
    row = business(office, "Kue A")
    facilitate(one, row, year=2014)
    facilitate(other, row, year=2015)
    assert names(db, office, program_id=one.id, year=2015) == []
    assert names(db, office, program_id=other.id, year=2015) == [row.name]


def test_a_program_has_the_businesses_of_its_events(db, make, office, business):
    program = make.program(office)
    drive = make.event(office, program=program, kind=EventKind.DRIVE_DAY)
    meeting = make.event(office, program=program, kind=EventKind.COORDINATION_MEETING)
    at_drive, at_meeting = business(office, "Kue A"), business(office, "Bank B")
    make.registration(drive, business_id=at_drive.id)
    make.registration(meeting, business_id=at_meeting.id)
    assert names(db, office, program_id=program.id) == [at_drive.name]


def test_institutions_that_only_sent_somebody_to_a_meeting_are_no_businesses(db, make, office, business):
    meeting = make.event(office, kind=EventKind.COORDINATION_MEETING)
    bank, both, with_nib = (
        business(office, "Bank B"),
        business(office, "Kue A"),
        business(office, "Kue C", nib="0" * 13),
    )
    for one in (bank, both, with_nib):
        make.registration(meeting, business_id=one.id)
    make.registration(make.event(office, kind=EventKind.TRAINING), business_id=both.id)
    assert names(db, office) == ["Kue A", "Kue C"]


def test_counts_by_commodity_sum_to_the_list(office, business):
    for commodity in ("keripik", "keripik", "manisan", ""):
        business(office, "Usaha", commodity=commodity)
    counts = services.count_by_commodity(office, services.Choice())
    assert counts == [("keripik", 2), ("manisan", 1), ("", 1)]
    assert sum(count for _name, count in counts) == services.count(office, services.Choice())


def test_an_address_cannot_choose_what_is_not_there(make, office):
    other = make.program()
    available = services.options(office)
    args = {"program": str(other.id), "commodity": "x", "year": "1999", "stage": "'", "q": "  a  b "}
    assert services.choose(args, available) == services.Choice(query="a b")


def test_the_page_lists_the_offices_own_businesses(log_in, business, facilitate, make):
    client = log_in("viewer")
    mine = business(client.organization, "Keripik Sendiri", commodity="keripik", invented=True)
    facilitate(make.program(client.organization), mine, year=2015, stage=Stage.STUCK)
    business(make.organization(), "Keripik Orang Lain")
    page = client.get("/kelola/usaha").text
    assert "Keripik Sendiri" in page
    assert "Terhenti" in page
    assert "Contoh" in page
    assert "Orang Lain" not in page


def test_htmx_gets_the_list_alone(log_in, business):
    client = log_in("viewer")
    business(client.organization, "Keripik A")
    part = client.get("/kelola/usaha?q=kerip", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="business-list"')
    assert "Keripik A" in part


def test_empty_registers_say_what_to_do(log_in, business):
    client = log_in("viewer")
    assert "Belum ada usaha" in client.get("/kelola/usaha").text
    business(client.organization, "Keripik A")
    assert "Tidak ada usaha yang cocok" in client.get("/kelola/usaha?q=zzzz").text


def test_pages_keep_the_filters(log_in, business):
    client = log_in("viewer")
    for number in range(51):
        business(client.organization, f"Keripik {number:02}", commodity="keripik")
    first = client.get("/kelola/usaha?commodity=keripik").text
    assert "Keripik 49" in first
    assert "Keripik 50" not in first
    assert "commodity=keripik&amp;page=2" in first
    assert "Keripik 50" in client.get("/kelola/usaha?commodity=keripik&page=2").text


def test_the_page_asks_as_often_for_many_as_for_few(log_in, business, facilitate, make):
    client = log_in("viewer")
    program = make.program(client.organization)
    facilitate(program, business(client.organization, "A", owner="Ani"), year=2015)
    few = _queries(lambda: client.get("/kelola/usaha"))
    for number in range(20):
        facilitate(program, business(client.organization, f"B {number}", owner="Budi"), year=2015)
    assert _queries(lambda: client.get("/kelola/usaha")) == few
