"""kill -9, again and again, while a real worker issues certificates and mails them."""

import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from halal import clock, files, jobs
from halal.audit.models import AuditEntry
from halal.certificates import work
from halal.certificates.models import Certificate, NumberSeries
from halal.config import ROOT
from halal.extensions import db, read_only
from halal.messages.models import Mail
from halal.registrations.models import Registration
from tests.amounts import amount
from tests.certificates import hall
from tests.conftest import make_app
from tests.factories import Make
from tests.messages.test_messages import serving

pytestmark = pytest.mark.once  # races of issuers on both databases are in test_races.py

PEOPLE, KILLS = amount(300, 1_000), amount(4, 10)
PATIENCE = 240  # seconds


class Office:
    """An installation with its database, files and mail server; its worker lives as long as it is let."""

    def __init__(self, folder: Path, database_url: str, mailbox):
        smtp = f"smtp+plain://127.0.0.1:{mailbox.port}"
        self.app, self.mailbox = make_app(folder, database_url, HALAL_SMTP_URL=smtp), mailbox
        self.files = folder / "files"
        self._environ = {
            **os.environ, "HALAL_INSTANCE": str(folder), "HALAL_DATABASE_URL": database_url, "HALAL_SMTP_URL": smtp,
            "HALAL_SECRET_KEY": self.app.config["SECRET_KEY"], "HALAL_BASE_URL": "http://localhost",
        }  # fmt: skip
        self._log, self.process = (folder / "worker.log").open("a"), None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "worker"], cwd=ROOT, env=self._environ, stdout=self._log,
            stderr=self._log,
        )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL, and the minute goes by after which other workers believe it."""
        self.process.kill()
        self.process.wait()
        with self.app.app_context():
            running = update(jobs.Job).where(jobs.Job.status == jobs.JobStatus.RUNNING)
            db.session.execute(running.values(heartbeat_at=clock.now() - 2 * jobs.STALE))
            db.session.commit()

    def wait(self, condition) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, Path(self._log.name).read_text()[-2000:]
            assert time.monotonic() < end, "the work does not go on"
            time.sleep(0.005)

    def stored(self) -> int:
        """How many files of certificates there are, also of those whose batch is not committed yet."""
        return sum(1 for _file in self.files.glob("certificates/*/*/*.pdf"))

    def all_issued(self) -> bool:
        """Whether mails are all that is left to do; certificates wait for none of them."""
        with self.app.app_context(), read_only():
            issuing = select(jobs.Job.status).where(jobs.Job.kind == "certificates.issue")
            status = db.session.scalar(issuing)
            db.session.remove()
            return status is jobs.JobStatus.DONE

    def issued(self) -> int:
        """How many certificates are committed, as the job says."""
        with self.app.app_context(), read_only():
            done = db.session.scalar(select(jobs.Job.done).where(jobs.Job.kind == "certificates.issue"))
            db.session.remove()
            return done

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self._log.close()
        with self.app.app_context():
            db.engine.dispose()


@pytest.fixture
def office(tmp_path, new_database):
    with serving() as mailbox:
        office = Office(tmp_path, new_database(), mailbox)
        _fill(office)
        yield office
        office.close()


def _fill(office: Office) -> None:
    with office.app.app_context():
        db.create_all()
        make = Make(db.session)
        event = hall.past_event(make)
        for n in range(PEOPLE):
            hall.present(make, event, f"Peserta {n:04}", email=f"p{n:04}@uji.example" if n % 2 else "")
        work.start(event, hall.issue(), None, None, mail=True)
        db.session.commit()


@pytest.mark.timeout(PATIENCE + 120)
def test_killed_workers_leave_certificates_without_gap_or_double_and_one_mail_each(office):
    chance = random.Random(1447)
    for kill in range(KILLS):
        office.start()
        if kill % 2:  # while mails are on their way, and not before a batch is there: three kills without end the job
            before = office.issued()
            office.wait(lambda before=before: office.issued() > before or office.all_issued())
            mails = len(office.mailbox.mails) + chance.randint(1, 40)
            office.wait(lambda mails=mails: len(office.mailbox.mails) >= mails)
            time.sleep(chance.random() / 10)
        else:  # in the middle of a batch: its first files are stored, its rows are not
            there = office.stored() + chance.randint(1, 90)
            office.wait(lambda there=there: office.stored() >= there or office.all_issued())
        office.kill()
    office.start()
    with office.app.app_context():
        office.wait(_nothing_left)
        _assert_all_issued_once(office)
        _assert_all_mailed_once(office.mailbox)


def _nothing_left() -> bool:
    time.sleep(0.1)
    left = db.session.scalar(select(func.count()).select_from(jobs.Job).where(jobs.Job.status != jobs.JobStatus.DONE))
    db.session.rollback()
    return left == 0


def _assert_all_issued_once(office) -> None:
    issued = db.session.scalars(select(Certificate).order_by(Certificate.seq)).all()
    assert [one.seq for one in issued] == list(range(1, PEOPLE + 1))
    assert [one.number for one in issued] == [f"500/{n:03}/BPTSI/V/2025" for n in range(1, PEOPLE + 1)]
    assert db.session.scalar(select(NumberSeries.next_seq)) == PEOPLE + 1
    assert len({one.code for one in issued}) == PEOPLE
    assert {one.registration_id for one in issued} == set(db.session.scalars(select(Registration.id)))
    assert [hashlib.sha256(files.get(one.pdf_file)).hexdigest() for one in issued] == [one.pdf_sha256 for one in issued]
    assert office.stored() == PEOPLE  # and nobody's name lies about in a file without a certificate
    [job] = db.session.scalars(select(jobs.Job).where(jobs.Job.kind == work.KIND))
    assert (job.result["issued"], job.result["failed"], job.done, job.total) == (PEOPLE, [], PEOPLE, PEOPLE)
    told = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "certificates.issued"))
    assert sum(entry.detail["count"] for entry in told) == PEOPLE


def _assert_all_mailed_once(mailbox) -> None:
    """One message each. No protocol keeps a sender that dies between the server's yes and its own note of it from
    sending again; then it is the same message, which mailboxes know by its Message-ID."""
    promised = {row.email for row in db.session.scalars(select(Registration)) if row.email}
    assert all(mail.sent_at for mail in db.session.scalars(select(Mail)))
    messages = {(mail["To"], mail["Message-ID"], mail["Date"], mail.get_content()) for mail in mailbox.mails}
    assert sorted(message[0] for message in messages) == sorted(promised)
    assert len(mailbox.mails) - len(promised) <= KILLS
