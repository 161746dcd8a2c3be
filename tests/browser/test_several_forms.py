"""Pages with several forms: what was typed into one is not lost without a word by sending another, or by leaving."""

import pytest
from playwright.sync_api import expect

from halal.accounts.models import Role

pytestmark = [pytest.mark.browser, pytest.mark.once]


def test_sending_one_form_asks_about_what_was_typed_into_another(server, new_page):
    with server.seed() as make:
        make.user(server.organization(), Role.VIEWER, name="Wati")
    page = new_page(1440, "owner")
    page.goto("/kelola/tim")
    page.fill("[name=email]", "baru@contoh.id")
    asked = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("row", name="Wati").locator("form.inline-form button").click()
    assert asked
    assert "belum disimpan" in asked[0]
    expect(page.locator("[name=email]")).to_have_value("baru@contoh.id")
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("row", name="Wati").locator("form.inline-form button").click()
    expect(page.locator(".flash").first).to_be_visible()


def test_the_office_page_is_saved_by_one_button_and_asks_before_it_is_left(server, new_page):
    page = new_page(820, "owner")
    page.goto("/kelola/kantor")
    page.fill("[name=phone]", "0254 200 999")
    page.fill("[name='signatories-0-name']", "H. Dwi Contoh")
    kinds = []
    page.once("dialog", lambda dialog: (kinds.append(dialog.type), dialog.dismiss()))
    page.evaluate("setTimeout(() => location.assign('/kelola/'))")
    page.wait_for_timeout(500)
    assert kinds == ["beforeunload"]
    page.fill("[name='signatories-0-title']", "Kepala")
    page.get_by_role("button", name="Simpan semua").click()
    expect(page.locator(".flash--success")).to_be_visible()
    expect(page.locator("[name=phone]")).to_have_value("0254 200 999")
    expect(page.locator("[name='signatories-0-name']")).to_have_value("H. Dwi Contoh")
