"""A tablet of the other kind: what iPads run, on the real server, with the network gone for good in between."""

import base64

import pytest
from sqlalchemy import select

from halal import qr
from halal.checkin import services
from halal.checkin.models import Attendance, CheckInOp
from halal.extensions import db
from halal.registrations.models import Registration
from tests.browser.conftest import Server
from tests.browser.webkit import WebKit

pytestmark = pytest.mark.browser

# What a USB scanner does: types quickly, then Enter.
SCAN = """async (text) => {
  const press = (key) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  for (const key of [...text, "Enter"]) press(key);
}"""
CLOSE = "async () => document.querySelector('.feedback [data-action=close]')?.click()"  # green may have gone by itself
READ = """async (picture) => {
  const { makeReader } = await import("/static/checkin/scanner.js");
  const image = new Image();
  image.src = picture;
  await image.decode();
  return (await makeReader())(await createImageBitmap(image));
}"""


@pytest.fixture
def own_server(tmp_path):
    """A server that may be stopped."""
    server = Server(tmp_path)
    yield server
    server.stop()


def test_a_tablet_with_webkit_is_ready_checks_in_without_a_server_and_hands_it_in(own_server):
    with own_server.seed() as make:
        event = make.event(own_server.organization(), title="Sosialisasi Halal Pandeglang")
        user = make.user(own_server.organization())
        siti = make.registration(event, name="Siti Aminah", business_name="Dapur Siti")
        make.registration(event, name="H. Moh. Asep Awaludin")
        db.session.flush()
        code, _until = services.make_code(event, user_id=user.id)
        slug, event_id, ticket = event.slug, event.id, f"{own_server.url}/t/{siti.token}"
    with WebKit() as window:
        window.open(f"{own_server.url}/checkin/pasang/{code}")
        assert not window.run("async () => navigator.userAgent.includes('Chrome') || 'BarcodeDetector' in window")
        window.type("input[name=name]", "iPad, pintu barat")
        window.click("main form .button--primary")
        window.wait_for("#ready", "Siap tanpa internet")  # its worker has the page, its disk keeps, zxing reads
        assert window.run(READ, _picture(ticket)) == [ticket]

        own_server.stop()
        window.open(f"{own_server.url}/checkin/tablet/{slug}")
        window.wait_for("#event-title", "Sosialisasi Halal Pandeglang")
        window.run(SCAN, ticket)
        window.wait_for("#last", "Siti Aminah")
        window.run(CLOSE)
        window.click("[data-mode=search]")
        window.type("#query", "muhammad as")
        window.wait_for("#found", "Awaludin")
        window.click("#found .person")
        window.wait_for("#last", "H. Moh. Asep Awaludin")
        window.wait_for("#net", "Belum terkirim: 2")
        window.open(f"{own_server.url}/checkin/tablet")  # from the home screen, still without a server
        window.wait_for("#count-here", "2")

        own_server.start()
        window.wait_for("#last", "semua sudah terkirim")
        window.wait_for("#net", "Belum terkirim: 0")
    with own_server.seed():
        here = select(Registration.name).join(Attendance, Attendance.registration_id == Registration.id)
        names = db.session.scalars(here.where(Attendance.event_id == event_id)).all()
        assert sorted(names) == ["H. Moh. Asep Awaludin", "Siti Aminah"]
        ops = db.session.scalars(select(CheckInOp.kind).where(CheckInOp.event_id == event_id)).all()
        assert ops == ["checkin", "checkin"]


def _picture(text: str) -> str:
    return "data:image/png;base64," + base64.b64encode(qr.png(text, scale=5)).decode()
