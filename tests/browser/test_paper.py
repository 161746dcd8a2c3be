"""The grid of a printed sheet on a clerk's phone, with and without JavaScript."""

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from halal.registrations import printed

pytestmark = pytest.mark.browser


@pytest.fixture
def sheet(server):
    """A sheet of three people and two empty rows: its address, and what was recorded of it."""
    with server.seed() as make:
        event = make.event(server.organization())
        long = "Muhammad Rizky Pratama Kusumawardhana Adiningrat Wirahadikusumah, S.T., M.T."
        names = ("Asep", long, "Siti Aminah")
        people = [make.registration(event, name=name, business_name="Keripik " * 12).id for name in names]
        (code,) = printed.keep(event.id, event.sessions[0].id, people, [[1, 2, 3, 4, 5]], None)
    return SimpleNamespace(path=f"/d/{code}", code=code)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_clerk_ticks_off_a_sheet_on_a_phone(server, sheet, new_page, javascript):
    page = new_page(390, "checkin_officer", java_script_enabled=javascript)
    page.goto(sheet.path)
    page.get_by_label("Siti Aminah").check()
    page.get_by_text("Asep", exact=True).click()  # the whole row is the target
    page.get_by_label("Nama, baris 4").fill("Ibu Rohayati")
    page.get_by_label("Usaha atau nomor HP, baris 4").fill("0812 3456 7890")
    page.get_by_role("button", name="Simpan lembar").click()
    expect(page.locator(".flashes")).to_contain_text("2 dicatat, 1 peserta baru.")
    expect(page.get_by_label("Ibu Rohayati")).to_be_checked()
    page.get_by_label("Asep").uncheck()
    page.get_by_role("button", name="Simpan lembar").click()
    expect(page.locator(".flashes")).to_contain_text("1 dibatalkan.")
    expect(page.get_by_label("Siti Aminah")).to_be_checked()
    expect(page.get_by_label("Asep")).not_to_be_checked()


def test_a_phone_that_is_not_logged_in_comes_to_the_sheet_by_way_of_the_log_in(server, sheet, new_page):
    page = new_page(390)
    page.goto(sheet.path)
    page.fill("input[name=email]", server.user("checkin_officer"))
    page.fill("input[name=password]", "rahasia-uji-123")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"**{sheet.path}")
    expect(page.get_by_label("Siti Aminah")).to_be_visible()


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_rows_are_large_targets_and_nothing_overflows(sheet, new_page, width):
    page = new_page(width, "checkin_officer")
    page.goto(sheet.path)
    heights = page.evaluate(
        "[...document.querySelectorAll('.tick, .guest input:not([type=hidden]), main button')].map(e => e.offsetHeight)"
    )
    assert min(heights) >= 56
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_how_many_are_ticked_is_counted_without_a_script(sheet, new_page):
    page = new_page(390, "checkin_officer")
    page.goto(f"{sheet.path}?semua")
    count = "getComputedStyle(document.querySelector('.sheet__count'), '::before').content"
    assert page.evaluate("document.querySelectorAll('.tick :checked').length") == 3
    assert re.search(r"counter\(ticked\)", page.evaluate(count))
