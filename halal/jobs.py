"""Long work: a row says what to do, in the same transaction as its cause; a worker does it after the commit.

The queue (huey, on SQLite or PostgreSQL) only wakes the worker up; the row is the truth. A worker that dies leaves
its row `running` with an old heartbeat; the next worker takes it over, so a handler must be able to begin again
where its own commits left off. One that lives is left alone, however long it draws or waits for a mail server.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from flask import Flask, current_app
from huey import Huey, PostgresHuey, SqliteHuey
from sqlalchemy import JSON, ForeignKey, event, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from halal import clock, ids
from halal.errors import DomainError
from halal.extensions import db
from halal.types import enum_type

STALE = timedelta(seconds=60)
BEAT = 15.0  # seconds
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
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    @property
    def finished(self) -> bool:
        return self.status in {JobStatus.DONE, JobStatus.FAILED}


class Later(Exception):
    """A handler's way to say: this cannot be done now, try again after `delay`. What it wrote is kept."""

    def __init__(self, delay: timedelta):
        super().__init__(delay)
        self.delay = delay


_handlers: dict[str, Callable[[Job], dict | None]] = {}


def handler(kind: str) -> Callable:
    """Registers a function(job) -> result dict for jobs of this kind. It may call `progress` (which commits)."""

    def register(function):
        _handlers[kind] = function
        return function

    return register


def start(kind: str, *, organization_id=None, user_id=None, event_id=None, total: int = 0, **params) -> Job:
    """Add a job to the present transaction; a worker begins after the commit, or never if it is rolled back."""
    job = Job(
        kind=kind, organization_id=organization_id, user_id=user_id, event_id=event_id, total=total, params=params
    )
    db.session.add(job)
    db.session.flush()
    db.session.info.setdefault("wake", []).append(str(job.id))
    return job


def progress(job: Job, done: int, total: int | None = None) -> None:
    """Say how far the work is, and commit what was done so far."""
    job.done, job.heartbeat_at = done, clock.now()
    if total is not None:
        job.total = total
    db.session.commit()


@event.listens_for(Session, "after_commit")
def _wake_worker(session: Session) -> None:
    for job_id in session.info.pop("wake", []):
        current_app.extensions["wake_worker"](job_id)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous) -> None:
    if not previous.nested:  # a savepoint's end takes nothing of what was begun before it
        session.info.pop("wake", None)


def _ready(now: datetime):
    return or_(
        (Job.status == JobStatus.QUEUED) & or_(Job.not_before.is_(None), Job.not_before <= now),
        (Job.status == JobStatus.RUNNING) & (Job.heartbeat_at < now - STALE),
    )


def run(job_id: uuid.UUID) -> None:
    """Do one job, if nobody else does. Failures are kept on the row, in words."""
    now = clock.now()
    claimed = db.session.execute(
        update(Job)
        .where(Job.id == job_id, _ready(now))
        .values(status=JobStatus.RUNNING, started_at=now, heartbeat_at=now)
    ).rowcount
    db.session.commit()
    if not claimed:
        return
    job = db.session.get(Job, job_id)
    try:
        with _alive(job_id):
            result = _handlers[job.kind](job) or {}
    except Later as later:
        job = db.session.get(Job, job_id)
        job.status, job.not_before = JobStatus.QUEUED, clock.now() + later.delay
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


def run_waiting() -> int:
    """Do every job whose time has come or that was left behind by a dead worker; how many there were."""
    waiting = db.session.scalars(select(Job.id).where(_ready(clock.now())).order_by(Job.created_at)).all()
    db.session.commit()
    for job_id in waiting:
        run(job_id)
    return len(waiting)


def _queue(app: Flask) -> Huey:
    """The queue, opened on first use: starting the application needs no database, and forks share no connection."""
    if "huey" in app.extensions:
        return app.extensions["huey"]
    settings = app.config["HALAL"]
    if settings.database_url.startswith("postgresql"):
        queue = PostgresHuey("halal", dsn=settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1))
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
    """Be a worker until told to stop by a signal. Sweeps up at start and every 15 seconds what nobody does."""
    stop = threading.Event()

    def sweep() -> None:
        while not stop.is_set():
            try:
                with app.app_context():
                    run_waiting()
            except Exception:
                log.exception("sweeping failed; trying again")
            stop.wait(15)

    threading.Thread(target=sweep, daemon=True).start()
    try:
        _queue(app).create_consumer(
            workers=threads,
            periodic=False,
            check_worker_health=True,
            max_delay=0.5,  # people wait for some jobs
        ).run()
    finally:
        stop.set()


def init_app(app: Flask) -> None:
    """Tests run jobs by themselves (`run_waiting`); everywhere else a worker is woken after the commit."""
    app.extensions["wake_worker"] = (lambda _id: None) if app.testing else partial(_wake, app)
