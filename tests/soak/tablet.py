"""One tablet: a browser of its own that is paired with a real code, worked by thumb.js, and killed now and then."""

import asyncio
import json
import os
import random
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path

from playwright.async_api import Error, Page, Playwright

from tests.browser.conftest import CHROMIUM, QUIET
from tests.soak.hall import Hall, Occasion
from tests.soak.net import Wire

THUMB = (Path(__file__).parent / "thumb.js").read_text()
HURRY = 100  # ms between two people, at most
PATIENCE = 120.0  # seconds until a tablet that should have ended counts as stuck
VIEW = {"viewport": {"width": 390, "height": 844}, "locale": "id-ID"}


class Tablet:
    """`acknowledged`: operation id -> (kind of answer, name) of everything that was shown as recorded.

    `interrupted` counts how often it was cut off in mid-work, by a crash or a reload, or was too slow for the officer:
    each time one operation may have reached the disk that nobody saw an answer to.
    """

    def __init__(self, name: str, hall: Hall, wire: Wire, chance: random.Random, profile: Path | None = None):
        self.name, self.hall, self.wire, self.chance, self.profile = name, hall, wire, chance, profile
        self.acknowledged: dict[str, tuple[str, str]] = {}
        self.events, self.interrupted = Counter(), 0
        self.context = self.page = None
        self.jobs: list[dict] = []
        self.finished, self.stuck = asyncio.Event(), ""

    # -- the browser -------------------------------------------------------------------------------------------------

    async def open(self, playwright: Playwright, browser) -> None:
        self.playwright, self.browser = playwright, browser
        base = f"http://127.0.0.1:{self.wire.port}"
        if self.profile is None:
            self.context = await browser.new_context(base_url=base, **VIEW)
            page = await self.context.new_page()
        else:
            self.context = await playwright.chromium.launch_persistent_context(
                str(self.profile), executable_path=CHROMIUM, args=[*QUIET], base_url=base, **VIEW
            )
            page = self.context.pages[0]
        await self.context.add_init_script(THUMB)
        page.on("console", lambda message: self._heard(message.text))
        page.on("pageerror", lambda error: self._note_error(str(error)))
        self.page: Page = page

    def _note_error(self, text: str) -> None:
        self.stuck = self.stuck or f"error in the page: {text}"

    def _heard(self, text: str) -> None:
        if not text.startswith("soak "):
            return
        said = json.loads(text.removeprefix("soak "))
        match said["what"]:
            case "answer":
                self._note_answer(said)
                if said["kind"] == "error":
                    self.events["red"] += 1
            case "again":
                self.events["scanned again"] += 1
                self.interrupted += 1
            case "done":
                self.jobs = [job for job in self.jobs if job["number"] > said["job"]]
            case "finished":
                self.finished.set()
            case "stuck":
                self.stuck = said["why"]
                self.finished.set()

    def _note_answer(self, said: dict) -> None:
        if said.get("op"):
            self.acknowledged[said["op"]] = (said["kind"], said["name"])

    async def recall(self) -> None:
        """Note the answers, too, whose message was lost when the page was opened anew."""
        for line in (await self.page.evaluate("localStorage.soak ?? ''")).splitlines():
            self._note_answer(json.loads(line))

    async def close(self) -> None:
        if self.context is not None:
            with suppress(Error):
                await self.context.close()

    async def pair(self, occasion: Occasion) -> None:
        """From the pairing code to the check-in screen of a session, as the organizer does it before doors open."""
        self.occasion = occasion
        chosen = self.chance.choice((0, 0, 0, 1))
        self.session = occasion.sessions[chosen]
        code = await asyncio.to_thread(self.hall.code, occasion)
        await self.page.goto(f"/checkin/pasang/{code}")
        await self.page.locator("input[name=name]").fill(self.name)
        await self.page.locator("main form button").last.click()
        await self.page.locator("#before-choices button").nth(chosen).click(timeout=60_000)
        await self._ready()
        if self.profile is not None:  # a browser writes its cookies down within half a minute, or when it ends in peace
            await self.close()
            await self.open(self.playwright, self.browser)
            await self._come_back()

    async def _ready(self) -> None:
        await self.page.locator("#checkin").wait_for(timeout=60_000)
        await self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")

    # -- work --------------------------------------------------------------------------------------------------------

    async def work(self, jobs: list[dict]) -> None:
        """Do these jobs, whatever happens meanwhile."""
        self.jobs = jobs
        self.finished.clear()
        await self._go_on()
        try:
            await asyncio.wait_for(self.finished.wait(), PATIENCE)
        except TimeoutError:
            self.stuck = self.stuck or "the jobs did not end"

    async def _go_on(self) -> None:
        # Not awaited in the page: the answers come over the console. Who dies or is opened anew at this moment goes on
        # afterwards; jobs that nobody begins are found in the end.
        with suppress(Error):
            await self.page.evaluate("([jobs, hurry]) => void soakWork(jobs, hurry)", [self.jobs, HURRY])

    async def crash(self) -> None:
        """SIGKILL for the whole browser of this tablet, wherever it is; then somebody switches it on again."""
        self.interrupted += 1
        self.events["crash"] += 1
        for pid in _browsers_of(self.profile):
            os.kill(pid, signal.SIGKILL)
        await self.close()
        await self.open(self.playwright, self.browser)
        await self._resume()

    async def reload(self) -> None:
        self.interrupted += 1
        self.events["reload"] += 1
        await self._resume()

    async def _resume(self) -> None:
        await self._come_back()
        if not self.finished.is_set():
            await self._go_on()

    async def _come_back(self) -> None:
        """Open the tablet's page, with or without a network: it is kept by its service worker."""
        for _attempt in range(100):
            try:
                await self.page.goto(f"/checkin/tablet/{self.occasion.slug}")
                break
            except Error:  # the worker of a browser that was killed young is not on the disk yet
                self.events["not offline"] += 1
                await asyncio.sleep(0.2)
        await self.page.locator("#checkin").wait_for(timeout=60_000)

    # -- what came of it ---------------------------------------------------------------------------------------------

    async def state(self) -> dict:
        return await self.page.evaluate("soakState()")

    async def drained(self) -> bool:
        """Until nothing waits here any more; nobody taps anything."""
        return await self._until(lambda state: state["unsent"] == 0 and not any(op["open"] for op in state["ops"]))

    def sees(self, state: dict, counters: dict) -> bool:
        """Whether this tablet counts what the server counts."""
        mine = {name: state[name] for name in ("here", "registered", "walk_ins", "unknown")}
        return mine == {
            "here": counters["sessions"].get(str(self.session), 0), "registered": counters["registered"],
            "walk_ins": counters["walk_ins"], "unknown": counters["unknown"],
        }  # fmt: skip

    async def _until(self, wanted) -> bool:
        for _look in range(int(PATIENCE / 0.1)):
            if wanted(await self.state()):
                return True
            await asyncio.sleep(0.1)
        return False


def _browsers_of(profile: Path) -> list[int]:
    """The process of the browser that we started on this profile; its helpers end with it."""
    mark = f"--user-data-dir={profile}".encode()
    found = []
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0") if process.name.isdigit() else []
            if mark in words and not any(word.startswith(b"--type=") for word in words):
                found.append(int(process.name))
    return found
