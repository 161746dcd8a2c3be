"""A paired tablet at an event of 10,000 people against one of 1,000, in Chromium slowed down four times.

Two thirds of them are in already, so the tablet carries the list and the log. What an officer waits for: the first
opening (all pages of the list over the wire), opening again from what is kept, a keystroke in the search, and the tap
that must become green; each from the event to the frame after the screen has changed. Everything an officer does at
the door has to be answered within 100 ms on such a tablet; the ratio says how much of that the size of the event takes.
"""

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import func, select

from halal import i18n
from halal.checkin import services
from halal.checkin.models import Attendance
from halal.extensions import db
from tests.benchmarks._office import fill
from tests.browser.conftest import CHROMIUM, FAKE_CAMERA, QUIET, Server

SIZES = (1_000, 10_000)
SLOWER = 4
OPENINGS = 3

# Runs in the page: types each word, and taps the first of those found who is not in yet. Gives the milliseconds from
# each keystroke, and from each tap, to the frame that shows what came of it.
_AT_THE_DOOR = """
  async (words) => {
    const until = (act, shown) =>
      new Promise((done, fail) => {
        const begun = performance.now();
        const look = () => {
          if (!shown()) return;
          watch.disconnect();
          requestAnimationFrame(() => setTimeout(() => done(performance.now() - begun)));
        };
        const watch = new MutationObserver(look);
        watch.observe(document.body, { childList: true, subtree: true, characterData: true });
        setTimeout(fail, 60_000, new Error("nothing came of it"));
        act();
        look();
      });
    const query = document.querySelector("#query");
    const found = document.querySelector("#found");
    const [keystrokes, taps] = [[], []];
    for (const word of words) {
      found.replaceChildren();
      query.value = word;
      keystrokes.push(await until(() => query.dispatchEvent(new Event("input")), () => found.childElementCount));
      const free = [...found.querySelectorAll(".person")].find((row) => row.textContent.includes("Belum hadir"));
      if (!free) continue;
      taps.push(await until(() => free.click(), () => document.querySelector(".feedback[data-kind=ok]")));
      document.querySelector("[data-action=close]").click();
      await new Promise((later) => setTimeout(later, 500));
    }
    return { roster_keystroke: keystrokes, roster_tap: taps };
  }
"""
_WORDS = [
    "mu", "si", "as", "ah", "nu", "de", "sr", "ag", "ad", "ab", "ek", "di", "ri", "yu", "he", "wa", "ru", "ne", "eu",
    "bu", "tu", "li", "ra", "ma", "ce", "fi", "ai", "zu", "ta", "su", "ha", "ro", "sa", "ba", "jo",
]  # fmt: skip


def run() -> Iterator[dict]:
    i18n.compile_catalogue()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET, *FAKE_CAMERA])
        try:
            small, large = (_measure(server, browser, size) for size in SIZES)
        finally:
            browser.close()
            server.stop()
    yield _result("roster_bytes", "kB", large["wire"] / 1000, large["text"] / 1000)
    for name in ("roster_ready", "roster_open", "roster_keystroke", "roster_tap"):
        yield _result(name, "ms", large[name], small[name])


def _result(name: str, unit: str, value: float, against: float) -> dict:
    return {"name": name, "value": round(value, 1), "unit": unit, "against": round(against, 1),
            "ratio": round(value / against, 2)}  # fmt: skip


def _measure(server: Server, browser, size: int) -> dict:
    with server.seed() as make:
        event = make.event(server.organization())
        fill(event, size)
        user = make.user(server.organization())
        db.session.flush()
        here = db.session.scalar(select(func.count()).where(Attendance.event_id == event.id))
        slug, codes = event.slug, [services.make_code(event, user_id=user.id)[0] for _ in range(OPENINGS)]
    found = {"roster_ready": [], "roster_open": []}
    for code in codes:
        context = browser.new_context(base_url=server.url, viewport={"width": 820, "height": 1180}, locale="id-ID")
        page = context.new_page()
        bytes_of = _slow_down(page)
        page.goto(f"/checkin/pasang/{code}")
        page.locator("main form button").last.click(no_wait_after=True)
        page.wait_for_url(f"**/checkin/tablet/{slug}", wait_until="commit")
        found["roster_ready"].append(_opened(page))
        wire, text = bytes_of()
        page.locator("#ready[data-passed=true]").wait_for(timeout=60_000)
        expect(page.locator("#count-here")).to_have_text(f"{here:,}".replace(",", "."), timeout=60_000)
        page.reload(wait_until="commit")
        found["roster_open"].append(_opened(page))
        if code == codes[-1]:
            page.get_by_role("button", name="Cari").click()
            found |= page.evaluate(_AT_THE_DOOR, _WORDS)
        context.close()
    return {"wire": wire, "text": text, **{name: statistics.median(times) for name, times in found.items()}}


def _slow_down(page: Page):
    """Four times slower; the function that is returned tells (bytes over the wire, bytes) of the list."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    lists, sizes = set(), [0, 0]

    def note(event, at, key):
        sizes[at] += event[key] if event["requestId"] in lists else 0

    session.on("Network.requestWillBeSent", lambda e: "/roster?" in e["request"]["url"] and lists.add(e["requestId"]))
    session.on("Network.loadingFinished", lambda event: note(event, 0, "encodedDataLength"))
    session.on("Network.dataReceived", lambda event: note(event, 1, "dataLength"))
    return lambda: tuple(sizes)


def _opened(page: Page) -> float:
    """Milliseconds from the beginning of the navigation until the door can be used."""
    page.locator("#checkin").wait_for(timeout=60_000)
    return page.evaluate("performance.now()")
