"""Each kind of job is done once while the guard watches (tests/guard.py): a kind that nobody does here is missing."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from halal import jobs
from halal.accounts.jobs import MAIL_ACCOUNT_LINK
from halal.certificates import badges, trial
from halal.certificates import work as issuing
from halal.certificates.services import planning
from halal.extensions import looking
from halal.messages import sending
from halal.messages.services import SEND_MAIL, queue_mail
from halal.registrations import attendance_list
from halal.registrations.importing import work as importing
from tests import spreadsheets
from tests.certificates import hall

_BEFORE = {
    importing.CHECK: (),
    importing.TAKE: (importing.start_taking,),
    importing.CHANGE: (importing.start_changing,),
    importing.UNDO: (importing.start_taking, importing.start_undoing),
}


def _import(make, event, kind: str, number: str = "") -> None:
    content = spreadsheets.csv([["Nama", "No HP", "Alamat"], ["Wati", number, "Jl. Baru 1"]], ";")
    import_ = importing.upload(event, "a.csv", importing.store(event, content), user_id=make.user().id)
    for begin in _BEFORE[kind]:
        make.session.commit()
        jobs.run_waiting()
        begin(import_, user_id=None)


def _change(make, event) -> None:
    make.registration(event, name="Wati", phone="+6281234567890", address="Jl. Lama 1")
    _import(make, event, importing.CHANGE, "081234567890")


def _try(make, event) -> None:
    make.session.commit()
    with looking():
        plan = planning.plan(event, hall.issue())
        about = trial.fingerprint(event, hall.issue(), plan)
    jobs.start(
        trial.KIND, organization_id=event.organization_id, event_id=event.id, total=len(plan.ready), about=about,
        issue=issuing.issue_values(hall.issue()), subjects=None,
    )  # fmt: skip


BEGIN = {
    MAIL_ACCOUNT_LINK: lambda make, event: jobs.start(MAIL_ACCOUNT_LINK, email=make.user().email),
    SEND_MAIL: lambda make, event: queue_mail("uji", "wati@contoh.id", "Halo", "Isi"),
    badges.KIND: lambda make, event: badges.start(event, None),
    attendance_list.KIND: lambda make, event: attendance_list.start(event, attendance_list.read_paper({}, event), None),
    trial.KIND: _try,
    issuing.KIND: lambda make, event: issuing.start(event, hall.issue(), None, None),
    importing.CHECK: lambda make, event: _import(make, event, importing.CHECK),
    importing.TAKE: lambda make, event: _import(make, event, importing.TAKE),
    importing.CHANGE: _change,
    importing.UNDO: lambda make, event: _import(make, event, importing.UNDO),
}


def test_every_kind_of_job_is_done_under_the_guard():
    assert set(BEGIN) == set(jobs._handlers)


@pytest.mark.parametrize("kind", BEGIN)
def test_job_holds_nobody_up(app, make, db, monkeypatch, kind):
    monkeypatch.setattr(importing, "PAUSE", 0)
    monkeypatch.setitem(app.config, "HALAL", replace(app.config["HALAL"], smtp_url="smtp://127.0.0.1:1"))
    monkeypatch.setattr(sending, "_deliver", lambda url, message, note: (note(), ("", False))[1])
    event = hall.past_event(make)
    hall.present(make, event, "Budi Contoh")
    with app.test_request_context():
        BEGIN[kind](make, event)
        db.session.commit()
    begun = db.session.scalars(select(jobs.Job.id).where(jobs.Job.kind == kind)).all()
    jobs.run_waiting()
    assert [db.session.get(jobs.Job, id_).status for id_ in begun] == [jobs.JobStatus.DONE]
