"""When the event is over, or a tablet is: it hands in what it has, and forgets the people."""

# ruff: noqa: F811 -- fixtures come from another test module, by their names

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from halal.checkin.models import Device, QuarantinedOp
from halal.clock import now
from halal.events.models import Event
from halal.extensions import db
from tests.browser.test_checkin_screen import feedback, scan
from tests.browser.test_offline_tablet import everything_kept, hall, pair, recorded, unsent  # noqa: F401

pytestmark = pytest.mark.browser


@pytest.fixture
def tablet(server, hall, new_page):
    """A paired tablet without network that has checked somebody in, and carries everybody's names."""
    page = new_page(820)
    pair(page, hall)
    page.context.set_offline(True)
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "ok")).to_be_visible()
    unsent(page, 1)
    assert "Asep" in everything_kept(page)
    return page


def forgets_the_people(page) -> None:
    page.context.set_offline(False)
    unsent(page, 0, timeout=40_000)
    expect(page.locator("#notice")).to_contain_text("ditutup oleh penyelenggara")
    kept = everything_kept(page)
    assert "Asep" not in kept
    assert "Siti" not in kept


def test_closed_from_the_board_it_hands_in_what_counts_and_forgets_the_people(server, hall, recorded, tablet, new_page):
    board = new_page(1440, "organizer")
    board.goto(f"/kelola/kegiatan/{hall.slug}/kehadiran")
    board.get_by_text("Tutup semua tablet", exact=True).click()
    board.get_by_role("button", name="Ya, tutup").click()
    expect(board.locator(".flashes")).to_contain_text("Tablet ditutup: 1")
    forgets_the_people(tablet)
    assert recorded() == (["Siti Aminah"], ["checkin"])
    tablet.reload()
    expect(tablet.locator("#notice")).to_contain_text("ditutup oleh penyelenggara")


def test_revoked_from_the_board_nothing_of_it_counts_and_it_forgets_the_people(
    server, hall, recorded, tablet, new_page
):
    board = new_page(390, "organizer")
    board.goto(f"/kelola/kegiatan/{hall.slug}/kehadiran")
    board.get_by_text("Cabut", exact=True).click()
    board.get_by_role("button", name="Ya, cabut").click()
    expect(board.locator(".flashes")).to_contain_text("Tablet 3, pintu timur dicabut")
    forgets_the_people(tablet)
    assert recorded() == ([], [])
    board.reload()
    expect(board.get_by_role("row", name="Siti Aminah")).to_contain_text("Tablet sudah dicabut")


def test_two_days_after_the_event_it_forgets_the_people_by_itself(server, hall, recorded, tablet):
    long_ago = now() - timedelta(hours=49)
    with server.seed():
        event = db.session.get(Event, hall.id)
        event.starts_at, event.ends_at = long_ago - timedelta(hours=4), long_ago
        device = db.session.scalar(select(Device).where(Device.event_id == hall.id))
        device.expires_at = long_ago + timedelta(hours=48)
    forgets_the_people(tablet)
    assert recorded() == ([], [])
    with server.seed():
        kept = db.session.scalars(select(QuarantinedOp.reason).where(QuarantinedOp.event_id == hall.id)).all()
    assert kept == ["expired"]
