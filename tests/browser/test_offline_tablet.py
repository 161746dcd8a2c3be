"""A paired tablet in a hall without network: nothing that was green is lost, nothing is counted twice."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import Error, expect
from sqlalchemy import select, update

from halal.checkin import services
from halal.checkin.models import Attendance, CheckInOp, Device, QuarantinedOp
from halal.clock import now
from halal.events.models import Event, EventSession
from halal.extensions import db
from halal.registrations.models import Registration, RegistrationStatus
from tests.browser.conftest import CHROMIUM, FAKE_CAMERA, QUIET
from tests.browser.test_checkin_screen import feedback, scan

pytestmark = pytest.mark.browser


@pytest.fixture
def hall(server):
    """An event of two sessions with three people, and `code()` to pair a tablet with."""
    with server.seed() as make:
        event = make.event(server.organization(), title="Sosialisasi Halal Pandeglang")
        event.sessions.append(EventSession(title="Praktik", position=1))
        user = make.user(server.organization())
        asep = make.registration(event, name="H. Moh. Asep Awaludin", business_name="Keripik Asep", region_code="36.04",
                                 nib="1234567890123", phone="+6281234567890", email="asep@contoh.example")  # fmt: skip
        siti = make.registration(event, name="Siti Aminah")
        make.registration(event, name="Edi", status=RegistrationStatus.WAITING)
        db.session.flush()
        made = SimpleNamespace(id=event.id, slug=event.slug, user=user.id,
                               tokens={"asep": asep.token, "siti": siti.token})  # fmt: skip

    def code():
        with server.seed():
            return services.make_code(db.session.get(Event, made.id), user_id=made.user)[0]

    made.code = code
    return made


@pytest.fixture
def recorded(server, hall):
    """A function: (names of who is present, kinds of all operations), as the server has them."""

    def ask():
        with server.seed():
            names = db.session.scalars(
                select(Registration.name).join(Attendance, Attendance.registration_id == Registration.id)
                .where(Attendance.event_id == hall.id))  # fmt: skip
            kinds = db.session.scalars(select(CheckInOp.kind).where(CheckInOp.event_id == hall.id).order_by("seq"))
            return sorted(names), [kind.value for kind in kinds]

    return ask


def pair(page, hall, name="Tablet 3, pintu timur"):
    """From the QR code to the screen that says it is ready."""
    page.goto(f"/checkin/pasang/{hall.code()}")
    page.locator("input[name=name]").fill(name)
    page.locator("main form button").last.click()
    page.wait_for_url(f"**/checkin/tablet/{hall.slug}")
    page.locator("#before-choices button").first.click()
    expect(page.locator("#checkin")).to_be_visible()
    page.locator("#net").click()
    expect(page.locator("#ready")).to_have_text("Siap tanpa internet", timeout=20_000)
    page.get_by_role("button", name="Pindai").click()


def unsent(page, count: int, timeout: int = 15_000) -> None:
    expect(page.locator("#net")).to_contain_text(f"Belum terkirim: {count} ", timeout=timeout)


def everything_kept(page) -> str:
    """All that the tablet's storage holds, as text."""
    return page.evaluate(
        """async () => {
          const found = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage}), document.cookie];
          for (const { name } of await indexedDB.databases()) {
            const ask = request => new Promise(done => { request.onsuccess = () => done(request.result); });
            const db = await ask(indexedDB.open(name));
            for (const store of db.objectStoreNames)
              found.push(JSON.stringify(await ask(db.transaction(store).objectStore(store).getAll())));
            db.close();
          }
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys()) {
              if (!/static/.test(request.url)) found.push(await (await cache.match(request)).text());
            }
          }
          return found.join("\\n");
        }"""
    )


def test_a_day_without_network(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    unsent(page, 0)
    page.context.set_offline(True)
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "ok")).to_contain_text("Siti Aminah")
    page.keyboard.press("Escape")
    unsent(page, 1)
    scan(page, "bukan-tiket-kami")
    expect(feedback(page, "unknown")).to_contain_text("silakan masuk")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Cari").click()
    page.keyboard.type("muhammad as")
    expect(page.locator("#found .person")).to_contain_text("Keripik Asep · Kab. Serang · NIB\u00a0…\u206090123")
    page.locator("#found .person").click()
    expect(feedback(page, "ok")).to_contain_text("H. Moh. Asep Awaludin")
    feedback(page, "ok").get_by_role("button", name="Batalkan").click()
    expect(page.locator("#last")).to_contain_text("Dibatalkan")
    page.locator("#query").fill("ed")
    page.locator("#found .person", has_text="Edi").click()
    feedback(page, "waiting").get_by_role("button", name="Tetap izinkan masuk").click()
    expect(feedback(page, "ok")).to_contain_text("Edi")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Tamu baru").click()
    page.fill("#walk-in-name", "Ibu Rohayati")
    page.fill("#walk-in-contact", "0812-3456-7890")
    page.get_by_role("button", name="Daftarkan dan catat hadir").click()
    expect(feedback(page, "ok")).to_contain_text("Ibu Rohayati")
    assert recorded() == ([], [])

    page.reload()  # the battery was empty; there is still no network
    expect(page.locator("#event-title")).to_have_text("Sosialisasi Halal Pandeglang")
    unsent(page, 6)
    expect(page.locator("#count-here")).to_have_text("3")
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "duplicate")).to_contain_text("tablet ini")
    page.keyboard.press("Escape")

    page.context.set_offline(False)  # nobody taps anything
    unsent(page, 0, timeout=40_000)
    expect(page.locator("#last")).to_contain_text("semua sudah terkirim")
    assert recorded() == (
        ["Edi", "Ibu Rohayati", "Siti Aminah"],
        ["checkin", "unknown_scan", "checkin", "undo", "checkin", "walkin", "checkin"],
    )


def test_a_late_registrant_who_came_in_as_a_guest_is_one_person_at_both_doors(server, hall, recorded, new_page):
    page, other = new_page(820), new_page(820)
    pair(page, hall)
    pair(other, hall, "Tablet 4, pintu barat")
    page.context.set_offline(True)
    with server.seed() as make:  # registers at this moment
        token = make.registration(db.session.get(Event, hall.id), name="Dewi Lestari").token
    scan(page, f"{server.url}/t/{token}")
    feedback(page, "unknown").get_by_role("button", name="Catat sebagai tamu").click()
    page.fill("#walk-in-name", "Bu Dewi")
    page.get_by_role("button", name="Daftarkan dan catat hadir").click()
    expect(feedback(page, "ok")).to_contain_text("Bu Dewi")
    page.keyboard.press("Escape")
    expect(page.locator("#count-here")).to_have_text("1")
    expect(page.locator("#counter-unknown")).to_be_hidden()
    page.context.set_offline(False)
    unsent(page, 0, timeout=40_000)
    assert recorded() == (["Dewi Lestari"], ["checkin", "walkin", "merge"])
    for one in (page, other):
        expect(one.locator("#count-here")).to_have_text("1", timeout=20_000)
        expect(one.locator("#count-walk-ins")).to_have_text("0")
        one.get_by_role("button", name="Sudah hadir").click()
        expect(one.locator("#present .person__name")).to_have_text(["Dewi Lestari"])


def test_an_unknown_code_scanned_again_says_so_and_counts_once(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    scan(page, "bukan-tiket-kami")
    expect(feedback(page, "unknown")).to_be_visible()
    scan(page, "bukan-tiket-kami")
    expect(feedback(page, "unknown")).to_contain_text(re.compile(r"sudah dipindai pukul \d\d\.\d\d WIB"))
    page.keyboard.press("Escape")
    expect(page.locator("#count-unknown")).to_have_text("1")
    expect(page.locator("#earlier")).to_be_hidden()  # it is the same answer
    unsent(page, 0)
    assert recorded() == ([], ["unknown_scan"] * 2)


def test_what_was_taken_back_by_mistake_is_checked_in_again_and_news_push_nothing_away(
    server, hall, recorded, new_page
):
    page = new_page(820)
    pair(page, hall)
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Sudah hadir").click()
    page.locator("#present").get_by_role("button", name="Batalkan").click()
    expect(page.locator("#count-here")).to_have_text("0")
    page.locator("#last").get_by_role("button", name="Catat hadir lagi").click()
    expect(feedback(page, "ok")).to_contain_text("Siti Aminah")
    page.keyboard.press("Escape")
    unsent(page, 0)
    page.context.set_offline(True)
    scan(page, f"{server.url}/t/{hall.tokens['asep']}")
    page.keyboard.press("Escape")
    page.wait_for_timeout(1500)
    page.context.set_offline(False)
    expect(page.locator("#last")).to_contain_text("semua sudah terkirim", timeout=40_000)
    expect(page.locator("#last")).to_contain_text("H. Moh. Asep Awaludin")
    page.locator("#last").get_by_role("button", name="Batalkan").click()
    expect(page.locator("#count-here")).to_have_text("1")
    unsent(page, 0)
    assert recorded()[0] == ["Siti Aminah"]


def test_a_lost_answer_counts_once(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    lost = []

    def lose(route):
        if not lost and '"kind"' in (route.request.post_data or ""):
            lost.append(route.fetch().status)  # the server has it; the tablet never hears of it
            route.abort()
        else:
            route.continue_()

    page.context.route("**/api/v1/sync", lose)
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "ok")).to_contain_text("Siti Aminah")
    unsent(page, 1)
    unsent(page, 0)
    assert lost == [200]
    assert recorded() == (["Siti Aminah"], ["checkin"])


def test_what_was_green_survives_the_end_of_the_browser(server, hall, recorded, playwright, tmp_path):
    def launch():
        return playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=CHROMIUM, args=[*QUIET, *FAKE_CAMERA], base_url=server.url,
            locale="id-ID", viewport={"width": 820, "height": 1180},
        )  # fmt: skip

    context = launch()
    pair(context.pages[0], hall)
    context.close()  # a browser writes its cookies down within half a minute, or when it ends in peace
    context = launch()
    page = context.pages[0]
    context.set_offline(True)
    page.goto("/checkin/tablet")  # from the home screen
    expect(page.locator("#checkin")).to_be_visible()
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "ok")).to_be_visible()
    with pytest.raises(Error):  # the browser is gone before it can answer
        context.new_cdp_session(page).send("Browser.crash")
    context = launch()
    page = context.pages[0]
    page.goto(f"/checkin/tablet/{hall.slug}")
    expect(page.locator("#checkin")).to_be_visible()
    unsent(page, 0)
    assert recorded() == (["Siti Aminah"], ["checkin"])
    context.close()


def test_two_tablets_without_network_count_a_person_once(server, hall, recorded, new_page):
    east, west = new_page(820), new_page(390)
    pair(east, hall, "Pintu timur")
    pair(west, hall, "Pintu barat")
    west.context.set_offline(True)
    for page in (east, west):
        scan(page, f"{server.url}/t/{hall.tokens['siti']}")
        expect(feedback(page, "ok")).to_contain_text("Siti Aminah")
        page.keyboard.press("Escape")
    unsent(east, 0)
    west.context.set_offline(False)
    unsent(west, 0, timeout=40_000)
    west.locator("#net").click()
    expect(west.locator("#review")).to_contain_text("Siti Aminah: sudah dicatat lebih dulu di Pintu timur")
    assert recorded() == (["Siti Aminah"], ["checkin", "checkin"])
    scan(east, f"{server.url}/t/{hall.tokens['asep']}")
    unsent(east, 0)
    expect(west.locator("#count-here")).to_have_text("2", timeout=30_000)  # what others do arrives by itself
    scan(west, f"{server.url}/t/{hall.tokens['asep']}")
    expect(feedback(west, "duplicate")).to_contain_text("Pintu timur")


def test_the_whole_storage_of_a_tablet_holds_no_way_to_reach_anybody(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    page.get_by_role("button", name="Tamu baru").click()
    page.fill("#walk-in-name", "Ibu Rohayati")
    page.fill("#walk-in-contact", "0813-9876-5432")
    page.get_by_role("button", name="Daftarkan dan catat hadir").click()
    expect(feedback(page, "ok")).to_be_visible()
    unsent(page, 0)
    kept = everything_kept(page)
    assert "H. Moh. Asep Awaludin" in kept
    assert "Ibu Rohayati" in kept
    for private in ("81234567890", "asep@contoh.example", "1234567890123", "9876", hall.tokens["asep"]):
        assert private not in kept


def test_a_revoked_tablet_forgets_the_people_and_still_hands_in_what_it_has(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    page.context.set_offline(True)
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "ok")).to_be_visible()
    with server.seed():
        device = db.session.scalar(select(Device.id).where(Device.event_id == hall.id))
        services.revoke(db.session.get(Event, hall.id), device, user_id=hall.user)
    page.context.set_offline(False)
    unsent(page, 0, timeout=40_000)
    expect(page.locator("#notice")).to_contain_text("ditutup oleh penyelenggara")
    assert "Asep" not in everything_kept(page)
    assert recorded() == ([], [])
    with server.seed():
        assert len(db.session.scalars(select(QuarantinedOp).where(QuarantinedOp.event_id == hall.id)).all()) == 1


def test_a_tablet_that_was_revoked_shows_no_name_and_paired_again_learns_what_it_had_recorded_itself(
    server, hall, recorded, new_page
):
    page = new_page(820)
    pair(page, hall)
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "ok")).to_be_visible()
    unsent(page, 0)
    feedback(page, "ok").get_by_role("button", name="Berikutnya").click()
    page.get_by_role("button", name="Cari").click()
    page.keyboard.type("as")
    expect(page.locator("#found .person")).to_have_count(1)
    with server.seed():
        device = db.session.scalar(select(Device.id).where(Device.event_id == hall.id))
        services.revoke(db.session.get(Event, hall.id), device, user_id=hall.user)
    expect(page.locator("#notice")).to_contain_text("ditutup oleh penyelenggara", timeout=40_000)
    expect(page.locator("#found .person")).to_have_count(0)  # no name stays in sight
    for name in ("Asep", "Siti"):
        expect(page.locator("body")).not_to_contain_text(name)
    page.goto(f"/checkin/pasang/{hall.code()}")
    page.locator("main form button").last.click()
    expect(page.locator("#count-here")).to_have_text("1", timeout=20_000)
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "duplicate")).to_contain_text("Siti Aminah")
    unsent(page, 0)
    assert recorded() == (["Siti Aminah"], ["checkin"] * 2)


def test_a_tablet_that_lost_its_pairing_keeps_everything_and_goes_on(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    page.context.clear_cookies()
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "ok")).to_contain_text("Siti Aminah")
    expect(page.locator("#notice")).to_contain_text("dipasangkan lagi")
    page.reload()
    unsent(page, 1)
    page.goto(f"/checkin/pasang/{hall.code()}")
    page.locator("main form button").last.click()
    unsent(page, 0)
    assert recorded() == (["Siti Aminah"], ["checkin"])


@pytest.mark.parametrize("width", [390, 820])
def test_everything_fits_and_the_session_can_be_changed(server, hall, new_page, width):
    page = new_page(width)
    pair(page, hall)
    page.locator("#settings summary").click()
    page.locator("#sessions button", has_text="Praktik").click()
    expect(page.locator("#session-title")).to_have_text(re.compile("Praktik"))
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    feedback(page, "ok").get_by_role("button", name="Berikutnya").click()
    expect(page.locator("#count-here")).to_have_text("1")
    page.get_by_role("button", name="Sudah hadir").click()
    expect(page.locator("#present")).to_contain_text("Siti Aminah")
    page.locator("#present").get_by_role("button", name="Batalkan").click()
    expect(page.locator("#count-here")).to_have_text("0")
    page.locator("#net").click()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_what_cannot_be_written_here_goes_to_the_server_or_is_red(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    page.evaluate(  # once a dead handle, then a full disk
        """() => { const add = IDBObjectStore.prototype.add; let calls = 0;
                   IDBObjectStore.prototype.add = function (...row) {
                     if (calls++ === 1) return add.apply(this, row);
                     throw new DOMException("full", "QuotaExceededError"); }; }"""
    )
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "ok")).to_contain_text("Siti Aminah")  # written at the second attempt
    page.keyboard.press("Escape")
    unsent(page, 0)
    page.context.set_offline(True)
    scan(page, f"{server.url}/t/{hall.tokens['asep']}")
    expect(feedback(page, "error")).to_contain_text("BELUM TERSIMPAN")
    page.context.set_offline(False)
    feedback(page, "error").get_by_role("button", name="Coba lagi").click()
    expect(feedback(page, "ok")).to_contain_text("Asep")  # the server has it
    assert recorded() == (["H. Moh. Asep Awaludin", "Siti Aminah"], ["checkin", "checkin"])


def test_a_new_version_waits_for_an_empty_queue_and_a_tap(server, hall, new_page):
    page = new_page(820)
    pair(page, hall)
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("button", name="English").first.click()  # the page in another language is another version of it
    other.wait_for_load_state()
    page.context.route("**/api/v1/sync", lambda route: route.abort())
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "ok")).to_be_visible()
    page.reload()
    unsent(page, 1)  # still the page that was there
    page.wait_for_function("navigator.serviceWorker.getRegistration('/checkin/tablet').then(r => Boolean(r.waiting))")
    page.locator("#net").click()
    page.wait_for_timeout(500)
    expect(page.locator("#update")).to_be_hidden()
    page.context.unroute("**/api/v1/sync")
    unsent(page, 0, timeout=30_000)
    expect(page.locator("#update")).to_be_visible(timeout=20_000)
    page.locator("#update").click()
    expect(page.get_by_role("button", name="Search")).to_be_visible()
    expect(page.locator("#net")).to_contain_text("Unsent: 0")


def test_the_language_is_chosen_on_the_tablet_and_kept_without_a_network(server, hall, new_page):
    page = new_page(820)
    pair(page, hall)
    page.context.set_offline(True)
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    page.keyboard.press("Escape")
    page.locator("#net").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#net")).to_contain_text("Unsent: 1")
    page.goto("/checkin/tablet")  # from the home screen
    expect(page.locator("#net")).to_contain_text("Unsent: 1")
    page.locator("#net").click()
    page.get_by_role("button", name="Bahasa Indonesia").click()
    unsent(page, 1)


def test_who_registers_during_the_event_is_fetched_alone(server, hall, new_page):
    with server.seed():
        an_hour_ago = now() - timedelta(hours=1)
        db.session.execute(update(Registration).values(updated_at=an_hour_ago).where(Registration.event_id == hall.id))
    page = new_page(820)
    asked = []
    page.on("response", lambda r: "/roster" in r.url and asked.append(len(r.json()["people"])))
    pair(page, hall)
    with server.seed() as make:
        late = make.registration(db.session.get(Event, hall.id), name="Ratu Atut")
        late_id, token = late.id, late.token
    page.locator("#net").click()
    scan(page, f"{server.url}/t/{hall.tokens['asep']}")
    expect(page.locator("#state-people")).to_contain_text("4", timeout=25_000)
    _come_to(page, asked, [3, 1])
    page.context.set_offline(True)
    page.reload()
    page.get_by_role("button", name="Cari").click()
    page.keyboard.type("ratu")
    expect(page.locator("#found .person")).to_contain_text("Ratu Atut")
    scan(page, f"{server.url}/t/{token}")
    expect(feedback(page, "ok")).to_contain_text("Ratu Atut")
    page.keyboard.press("Escape")
    page.context.set_offline(False)
    unsent(page, 0, timeout=40_000)
    with server.seed():  # a deleted row cannot be among the changes; that the list does not add up any more, can
        gone = db.session.scalar(
            select(Registration).where(Registration.event_id == hall.id, Registration.name == "Edi")
        )
        assert gone.id != late_id
        db.session.delete(gone)
    page.locator("#net").click()
    scan(page, "bukan-tiket-kami")
    expect(page.locator("#state-people")).to_contain_text("3", timeout=25_000)
    _come_to(page, asked, [3, 1, 1, 3])


def _come_to(page, asked: list, expected: list) -> None:
    """The browser may show an answer before it is told here."""
    for _ in range(100):
        if len(asked) == len(expected):
            break
        page.wait_for_timeout(100)
    assert asked == expected


def test_a_second_window_leaves_the_first_one_alone(hall, new_page):
    page = new_page(820)
    pair(page, hall)
    second = page.context.new_page()
    second.goto("/checkin/tablet")
    expect(second.locator("#before-text")).to_contain_text("jendela lain")
    page.close()
    expect(second.locator("#checkin")).to_be_visible()


def test_at_the_next_event_the_people_of_the_last_one_are_forgotten(server, hall, new_page):
    page = new_page(820)
    pair(page, hall)
    with server.seed() as make:
        event = make.event(server.organization(), title="Bimtek Berikutnya")
        make.registration(event, name="Ratu Atut")
        db.session.flush()
        code, _until = services.make_code(event, user_id=hall.user)
        slug = event.slug
    page.goto(f"/checkin/pasang/{code}")
    page.locator("main form button").last.click()
    page.wait_for_url(f"**/checkin/tablet/{slug}")
    expect(page.locator("#checkin")).to_be_visible()
    page.wait_for_function("indexedDB.databases().then(all => all.length === 1)")
    kept = everything_kept(page)
    assert "Ratu Atut" in kept
    assert "Awaludin" not in kept
