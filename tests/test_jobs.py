"""Long work: a worker that lives is left alone however long it takes, a dead one is followed by the next."""

import time

import pytest

from halal import clock, jobs
from halal.extensions import db, read_only


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
