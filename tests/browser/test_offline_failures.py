"""What goes wrong with a tablet in a hall: each failure, and what the officer and the organizer then see."""

import json
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from halal import formats
from halal.checkin import services
from halal.checkin.models import Attendance, CheckInOp
from halal.clock import now
from halal.events.models import Event, EventSession
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


def test_a_storage_that_is_away_for_a_moment_is_tried_again_before_anything_is_red(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    page.context.set_offline(True)
    page.evaluate(
        """() => {
          const [{ open }, { transaction }] = [IDBFactory.prototype, IDBDatabase.prototype];
          const fail = () => { throw new DOMException("it is being wiped", "InvalidStateError"); };
          [IDBFactory.prototype.open, IDBDatabase.prototype.transaction] = [fail, fail];
          setTimeout(() => [IDBFactory.prototype.open, IDBDatabase.prototype.transaction] = [open, transaction], 200);
        }"""
    )
    green(server, hall, page, "siti")
    page.context.set_offline(False)
    unsent(page, 0, timeout=40_000)
    assert recorded() == (["Siti Aminah"], ["checkin"])


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
    expect(feedback(page, "unknown")).to_be_visible(timeout=15_000)
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


def test_an_operation_that_the_server_fails_on_is_listed_and_holds_up_no_other(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    poison = []

    def fail(route):
        sent = json.loads(route.request.post_data)["ops"]
        poison.extend(op["id"] for op in sent[:1] if not poison)
        if any(op["id"] in poison for op in sent):
            route.fulfill(status=500, body="<h1>Ada yang rusak</h1>", content_type="text/html")
        else:
            route.continue_()

    page.context.route("**/api/v1/sync", fail)
    for who in ("siti", "asep"):
        green(server, hall, page, who)
    unsent(page, 1, timeout=40_000)
    page.locator("#net").click()
    expect(page.locator("#review")).to_contain_text("Siti Aminah: server gagal memproses ini")
    assert recorded() == (["H. Moh. Asep Awaludin"], ["checkin"])
    page.context.unroute("**/api/v1/sync")  # somebody mended the server
    unsent(page, 0, timeout=70_000)
    expect(page.locator("#review li")).to_have_count(0)
    assert recorded()[0] == ["H. Moh. Asep Awaludin", "Siti Aminah"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_is_too_busy_is_left_alone_for_as_long_as_it_says_and_loses_nothing(
    server, hall, recorded, new_page, status
):
    page = new_page(820)
    pair(page, hall)
    refused = []

    def refuse(route):
        if refused:
            return route.continue_()
        refused.append(status)
        return route.fulfill(status=status, headers={"Retry-After": "3"}, json={"error": "Terlalu banyak percobaan"})

    page.context.route("**/api/v1/sync", refuse)
    green(server, hall, page, "siti")
    unsent(page, 1)
    unsent(page, 0, timeout=30_000)
    assert (refused, recorded()) == ([status], (["Siti Aminah"], ["checkin"]))


def test_what_the_server_does_not_take_is_listed_here_and_at_the_desk(server, hall, recorded, new_page):
    """A session that was deleted meanwhile: the check-in cannot be counted, and is not thrown away."""
    page = new_page(820)
    pair(page, hall)
    page.context.set_offline(True)
    for who in ("siti", "asep"):
        green(server, hall, page, who)
    with server.seed():
        session = db.session.get(Event, hall.id).sessions[0]
        other = EventSession(event_id=hall.id, title="Pengganti", position=2)
        db.session.add(other)
        db.session.delete(session)
    page.context.set_offline(False)
    unsent(page, 0, timeout=40_000)
    page.locator("#net").click()
    expect(page.locator("#review li")).to_have_count(2)
    expect(page.locator("#review")).to_contain_text("Siti Aminah: disimpan, menunggu keputusan penyelenggara")
    with server.seed():
        kept = services.board(db.session.get(Event, hall.id)).quarantined
        assert sorted(who for _row, who, _tablet in kept) == ["H. Moh. Asep Awaludin", "Siti Aminah"]
        (left_out, *_rest), _other = kept
        services.dismiss(db.session.get(Event, hall.id), left_out.id, user_id=hall.user)
    expect(page.locator("#review li")).to_have_count(1, timeout=25_000)  # what was decided waits no longer
    with server.seed():
        (last, *_rest) = services.board(db.session.get(Event, hall.id)).quarantined[0]
        session_id = db.session.get(Event, hall.id).sessions[0].id
        services.accept(db.session.get(Event, hall.id), last.id, session_id=session_id, user_id=hall.user)
    expect(page.locator("#review li")).to_have_count(0, timeout=25_000)
    page.reload()
    page.locator("#net").click()
    expect(page.locator("#review li")).to_have_count(0)


def test_two_tablets_without_network_and_one_person_are_under_review_at_both_doors(server, hall, recorded, new_page):
    east, west = new_page(820), new_page(390)
    pair(east, hall, "Pintu timur")
    pair(west, hall, "Pintu barat")
    for page in (east, west):
        page.context.set_offline(True)
        green(server, hall, page, "siti")
    for page in (east, west):
        page.context.set_offline(False)
        unsent(page, 0, timeout=40_000)
    assert recorded() == (["Siti Aminah"], ["checkin", "checkin"])
    with server.seed():
        ((person, _session, doors),) = services.board(db.session.get(Event, hall.id)).twice
        assert (person.name, {where for _at, where in doors}) == ("Siti Aminah", {"Pintu timur", "Pintu barat"})
    told = [page for page in (east, west) if page.locator("#review").text_content()]
    assert len(told) == 1  # the one whose green was the second


@pytest.mark.parametrize("hours", [3, -3])
def test_a_tablet_whose_clock_is_three_hours_off_shows_and_records_the_right_time(server, hall, new_page, hours):
    page = new_page(820)
    page.add_init_script(
        f"const ahead = {hours} * 3600_000;"
        """{ const Real = Date;
             globalThis.Date = class extends Real {
               constructor(...of) { of.length ? super(...of) : super(Real.now() + ahead); }
               static now() { return Real.now() + ahead; }
             }; }"""
    )
    pair(page, hall)
    unsent(page, 0)
    page.context.set_offline(True)
    before = now()
    green(server, hall, page, "siti")
    page.context.set_offline(False)
    unsent(page, 0, timeout=40_000)
    with server.seed():
        op = db.session.scalar(select(CheckInOp).where(CheckInOp.event_id == hall.id))
        assert abs(op.client_at - before) > timedelta(hours=2)  # what it said
        at = db.session.scalar(select(Attendance.at).where(Attendance.event_id == hall.id))
        assert before - timedelta(seconds=2) <= at <= now()
        (tablet,) = services.board(db.session.get(Event, hall.id)).tablets
        assert tablet.skew_minutes == hours * 60
    page.get_by_role("button", name="Sudah hadir").click()
    here = formats.time(at, "Asia/Jakarta", with_zone=False)
    expect(page.locator("#present")).to_contain_text(here)


def test_a_disk_that_is_full_only_at_the_end_of_a_write_is_red_without_a_server_and_green_with_one(
    server, hall, recorded, new_page
):
    """Browsers find that out when the transaction ends: the row was accepted before, and was never kept."""
    page = new_page(820)
    pair(page, hall)
    page.evaluate(
        """() => { const add = IDBObjectStore.prototype.add;
                   IDBObjectStore.prototype.add = function (...row) {
                     const request = add.apply(this, row);
                     request.addEventListener("success", () => this.transaction.abort());
                     return request; }; }"""
    )
    page.context.set_offline(True)
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "error")).to_contain_text("BELUM TERSIMPAN")
    page.context.set_offline(False)
    feedback(page, "error").get_by_role("button", name="Coba lagi").click()
    expect(feedback(page, "ok")).to_contain_text("Siti Aminah")
    assert recorded() == (["Siti Aminah"], ["checkin"])


FOREIGN = {
    "302": {"status": 302, "headers": {"Location": "http://portal.example/login"}},
    "401": {"status": 401, "json": {"error": "login required", "pair": True}},
    "403": {"status": 403, "json": {"error": "forbidden", "wipe": True, "reason": "revoked"}},
    "404": {"status": 404, "body": "<h1>Not found</h1>", "content_type": "text/html"},
    "200": {"status": 200, "body": "<h1>Selamat datang</h1>", "content_type": "text/html"},
}


def test_a_network_that_wants_a_log_in_unpairs_nothing_and_loses_nothing(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    unsent(page, 0)
    answer = {}
    page.context.route("**/checkin/api/**", lambda route: route.fulfill(**answer["now"]))
    for who, kind in (("siti", "302"), ("asep", "403")):
        answer["now"] = FOREIGN[kind]
        green(server, hall, page, who)
        expect(page.locator("#notice")).to_contain_text("meminta log-in")
    for kind in FOREIGN:
        answer["now"] = FOREIGN[kind]
        page.reload()
        expect(page.locator("#notice")).to_contain_text("meminta log-in")
        unsent(page, 2)
        expect(page.locator("#count-here")).to_have_text("2")
    page.context.unroute("**/checkin/api/**")
    unsent(page, 0, timeout=40_000)
    expect(page.locator("#notice")).to_be_hidden()
    assert recorded() == (["H. Moh. Asep Awaludin", "Siti Aminah"], ["checkin", "checkin"])


def test_the_home_screen_address_finds_its_event_while_the_cookie_lives(server, hall, new_page):
    page = new_page(820)
    pair(page, hall)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Storage.clearDataForOrigin", {"origin": server.url, "storageTypes": "indexeddb,local_storage"})
    page.goto("/checkin/tablet")
    page.locator("#before-choices button").first.click()
    expect(page.locator("#event-title")).to_have_text("Sosialisasi Halal Pandeglang")
    expect(page.locator("#checkin")).to_be_visible()


def change(server, hall, work) -> None:
    """The organizer changes the event while tablets have it open."""
    with server.seed():
        event = db.session.get(Event, hall.id)
        work(event)
        event.version += 1


def test_what_the_organizer_changes_arrives_without_a_reload_and_nothing_is_green_that_does_not_count(
    server, hall, new_page
):
    page = new_page(820)
    pair(page, hall)
    page.locator("#settings summary").click()
    page.locator("#sessions button", has_text="Praktik").click()
    expect(page.locator("#session-title")).to_have_text("Praktik")
    officer = new_page(820, "checkin_officer")  # the screen with a log-in, beside the tablet
    with server.seed():
        officer.goto(f"/checkin/{hall.slug}/{db.session.get(Event, hall.id).sessions[1].id}")
    expect(officer.locator("#session-title")).to_have_text("Praktik")

    def rename(event):
        event.title, event.sessions[1].title = "Sosialisasi Baru", "Praktik di lab"

    change(server, hall, rename)
    expect(page.locator("#event-title")).to_have_text("Sosialisasi Baru", timeout=40_000)
    expect(page.locator("#session-title")).to_have_text("Praktik di lab")
    expect(officer.locator("#event-title")).to_have_text("Sosialisasi Baru")
    expect(officer.locator("#session-title")).to_have_text("Praktik di lab")
    change(server, hall, lambda event: event.sessions.remove(event.sessions[1]))
    expect(page.locator("#nearer")).to_contain_text("sudah dihapus penyelenggara", timeout=40_000)
    expect(officer.locator("#nearer")).to_contain_text("sudah dihapus penyelenggara")
    scan(page, f"{server.url}/t/{hall.tokens['siti']}")
    expect(feedback(page, "kept")).to_contain_text("Disimpan, tidak dihitung")
    page.keyboard.press("Escape")
    unsent(page, 0)
    page.locator("#nearer button").first.click()
    expect(page.locator("#nearer")).to_be_hidden()
    expect(page.locator("#count-here")).to_have_text("0")
    with server.seed():
        event = db.session.get(Event, hall.id)
        chosen = event.sessions[0].id
        assert services.accept_all(event, "session_gone", session_id=chosen, user_id=hall.user) == (1, 0)
    expect(page.locator("#count-here")).to_have_text("1", timeout=40_000)

    def cancel(event):
        event.status = "cancelled"

    change(server, hall, cancel)
    expect(page.locator("#notice")).to_contain_text("dibatalkan penyelenggara", timeout=40_000)
    expect(officer.locator("#nearer")).to_contain_text("dibatalkan")
    green_was = page.locator("#count-here").text_content()
    scan(page, f"{server.url}/t/{hall.tokens['asep']}")
    expect(feedback(page, "kept")).to_contain_text("H. Moh. Asep Awaludin")
    page.keyboard.press("Escape")
    unsent(page, 0)
    expect(page.locator("#count-here")).to_have_text(green_was)


def two_days(event):
    """The event began yesterday, and goes on since an hour ago."""
    event.starts_at, event.ends_at = now() - timedelta(hours=25), now() + timedelta(hours=3)
    for session, title, ago in zip(event.sessions, ("Hari 1", "Hari 2"), (25, 1), strict=True):
        session.title, session.starts_at = title, now() - timedelta(hours=ago)
        session.ends_at = session.starts_at + timedelta(hours=4)


def test_a_tablet_asks_on_the_second_day_and_its_session_is_always_in_sight(server, hall, new_page):
    change(server, hall, two_days)
    page = new_page(390)
    pair(page, hall)  # in the session of the first day
    expect(page.locator("#nearer")).to_contain_text("Hari 2 lebih dekat waktunya")
    page.reload()
    expect(page.locator("#before-text")).to_contain_text("sesi mana sekarang")
    page.locator("#before-choices button", has_text="Hari 2").click()
    expect(page.locator("#checkin")).to_be_visible()
    expect(page.locator("#nearer")).to_be_hidden()
    expect(page.locator("#session-title")).to_have_text("Hari 2")
    expect(page.locator("#session-day")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    officer = new_page(820, "checkin_officer")
    with server.seed():
        first, second = (session.id for session in db.session.get(Event, hall.id).sessions)
    officer.goto(f"/checkin/{hall.slug}/{first}")
    officer.get_by_role("button", name="Pindah ke Hari 2").click()
    officer.wait_for_url(f"**/checkin/{hall.slug}/{second}")
    expect(officer.locator("#nearer")).to_be_hidden()


def test_a_clock_that_is_set_back_makes_no_data_of_the_future(server, hall, new_page):
    page = new_page(820)
    pair(page, hall)
    unsent(page, 0)
    page.context.set_offline(True)
    page.evaluate("() => { const now = Date.now; Date.now = () => now() - 3 * 3600_000; }")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("#net")).to_contain_text("data: jam tablet ini diubah")
