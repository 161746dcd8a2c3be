"""Histories of tablets and a server: lost questions and answers, crashes, restored backups, and what must come of it.

The tablets are the shipped JavaScript (histories.mjs). The server is the real one, or a model of it in memory, which
reads with the real halal/checkin/wire.py and decides with the real fold: ten times as quick.
"""

import json
import subprocess
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from halal.checkin import wire
from halal.checkin.fold import Op, fold, unknown_scans
from halal.checkin.models import OpKind
from halal.config import ROOT

TABLETS = 3
NOON = datetime(2025, 10, 9, 5, 0, tzinfo=UTC)
MOST = 500
ROSTER = "1-5-0"  # its version: five people, who never change


WITH_CODE = (OpKind.WALK_IN, OpKind.UNKNOWN_SCAN)


def _code(number: int) -> str:
    """The hash of one of three codes that nobody has."""
    return f"{number % 3:064x}"[::-1]


def person_id(n: int, history: int = 0) -> uuid.UUID:
    """The id of somebody of a history; by number, so that the oldest of several is the same in every telling."""
    return uuid.UUID(int=(history + 1 << 80) + (7 << 76) + (2 << 62) + n)


class Model:
    """The server's rules without its database: an append-only list, and everything else computed from it."""

    number, sessions = 0, (1, 2)

    def __init__(self):
        self.people = [str(person_id(n)) for n in range(1, 6)]
        self.stored: list[tuple[Op, wire.Incoming, str | None]] = []
        self.copy: list = []
        self.log_id, self.names, self.made = "log-1", 1, 0

    def sync(self, _tablet: int, body: dict) -> dict:
        asked = wire.read_sync({**body, "sent_at": NOON.isoformat()})
        assert not asked.malformed
        for op in asked.batch.ops:
            self._take(op, asked.batch.store_id)
        known = self._recognize(asked)
        after = self.stored[asked.cursor if known else 0 :][:MOST]
        last, tail = (after[-1][0].seq, str(after[-1][0].op_id)) if after else (asked.cursor, body.get("tail"))
        return {
            "v": 1, "log_id": self.log_id, "server_time": NOON.isoformat(), "standing": "open", "known": known,
            "results": [self._result(op) for op in asked.batch.ops], "counters": None, "roster_version": ROSTER,
            "changes": [self._change(op, said) for op, said, store in after if store != asked.batch.store_id],
            "cursor": last, "tail": tail, "more": len(after) == MOST,
        }  # fmt: skip

    def _recognize(self, asked: wire.Sync) -> bool:
        mine = asked.log_id == self.log_id
        numbers = {op.op_id: op.seq for op, _said, _store in self.stored}
        known = asked.cursor == 0 or numbers.get(asked.tail) == asked.cursor
        known = known and (asked.latest is None or asked.latest in numbers)
        if mine and not known:
            self._rename()
        return mine and known

    def _rename(self) -> None:
        self.names += 1
        self.log_id = f"log-{self.names}"

    def _take(self, said: wire.Incoming, store: str | None) -> None:
        for op, before, _store in self.stored:
            if op.op_id == said.id:
                assert before.fingerprint == said.fingerprint, "the same id with other content"
                return
        kind = said.kind
        if kind == OpKind.UNKNOWN_SCAN and said.registration_id:
            kind = OpKind.CHECK_IN
        op = Op(said.id, len(self.stored) + 1, kind, said.session_id, said.registration_id, said.client_at, NOON, NOON,
                frozenset(said.undoes), said.into,
                token_hash=said.token_hash if kind in WITH_CODE else None)  # fmt: skip
        self.stored.append((op, said, store))

    def _result(self, said: wire.Incoming) -> dict:
        op = next(op for op, _said, _store in self.stored if op.op_id == said.id)
        result = {"id": str(op.op_id), "seq": op.seq, "status": "unknown", "duplicate_of": None}
        if op.kind in (OpKind.CHECK_IN, OpKind.WALK_IN):
            live = next((p.live for p in fold(self.log()).values() if op in p.live), ())
            repeats = {"status": "duplicate", "duplicate_of": str(live[0].op_id), "where": "Pintu"} if live else {}
            result |= {"status": "taken_back"} if not live else {"status": "ok"} if live[0] == op else repeats
        return result

    def _change(self, op: Op, said: wire.Incoming) -> dict:
        return {
            "seq": op.seq, "id": str(op.op_id), "kind": op.kind.value, "session": op.session_id,
            "registration": op.registration_id and str(op.registration_id), "token_hash": said.token_hash,
            "at": NOON.isoformat(), "undoes": sorted(str(i) for i in op.undoes), "into": op.into and str(op.into),
            "name": said.name, "where": "",
        }  # fmt: skip

    def merge(self, one: str, other: str) -> None:
        self.made += 1
        said = wire.Incoming(person_id(1000 + self.made), OpKind.MERGE, NOON, registration_id=uuid.UUID(one),
                             into=uuid.UUID(other))  # fmt: skip
        self._take(said, None)

    def back_up(self) -> None:
        self.copy = [*self.stored]

    def restore(self) -> None:
        self.stored = [*self.copy]
        self._rename()

    def lose_power(self, commits: int) -> None:
        del self.stored[max(0, len(self.stored) - commits) :]

    def roster(self, _path: str) -> dict:
        return {
            "v": 1, "event": {"slug": "kegiatan", "title": "Kegiatan"}, "log_id": self.log_id, "version": ROSTER,
            "zone": "Asia/Jakarta", "device": {"id": str(person_id(900)), "name": "Tablet"}, "next": None,
            "sessions": [{"id": number, "title": str(number)} for number in self.sessions],
            "people": [{"id": i, "h": i[-1] * 64, "n": f"Orang {i[-1]}", "b": "", "r": "", "k": "", "s": "confirmed",
                        "u": 0} for i in self.people],
        }  # fmt: skip

    def log(self) -> list[Op]:
        return [op for op, _said, _store in self.stored]

    def check(self) -> None:
        """What else must be true of this server."""


class Tablets:
    """The shipped modules in a process of node's."""

    def __init__(self):
        self.node = subprocess.Popen(
            ["node", ROOT / "tests/checkin/histories.mjs", ROOT / "static/checkin"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip

    def __call__(self, name: str, **words):
        self.node.stdin.write(json.dumps({"name": name, **words}) + "\n")
        answer = json.loads(self.node.stdout.readline())
        assert not (isinstance(answer, dict) and "error" in answer), answer["error"]
        return answer

    def close(self) -> None:
        self.node.stdin.close()
        self.node.wait(timeout=10)
        self.node.stdout.close()


@dataclass
class Exchange:
    """A tablet's question on its way: `answer` once the server had it. `old`: a question that was given up."""

    question: dict | None = None
    answer: dict | None = None
    old: dict | None = None


@dataclass
class History:
    """One history. `acknowledged`: the operations that a tablet showed as recorded."""

    tablets: Tablets
    server: object
    exchanges: list[Exchange] = field(default_factory=lambda: [Exchange() for _ in range(TABLETS)])
    acknowledged: set[str] = field(default_factory=set)
    guests: list[str] = field(default_factory=list)
    told: list = field(default_factory=list)

    def tell(self, steps: list[tuple[str, int, int]]) -> None:
        self.tablets("begin", count=TABLETS, dice=self.server.number)
        for what, tablet, number in steps:
            self.told.append((what, tablet, number))
            getattr(self, what)(tablet, number)
        self._drain()
        self._judge()

    # -- at the door ---------------------------------------------------------------------------------------------------

    def _record(self, tablet: int, number: int, crash: str | None = None, **said) -> None:
        session = self.server.sessions[number % 2]
        done = self.tablets("record", tablet=tablet, said=said, crash=crash, session=session)
        if crash:
            self._forget(tablet)
        self._acknowledge(done)

    def _acknowledge(self, done: dict | None) -> None:
        if done is not None and done["acknowledged"]:
            self.acknowledged.add(done["id"])

    def _whom(self, number: int) -> str:
        everybody = [*self.server.people, *self.guests]
        return everybody[number // 2 % len(everybody)]

    def check_in(self, tablet: int, number: int) -> None:
        self._record(tablet, number, kind="checkin", registration=self._whom(number), via="search")

    def unknown(self, tablet: int, number: int) -> None:
        self._record(tablet, number, kind="checkin", token_hash=_code(number), via="scan")

    def walk_in(self, tablet: int, number: int) -> None:
        guest = str(person_id(100 + len(self.guests), self.server.number))
        code = {"token_hash": _code(number)} if number % 3 else {}  # by the button that an unknown code offers
        self._record(tablet, number, kind="walkin", registration=guest, name=f"Tamu {'abcdefghij'[number % 10]}",
                     contact="0812 3456 7890", **code)  # fmt: skip
        self.guests.append(guest)

    def undo(self, tablet: int, number: int) -> None:
        session = self.server.sessions[number % 2]
        self._acknowledge(self.tablets("undo", tablet=tablet, number=number // 2, session=session))

    def die_at_the_door(self, tablet: int, number: int) -> None:
        """The tablet dies while it writes, or when it has written and nobody saw it."""
        crash = ("before", "after")[number // 2 % 2]
        self._record(tablet, number, crash, kind="checkin", registration=self._whom(number), via="search")

    def crash(self, tablet: int, _number: int) -> None:
        self.tablets("crash", tablet=tablet)
        self._forget(tablet)

    def _forget(self, tablet: int) -> None:
        one = self.exchanges[tablet]
        one.old, one.question, one.answer = one.question or one.old, None, None

    # -- on the way ----------------------------------------------------------------------------------------------------

    def ask(self, tablet: int, _number: int = 0) -> None:
        one = self.exchanges[tablet]
        while one.question is None:
            asked = self.tablets("ask", tablet=tablet)
            if asked.get("body") is None:
                self.tablets("answer", tablet=tablet, status=200, body=self.server.roster(asked["path"]))
            else:
                one.question = asked["body"]

    def deliver(self, tablet: int, _number: int = 0) -> None:
        one = self.exchanges[tablet]
        if one.question is not None:
            one.answer = self.server.sync(tablet, one.question)

    def hear(self, tablet: int, _number: int = 0) -> None:
        one = self.exchanges[tablet]
        if one.answer is not None:
            self.tablets("answer", tablet=tablet, status=200, body=one.answer)
            one.question = one.answer = None

    def exchange(self, tablet: int, number: int = 0) -> None:
        for step in (self.ask, self.deliver, self.hear):
            step(tablet, number)

    def lose(self, tablet: int, number: int) -> None:
        """The connection breaks, whether the server had the question or not; or an error page comes."""
        one = self.exchanges[tablet]
        if one.question is not None:
            self.tablets("answer", tablet=tablet, status=(0, 0, 502)[number % 3], body=None)
            self._forget(tablet)

    def straggle(self, tablet: int, _number: int) -> None:
        """A question that was given up reaches the server after all."""
        one = self.exchanges[tablet]
        if one.old is not None:
            self.server.sync(tablet, one.old)

    # -- at the desk ---------------------------------------------------------------------------------------------------

    def merge(self, _tablet: int, number: int) -> None:
        known = [str(op.registration_id) for op in self.server.log() if op.kind == OpKind.WALK_IN]
        if known:
            one, other = known[number % len(known)], self.server.people[number % 5]
            self.server.merge(one, other)

    def back_up(self, _tablet: int, _number: int) -> None:
        self.server.back_up()

    def restore(self, _tablet: int, _number: int) -> None:
        self.server.restore()

    def lose_power(self, _tablet: int, number: int) -> None:
        """The server's last commits never reached its disk, and nobody says so."""
        self.server.lose_power(number % 5 + 1)

    # -- what came of it -----------------------------------------------------------------------------------------------

    def _drain(self) -> None:
        """The network is back, and nobody taps anything."""
        before = None
        for _round in range(30):
            for tablet in range(TABLETS):
                self.exchange(tablet)
            after = self._states()
            if after == before and not any(op.get("open") for state in after for op in state["ops"]):
                return
            before = after
        raise AssertionError(f"the tablets do not come to rest: {self.told}")

    def _states(self) -> list[dict]:
        return self.tablets("states", sessions=self.server.sessions)

    def _judge(self) -> None:
        log = self.server.log()
        numbers = [op.seq for op in log]
        assert numbers == list(range(1, len(log) + 1)), numbers
        times = Counter(str(op.op_id) for op in log)
        assert not [i for i in self.acknowledged if times[i] != 1], self.told
        present = fold(log)
        live = {f"{session}|{who}": [str(op.op_id) for op in one.live] for (session, who), one in present.items()}
        by_session = Counter(session for session, _who in present)
        for tablet, state in enumerate(self._states()):
            assert state["live"] == live, (tablet, self.told)
            counters = state["counters"]
            assert {int(k): n for k, n in counters["sessions"].items() if n} == by_session, (tablet, self.told)
            assert counters["unknown"] == len(unknown_scans(log)), (tablet, self.told)
            assert all(times[op["id"]] == 1 and not op.get("problem") for op in state["ops"]), (tablet, self.told)
        self._judge_plainly(log, present)
        self.server.check()

    def _judge_plainly(self, log: list[Op], present: dict) -> None:
        """The rule in its plainest form, without the fold: somebody is in when a check-in of theirs is not undone."""
        if any(op.kind == OpKind.MERGE for op in log):
            return
        undone = {(op.registration_id, i) for op in log if op.kind == OpKind.UNDO for i in op.undoes}
        arrivals = (OpKind.CHECK_IN, OpKind.WALK_IN)
        assert present.keys() == {
            (op.session_id, op.registration_id) for op in log
            if op.kind in arrivals and op.registration_id and (op.registration_id, op.op_id) not in undone
        }, self.told  # fmt: skip
