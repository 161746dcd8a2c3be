"""Names typed as another spells them: found after the exact ones, and asked about before a walk-in is made."""

import pytest
from playwright.sync_api import expect

from halal.checkin import services
from halal.events.models import Event
from halal.extensions import db
from halal.registrations import search
from tests.browser.test_checkin_screen import feedback

pytestmark = pytest.mark.browser


@pytest.fixture
def names(server, door):
    """Three more people at the door, whose names can be spelled otherwise."""
    with server.seed() as make:
        event = db.session.get(Event, door.id)
        search.index([make.registration(event, name=name) for name in ("Rizky Amelia", "Rizki Pratama", "Nur Aʼini")])
    return door


@pytest.fixture(params=["with a log-in", "paired, without network"])
def page(request, server, names, new_page):
    """The two kinds of check-in screen."""
    if request.param == "with a log-in":
        page = new_page(390, "checkin_officer")
        page.goto(names.path)
        return page
    with server.seed() as make:
        user = make.user(server.organization())
        code, _until = services.make_code(db.session.get(Event, names.id), user_id=user.id)
    page = new_page(390)
    page.goto(f"/checkin/pasang/{code}")
    page.locator("main form button").last.click()
    page.locator("#before-choices button").first.click()
    expect(page.locator("#checkin")).to_be_visible()
    page.context.set_offline(True)
    return page


def test_other_spellings_are_found_after_the_exact_one_and_a_walk_in_is_asked_about(page):
    page.get_by_role("button", name="Cari").click()
    page.locator("#query").fill("rizki")
    expect(page.locator("#found .person__name")).to_have_text(["Rizki Pratama", "Rizky Amelia"])
    page.locator("#query").fill("nuraini")
    expect(page.locator("#found .person__name")).to_have_text(["Nur Aʼini"])

    page.get_by_role("button", name="Tamu baru").click()
    page.fill("#walk-in-name", "Riski Amelia")
    page.keyboard.press("Enter")
    expect(page.locator("#walk-in-near")).to_contain_text("Mungkin sudah terdaftar")
    page.locator("#near .person", has_text="Rizky Amelia").click()
    expect(feedback(page, "ok")).to_contain_text("Rizky Amelia")
    page.keyboard.press("Escape")
    expect(page.locator("#walk-in-name")).to_have_value("")
    expect(page.locator("#count-walk-ins")).to_have_text("0")

    page.fill("#walk-in-name", "Nuraini")
    page.get_by_role("button", name="Daftarkan dan catat hadir").click()
    expect(page.locator("#near .person")).to_have_count(1)
    page.get_by_role("button", name="Orang lain: daftarkan dan catat hadir").click()
    expect(feedback(page, "ok")).to_contain_text("Nuraini")
    expect(page.locator("#count-walk-ins")).to_have_text("1")
    expect(page.locator("#walk-in-near")).to_be_hidden()


@pytest.mark.parametrize(("width", "height"), [(360, 640), (1024, 600)])
def test_several_people_who_were_found_are_in_sight_on_a_small_screen(names, new_page, width, height):
    page = new_page(360, "checkin_officer")
    page.set_viewport_size({"width": width, "height": height})
    page.goto(names.path)
    page.get_by_role("button", name="Cari").click()
    page.locator("#query").fill("ri")
    expect(page.locator("#found li")).to_have_count(2)
    bottoms = page.evaluate(
        "[...document.querySelectorAll('#found li')].map(row => row.getBoundingClientRect().bottom)"
    )
    assert max(bottoms) < height
    page.locator("#query").fill("a")
    expect(page.locator("#found-note")).not_to_be_empty()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
