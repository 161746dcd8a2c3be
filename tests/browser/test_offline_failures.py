"""What goes wrong with a tablet in a hall: each failure, and what the officer and the organizer then see."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from halal.checkin import services
from halal.checkin.models import CheckInOp
from halal.events.models import Event
from halal.extensions import db
from tests.browser.test_checkin_screen import feedback, scan
from tests.browser.test_offline_tablet import everything_kept, hall, pair, recorded, unsent

__all__ = ["hall", "recorded"]  # fixtures

pytestmark = pytest.mark.browser


def green(server, hall, page, who: str) -> None:
    scan(page, f"{server.url}/t/{hall.tokens[who]}")
    expect(feedback(page, "ok")).to_be_visible()
    page.keyboard.press("Escape")


def test_a_storage_that_is_wiped_under_an_open_page_loses_nothing_that_comes_after(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    green(server, hall, page, "siti")
    unsent(page, 0)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Storage.clearDataForOrigin", {"origin": server.url, "storageTypes": "indexeddb"})
    green(server, hall, page, "asep")
    unsent(page, 0)
    assert recorded() == (["H. Moh. Asep Awaludin", "Siti Aminah"], ["checkin", "checkin"])
    with server.seed():
        assert len(set(db.session.scalars(select(CheckInOp.store_id).where(CheckInOp.event_id == hall.id)))) == 2
        (tablet,) = services.board(db.session.get(Event, hall.id)).tablets
        assert (tablet.missing, tablet.losses[0].after, tablet.losses[0].count) == ((), 1, 0)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("#event-title")).to_have_text("Sosialisasi Halal Pandeglang")
    expect(page.locator("#count-here")).to_have_text("2")


def test_what_waited_in_a_storage_that_was_wiped_under_an_open_page_is_sent_all_the_same(
    server, hall, recorded, new_page
):
    page = new_page(820)
    pair(page, hall)
    green(server, hall, page, "siti")
    unsent(page, 0)
    page.context.set_offline(True)
    green(server, hall, page, "asep")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Storage.clearDataForOrigin", {"origin": server.url, "storageTypes": "indexeddb"})
    scan(page, "bukan-tiket-kami")
    expect(feedback(page, "unknown")).to_be_visible()
    page.context.set_offline(False)
    unsent(page, 0, timeout=40_000)
    present, kinds = recorded()
    assert present == ["H. Moh. Asep Awaludin", "Siti Aminah"]
    assert sorted(kinds) == ["checkin", "checkin", "unknown_scan"]
    with server.seed():
        assert services.board(db.session.get(Event, hall.id)).quarantined == []


def test_another_event_in_another_window_is_left_alone(server, hall, recorded, new_page):
    """The next event forgets the people of those before, but not of one that people are checked in at just now."""
    page = new_page(820)
    pair(page, hall)
    with server.seed() as make:
        event = make.event(server.organization(), title="Bimtek Sebelah")
        make.registration(event)
        code, _until = services.make_code(event, user_id=hall.user)
        slug = event.slug
    second = page.context.new_page()
    second.goto(f"/checkin/pasang/{code}")
    second.locator("main form button").last.click()
    second.wait_for_url(f"**/checkin/tablet/{slug}")
    expect(second.locator("#checkin")).to_be_visible()
    second.evaluate("event => import('/static/checkin/store.js').then(store => store.forgetOthers(event))", slug)
    assert "H. Moh. Asep Awaludin" in everything_kept(page)
