"""Which registrations the attendee list shows, and in which order."""

from datetime import UTC, datetime, timedelta

import pytest

from halal import text
from halal.events.models import EventSession
from halal.registrations import attendees, listing, search
from halal.registrations.listing import Choice, Listing, Presence, Sort, choose
from halal.registrations.models import Registration, RegistrationStatus

NAMES = ["Dewi", "H. Asep", "Budi", "Citra", "Eka"]


@pytest.fixture
def event(make):
    return make.event(sessions=[EventSession(title="Pagi", position=0), EventSession(title="Siang", position=1)])


@pytest.fixture
def people(make, event):
    """Five people by first name; each knows something else."""
    start = datetime(2025, 5, 1, tzinfo=UTC)
    values = [
        {"business_name": "Warung Z", "region_code": "36.04", "nib": "9120301234567"},
        {"business_name": "", "region_code": None},
        {"business_name": "kedai b", "region_code": "36.73", "status": RegistrationStatus.WAITING},
        {"business_name": "Aneka", "region_code": "36.04", "status": RegistrationStatus.CANCELLED},
        {"business_name": "Ébah", "region_code": "36.01", "nib": "9120301234568"},
    ]
    found = {}
    for number, (name, given) in enumerate(zip(NAMES, values, strict=True)):
        found[name.split()[-1]] = make.registration(
            event, name=name, created_at=start - timedelta(days=number), **given
        )
    search.index(list(found.values()))
    return found


@pytest.fixture
def shown(event):
    """The names that a choice shows, by one word each."""

    def names(**choice):
        page = attendees.page(event, Choice(**choice), 1)
        assert page.total == len(page.rows)
        everybody = [a.registration.name for a in attendees.everybody(event, Choice(**choice))]
        assert everybody == [a.registration.name for a in page.rows]  # a file holds exactly what is shown
        return [name.split()[-1] for name in everybody]

    return names


def test_the_whole_list_is_by_name_without_titles(people, shown):
    assert shown() == ["Asep", "Budi", "Citra", "Dewi", "Eka"]
    assert shown(descending=True) == ["Eka", "Dewi", "Citra", "Budi", "Asep"]


def test_by_business_ignores_case_and_puts_nameless_last(people, shown):
    assert shown(sort=Sort.BUSINESS) == ["Citra", "Eka", "Budi", "Dewi", "Asep"]
    assert shown(sort=Sort.BUSINESS, descending=True) == ["Asep", "Dewi", "Budi", "Eka", "Citra"]


def test_by_region_then_name_with_unknown_last(people, shown):
    assert shown(sort=Sort.REGION) == ["Eka", "Citra", "Dewi", "Budi", "Asep"]
    assert shown(sort=Sort.REGION, descending=True) == ["Asep", "Budi", "Dewi", "Citra", "Eka"]


def test_by_time_of_registration(people, shown):
    assert shown(sort=Sort.REGISTERED) == ["Eka", "Citra", "Budi", "Asep", "Dewi"]
    assert shown(sort=Sort.REGISTERED, descending=True) == ["Dewi", "Asep", "Budi", "Citra", "Eka"]


def test_by_presence_the_present_come_first(make, event, people, shown):
    make.attendance(people["Dewi"])
    make.attendance(people["Budi"], session=event.sessions[1])
    assert shown(sort=Sort.PRESENCE) == ["Budi", "Dewi", "Asep", "Citra", "Eka"]
    assert shown(sort=Sort.PRESENCE, descending=True) == ["Asep", "Citra", "Eka", "Budi", "Dewi"]
    assert shown(sort=Sort.PRESENCE, session_id=event.sessions[1].id)[0] == "Budi"


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ({"status": RegistrationStatus.CONFIRMED}, ["Asep", "Dewi", "Eka"]),
        ({"status": RegistrationStatus.WAITING}, ["Budi"]),
        ({"status": RegistrationStatus.CANCELLED}, ["Citra"]),
        ({"region": "36.04"}, ["Citra", "Dewi"]),
        ({"region": listing.NO_REGION}, ["Asep"]),
        ({"nib_missing": True}, ["Asep", "Budi", "Citra"]),
        ({"nib_missing": True, "region": "36.04"}, ["Citra"]),
        ({"query": "de"}, ["Dewi"]),
        ({"query": "91203012345"}, ["Dewi", "Eka"]),
        ({"query": "91203012345", "region": "36.01"}, ["Eka"]),
        ({"query": "de", "status": RegistrationStatus.CANCELLED}, []),
        ({"query": "d"}, ["Asep", "Budi", "Citra", "Dewi", "Eka"]),  # one letter is no search yet
    ],
)
def test_filters_leave_out_everybody_else(people, shown, choice, names):
    assert shown(**choice) == names


def test_filter_by_the_programs_bounds_shows_who_was_marked_so(people, shown):
    people["Budi"].outside, people["Eka"].outside, people["Dewi"].outside = "region", "region deadline", "quota"
    assert shown(outside=listing.ANY_BOUND) == ["Budi", "Dewi", "Eka"]
    assert shown(outside="region") == ["Budi", "Eka"]
    assert shown(outside="deadline") == ["Eka"]
    assert shown(outside="quota", status=RegistrationStatus.WAITING) == []
    assert shown(outside="region", query="eb") == ["Eka"]  # found by the business


def test_presence_is_at_any_session_or_at_the_chosen_one(make, event, people, shown):
    morning, noon = event.sessions
    make.attendance(people["Dewi"], session=morning)
    make.attendance(people["Eka"], session=noon)
    assert shown(presence=Presence.PRESENT) == ["Dewi", "Eka"]
    assert shown(presence=Presence.ABSENT) == ["Asep", "Budi", "Citra"]
    assert shown(presence=Presence.PRESENT, session_id=noon.id) == ["Eka"]
    assert shown(presence=Presence.ABSENT, session_id=noon.id) == ["Asep", "Budi", "Citra", "Dewi"]


def test_other_events_are_never_shown(make, people, event):
    other = make.registration(make.event(event.organization), name="Asep Lain")
    search.index([other])
    assert other.id not in Listing(event, Choice()).ids()
    assert other.id not in Listing(event, Choice(query="asep")).ids()


def test_an_address_and_a_choice_mean_the_same(event):
    given = {
        "q": "siti nur", "status": "waiting", "region": "36.04", "presence": "absent",
        "session": str(event.sessions[1].id), "nib": "missing", "outside": "quota", "sort": "-region",
    }  # fmt: skip
    assert choose(given, event).arguments() == given


@pytest.mark.parametrize(
    "given",
    [
        {"status": "boss", "region": "99.99", "presence": "maybe", "session": "x", "nib": "?", "sort": "--name"},
        {"session": "999999999999", "region": "' or 1=1", "sort": "", "outside": "%"},
    ],
)
def test_nonsense_in_an_address_shows_the_whole_list(event, given):
    assert choose(given, event) == Choice(descending=given["sort"].startswith("-"))


def test_sessions_of_other_events_cannot_be_chosen(make, event):
    assert choose({"session": str(make.event().sessions[0].id)}, event).session_id is None


def test_choosing_the_same_column_again_turns_the_order_around():
    once = Choice().sorted_by(Sort.REGION)
    assert (once.order, once.sorted_by(Sort.REGION).order) == ("region", "-region")
    assert once.sorted_by(Sort.REGION).sorted_by(Sort.REGION).order == "region"


@pytest.fixture
def crowd(make, event):
    """60 people named by number, all at one business; every tenth waits."""
    states = [RegistrationStatus.WAITING if n % 10 == 0 else RegistrationStatus.CONFIRMED for n in range(60)]
    crowd = [
        make.registration(event, name=f"Peserta {n:03}", business_name="Warung Bersama", status=status)
        for n, status in enumerate(states)
    ]
    search.index(crowd)
    return [registration.id for registration in crowd]


@pytest.fixture
def tiny_limits(monkeypatch):
    """As if an event of 60 were an event of 60,000: caps and reach shrink by a thousand."""
    monkeypatch.setattr(listing, "CAP", 5)
    monkeypatch.setattr(listing, "CAP_OF_COLUMNS", 20)
    monkeypatch.setattr(listing, "REACH", (3, 4))


@pytest.mark.parametrize("size", [3, 60, 61])
@pytest.mark.parametrize("query", ["", "warung", "pes war"])
@pytest.mark.parametrize("sort", [Sort.NAME, Sort.REGION, Sort.PRESENCE])
@pytest.mark.parametrize("limits", ["usual", "tiny"])
def test_pages_together_are_the_list(request, event, crowd, limits, sort, query, size):
    if limits == "tiny":
        request.getfixturevalue("tiny_limits")
    for choice in (Choice(query=query, sort=sort), Choice(query=query, sort=sort, status=RegistrationStatus.WAITING)):
        shown = Listing(event, choice)
        pages = [id_ for offset in range(0, 70, size) for id_ in shown.page_ids(offset, size)]
        assert pages == shown.ids() == [i for n, i in enumerate(crowd) if not choice.status or n % 10 == 0]


def test_pages_go_on_from_the_present_to_the_absent(make, db, event, crowd):
    for id_ in crowd[10:20]:
        make.attendance(db.session.get(Registration, id_))
    shown = Listing(event, Choice(sort=Sort.PRESENCE))
    expected = crowd[10:20] + crowd[:10] + crowd[20:]
    assert [id_ for offset in range(0, 60, 7) for id_ in shown.page_ids(offset, 7)] == expected
    assert shown.page_ids(12, 5) == expected[12:17]


def test_a_count_says_when_it_stopped(event, crowd, tiny_limits):
    assert Listing(event, Choice()).count() == 21
    assert Listing(event, Choice(query="warung")).count() == 6
    assert Listing(event, Choice(query="peserta 003")).count() == 1


def test_a_page_after_the_last_is_the_last(event, crowd):
    page = attendees.page(event, Choice(), 99)
    assert (page.number, [a.registration.id for a in page.rows]) == (2, crowd[50:])


def test_business_key_follows_the_business(make, event):
    registration = make.registration(event, business_name="Kedai É'bah")
    assert registration.business_key == text.fold("kedai ebah")
    registration.business_name = ""
    assert registration.business_key > "zzz"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("rizki", ["Rizki Pratama", "Rizky Amelia"]), ("Abdul Rahman", ["Abdurrahman"]), ("nuraini", ["Nur Aʼini"]),
        ("soetrisno", ["Sutrisno"]), ("sutris", ["Sutrisno"]), ("wahid", []),
    ],
)  # fmt: skip
def test_a_search_finds_names_in_other_spellings_too(make, db, event, query, names):
    for name in ("Rizky Amelia", "Rizki Pratama", "Abdurrahman", "Nur Aʼini", "Sutrisno"):
        make.registration(event, name=name)
    make.registration(make.event(), name="Rizqi Lain")
    listing = Listing(event, Choice(query=query))
    listed = [db.session.get(Registration, id_).name for id_ in listing.page_ids(0, 10)]
    assert (listed, listing.count()) == (names, len(names))
