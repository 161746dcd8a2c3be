"""Certificates at the desk in a real browser: the picture follows the form, a tap marks a certificate as sent.

Set HALAL_TEST_PICTURES to a folder to keep pictures of the pages.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from halal.certificates.services import lookup
from tests.browser.conftest import HEIGHTS
from tests.certificates import hall

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
LONG = "Prof. Dr. Ir. H. Raden Mas Muhammad Abdurrahman Kusumaningrat Sastrawidjaja, S.T., M.T., Ph.D., IPU."


@pytest.fixture(scope="module")
def event(server):
    """An event that is over: its slug, the token of a ticket with a certificate."""
    with server.seed() as make:
        office = server.organization()
        event = hall.past_event(make, office, title="Sosialisasi Sertifikasi Halal")
        first = hall.present(make, event, "Agus Humaedi, S.H., M.H.", business_name="Keripik Barokah")
        hall.present(make, event, "Nurul 'Aini", phone="+6281234567890", email="nurul@uji.example")
        found = event.slug, first.token
        hall.issue_all(event)
        assert len(lookup.valid(event, "attendance")) == 2
        hall.present(make, event, LONG)
        hall.present(make, event, "Budi 😀")
    return found


def keep(page, name: str) -> None:
    """A picture of the page at three widths, when a folder is named."""
    folder = os.environ.get("HALAL_TEST_PICTURES")
    if not folder:
        return
    for width, height in HEIGHTS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


def test_the_picture_follows_the_form_without_leaving_the_page(new_page, event):
    page = new_page(1440, "organizer")
    page.goto("/kelola/sertifikat/desain?kind=attendance")
    picture = page.locator("#design-preview img")
    before = picture.get_attribute("src")
    page.get_by_label("biru tua").check()
    expect(picture).not_to_have_attribute("src", before, timeout=60_000)
    page.get_by_label("tegak").check()
    expect(picture).to_have_attribute("height", "1414", timeout=60_000)
    keep(page, "design")
    page.get_by_label("warna lain", exact=True).check()
    page.get_by_label("Warna lain", exact=False).last.fill("#ffee00")
    expect(page.locator("#design-preview")).to_contain_text("terlalu pucat", timeout=60_000)


def test_a_tap_marks_as_sent_and_another_takes_it_back(new_page, event):
    slug, token = event
    page = new_page(820, "organizer")
    page.goto(f"/kelola/kegiatan/{slug}/sertifikat/bagikan/attendance")
    row = page.get_by_role("row").filter(has_text="Nurul 'Aini")
    assert row.get_by_role("link").get_attribute("href").startswith("https://wa.me/6281234567890?text=")
    row.get_by_role("button", name="Tandai terkirim").click()
    expect(row.get_by_role("button", name="Ternyata belum dikirim")).to_be_visible()
    expect(page.locator("#sharing-count")).to_contain_text("1 / 2")
    keep(page, "sharing")
    row.get_by_role("button", name="Ternyata belum dikirim").click()
    expect(row.get_by_role("button", name="Tandai terkirim")).to_be_visible()
    page.goto(f"/t/{token}")
    keep(page, "ticket")
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh sertifikat").click()
    assert download.value.suggested_filename.endswith("Keripik Barokah.pdf")


def test_the_dry_run_shows_whose_name_shrinks_and_who_cannot_be_printed(new_page, event):
    slug, _token = event
    page = new_page(1440, "organizer")
    page.goto(f"/kelola/kegiatan/{slug}/sertifikat/terbitkan/attendance")
    for summary in page.locator("#certificate-preview details summary").all():
        summary.click()
    expect(page.locator("#certificate-preview")).to_contain_text("poin")
    expect(page.locator("#certificate-preview")).to_contain_text("Budi 😀")
    keep(page, "issue")
    page.goto(f"/kelola/kegiatan/{slug}/sertifikat/terbitkan/attendance/nomor-awal/2026")
    keep(page, "first-number")
    page.goto(f"/kelola/kegiatan/{slug}/sertifikat")
    keep(page, "certificates")
    page.goto(f"/kelola/kegiatan/{slug}/kartu-nama")
    keep(page, "badges")
