"""One round: people at four doors, bad weather, deaths; and what must be true afterwards."""

import asyncio
import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field, replace

from halal.checkin.models import OpKind
from tests.soak.hall import Hall, Occasion, Truth
from tests.soak.tablet import PATIENCE, Tablet

JOBS = 50
CROWD = 120  # people of a round, for 200 check-ins: most meet more than one tablet
APART = 8  # people of a round whom one tablet alone meets, and takes back
PEOPLE_OF_A_ROUND = CROWD + 4 * APART


@dataclass
class Outcome:
    """What a round came to. Everything in `wrong` is a breach of a promise."""

    wrong: list[str] = field(default_factory=list)
    lost: int = 0
    twice: int = 0
    happened: Counter = field(default_factory=Counter)
    seconds: float = 0.0


def jobs_of(tablet: int, number: int, people: tuple, chance: random.Random) -> list[dict]:
    """What the officer at one tablet does in a round: mostly scans, of people whom others scan as well."""
    crowd, apart = people[:CROWD], people[CROWD + tablet * APART :][:APART]
    undone = list(chance.sample(apart, chance.randint(0, 3)))
    jobs = []
    for at in range(JOBS):
        roll = chance.random()
        if undone and roll < 0.1:
            _id, name, token = undone.pop()
            job = {"hand": "scan", "text": _ticket(token), "name": name, "undo": True}
        elif roll < 0.14:
            job = {"hand": "walkin", "name": f"Tamu {number} {'abcd'[tablet]} {at}"}
        elif roll < 0.17:
            job = {"hand": "scan", "text": f"kode asing {number} {tablet} {at}"}
        else:
            _id, name, token = chance.choice(crowd)
            job = {"hand": "search", "name": name} if roll > 0.94 else {"hand": "scan", "text": _ticket(token)}
        jobs.append({**job, "number": at})
    return jobs


def _ticket(token: str) -> str:
    return f"https://halal.example/t/{token}"


class Round:
    """`deaths`: what may die in it, beside the network."""

    def __init__(self, number: int, hall: Hall, occasion: Occasion, tablets: list[Tablet], chance: random.Random):
        self.number, self.hall, self.occasion, self.tablets, self.chance = number, hall, occasion, tablets, chance
        self.outcome = Outcome()
        self.names: dict[uuid.UUID, str] = {}

    async def run(self, people: tuple, *, by_itself: bool) -> Outcome:
        """`by_itself`: wait until the tablets hear of each other by their own slow polling, instead of opening their
        pages anew once everything is sent."""
        began = time.monotonic()
        weather = [asyncio.create_task(self._weather(tablet)) for tablet in self.tablets]
        deaths = [asyncio.create_task(death) for death in self._deaths()]
        before = Counter()
        for tablet in self.tablets:
            before += tablet.events + tablet.wire.events
        work = [tablet.work(jobs_of(at, self.number, people, self.chance)) for at, tablet in enumerate(self.tablets)]
        await asyncio.gather(*work, return_exceptions=False)
        await asyncio.gather(*deaths)
        for task in weather:
            task.cancel()
        for tablet in self.tablets:
            tablet.wire.down, tablet.wire.trouble = False, 0.0
        await self._look(by_itself)
        after = Counter()
        for tablet in self.tablets:
            after += tablet.events + tablet.wire.events
        self.outcome.happened += after - before
        self.outcome.seconds = time.monotonic() - began
        return self.outcome

    # -- what happens ------------------------------------------------------------------------------------------------

    async def _weather(self, tablet: Tablet) -> None:
        """Fine, bad and no network, in turns, for one tablet."""
        wire = tablet.wire
        while True:
            wire.down = self.chance.random() < 0.25
            wire.trouble = self.chance.choice((0.0, 0.2, 0.6))
            await asyncio.sleep(self.chance.uniform(0.3, 2.0))

    def _deaths(self) -> list:
        drawn = self.chance.random()
        deaths = []
        if drawn < 0.6:
            deaths.append(self._server_dies())
        elif drawn < 0.75:
            deaths.append(self._web_process_dies())
        elif drawn < 0.9 and self.hall.url.startswith("sqlite"):
            deaths.append(self._backup_comes_back(new_log=drawn < 0.83))
        if self.chance.random() < 0.3:
            deaths.append(self._later(self.tablets[-1].crash))
        if self.chance.random() < 0.3:
            deaths.append(self._later(self.chance.choice(self.tablets[:-1]).reload))
        return deaths

    async def _later(self, act) -> None:
        await asyncio.sleep(self.chance.uniform(0.5, 4.0))
        await act()

    async def _server_dies(self) -> None:
        await asyncio.sleep(self.chance.uniform(0.3, 3.0))
        self.hall.kill()
        self.outcome.happened["server killed"] += 1
        await asyncio.sleep(self.chance.uniform(0.0, 1.5))
        await self.hall.start()

    async def _web_process_dies(self) -> None:
        for _time in range(2):
            await asyncio.sleep(self.chance.uniform(0.3, 2.0))
            self.outcome.happened["web process killed"] += self.hall.kill_one_web_process()

    async def _backup_comes_back(self, *, new_log: bool) -> None:
        await asyncio.sleep(self.chance.uniform(0.3, 2.0))
        await asyncio.to_thread(self.hall.back_up)
        await asyncio.sleep(self.chance.uniform(0.5, 2.5))
        self.hall.kill()
        await asyncio.to_thread(self.hall.restore, new_log=new_log)
        self.outcome.happened["backup restored" if new_log else "commits forgotten"] += 1
        await self.hall.start()

    # -- what is true ------------------------------------------------------------------------------------------------

    async def _look(self, by_itself: bool) -> None:
        for tablet in self.tablets:
            if tablet.stuck:
                self._wrong(f"{tablet.name}: {tablet.stuck}")
                tablet.stuck = ""
        await asyncio.gather(*(tablet.recall() for tablet in self.tablets))
        drained = await asyncio.gather(*(tablet.drained() for tablet in self.tablets))
        for tablet, empty in zip(self.tablets, drained, strict=True):
            if not empty:
                self._wrong(f"{tablet.name}: does not drain")
        if not by_itself:
            await asyncio.gather(*(tablet.page.reload() for tablet in self.tablets))
            await asyncio.gather(*(tablet._ready() for tablet in self.tablets))
        so_far, end = self.outcome, time.monotonic() + PATIENCE
        while True:
            self.outcome = replace(so_far, wrong=[*so_far.wrong])
            await self._compare_all()
            if self.outcome.wrong == so_far.wrong or self.outcome.twice or time.monotonic() > end:
                return  # nothing may be counted twice, not even for a moment
            await asyncio.sleep(0.5)

    async def _compare_all(self) -> None:
        """All that must be true once the tablets and the server are of one mind.

        It is looked at again until it is true: a tablet that finds out only now that the server has forgotten something
        sends it again, and what is only on its way is not lost. What stays wrong is.
        """
        states = [await tablet.state() for tablet in self.tablets]
        truth = await asyncio.to_thread(self.hall.truth, self.occasion)
        self.names = await asyncio.to_thread(self.hall.names, self.occasion)
        for tablet, state in zip(self.tablets, states, strict=True):
            if not tablet.sees(state, truth.counters):
                self._wrong(f"{tablet.name}: counts {_numbers(state)}, the server {truth.counters}")
            self._compare(tablet, state, truth)
        self._judge(truth)

    def _wrong(self, sentence: str) -> None:
        self.outcome.wrong.append(sentence)

    def _compare(self, tablet: Tablet, state: dict, truth: Truth) -> None:
        """What was green here, what lies on this tablet's disk, and what the server has of it."""
        theirs, mine = truth.of_tablet(tablet.name), {op["id"]: op for op in state["ops"]}
        lost = [i for i in tablet.acknowledged if i not in theirs]
        self.outcome.lost += len(lost)
        for op_id in lost:
            self._wrong(f"{tablet.name}: lost {op_id} {tablet.acknowledged[op_id]}")
        unseen = len(theirs.keys() - tablet.acknowledged.keys())
        if unseen > tablet.interrupted:
            self._wrong(f"{tablet.name}: {unseen} operations that nobody saw, after {tablet.interrupted} interruptions")
        if mine.keys() != theirs.keys():
            self._wrong(f"{tablet.name}: {len(mine)} operations on the disk, {len(theirs)} on the server")
        misnumbered = [i for i, op in mine.items() if i in theirs and op["seq"] != theirs[i].seq]
        if misnumbered:
            self._wrong(f"{tablet.name}: {len(misnumbered)} operations have another number here")
        for op in mine.values():
            if op["open"] or op["problem"]:
                self._wrong(f"{tablet.name}: {op}")
        for op_id, (kind, name) in tablet.acknowledged.items():
            if (op := theirs.get(op_id)) is not None and not self._as_shown(kind, name, op):
                self._wrong(f"{tablet.name}: {kind} {name!r} was shown, {op.kind} {op.registration_id} is recorded")

    def _as_shown(self, kind: str, name: str, op) -> bool:
        """Whether what was recorded is what the officer read on the screen."""
        if kind in ("ok", "duplicate"):
            return op.kind in (OpKind.CHECK_IN, OpKind.WALK_IN) and self.names.get(op.registration_id) == name
        return op.kind == {"unknown": OpKind.UNKNOWN_SCAN, "undo": OpKind.UNDO}[kind]

    def _judge(self, truth: Truth) -> None:
        numbers = [op.seq for op in truth.ops]
        if numbers != list(range(1, len(numbers) + 1)) or truth.next_seq != len(numbers) + 1:
            self._wrong(f"the log's numbers have gaps or repeat: {len(numbers)} operations, next {truth.next_seq}")
        expected = truth.expected()
        self.outcome.twice += sum(count - 1 for count in truth.attendance.values())
        self.outcome.twice += len(truth.attendance.keys() - expected)
        missing = len(expected - truth.attendance.keys())
        self.outcome.lost += missing
        if truth.attendance.keys() != expected or max(truth.attendance.values(), default=1) > 1:
            self._wrong(f"attendance: {missing} missing, {len(truth.attendance.keys() - expected)} too many")
        if truth.quarantined:
            self._wrong(f"in quarantine: {truth.quarantined[:3]}")
        if truth.unsent:
            self._wrong(f"the server believes that {truth.unsent} operations wait on tablets")
        stored = {tablet.name for tablet in self.tablets}
        strangers = [op for op in truth.ops if truth.devices.get(op.device_id) not in stored]
        if strangers:
            self._wrong(f"{len(strangers)} operations of nobody")


def _numbers(state: dict) -> dict:
    return {name: state[name] for name in ("here", "registered", "walk_ins", "unknown")}
