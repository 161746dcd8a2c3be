"""A list that shows only the first says so, at the desk of an officer and on a tablet of its own."""

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from halal.checkin import services
from halal.events.models import Event, EventSession
from halal.extensions import db
from halal.registrations import search
from tests.browser.test_offline_tablet import pair
from tests.checkin import said

pytestmark = pytest.mark.browser


@pytest.fixture
def hall(server):
    """An event whose 51 people are all in, and `code()` to pair a tablet with."""
    with server.seed() as make:
        event = make.event(server.organization(), title="Temu Usaha Halal")
        event.sessions.append(EventSession(title="Praktik", position=1))
        people = [make.registration(event, name=f"Rahmat {n:02}") for n in range(51)]
        search.index(people)
        here = said.read(event, *(said.check_in(event.sessions[0], person) for person in people))
        services.record(services.find_place(event.organization_id, event.slug), here, user_id=None)
        made = SimpleNamespace(id=event.id, slug=event.slug, door=f"/checkin/{event.slug}/{event.sessions[0].id}",
                               user=make.user(server.organization()).id)  # fmt: skip

    def code():
        with server.seed():
            return services.make_code(db.session.get(Event, made.id), user_id=made.user)[0]

    made.code = code
    return made


@pytest.mark.parametrize("way", ["officer", "tablet"])
def test_a_list_that_shows_only_the_first_says_so_and_how_to_find_the_others(hall, new_page, way):
    page = new_page(390, "checkin_officer" if way == "officer" else None)
    if way == "officer":
        page.goto(hall.door)
    else:
        pair(page, hall)
        expect(page.locator("#count-here")).to_have_text("51")
    page.get_by_role("button", name="Cari").click()
    page.keyboard.type("..")
    expect(page.locator("#found-note")).to_have_text("Ketik paling sedikit dua huruf.")
    expect(page.locator("#found .person")).to_have_count(0)
    page.keyboard.type("rah")
    expect(page.locator("#found .person")).to_have_count(30)
    expect(page.locator("#found-note")).to_have_text(re.compile("^Ini 30 orang pertama"))
    page.keyboard.type(" 50")
    expect(page.locator("#found .person")).to_have_count(1)
    expect(page.locator("#found-note")).to_be_empty()
    page.get_by_role("button", name="Sudah hadir").click()
    expect(page.locator("#present .person")).to_have_count(50)
    expect(page.locator("#present-note")).to_have_text(re.compile("^Ini 50 orang terakhir"))
