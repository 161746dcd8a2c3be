"""The guard itself: it sees a transaction that may write, and lets everything else be."""

import pytest
from sqlalchemy import text

from halal import files, jobs
from halal.extensions import db, looking
from tests import guard


@pytest.fixture
def handler(monkeypatch):
    """A function that lets another do the jobs of kind "uji"."""
    monkeypatch.setattr(jobs, "_handlers", dict(jobs._handlers))
    return jobs.handler("uji")


def run(handler, work) -> None:
    handler(work)
    jobs.start("uji")
    db.session.commit()
    jobs.run_waiting()


def test_a_job_that_stores_a_file_inside_its_transaction_is_refused(app, make, handler):
    def work(job):
        assert job.params == {}
        files.put("uji/a", b"")

    with pytest.raises(guard.HeldUp, match="storing a file"):
        run(handler, work)
    db.session.rollback()


def test_a_job_may_take_its_time_before_and_after_its_transactions(app, make, handler):
    did = []

    def work(job):
        with looking():
            db.session.execute(text("SELECT 1"))
            files.put("uji/a", b"")
        did.append(job.status)
        db.session.commit()
        files.delete("uji/a")
        did.append("")

    run(handler, work)
    assert len(did) == 2
