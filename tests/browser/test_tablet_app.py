"""The paired tablet as something to keep: what it says the first time, its icons, its place on the home screen."""

import io

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import expect

from halal.config import ROOT
from tests.browser.test_offline_tablet import hall, pair  # noqa: F401

pytestmark = pytest.mark.browser
IMAGES = ROOT / "static/img"


def test_the_first_time_a_tablet_shows_that_it_is_ready_and_how_to_come_back(hall, new_page):  # noqa: F811
    page = new_page(820)
    page.goto(f"/checkin/pasang/{hall.code()}")
    page.fill("input[name=name]", "Tablet 3, pintu timur")
    page.get_by_role("button", name="Pasangkan tablet ini").click()
    page.locator("#before-choices").get_by_text("Praktik").click()
    expect(page.locator("#ready")).to_have_text("Siap tanpa internet", timeout=20_000)
    expect(page.locator("#tablet-title")).to_have_text("Tablet 3, pintu timur")
    expect(page.get_by_role("heading", name="Simpan di layar utama")).to_be_visible()
    page.get_by_role("button", name="Mulai presensi").click()
    expect(page.locator("#scanner")).to_be_visible()
    page.reload()
    expect(page.locator("#scanner")).to_be_visible()  # from the second time on, the door


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_every_button_of_every_panel_is_for_a_thumb(server, hall, new_page, width):  # noqa: F811
    page = new_page(width)
    pair(page, hall)
    small = """() => [...document.querySelectorAll("button, a[href], summary, input")]
        .filter((one) => one.checkVisibility() && !one.closest(".skip-link") && !one.matches(".skip-link"))
        .map((one) => [one.id || one.textContent.trim(), one.getBoundingClientRect()])
        .filter(([, box]) => box.height && Math.min(box.width, box.height) < 56).map(([name]) => name)"""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for panel in ("search", "walkin", "scan", "present", "status"):
        page.locator(f"[data-mode={panel}]").first.click()
        if panel == "search":
            page.fill("#query", "si")
            expect(page.locator("#found .person")).to_be_visible()
            page.locator("#found .person").click()
            expect(page.locator(".feedback[data-kind=ok]")).to_be_visible()
            assert page.evaluate(small) == []
            page.keyboard.press("Escape")
        assert (panel, page.evaluate(small), page.evaluate(wide) <= 0) == (panel, [], True)
    page.locator("#settings summary").click()
    assert page.evaluate(small) == []


def test_a_browser_offers_to_install_the_page(hall, new_page):  # noqa: F811
    page = new_page(820)
    pair(page, hall)
    browser = page.context.new_cdp_session(page)
    manifest = browser.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert '"start_url": "/checkin/tablet"' in manifest["data"]
    # the one error that is left says that the tests' windows are private ones
    errors = browser.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in errors] in ([], ["in-incognito"])


@pytest.mark.parametrize(("name", "size"), [("icon-192", 192), ("icon-512", 512), ("icon-maskable-512", 512)])
def test_the_icons_are_the_mark_and_small(new_page, name, size):
    icon = Image.open(IMAGES / f"{name}.png").convert("RGBA")
    assert icon.size == (size, size)
    assert (IMAGES / f"{name}.png").stat().st_size < 10_000
    mark = (IMAGES / "mark.svg").read_text()
    if "maskable" in name:  # a mask may cut off all but the middle four fifths: green to the edges, the mark smaller
        mark = mark.replace('viewBox="0 0 32 32"', 'viewBox="-4 -4 40 40"')
        mark = mark.replace('<rect width="32" height="32" rx="9"', '<rect x="-4" y="-4" width="40" height="40"')
    page = new_page(820)
    page.set_content(f"<style>body{{margin:0}}svg{{width:{size}px;height:{size}px;display:block}}</style>{mark}")
    picture = page.screenshot(clip={"x": 0, "y": 0, "width": size, "height": size}, omit_background=True)
    drawn = Image.open(io.BytesIO(picture)).convert("RGBA")
    assert max(ImageStat.Stat(ImageChops.difference(icon, drawn)).mean) < 3


def test_a_tablet_that_is_not_paired_leads_to_the_form_for_a_code(hall, new_page):  # noqa: F811
    page = new_page(390)
    page.goto("/checkin/tablet")
    page.get_by_role("link", name="Ketik kode pemasangan").click()
    page.get_by_label("Kode pemasangan").fill(hall.code().upper())
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("heading", name="Sosialisasi Halal Pandeglang")).to_be_visible()
    page.get_by_role("button", name="Pasangkan tablet ini").click()
    expect(page.locator("#before-text")).to_have_text("Presensi untuk sesi yang mana?")
    expect(page.get_by_role("link", name="Ketik kode pemasangan")).to_be_hidden()
