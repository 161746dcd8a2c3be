"""Runs the trial: a line for each round, then all of it as one line of JSON. Ends with 1 when a promise was broken."""

import asyncio
import json
import os
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from playwright.async_api import async_playwright

from tests.browser.conftest import CHROMIUM, QUIET
from tests.soak.hall import Hall, new_postgresql
from tests.soak.net import Wire
from tests.soak.rounds import PEOPLE_OF_A_ROUND, Outcome, Round
from tests.soak.tablet import Tablet

TABLETS = 4
ROUNDS_OF_A_DAY = 10  # then another event begins, with tablets that are paired anew
BY_ITSELF = 5  # of the rounds of a day, those after which nobody touches a tablet until all count alike


class Trial:
    def __init__(self, rounds: int, seed: int, folder: Path):
        self.rounds, self.seed, self.folder = rounds, seed, folder
        self.chance = random.Random(seed)
        self.outcomes: list[Outcome] = []
        self.operations = self.acknowledged = 0

    async def run(self) -> dict:
        began = time.monotonic()
        postgresql = os.environ.get("HALAL_TEST_DB") == "postgresql"
        url = new_postgresql() if postgresql else f"sqlite:///{self.folder / 'soak.sqlite3'}"
        hall = Hall(self.folder, url, self.chance)
        try:
            await hall.start()
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
                for first in range(0, self.rounds, ROUNDS_OF_A_DAY):
                    await self._day(playwright, browser, hall, first, min(first + ROUNDS_OF_A_DAY, self.rounds))
                await browser.close()
        finally:
            hall.stop()
        return self._summary(time.monotonic() - began, url)

    async def _day(self, playwright, browser, hall: Hall, first: int, end: int) -> None:
        """An event, its tablets paired in good weather, and some rounds."""
        occasion = await asyncio.to_thread(hall.event, PEOPLE_OF_A_ROUND * (end - first))
        tablets = []
        for at in range(TABLETS):
            wire = Wire(hall.port, random.Random(self.chance.random()))
            await wire.start()
            profile = self.folder / f"profile-{first}" if at == TABLETS - 1 else None
            tablet = Tablet(f"Tablet {'ABCD'[at]}", hall, wire, random.Random(self.chance.random()), profile)
            tablets.append(tablet)
            await tablet.open(playwright, browser)
            await tablet.pair(occasion)
        for number in range(first, end):
            part = occasion.people[(number - first) * PEOPLE_OF_A_ROUND :][:PEOPLE_OF_A_ROUND]
            trial = Round(number, hall, occasion, tablets, random.Random(self.chance.random()))
            outcome = await trial.run(part, by_itself=number % ROUNDS_OF_A_DAY == BY_ITSELF)
            self.outcomes.append(outcome)
            _say(number, outcome)
        truth = await asyncio.to_thread(hall.truth, occasion)
        self.operations += len(truth.ops)
        self.acknowledged += sum(len(tablet.acknowledged) for tablet in tablets)
        for tablet in tablets:
            await tablet.close()
            tablet.wire.stop()

    def _summary(self, seconds: float, url: str) -> dict:
        happened = sum((outcome.happened for outcome in self.outcomes), Counter())
        return {
            "soak": "check-in", "rounds": len(self.outcomes), "seed": self.seed, "database": url.split(":")[0],
            "operations": self.operations, "acknowledged": self.acknowledged,
            "lost": sum(outcome.lost for outcome in self.outcomes),
            "counted_twice": sum(outcome.twice for outcome in self.outcomes),
            "wrong": sum(len(outcome.wrong) for outcome in self.outcomes),
            "happened": dict(sorted(happened.items())), "seconds": round(seconds),
        }  # fmt: skip


def _say(number: int, outcome: Outcome) -> None:
    happened = ", ".join(f"{what} {count}" for what, count in sorted(outcome.happened.items()))
    verdict = "ok" if not outcome.wrong else "WRONG"
    _print(f"round {number + 1:3}  {verdict}  {outcome.seconds:4.0f} s  {happened}")
    for sentence in outcome.wrong[:20]:
        _print(f"           {sentence}")


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201


def main() -> int:
    seed = int(os.environ.get("SEED") or secrets.randbelow(10**6))
    rounds = int(os.environ.get("ROUNDS") or 100)
    _print(f"SEED={seed} ROUNDS={rounds}")
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        trial = Trial(rounds, seed, Path(folder))
        summary = asyncio.run(trial.run())
    _print(json.dumps(summary))
    return 1 if summary["wrong"] or summary["lost"] or summary["counted_twice"] else 0


if __name__ == "__main__":
    sys.exit(main())
