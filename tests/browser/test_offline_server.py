"""A server that dies while tablets talk to it, or that wakes up with an older memory."""

import fcntl
import sqlite3
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from halal import ids
from halal.checkin import services
from halal.checkin.models import Attendance, CheckInOp
from halal.events.models import Event
from halal.extensions import db
from tests.browser.conftest import Server
from tests.browser.test_checkin_screen import feedback, scan
from tests.browser.test_offline_tablet import hall, pair, recorded, unsent

__all__ = ["hall", "recorded"]  # fixtures

pytestmark = pytest.mark.browser


@pytest.fixture
def server(tmp_path):
    """A server of the test's own, to be killed."""
    server = Server(tmp_path)
    yield server
    server.stop()


def show(page, text: str, kind: str) -> None:
    scan(page, text)
    expect(feedback(page, kind)).to_be_visible()
    page.keyboard.press("Escape")


def work(server, hall, page) -> None:
    """A dozen operations: two people, one of them twice, and codes that nobody has."""
    for who, kind in (("siti", "ok"), ("asep", "ok"), ("siti", "duplicate")):
        show(page, f"{server.url}/t/{hall.tokens[who]}", kind)
    for number in range(9):
        show(page, f"kode asing {number}", "unknown")


def of_tablet(page) -> dict[str, int | None]:
    """What lies on the tablet's disk: number in the server's log by operation."""
    return page.evaluate(
        """async () => {
          const ask = request => new Promise(done => { request.onsuccess = () => done(request.result); });
          const db = await ask(indexedDB.open(`serambi-checkin-${location.pathname.split("/").pop()}`));
          const all = await ask(db.transaction("ops").objectStore("ops").getAll());
          db.close();
          return Object.fromEntries(all.map(({ id, seq }) => [id, seq ?? null]));
        }"""
    )


def of_server(server, hall) -> dict[str, int]:
    with server.seed():
        rows = db.session.execute(select(CheckInOp.op_id, CheckInOp.seq).where(CheckInOp.event_id == hall.id))
        return {str(op_id): seq for op_id, seq in rows}


def presences(server, hall) -> int:
    with server.seed():
        return len(db.session.scalars(select(Attendance).where(Attendance.event_id == hall.id)).all())


@contextmanager
def nobody_may_write(server):
    """The server's writers stand in line for as long as this lasts; gives a function: whether one does."""
    queue = Path(server.database.removeprefix("sqlite:///") + ".queue")
    queue.touch()
    with queue.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        inode = f":{queue.stat().st_ino} "
        yield lambda: any("->" in line and inode in line for line in Path("/proc/locks").read_text().splitlines())


def test_a_server_that_is_killed_in_the_middle_of_a_batch_has_it_once_in_the_end(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    page.context.set_offline(True)
    work(server, hall, page)
    with nobody_may_write(server) as somebody_waits:
        page.context.set_offline(False)
        for _look in range(600):
            if somebody_waits():
                break
            page.wait_for_timeout(50)
        assert somebody_waits()
        server.kill()
    assert of_server(server, hall) == {}
    server.start()
    unsent(page, 0, timeout=60_000)
    assert of_tablet(page) == of_server(server, hall)
    assert len(of_tablet(page)) == 12
    assert recorded()[0] == ["H. Moh. Asep Awaludin", "Siti Aminah"]


def test_a_server_that_is_killed_before_it_can_answer_has_it_once_in_the_end(server, hall, recorded, new_page):
    page = new_page(820)
    pair(page, hall)
    page.context.set_offline(True)
    work(server, hall, page)
    killed = []

    def kill(route):
        if killed or '"kind"' not in route.request.post_data:
            return route.continue_()
        killed.append(route.fetch().status)  # all of it is committed
        server.kill()
        return route.abort()

    page.context.route("**/api/v1/sync", kill)
    page.context.set_offline(False)
    for _look in range(600):
        if killed:
            break
        page.wait_for_timeout(50)
    unsent(page, 12)
    server.start()
    unsent(page, 0, timeout=60_000)
    assert killed == [200]
    assert of_tablet(page) == of_server(server, hall)
    assert recorded()[0] == ["H. Moh. Asep Awaludin", "Siti Aminah"]


@pytest.mark.parametrize("announced", [True, False])
def test_after_an_older_copy_of_the_database_everything_comes_back(
    server, hall, recorded, new_page, tmp_path, announced
):
    """A backup, restored under a new name of the log as it should be; or a disk that forgot its last minutes."""
    east, west = new_page(820), new_page(390)
    pair(east, hall, "Pintu timur")
    pair(west, hall, "Pintu barat")
    show(east, f"{server.url}/t/{hall.tokens['siti']}", "ok")
    unsent(east, 0)
    path = Path(server.database.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(tmp_path / "copy")) as copy:
        source.backup(copy)
    east.get_by_role("button", name="Tamu baru").click()
    east.fill("#walk-in-name", "Ibu Rohayati")
    east.fill("#walk-in-contact", "0812-3456-7890")
    east.get_by_role("button", name="Daftarkan dan catat hadir").click()
    expect(feedback(east, "ok")).to_be_visible()
    east.keyboard.press("Escape")
    show(west, "kode asing", "unknown")
    for page in (east, west):
        unsent(page, 0)
    before = of_server(server, hall)
    server.kill()
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes((tmp_path / "copy").read_bytes())
    if announced:
        with closing(sqlite3.connect(path)) as restored:
            restored.execute("UPDATE events SET log_id = ?", (str(ids.uuid7()),))
            restored.commit()
    assert len(of_server(server, hall)) == 1
    server.start()
    for _look in range(200):
        if of_server(server, hall).keys() == before.keys():
            break
        time.sleep(0.25)
    assert of_server(server, hall).keys() == before.keys()
    for page in (east, west):
        unsent(page, 0, timeout=40_000)
        expect(page.locator("#count-here")).to_have_text("2", timeout=40_000)
        expect(page.locator("#count-unknown")).to_have_text("1", timeout=40_000)
    assert presences(server, hall) == 2
    with server.seed():
        assert services.board(db.session.get(Event, hall.id)).quarantined == []
