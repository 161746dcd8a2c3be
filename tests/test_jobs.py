"""Long work: a worker that lives is left alone however long it takes, a dead one is followed by the next."""

import os
import subprocess
import sys
import time

import pytest

from halal import clock, jobs
from halal.config import ROOT
from halal.extensions import db, read_only
from tests.conftest import make_app


@pytest.fixture
def handler(monkeypatch):
    """A function that lets another do the jobs of kind "uji"."""
    monkeypatch.setattr(jobs, "_handlers", dict(jobs._handlers))
    return jobs.handler("uji")


def beaten(job_id, since) -> bool:
    """Whether the heartbeat has gone on, after waiting for it."""
    with read_only():
        for _look in range(1_000):
            now = db.session.get(jobs.Job, job_id, populate_existing=True).heartbeat_at
            db.session.rollback()
            if now > since:
                return True
            time.sleep(0.01)
    return False


def test_the_heartbeat_goes_on_while_a_handler_is_busy_so_nobody_else_begins(busy_app, handler, monkeypatch):
    monkeypatch.setattr(jobs, "BEAT", 0.01)
    begun = []

    @handler
    def busy(job):
        begun.append(job.id)
        long_ago = job.heartbeat_at = clock.now() - 2 * jobs.STALE  # as if more than a minute had gone by
        db.session.commit()
        assert beaten(begun[0], long_ago)
        assert jobs.run_waiting() == 0

    with busy_app.app_context():
        job = jobs.start("uji")
        db.session.commit()
        assert jobs.run_waiting() == 1
        assert (job.status, job.error) == (jobs.JobStatus.DONE, "")
        assert begun == [job.id]
        ended = job.heartbeat_at
        db.session.rollback()
        time.sleep(0.1)
        assert db.session.get(jobs.Job, job.id, populate_existing=True).heartbeat_at == ended


def test_what_a_dead_worker_left_is_begun_again_after_a_minute(db, handler):
    begun = []
    handler(lambda job: begun.append(job.id))
    job = jobs.start("uji")
    job.status, job.heartbeat_at = jobs.JobStatus.RUNNING, clock.now()
    db.session.commit()
    assert jobs.run_waiting() == 0
    job.heartbeat_at -= 2 * jobs.STALE
    db.session.commit()
    assert jobs.run_waiting() == 1
    assert begun == [job.id]
    assert job.status == jobs.JobStatus.DONE


@pytest.fixture
def left(app, db):
    """left(attempts): a job whose worker has ended a moment ago."""

    def leave(attempts=1):
        (jobs._folder() / "ended").touch()
        job = jobs.start("uji")
        job.status, job.worker, job.attempts = jobs.JobStatus.RUNNING, "ended", attempts
        job.started_at = job.heartbeat_at = clock.now()
        db.session.commit()
        return job

    return leave


def test_what_a_dead_worker_of_this_host_left_is_begun_again_at_once(db, handler, left):
    begun = []
    handler(lambda job: begun.append(job.id))
    job = left()
    assert job.interrupted
    assert jobs.run_waiting() == 1
    assert begun == [job.id]
    assert job.status == jobs.JobStatus.DONE
    assert jobs.run_waiting() == 0
    assert not (jobs._folder() / "ended").exists()


def test_a_job_that_takes_its_worker_along_three_times_fails_in_words_and_for_good(db, handler, left):
    begun = []
    handler(lambda job: begun.append(job.id))
    job = left(attempts=jobs.ATTEMPTS)
    jobs.run_waiting()
    assert begun == []
    assert job.status == jobs.JobStatus.FAILED
    assert "tiga kali" in job.error
    job.heartbeat_at -= 2 * jobs.STALE
    db.session.commit()
    assert jobs.run_waiting() == 0


def test_a_job_that_asks_for_another_time_is_not_counted_as_broken_off(db, handler):
    @handler
    def later(job):
        raise jobs.Later(-jobs.STALE)

    job = jobs.start("uji")
    for _time in range(jobs.ATTEMPTS + 2):
        assert jobs.run_waiting() == 1
    assert (job.status, job.attempts) == (jobs.JobStatus.QUEUED, 0)


def test_a_savepoint_wakes_nobody_before_the_job_can_be_seen(db, app, monkeypatch):
    woken = []
    monkeypatch.setitem(app.extensions, "wake_worker", woken.append)
    job = jobs.start("uji")
    with db.session.begin_nested():
        pass
    assert woken == []
    db.session.commit()
    assert woken == [str(job.id)]


@pytest.mark.once
def test_a_killed_worker_is_followed_within_seconds_and_the_page_says_so_meanwhile(tmp_path, new_database):
    """Two real workers, one after the other: the first is killed in the middle of a job."""
    app = make_app(tmp_path, new_database("sqlite"))
    with app.app_context():
        db.create_all()
        job_id = jobs.start("uji").id
        db.session.commit()
        first = _worker(app, "time.sleep(60)")
        try:
            _wait(lambda: _now(job_id).status is jobs.JobStatus.RUNNING)
        finally:
            first.kill()
            first.wait()
        assert _now(job_id).interrupted
        second = _worker(app, "pass")
        try:
            _wait(lambda: _now(job_id).status is jobs.JobStatus.DONE)
        finally:
            second.kill()
            second.wait()
        assert _now(job_id).attempts == 2
        db.session.remove()
        db.engine.dispose()


def _worker(app, does: str) -> subprocess.Popen:
    program = (
        "import time\nfrom halal import create_app, jobs\n"
        f"@jobs.handler('uji')\ndef do(job): {does}\n"
        "app = create_app()\njobs.work(app, 1)\n"
    )
    settings = app.config["HALAL"]
    environ = {
        **os.environ, "HALAL_INSTANCE": str(settings.instance), "HALAL_DATABASE_URL": settings.database_url,
        "HALAL_SECRET_KEY": settings.secret_key,
    }  # fmt: skip
    return subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, env=environ)


def _now(job_id) -> jobs.Job:
    with read_only():
        db.session.rollback()
        job = db.session.get(jobs.Job, job_id, populate_existing=True)
        db.session.expunge(job)
        db.session.rollback()
        return job


def _wait(come) -> None:
    for _look in range(600):
        if come():
            return
        time.sleep(0.05)
    raise AssertionError("it does not come")
