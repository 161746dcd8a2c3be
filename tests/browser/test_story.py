"""The whole story on an empty installation, as people live it: from the first owner to the verified certificate.

Set HALAL_TEST_PICTURES to a folder to keep a picture of every station.
"""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from halal.config import ROOT
from halal.sheets import write_xlsx
from tests.browser.conftest import HEIGHTS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

OWNER, PASSWORD = "kepala@serang.example", "delman hujan tikar biru"
TITLE = "Sosialisasi Sertifikasi Halal bagi IKM Pangan"
PEOPLE = [
    # name, phone, business, NIB, regency
    ("H. Ahmad Fauzi, S.E.", "0812-0000 1111", "Keripik Singkong Barokah", "1234567890123", "Kab. Serang"),
    ("Suharti", "+6281200002222", "Katering Suharti", "", "Kota Serang"),
    ("Nurul 'Aini Binti Abdullah", "", "Kue Basah 'Aini", "9876543210987", "Kab. Lebak"),
]
VISITOR = "Ratu Ayu Kusumawardhani, S.Pd., M.M."


class Installation:
    """`flask serve` on an empty folder: web server and worker, as an office runs it."""

    def __init__(self, folder: Path):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url, self.folder = f"http://127.0.0.1:{port}", folder
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("HALAL_")},
            "HALAL_INSTANCE": str(folder), "PORT": str(port), "HALAL_DEMO": "0", "HALAL_WORKERS": "1",
        }  # fmt: skip
        self.command("db", "upgrade")
        self.command("offices", "create", "bptsi", "--name", "UPTD Balai Sertifikasi Industri", "--region", "36")
        self.command("users", "create", OWNER, "--name", "Siti Kepala", "--organization", "bptsi",
                     "--password", PASSWORD)  # fmt: skip
        self.process = subprocess.Popen(self._line("serve"), cwd=ROOT, env=self.environ)
        for _attempt in range(200):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the installation did not start")

    def _line(self, *words):
        return [sys.executable, "-m", "flask", "--app", "app", *words]

    def command(self, *words) -> str:
        done = subprocess.run(self._line(*words), cwd=ROOT, env=self.environ, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=40)


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    installation = Installation(tmp_path_factory.mktemp("installation"))
    yield installation
    installation.stop()


@pytest.fixture
def visit(browser, installation):
    """A function that opens a page of a new browser context, `width` pixels wide; errors in its console fail."""
    contexts, problems = [], []

    def open_page(width: int):
        context = browser.new_context(
            base_url=installation.url, viewport={"width": width, "height": HEIGHTS[width]}, locale="id-ID",
            accept_downloads=True,
        )  # fmt: skip
        contexts.append(context)
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda m: problems.append(m.text) if "Content Security Policy" in m.text else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def picture(page, name: str) -> None:
    """Keep what the page looks like now at these widths, when asked to; at none may anything stick out sideways, or a
    table need pushing."""
    size, folder = page.viewport_size, os.environ.get("HALAL_TEST_PICTURES")
    for width, height in HEIGHTS.items():
        page.set_viewport_size({"width": width, "height": height})
        too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide <= 0, f"{name} sticks out by {too_wide} px at {width} px"
        cut = "[...document.querySelectorAll('.table-wrap')].map(box => box.scrollWidth - box.clientWidth)"
        assert not [px for px in page.evaluate(cut) if px > 1], f"a table of {name} is cut off at {width} px"
        page.evaluate("Promise.all([...document.images].map(image => image.decode().catch(() => 0)))")
        if folder:
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
    page.set_viewport_size(size)


def log_in(page) -> None:
    page.goto("/masuk")
    page.fill("input[name=email]", OWNER)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/kelola/")


def add_signatory(page) -> None:
    page.goto("/kelola/kantor")
    page.fill("[name='signatories-0-name']", "H. Dwi Contoh, S.T., M.Si.")
    page.fill("[name='signatories-0-title']", "Kepala UPTD Balai Sertifikasi Industri")
    page.locator("form:has([name='signatories-0-name'])").get_by_role("button", name="Simpan").last.click()
    expect(page.locator(".flash--success").first).to_be_visible()


def plan_event(page) -> str:
    """An event that runs all of today, published; its slug."""
    today = datetime.now(ZoneInfo("Asia/Jakarta")).date().isoformat()
    page.goto("/kelola/kegiatan/baru")
    page.fill("[name=title]", TITLE)
    page.select_option("[name=region_code]", "36.73")
    page.fill("[name=venue]", "Aula Kantor")
    page.fill("[name=starts_on]", today)
    page.fill("[name=starts_time]", "00:01")
    page.fill("[name=ends_time]", "23:59")
    page.fill("[name=capacity]", "30")
    picture(page, "01-event-form")
    page.get_by_role("button", name="Simpan sebagai draf").click()
    page.wait_for_url(re.compile(r"/kelola/kegiatan/(?!baru)[^/]+$"))
    page.get_by_role("button", name="Terbitkan").first.click()
    expect(page.locator(".event-header")).not_to_contain_text("Draf")
    picture(page, "02-event")
    return page.url.rsplit("/", 1)[1]


def import_people(page, slug: str, folder: Path) -> None:
    sheet = folder / "peserta.xlsx"
    headings = ["No", "Nama Lengkap", "No. HP/WA", "Nama Usaha", "NIB", "Kab/Kota"]
    sheet.write_bytes(write_xlsx(headings, [(n, *person) for n, person in enumerate(PEOPLE, 1)]))
    page.goto(f"/kelola/kegiatan/{slug}/peserta/impor")
    page.set_input_files("input[type=file]", str(sheet))
    page.get_by_role("button", name="Periksa berkas").click()
    take = page.get_by_role("button", name="Daftarkan 3 peserta")
    expect(take).to_be_visible(timeout=60_000)
    picture(page, "03-import")
    take.click()
    expect(page.get_by_text("3 peserta dari berkas ini sudah terdaftar")).to_be_visible(timeout=60_000)
    page.goto(f"/kelola/kegiatan/{slug}/peserta")
    for name, *_rest in PEOPLE:
        expect(page.get_by_text(name).first).to_be_visible()
    picture(page, "04-attendees")


def register_by_phone(page, slug: str) -> str:
    """The ticket's private address."""
    page.goto("/")
    page.get_by_role("link", name=TITLE).first.click()
    page.wait_for_url(f"**/kegiatan/{slug}")
    picture(page, "05-public-event")
    page.locator(f"a[href$='/kegiatan/{slug}/daftar']").first.click()
    page.fill("[name=name]", VISITOR)
    page.fill("[name=phone]", "0813 0000 3333")
    page.fill("[name=business_name]", "Dapur Ratu")
    page.select_option("[name=region_code]", "36.73")
    page.check("[name=consent]")
    picture(page, "06-registration")
    page.wait_for_timeout(2_000)  # nobody fills it in quicker; whoever does is asked again
    page.locator("form:has([name=consent]) button[type=submit]").click()
    page.wait_for_url("**/t/*")
    expect(page.get_by_text(VISITOR)).to_be_visible()
    expect(page.locator("svg.qr")).to_be_visible()
    assert "https://wa.me/" in page.content()
    picture(page, "07-ticket")
    return page.url


def check_in(page, slug: str, ticket: str) -> None:
    """One by typing two letters and a tap, one by scanning the ticket (a USB scanner types)."""
    page.goto("/checkin/")
    page.locator(f"a[href*='/checkin/{slug}/']").first.click()
    page.wait_for_url(f"**/checkin/{slug}/*")
    page.get_by_role("button", name="Cari").click()
    page.keyboard.type("su")
    page.locator("#found .person", has_text="Suharti").click()
    expect(page.locator(".feedback[data-kind=ok]")).to_contain_text("Suharti")
    page.locator(".feedback[data-kind=ok]").get_by_role("button", name="Berikutnya").click()
    page.evaluate(
        """text => { document.activeElement?.blur(); for (const key of [...text, "Enter"])
             document.body.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})); }""",
        ticket,
    )
    expect(page.locator(".feedback[data-kind=ok]")).to_contain_text(VISITOR)
    expect(page.locator("#count-here")).to_have_text("2")
    picture(page, "08-checkin")


def issue_certificates(page, slug: str, folder: Path) -> dict[str, str]:
    """The text of each certificate by the name of its file in the ZIP."""
    page.goto(f"/kelola/kegiatan/{slug}/sertifikat")
    page.get_by_role("link", name="Pratinjau dan terbitkan").first.click()
    page.wait_for_url("**/sertifikat/terbitkan/**")
    picture(page, "09-certificates-before")
    page.check("[name=early]")  # the event is still going on
    page.locator("#issue-form").get_by_role("button", name=re.compile("^Terbitkan")).click()
    expect(page.get_by_text(re.compile("2 sertifikat terbit pada"))).to_be_visible(timeout=90_000)
    page.reload()
    picture(page, "10-certificates")
    with page.expect_download() as download:
        page.locator("a[href*='.zip'], a[href*='/arsip'], a[href*='zip']").first.click()
    archive = folder / "sertifikat.zip"
    download.value.save_as(archive)
    texts = {}
    with zipfile.ZipFile(archive) as bundle:
        for name in bundle.namelist():
            with bundle.open(name) as file:
                texts[name] = " ".join("".join(p.extract_text() for p in PdfReader(file).pages).split())
    return texts


def publish_news(page, slug: str) -> None:
    page.goto(f"/kelola/kegiatan/{slug}/berita")
    page.locator("a[href*='/kelola/berita/baru']").first.click()
    page.fill("[name=title]", "Tiga puluh IKM belajar mengurus halal")
    page.fill("[name=body]", "Aula penuh sejak pagi.\n\n## Yang dibahas\n\n- NIB\n- SiHalal\n")
    page.locator("form:has([name=body])").get_by_role("button", name=re.compile("^Terbitkan")).click()
    expect(page.locator(".flash--success").first).to_be_visible()
    picture(page, "11-news")


def test_from_nothing_to_verified_certificates_and_news(installation, visit, tmp_path):
    desk = visit(1440)
    log_in(desk)
    picture(desk, "00-desk-of-a-new-office")
    add_signatory(desk)
    slug = plan_event(desk)
    import_people(desk, slug, tmp_path)

    phone = visit(390)
    ticket = register_by_phone(phone, slug)

    tablet = visit(820)
    log_in(tablet)
    check_in(tablet, slug, ticket)

    texts = issue_certificates(desk, slug, tmp_path)
    assert len(texts) == 2
    both = " ".join(texts.values())
    assert "Suharti" in both
    assert VISITOR in both
    assert "H. Dwi Contoh, S.T., M.Si." in both
    assert TITLE in both
    assert "H. Ahmad Fauzi" not in both  # he was not there

    typed = re.search(r"/v/((?: ?[0-9A-Z]{5}){4} ?[0-9A-Z]{6})", both).group(1)  # as a person copies it from paper
    phone.goto("/v/")
    phone.fill("[name=code]", typed)
    phone.press("[name=code]", "Enter")
    expect(phone.locator(".verify--valid")).to_be_visible()
    picture(phone, "12-verification")
    phone.goto(ticket)
    expect(phone.locator("a[href*='/v/']").first).to_be_visible()

    publish_news(desk, slug)
    reader = visit(390)
    reader.goto("/berita")
    reader.get_by_role("link", name="Tiga puluh IKM belajar mengurus halal").first.click()
    expect(reader.get_by_role("heading", name="Yang dibahas")).to_be_visible()
    picture(reader, "13-article")

    desk.goto(f"/kelola/kegiatan/{slug}/laporan")
    picture(desk, "14-report")
    desk.goto(f"/kelola/kegiatan/{slug}/kehadiran")
    picture(desk, "15-presence")
