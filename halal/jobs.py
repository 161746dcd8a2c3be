"""Long work: a row says what to do, in the same transaction as its cause; a worker does it after the commit.

The queue (huey, on SQLite or PostgreSQL) only wakes the worker up; the row is the truth. A worker that dies leaves
its row `running`; the next worker takes it over, so a handler must be able to begin again where its own commits left
off. One that lives is left alone, however long it draws or waits for a mail server. Whether a worker of this host lives
is told by a file that it locks, so a restart costs seconds; of another host, by the heartbeat on the row. A job that
takes its worker along and gets no further is not begun for ever: the third time it fails, in words.
"""

import contextlib
import fcntl
import logging
import os
import threading
import uuid
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path

from flask import Flask, current_app
from flask_babel import gettext as _
from huey import Huey, PostgresHuey, SqliteHuey
from sqlalchemy import JSON, ForeignKey, event, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from halal import clock, database_limits, ids
from halal.errors import DomainError
from halal.extensions import db, read_only
from halal.types import enum_type

STALE = timedelta(seconds=60)
BEAT = 15.0  # seconds
SWEEP = 5.0  # seconds
OUTSIDE_SWEEP = 1.0  # seconds; nothing wakes those threads
ATTEMPTS = 3
log = logging.getLogger(__name__)


class JobStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(db.Model):
    """One piece of long work. `result` is what the page shows at the end; `error` a sentence for people."""

    __tablename__ = "jobs"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id"), index=True)
    kind: Mapped[str]
    status: Mapped[JobStatus] = mapped_column(enum_type(JobStatus), default=JobStatus.QUEUED, index=True)
    params: Mapped[dict] = mapped_column(JSON, default=dict)
    result: Mapped[dict] = mapped_column(JSON, default=dict)
    error: Mapped[str] = mapped_column(default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)  # how often it was begun and not brought to any end
    worker: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    begun_with = 0  # how far it was when this worker began it

    @property
    def finished(self) -> bool:
        return self.status in {JobStatus.DONE, JobStatus.FAILED}

    @property
    def interrupted(self) -> bool:
        """Whether the worker that did it has ended, and the next one has not taken it over yet."""
        return self.status is JobStatus.RUNNING and (
            self.heartbeat_at < clock.now() - STALE or _has_ended(self.worker)
        )  # fmt: skip

    @property
    def waits_long(self) -> bool:
        """Whether no worker has begun it for a while: all are busy, or none runs."""
        begin = max(self.created_at, self.not_before or self.created_at)
        return self.status is JobStatus.QUEUED and begin < clock.now() - timedelta(seconds=SWEEP)


class Later(Exception):
    """A handler's way to say: this cannot be done now, try again after `delay`. What it wrote is kept."""

    def __init__(self, delay: timedelta):
        super().__init__(delay)
        self.delay = delay


_handlers: dict[str, Callable[[Job], dict | None]] = {}
_outside: set[str] = set()  # kinds that wait for servers of others
_chores: list[Callable[[], None]] = []


def handler(kind: str, *, outside: bool = False) -> Callable:
    """Registers a function(job) -> result dict for jobs of this kind. It may call `progress` (which commits).

    `outside`: it waits for a server that is not ours, perhaps for long. Such jobs have threads of their own, so
    that no import and no certificate waits with them.
    """

    def register(function):
        _handlers[kind] = function
        if outside:
            _outside.add(kind)
        return function

    return register


def each_sweep(function: Callable[[], None]) -> Callable[[], None]:
    """Registers a function that workers call every few seconds, for what becomes due by the clock alone. It commits by
    itself, and finds quickly that there is nothing to do; two workers may call it at once."""
    _chores.append(function)
    return function


def start(kind: str, *, organization_id=None, user_id=None, event_id=None, total: int = 0, **params) -> Job:
    """Add a job to the present transaction; a worker begins after the commit, or never if it is rolled back."""
    job = Job(
        kind=kind, organization_id=organization_id, user_id=user_id, event_id=event_id, total=total, params=params
    )
    db.session.add(job)
    db.session.flush()
    if kind not in _outside:  # those are looked for every second
        db.session.info.setdefault("wake", []).append(str(job.id))
    return job


def progress(job: Job, done: int, total: int | None = None) -> None:
    """Say how far the work is, and commit what was done so far. One that gets further than before is not to blame for
    its worker's end."""
    if done > job.begun_with:
        job.attempts = min(job.attempts, 1)
    job.done, job.heartbeat_at = done, clock.now()
    if total is not None:
        job.total = total
    db.session.commit()


@event.listens_for(Session, "after_commit")
def _wake_worker(session: Session) -> None:
    if session.in_nested_transaction():  # the end of a savepoint: nobody else sees the job yet
        return
    for job_id in session.info.pop("wake", []):
        current_app.extensions["wake_worker"](job_id)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous) -> None:
    if not previous.nested:  # a savepoint's end takes nothing of what was begun before it
        session.info.pop("wake", None)


def _folder() -> Path:
    folder = current_app.config["HALAL"].instance / "workers"
    folder.mkdir(exist_ok=True)
    return folder


def _me() -> str:
    """This process as others see it: the name of a file that is locked for as long as the process lives."""
    pid, name, _file = current_app.extensions.get("worker", (0, "", None))
    if pid != os.getpid():
        name = uuid.uuid4().hex
        file = os.open(_folder() / name, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        current_app.extensions["worker"] = os.getpid(), name, file
    return name


def _has_ended(worker: str) -> bool:
    """Whether this was a worker of this host and lives no more. False for one of another host."""
    if not worker or worker == current_app.extensions.get("worker", (0, "", None))[1]:
        return False
    try:
        file = os.open(_folder() / worker, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(file)
    return True


def _forget_ended(used: set[str]) -> None:
    """Remove the files of workers that have ended and left no job behind."""
    for path in _folder().iterdir():
        if path.name not in used and _has_ended(path.name):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


def _ready(now: datetime, ended: Collection[str]):
    return or_(
        (Job.status == JobStatus.QUEUED) & or_(Job.not_before.is_(None), Job.not_before <= now),
        (Job.status == JobStatus.RUNNING) & or_(Job.heartbeat_at < now - STALE, Job.worker.in_(ended)),
    )


def run(job_id: uuid.UUID, ended: Collection[str] = ()) -> None:
    """Do one job, if nobody else does; `ended` are workers that live no more. Failures stay on the row, in words."""
    now = clock.now()
    claimed = db.session.execute(
        update(Job)
        .where(Job.id == job_id, _ready(now, ended))
        .values(
            status=JobStatus.RUNNING, started_at=now, heartbeat_at=now, worker=_me(), attempts=Job.attempts + 1
        )
    ).rowcount  # fmt: skip
    db.session.commit()
    if not claimed:
        return
    job = db.session.get(Job, job_id)
    job.begun_with = job.done
    if job.attempts > 1:
        log.warning("job %s (%s) was interrupted; it is begun for the %s. time", job.id, job.kind, job.attempts)
    if job.attempts > ATTEMPTS:
        words = _("This work was begun three times and broke off each time. Try it with less at once, or tell those "
                  "who run the system.")  # fmt: skip
        _finish(job_id, JobStatus.FAILED, error=words)
        return
    try:
        with _alive(job_id):
            result = _handlers[job.kind](job) or {}
    except Later as later:
        job = db.session.get(Job, job_id)
        job.status, job.not_before, job.attempts = JobStatus.QUEUED, clock.now() + later.delay, 0
        db.session.commit()
    except DomainError as error:
        _finish(job_id, JobStatus.FAILED, error=str(error.message))
    except Exception:
        log.exception("job %s failed", job_id)
        _finish(job_id, JobStatus.FAILED, error="unexpected")
    else:
        _finish(job_id, JobStatus.DONE, result=result)


@contextmanager
def _alive(job_id: uuid.UUID) -> Iterator[None]:
    """Let the job's heartbeat go on beside the handler for as long as the process lives: a second worker on the same
    job would draw it twice, or send a mail twice."""
    app, over = current_app._get_current_object(), threading.Event()

    def beat() -> None:
        while not over.wait(BEAT):
            try:
                with app.app_context():
                    running = update(Job).where(Job.id == job_id, Job.status == JobStatus.RUNNING)
                    db.session.execute(running.values(heartbeat_at=clock.now()))
                    db.session.commit()
            except Exception:
                log.exception("a heartbeat of job %s was missed", job_id)

    threading.Thread(target=beat, daemon=True).start()
    try:
        yield
    finally:
        over.set()


def _finish(job_id: uuid.UUID, status: JobStatus, *, result: dict | None = None, error: str = "") -> None:
    if status is JobStatus.FAILED:
        db.session.rollback()
    job = db.session.get(Job, job_id)
    job.status, job.finished_at, job.error = status, clock.now(), error
    if result is not None:
        job.result, job.done = result, max(job.done, job.total)
    db.session.commit()


def run_waiting(*, outside: bool | None = None) -> int:
    """Do every job whose time has come or that was left behind by a dead worker; how many there were. `outside`: only
    those that wait for servers of others, or only the rest."""
    db.session.commit()
    with read_only():
        used = set(db.session.scalars(select(Job.worker).where(Job.status == JobStatus.RUNNING).distinct()))
        ended = [worker for worker in used if _has_ended(worker)]
        ready = select(Job.id).where(_ready(clock.now(), ended)).order_by(Job.created_at)
        if outside is not None:
            ready = ready.where(Job.kind.in_(_outside) if outside else Job.kind.not_in(_outside))
        waiting = db.session.scalars(ready).all()
        db.session.commit()
    _forget_ended(used)
    for job_id in waiting:
        run(job_id, ended)
    return len(waiting)


def do_chores() -> None:
    """Do what became due by the clock."""
    for chore in _chores:
        chore()


def _queue(app: Flask) -> Huey:
    """The queue, opened on first use: starting the application needs no database, and forks share no connection."""
    if "huey" in app.extensions:
        return app.extensions["huey"]
    settings = app.config["HALAL"]
    if settings.database_url.startswith("postgresql"):
        dsn = settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        queue = PostgresHuey("halal", connection=partial(database_limits.connect, dsn))
    else:
        queue = SqliteHuey("halal", filename=str(settings.instance / "queue.sqlite3"))

    @queue.task(name="run_job")
    def run_job(job_id: str) -> None:
        with app.app_context():
            run(uuid.UUID(job_id))

    app.extensions["huey"], app.extensions["run_job"] = queue, run_job
    return queue


def _wake(app: Flask, job_id: str) -> None:
    try:
        _queue(app)
        app.extensions["run_job"](job_id)
    except Exception:  # the row is committed: a worker's next sweep finds it
        log.exception("could not wake a worker for job %s", job_id)


def work(app: Flask, threads: int) -> None:
    """Be a worker until told to stop by a signal. Sweeps up at start and every few seconds what nobody does."""
    stop = threading.Event()

    def sweep(outside: bool, pause: float) -> None:
        while not stop.is_set():
            try:
                with app.app_context():
                    run_waiting(outside=outside)
                    if not outside:
                        do_chores()
            except Exception as error:
                if not database_limits.is_unavailable(error):
                    log.exception("sweeping failed; trying again")
                else:
                    log.warning("the database does not answer; jobs wait")
            stop.wait(pause)

    threading.Thread(target=sweep, args=(False, SWEEP), daemon=True).start()
    for _thread in range(threads):  # whoever comes second to a job passes it by
        threading.Thread(target=sweep, args=(True, OUTSIDE_SWEEP), daemon=True).start()
    try:
        _queue(app).create_consumer(
            workers=threads,
            periodic=False,
            check_worker_health=True,
            max_delay=0.5,  # people wait for some jobs
        ).run()
    finally:
        stop.set()
        with app.app_context():
            _hand_back()


def _hand_back() -> None:
    """Stopping in order is no failure of the jobs that this breaks off: the next worker goes on with them."""
    try:
        mine = (Job.status == JobStatus.RUNNING) & (Job.worker == _me())
        db.session.execute(update(Job).where(mine).values(attempts=Job.attempts - 1))
        db.session.commit()
    except Exception:
        log.exception("could not hand back the jobs of this worker")


def init_app(app: Flask) -> None:
    """Tests run jobs by themselves (`run_waiting`); everywhere else a worker is woken after the commit."""
    app.extensions["wake_worker"] = (lambda _id: None) if app.testing else partial(_wake, app)
