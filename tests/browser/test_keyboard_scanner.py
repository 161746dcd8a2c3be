"""Scanners that type: a scanned ticket is recognized wherever the focus is, and never becomes text."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_checkin_screen import feedback

pytestmark = pytest.mark.browser


def type_code(page, text: str, end: str = "Enter", delay: float = 2) -> None:
    """What a HID scanner does: key presses into whatever has the focus."""
    page.keyboard.type(text, delay=delay)
    if end:
        page.keyboard.press(end)


@pytest.fixture
def screen(door, new_page):
    page = new_page(820, "checkin_officer")
    page.goto(door.path)
    return page


def open_field(page, field: str):
    if field == "#device-name":
        if page.locator(field).is_hidden():
            page.locator("#settings summary").click()
    else:
        page.get_by_role("button", name="Cari" if field == "#query" else "Tamu baru").click()
    page.locator(field).click()
    return page.locator(field)


@pytest.mark.parametrize("field", ["#query", "#walk-in-name", "#walk-in-contact", "#device-name"])
def test_a_ticket_scanned_into_a_field_checks_in_and_leaves_what_was_typed(server, door, present, screen, field):
    open_field(screen, field).fill("Ibu Ro")
    for code in (f"{server.url}/t/{door.tokens['siti']}", door.tokens["siti"]):
        for end in ("Enter", "Tab", ""):
            box = open_field(screen, field)
            type_code(screen, code, end)
            expect(screen.locator(".feedback")).to_contain_text("Siti Aminah")
            screen.keyboard.press("Escape")
            expect(box).to_have_value("Ibu Ro")
    assert present() == ["Siti Aminah"]


def test_a_slow_scanner_is_heard_in_a_field_and_with_nothing_focused(server, door, present, screen):
    box = open_field(screen, "#walk-in-name")
    type_code(screen, door.tokens["siti"], "Tab", delay=130)
    expect(feedback(screen, "ok")).to_contain_text("Siti Aminah")
    expect(box).to_have_value("")
    screen.keyboard.press("Escape")
    screen.get_by_role("button", name="Pindai").click()
    type_code(screen, f"{server.url}/t/{door.tokens['asep']}", delay=130)
    expect(feedback(screen, "ok")).to_contain_text("H. Asep Awaludin")
    assert present() == ["H. Asep Awaludin", "Siti Aminah"]


def test_caps_lock_and_another_keyboard_layout_do_not_spoil_a_ticket(server, door, present, screen):
    type_code(screen, f"{server.url}/t/{door.tokens['siti']}".swapcase())
    expect(feedback(screen, "ok")).to_contain_text("Siti Aminah")
    screen.keyboard.press("Escape")
    # German: the keys of an American keyboard, in their places, give other characters
    screen.evaluate(
        """text => {
          const more = {bubbles: true, cancelable: true};
          const press = (key, code = "", shiftKey = false) =>
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key, code, shiftKey, ...more}));
          const other = {":": ["Ö", "Semicolon", true], "/": ["-", "Slash"], "-": ["ß", "Minus"],
                         "_": ["?", "Minus", true]};
          const turned = {y: "z", z: "y", Y: "Z", Z: "Y"};
          for (const sign of text) {
            if (/[a-z]/i.test(sign)) press(turned[sign] ?? sign, `Key${sign.toUpperCase()}`, sign < "a");
            else press(...(other[sign] ?? [sign, /\\d/.test(sign) ? `Digit${sign}` : "Period"]));
          }
          press("Enter");
        }""",
        f"{server.url}/t/{door.tokens['asep']}",
    )
    expect(feedback(screen, "ok")).to_contain_text("H. Asep Awaludin")
    assert present() == ["H. Asep Awaludin", "Siti Aminah"]


def test_a_scan_takes_the_place_of_an_answer_that_waits_and_the_earlier_one_stays_listed(
    server,
    door,
    present,
    screen,
):
    type_code(screen, f"{server.url}/t/{door.tokens['wait']}")
    expect(feedback(screen, "waiting")).to_contain_text("Edi")
    type_code(screen, "bukan-tiket-kami")
    expect(feedback(screen, "unknown")).to_contain_text("Belum ditanggapi: 1. Terakhir: Edi")
    screen.route("**/api/v1/ops", lambda route: route.abort())
    type_code(screen, f"{server.url}/t/{door.tokens['asep']}")
    expect(feedback(screen, "error")).to_be_visible()
    screen.unroute("**/api/v1/ops")
    type_code(screen, door.tokens["siti"])
    expect(feedback(screen, "ok")).to_contain_text("Siti Aminah")
    expect(feedback(screen, "ok")).to_have_count(0)  # green goes by itself
    expect(screen.locator("#earlier-title")).to_have_text("Belum ditanggapi: 3")
    screen.locator("#earlier-title").click()
    screen.locator("#earlier-list button", has_text="BELUM TERSIMPAN").click()
    feedback(screen, "error").get_by_role("button", name="Coba lagi").click()
    expect(feedback(screen, "ok")).to_contain_text("H. Asep Awaludin")
    screen.keyboard.press("Escape")
    screen.locator("#earlier-list button", has_text="Edi").click()
    feedback(screen, "waiting").get_by_role("button", name="Tetap izinkan masuk").click()
    expect(feedback(screen, "ok")).to_contain_text("Edi")
    expect(screen.locator("#earlier-title")).to_have_text("Belum ditanggapi: 1")
    assert present() == ["Edi", "H. Asep Awaludin", "Siti Aminah"]


def test_scans_that_come_while_one_is_being_kept_wait_for_their_turn(server, door, present, screen):
    held = []
    screen.route("**/api/v1/ops", lambda route: held.append(route) if not held else route.continue_())
    type_code(screen, f"{server.url}/t/{door.tokens['asep']}")
    type_code(screen, f"{server.url}/t/{door.tokens['siti']}")
    screen.wait_for_timeout(300)
    held[0].continue_()
    expect(screen.locator("#count-here")).to_have_text("2")
    assert present() == ["H. Asep Awaludin", "Siti Aminah"]


def test_what_a_person_types_is_no_scan(door, present, screen):
    open_field(screen, "#walk-in-name")
    type_code(screen, "Muhammad Nurhidayatullah", "Tab", delay=0)
    expect(screen.locator("#walk-in-contact")).to_be_focused()
    type_code(screen, "KeripikAsepBerkah12345", "Enter", delay=0)
    expect(feedback(screen, "ok")).to_contain_text("Muhammad Nurhidayatullah")
    assert present() == ["Muhammad Nurhidayatullah"]


def test_another_code_scanned_into_a_field_is_unknown_and_no_guest(door, present, screen):
    box = open_field(screen, "#walk-in-name")
    type_code(screen, "https://halal.example/poster?utm=1", delay=0)
    expect(feedback(screen, "unknown")).to_be_visible()
    expect(box).to_have_value("")
    screen.keyboard.press("Escape")
    box.fill("https://halal.example/poster")
    screen.get_by_role("button", name="Daftarkan dan catat hadir").click()
    expect(screen.locator("#walk-in-error")).to_be_visible()
    assert present() == []


def test_a_ticket_that_a_field_was_given_without_keys_is_recognized(server, door, present, screen):
    """Some keyboards of telephones name no keys; a pasted address does not either."""
    box = open_field(screen, "#query")
    screen.keyboard.insert_text(f"{server.url}/t/{door.tokens['siti']}")
    expect(feedback(screen, "ok")).to_contain_text("Siti Aminah")
    expect(box).to_have_value("")
    expect(screen.locator("#last")).to_contain_text(re.compile("Siti Aminah"))
