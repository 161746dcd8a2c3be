"""The check-in screen as an officer lives it, on a tablet and on a phone."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from halal.checkin.models import CheckInOp, OpKind
from halal.extensions import db
from tests.browser.camera import film
from tests.browser.conftest import CHROMIUM, FAKE_CAMERA, QUIET

pytestmark = pytest.mark.browser


def scan(page, text: str) -> None:
    """What a USB scanner does: types quickly, then Enter."""
    page.evaluate(
        """text => { for (const key of [...text, "Enter"])
             document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})); }""",
        text,
    )


def feedback(page, kind: str):
    return page.locator(f".feedback[data-kind={kind}]")


def test_a_ticket_before_the_camera_checks_its_owner_in_and_no_other_kind_of_code_is_read(
    server, door, present, new_page, playwright, tmp_path
):
    video = film(tmp_path / "ticket.y4m", f"{server.url}/t/{door.tokens['siti']}")
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*QUIET, *FAKE_CAMERA, f"--use-file-for-fake-video-capture={video}"]
    )
    try:
        page = new_page(820, "checkin_officer", using=browser, permissions=["camera"])
        page.goto(door.path)
        expect(feedback(page, "ok")).to_contain_text("Siti Aminah", timeout=30_000)
        expect(page.locator("#count-here")).to_have_text("1")
        expect(feedback(page, "ok")).to_have_count(0)  # green goes away by itself
        expect(page.locator("#last")).to_contain_text("Siti Aminah")
        page.wait_for_timeout(500)
        assert page.locator(".feedback").count() == 0  # the same code, still before the camera, is not asked again
        page.context.close()
    finally:
        browser.close()
    assert present() == ["Siti Aminah"]
    with server.seed():
        assert db.session.scalars(select(CheckInOp.kind).where(CheckInOp.event_id == door.id)).all() == ["checkin"]


@pytest.mark.parametrize("width", [390, 820])
def test_two_letters_one_tap_and_an_undo(door, present, new_page, width):
    page = new_page(width, "checkin_officer")
    page.goto(door.path)
    page.get_by_role("button", name="Cari").click()
    page.keyboard.type("as")
    row = page.locator("#found .person")
    expect(row).to_contain_text("Keripik Asep · Kab. Serang · NIB\u00a0…\u206090123")
    row.click()
    expect(feedback(page, "ok")).to_contain_text("H. Asep Awaludin")
    assert present() == ["H. Asep Awaludin"]
    feedback(page, "ok").get_by_role("button", name="Batalkan").click()
    expect(page.locator("#last")).to_have_text(re.compile("Dibatalkan: H. Asep Awaludin"))
    assert present() == []
    expect(row).to_contain_text("Belum hadir")
    row.click()
    feedback(page, "ok").get_by_role("button", name="Berikutnya").click()
    expect(row).to_contain_text("Hadir sejak")
    page.get_by_role("button", name="Sudah hadir").click()
    expect(page.locator("#present")).to_contain_text("H. Asep Awaludin")
    page.locator("#present").get_by_role("button", name="Batalkan").click()
    expect(page.locator("#present-note")).to_have_text("Belum ada yang hadir.")
    assert present() == []


def test_every_answer_has_its_own_color_and_word(server, door, present, new_page):
    page = new_page(820, "checkin_officer")
    page.goto(door.path)
    scan(page, f"{server.url}/t/{door.tokens['asep']}")
    expect(feedback(page, "ok")).to_be_visible()
    page.keyboard.press("Escape")
    page.goto(door.path)
    scan(page, f"{server.url}/t/{door.tokens['asep']}")
    expect(feedback(page, "duplicate")).to_contain_text("Sudah hadir sebelumnya")
    expect(feedback(page, "duplicate")).to_contain_text(re.compile(r"\d\d\.\d\d WIB, di Tablet"))
    page.keyboard.press("Escape")
    scan(page, "bukan-tiket-kami")
    expect(feedback(page, "unknown")).to_contain_text("silakan masuk")
    page.keyboard.press("Escape")
    scan(page, f"{server.url}/t/{door.tokens['stranger']}")
    expect(feedback(page, "other_event")).to_contain_text("Rakor Percepatan Halal")
    feedback(page, "other_event").get_by_role("button", name="Jangan izinkan").click()
    scan(page, f"{server.url}/t/{door.tokens['wait']}")
    expect(feedback(page, "waiting")).to_contain_text("Edi")
    feedback(page, "waiting").get_by_role("button", name="Tetap izinkan masuk").click()
    expect(feedback(page, "ok")).to_contain_text("Edi")
    assert present() == ["Edi", "H. Asep Awaludin"]
    expect(page.locator("#count-unknown")).to_have_text("1")


def test_a_walk_in_takes_two_fields(door, present, new_page):
    page = new_page(390, "checkin_officer")
    page.goto(door.path)
    page.get_by_role("button", name="Tamu baru").click()
    page.get_by_role("button", name="Daftarkan dan catat hadir").click()
    expect(page.locator("#walk-in-error")).to_be_visible()
    page.fill("#walk-in-name", "Ibu Rohayati")
    page.fill("#walk-in-contact", "0812-3456-7890")
    page.get_by_role("button", name="Daftarkan dan catat hadir").click()
    expect(feedback(page, "ok")).to_contain_text("Ibu Rohayati")
    expect(page.locator("#walk-in-name")).to_have_value("")
    assert present() == ["Ibu Rohayati"]
    assert "3456" not in page.content()  # the telephone number has left the tablet


def test_nothing_is_green_while_the_server_is_out_of_reach(server, door, present, new_page):
    page = new_page(820, "checkin_officer")
    page.goto(door.path)
    page.route("**/api/v1/ops", lambda route: route.abort())
    scan(page, f"{server.url}/t/{door.tokens['siti']}")
    expect(feedback(page, "error")).to_contain_text("BELUM TERSIMPAN")
    expect(page.locator("#net")).to_contain_text("Tidak terhubung")
    assert present() == []
    page.unroute("**/api/v1/ops")
    feedback(page, "error").get_by_role("button", name="Coba lagi").click()
    expect(feedback(page, "ok")).to_contain_text("Siti Aminah")
    assert present() == ["Siti Aminah"]


def test_a_lost_answer_is_asked_for_again_and_counts_once(server, door, present, new_page):
    page = new_page(820, "checkin_officer")
    page.goto(door.path)
    lost = []

    def lose_first_answer(route):
        if not lost:
            lost.append(route.fetch())  # the server has it; the tablet never hears of it
            route.abort()
        else:
            route.continue_()

    page.route("**/api/v1/ops", lose_first_answer)
    scan(page, f"{server.url}/t/{door.tokens['siti']}")
    expect(feedback(page, "ok")).to_contain_text("Siti Aminah")
    with server.seed():
        kinds = db.session.scalars(select(CheckInOp.kind).where(CheckInOp.event_id == door.id)).all()
    assert kinds == [OpKind.CHECK_IN]
    assert present() == ["Siti Aminah"]


def test_a_session_that_ended_is_said_in_red(server, door, present, new_page):
    page = new_page(820, "checkin_officer")
    page.goto(door.path)
    expect(page.locator(".scanner__words")).to_contain_text("Arahkan")  # all is loaded; what loads renews the log-in
    page.route("**/api/v1/state*", lambda route: route.abort())  # a poll's answer would renew the log-in
    page.context.clear_cookies()
    scan(page, f"{server.url}/t/{door.tokens['siti']}")
    expect(feedback(page, "error")).to_contain_text(re.compile("Sesi masuk sudah berakhir|Server menolak"))
    assert present() == []


def test_two_tablets_see_each_others_check_ins(server, door, new_page):
    one, two = new_page(820, "checkin_officer"), new_page(390, "checkin_officer")
    one.goto(door.path)
    two.goto(door.path)
    scan(one, f"{server.url}/t/{door.tokens['siti']}")
    expect(feedback(one, "ok")).to_be_visible()
    expect(two.locator("#count-here")).to_have_text("1", timeout=20_000)  # it asks every five seconds
    two.goto(door.second)
    expect(two.locator("#count-here")).to_have_text("0")


def test_what_a_tablet_shows_holds_no_telephone_number(door, new_page):
    page = new_page(820, "checkin_officer")
    seen = []
    page.on("response", lambda r: "/api/v1/" in r.url and r.request.method == "POST" and seen.append(r.text()))
    page.goto(door.path)
    page.get_by_role("button", name="Cari").click()
    page.keyboard.type("as")
    page.locator("#found .person").click()
    expect(feedback(page, "ok")).to_be_visible()
    everything = page.content() + "".join(seen) + page.evaluate("JSON.stringify({...localStorage})")
    assert "H. Asep Awaludin" in everything
    assert "81234567890" not in everything
    assert "1234567890123" not in everything


@pytest.mark.parametrize("width", [390, 820])
def test_targets_are_large_and_nothing_overflows(door, new_page, width):
    page = new_page(width, "checkin_officer")
    page.goto(door.path)
    sizes = page.evaluate(
        """() => [...document.querySelectorAll(".modes button, .tablet-bar a, .menu > summary")]
             .map(e => e.getBoundingClientRect()).map(r => Math.min(r.width, r.height))"""
    )
    assert min(sizes) >= 56
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_the_board_follows_the_door_by_itself(server, door, new_page):
    board = new_page(1440, "organizer")
    board.goto(f"/kelola/kegiatan/{door.slug}/kehadiran")
    expect(board.locator("#board")).to_contain_text("Belum ada yang hadir")
    tablet = new_page(820, "checkin_officer")
    tablet.goto(door.path)
    scan(tablet, f"{server.url}/t/{door.tokens['siti']}")
    expect(feedback(tablet, "ok")).to_be_visible()
    expect(board.locator("#board")).to_contain_text("Siti Aminah", timeout=15_000)
    row = board.locator("#board tr", has_text="Siti Aminah")
    row.get_by_text("Batalkan", exact=True).click()
    row.get_by_role("button", name="Ya, batalkan").click()
    expect(board.locator(".flashes")).to_contain_text("Kehadiran dibatalkan.")
