"""What the camera sees in a hall: posters beside tickets, light codes on dark screens, codes far away."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from halal.checkin.models import CheckInOp, OpKind
from halal.events.models import Event
from halal.extensions import db
from tests.browser.camera import film_of_a_hall
from tests.browser.conftest import CHROMIUM, FAKE_CAMERA, QUIET

pytestmark = pytest.mark.browser

# What Android's Chrome has and Debian's has not: it reads at full size, and dark codes on light only.
BARCODE_DETECTOR = """
window.BarcodeDetector = class {
  async detect(source) {
    window.asked = (window.asked ?? 0) + 1;
    const { dataset } = document.getElementById("checkin");
    const { prepareZXingModule, readBarcodes } = await import(dataset.zxing);
    await prepareZXingModule({ overrides: { locateFile: () => dataset.wasm } });
    const [width, height] = [source.videoWidth ?? source.width, source.videoHeight ?? source.height];
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(source, 0, 0);
    const options = { formats: ["QRCodeModel2"], tryInvert: false };
    const found = await readBarcodes(context.getImageData(0, 0, width, height), options);
    return found.filter(({ isValid }) => isValid).map(({ text }) => ({ rawValue: text }));
  }
};
"""


@pytest.mark.parametrize("native", [False, True], ids=["zxing", "native"])
def test_tickets_are_read_beside_a_poster_inverted_and_from_afar(
    server, door, present, new_page, playwright, tmp_path, native
):
    with server.seed() as make:
        far = make.registration(db.session.get(Event, door.id), name="Ratu Atut").token
    tickets = [f"{server.url}/t/{token}" for token in (door.tokens["siti"], door.tokens["asep"], far)]
    video = film_of_a_hall(tmp_path / "hall.y4m", *tickets)
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=[*QUIET, *FAKE_CAMERA, f"--use-file-for-fake-video-capture={video}"]
    )
    try:
        page = new_page(820, "checkin_officer", using=browser, permissions=["camera"])
        if native:
            page.add_init_script(BARCODE_DETECTOR)
        page.goto(door.path)
        expect(page.locator("#count-here")).to_have_text("3", timeout=60_000)
        assert bool(page.evaluate("window.asked")) == native
        page.context.close()
    finally:
        browser.close()
    assert present() == ["H. Asep Awaludin", "Ratu Atut", "Siti Aminah"]
    with server.seed():
        kinds = db.session.scalars(select(CheckInOp.kind).where(CheckInOp.event_id == door.id)).all()
    assert OpKind.UNKNOWN_SCAN not in kinds  # a poster beside a ticket is part of the wall
