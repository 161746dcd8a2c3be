"""The work behind an import: once and only once, however often it is interrupted, and never over capacity."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import event as events
from sqlalchemy import func, select

from halal import clock, jobs
from halal.audit.models import AuditEntry
from halal.checkin.models import CheckInOp, OpKind
from halal.errors import Conflict
from halal.events.models import EventStatus
from halal.extensions import db as database
from halal.people import services as directory
from halal.people.models import Business, Person
from halal.registrations import search, services
from halal.registrations.importing import review, taking, undoing, work
from halal.registrations.models import (
    Attendance,
    Import,
    ImportRow,
    ImportStatus,
    Registration,
    RegistrationStatus,
    RegistrationWord,
    Source,
    Verdict,
)  # fmt: skip
from halal.registrations.services import Details
from tests import guard
from tests import spreadsheets as make_sheet
from tests.amounts import amount
from tests.factories import Make


def people(count: int, first: int = 0) -> list[list[str]]:
    return [
        [f"Peserta {n}", f"08{1200000000 + n}", str(1000000000000 + n), f"Usaha {n}", "Kab. Lebak"]
        for n in range(first, first + count)
    ]


def sheet(rows) -> bytes:
    return make_sheet.csv([["Nama", "No HP", "NIB", "Usaha", "Kab/Kota"], *rows], ";")


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch):
    monkeypatch.setattr(work, "PAUSE", 0)


@pytest.fixture
def upload(make, db, app):
    """upload(rows, event): an import that is checked and ready."""

    def upload(rows, event):
        with app.test_request_context():
            import_ = work.upload(event, "a.csv", work.store(event, sheet(rows)), user_id=make.user().id)
            db.session.commit()
        jobs.run_waiting()
        assert import_.status == ImportStatus.READY
        return import_

    return upload


@pytest.fixture
def take(db, app):
    """take(import_): its good rows are registered; the job."""

    def take(import_):
        with app.test_request_context():
            work.start_taking(import_, user_id=import_.created_by_id)
            db.session.commit()
        jobs.run_waiting()
        return db.session.get(jobs.Job, import_.job_id)

    return take


@pytest.fixture
def undo(db, app):
    """undo(import_): what it did is undone by the job."""

    def undo(import_):
        with app.test_request_context():
            work.start_undoing(import_, user_id=import_.created_by_id)
            db.session.commit()
        jobs.run_waiting()
        assert import_.status == ImportStatus.UNDONE

    return undo


def count(db, model, *conditions) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def test_what_is_registered_is_complete(make, db, upload, take):
    event = make.event()
    import_ = upload(people(1), event)
    take(import_)
    registration = db.session.scalar(select(Registration))
    assert (registration.name, registration.phone, registration.nib) == (
        "Peserta 0", "+6281200000000", "1000000000000"
    )  # fmt: skip
    assert (registration.source, registration.import_id, registration.status) == (
        Source.IMPORT, import_.id, RegistrationStatus.CONFIRMED
    )  # fmt: skip
    assert registration.dedupe_key == "nib:1000000000000"
    assert len(registration.token) >= 22
    person, business = (
        db.session.get(Person, registration.person_id),
        db.session.get(Business, registration.business_id),
    )
    assert (person.name, business.name, business.owner_id) == ("Peserta 0", "Usaha 0", person.id)
    assert db.session.scalar(search.matching(event.id, "usaha")) == registration.id
    assert count(db, AuditEntry, AuditEntry.action == "import.taken") == 1


class Killed(BaseException):
    """What a worker feels when its process is killed: no except clause of the program sees it."""


@pytest.mark.parametrize("station", ["check", "take"])
def test_a_killed_worker_loses_nothing_and_doubles_nothing(make, db, app, upload, monkeypatch, station):
    event = make.event()
    import_ = upload(people(350), event) if station == "take" else None
    with app.test_request_context():
        if station == "take":
            work.start_taking(import_, user_id=None)
        else:
            import_ = work.upload(event, "a.csv", work.store(event, sheet(people(350))), user_id=make.user().id)
        db.session.commit()
    real, calls = jobs.progress, []

    def progress(job, done, total=None):
        real(job, done, total)
        calls.append(done)
        if len(calls) == 2:
            raise Killed

    monkeypatch.setattr(jobs, "progress", progress)
    with pytest.raises(Killed):
        jobs.run_waiting()
    db.session.rollback()
    job = db.session.get(jobs.Job, import_.job_id)
    assert (job.status, calls) == (jobs.JobStatus.RUNNING, [100, 200])
    job.heartbeat_at = clock.now() - 2 * jobs.STALE
    db.session.commit()
    jobs.run_waiting()
    assert job.status == jobs.JobStatus.DONE
    if station == "take":
        assert count(db, Registration, Registration.event_id == event.id) == 350
        assert count(db, ImportRow, ImportRow.registration_id.is_(None)) == 0
    else:
        assert import_.status == ImportStatus.READY
        assert review.counts(import_)[Verdict.NEW] == 350


def test_the_same_job_run_twice_registers_once(make, db, upload, take):
    event = make.event()
    import_ = upload(people(5), event)
    job = take(import_)
    work.take_job(job)
    assert count(db, Registration, Registration.event_id == event.id) == 5


def test_beyond_the_capacity_there_is_the_waiting_list(make, db, upload, take):
    event = make.event(capacity=3)
    take(upload(people(5), event))
    by_status = db.session.execute(
        select(Registration.status, func.count()).group_by(Registration.status).order_by(Registration.status)
    ).all()
    assert by_status == [(RegistrationStatus.CONFIRMED, 3), (RegistrationStatus.WAITING, 2)]
    first = db.session.scalars(select(Registration.name).order_by(Registration.created_at).limit(3)).all()
    assert first == ["Peserta 0", "Peserta 1", "Peserta 2"]


def test_those_who_wait_already_come_first(make, db, upload, take):
    event = make.event(capacity=2)
    waiting = make.registration(event, status=RegistrationStatus.WAITING)
    take(upload(people(2), event))
    assert waiting.status == RegistrationStatus.CONFIRMED
    assert count(db, Registration, Registration.status == RegistrationStatus.WAITING) == 1


def test_without_a_waiting_list_the_rest_is_an_error_that_says_why(make, db, upload, take):
    event = make.event(capacity=3, waiting_list=False)
    import_ = upload(people(5), event)
    take(import_)
    assert count(db, Registration) == 3
    left = db.session.scalars(review.rows_of(import_, Verdict.ERROR)).all()
    assert [row.fields["name"] for row in left] == ["Peserta 3", "Peserta 4"]
    assert "Semua tempat sudah terisi" in review.reason(left[0]) or "penuh" in review.reason(left[0])


def test_whoever_registered_since_the_check_is_not_registered_again(make, db, upload, take):
    event = make.event()
    import_ = upload(people(3), event)
    services.register(
        event, services.clean(Details(name="Peserta 1", nib="1000000000001"), event), source=Source.PUBLIC
    )
    services.register(event, services.clean(Details(name="Lain", nib="1000000000002"), event), source=Source.PUBLIC)
    take(import_)
    assert count(db, Registration) == 3
    assert [row.verdict for row in db.session.scalars(review.rows_of(import_))] == [
        Verdict.NEW, Verdict.EXISTING, Verdict.POSSIBLE_DUPLICATE
    ]  # fmt: skip


def test_take_registered_between_the_look_and_the_lock_is_left_to_a_person(make, db, upload, take, monkeypatch):
    event = make.event()
    import_ = upload(people(3), event)
    real = services.lock

    def lock(event):
        monkeypatch.setattr(services, "lock", real)
        details = services.clean(Details(name="Peserta 1", nib="1000000000001"), event)
        services.register(event, details, source=Source.PUBLIC)
        real(event)

    monkeypatch.setattr(services, "lock", lock)
    take(import_)
    assert count(db, Registration) == 3
    verdicts = [row.verdict for row in db.session.scalars(review.rows_of(import_))]
    assert verdicts == [Verdict.NEW, Verdict.EXISTING, Verdict.NEW]


def test_take_rows_are_made_ready_before_anything_is_locked(make, upload, take, monkeypatch):
    import_ = upload(people(2), make.event())
    for place, name in ((services, "build"), (directory, "describe_new"), (search, "rows_of")):
        monkeypatch.setattr(place, name, guard.refusing(getattr(place, name), name))
    assert take(import_).result["taken"] == 2


@pytest.mark.parametrize("known", [False, True], ids=["new", "known businesses"])
def test_take_writes_any_number_of_rows_with_the_same_statements(make, db, upload, take, known):
    def statements(rows: int) -> int:
        organization, told = make.organization(), []
        if known:
            take(upload(people(rows), make.event(organization)))
        import_ = upload(people(rows), make.event(organization))
        listen = (db.engine, "before_cursor_execute", lambda *args: told.append(args[2]))
        events.listen(*listen)
        try:
            take(import_)
        finally:
            events.remove(*listen)
        assert review.counts(import_)["taken"] == rows
        return len(told)

    assert statements(2) == statements(20)


def test_rows_that_became_alike_by_a_correction_are_taken_once(make, db, app, upload, take):
    event = make.event()
    import_ = upload([["Siti", "12"], ["Budi", "081234567890"]], event)
    first, second = db.session.scalars(review.rows_of(import_)).all()
    with app.test_request_context():
        review.correct(import_, first, {"name": "Budi", "phone": "081234567890"})
        db.session.commit()
    assert [first.verdict, second.verdict] == [Verdict.NEW, Verdict.NEW]
    take(import_)
    assert count(db, Registration) == 1
    assert second.verdict == Verdict.EXISTING


def test_a_cancelled_event_takes_nobody_and_says_so(make, db, upload, take):
    event = make.event()
    import_ = upload(people(2), event)
    event.status = EventStatus.CANCELLED
    take(import_)
    assert count(db, Registration) == 0
    assert import_.status == ImportStatus.READY
    assert "dibatalkan" in import_.error


def test_an_undo_keeps_who_was_checked_in_and_others(make, db, upload, take, undo):
    event = make.event()
    other = make.registration(event, name="Sudah Ada")
    import_ = upload(people(3), event)
    take(import_)
    present = db.session.scalar(select(Registration).where(Registration.name == "Peserta 1"))
    op = make.add(CheckInOp(
        op_id=uuid.uuid4(), event_id=event.id, seq=1, kind=OpKind.CHECK_IN, session_id=event.sessions[0].id,
        registration_id=present.id, payload_hash="x", client_at=clock.now(), sent_at=clock.now(),
    ))  # fmt: skip
    make.add(Attendance(
        session_id=event.sessions[0].id, registration_id=present.id, event_id=event.id, op_id=op.op_id, at=clock.now()
    ))  # fmt: skip
    undo(import_)
    left = db.session.scalars(select(Registration.name).order_by(Registration.name)).all()
    assert left == ["Peserta 1", other.name]
    assert [r.name for r in undoing.kept_by_use(import_)] == ["Peserta 1"]
    assert count(db, Person) == 1
    assert count(db, AuditEntry, AuditEntry.action == "import.undone") == 1


def test_an_undo_keeps_a_person_another_registration_knows(make, db, upload, take, undo):
    event, later = make.event(), make.event()
    import_ = upload(people(1), event)
    take(import_)
    person_id = db.session.scalar(select(Registration.person_id).where(Registration.import_id == import_.id))
    make.registration(later, person_id=person_id)
    undo(import_)
    assert count(db, Person, Person.id == person_id) == 1


def test_an_undo_lets_in_those_who_wait(make, db, upload, take, undo):
    event = make.event(capacity=1)
    import_ = upload(people(1), event)
    take(import_)
    waiting = make.registration(event, status=RegistrationStatus.WAITING)
    undo(import_)
    assert waiting.status == RegistrationStatus.CONFIRMED


def test_only_what_was_taken_can_be_undone(make, db, upload):
    with pytest.raises(Conflict):
        work.start_undoing(upload(people(1), make.event()), user_id=None)


def test_undo_killed_in_the_middle_goes_on_where_it_was(make, db, app, upload, take, monkeypatch):
    event = make.event()
    import_ = upload(people(150), event)
    take(import_)
    with app.test_request_context():
        work.start_undoing(import_, user_id=None)
        db.session.commit()
    real = jobs.progress

    def progress(job, done, total=None):
        real(job, done, total)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(jobs, "progress", progress)
        jobs.run_waiting()
    db.session.rollback()
    assert (count(db, Registration), import_.status) == (50, ImportStatus.TAKING)
    db.session.get(jobs.Job, import_.job_id).heartbeat_at = clock.now() - 2 * jobs.STALE
    db.session.commit()
    jobs.run_waiting()
    assert (count(db, Registration), count(db, Person), import_.status) == (0, 0, ImportStatus.UNDONE)


@pytest.fixture
def changed(make, db, app, upload):
    """changed(): an import that gave two people who were registered another business and region."""

    def changed():
        event = make.event()
        for n in range(2):
            nib = str(1000000000000 + n)
            make.registration(event, name=f"Peserta {n}", phone=f"+628{1200000000 + n}", nib=nib, business_name="Dulu")
        import_ = upload(people(2), event)
        with app.test_request_context():
            work.start_changing(import_, user_id=import_.created_by_id)
            db.session.commit()
        jobs.run_waiting()
        return import_

    return changed


def businesses(db) -> list[tuple[str, str | None]]:
    found = select(Registration.business_name, Registration.region_code).order_by(Registration.name)
    return [tuple(row) for row in db.session.execute(found)]


def test_undo_gives_people_back_what_the_import_changed(db, changed, undo):
    import_ = changed()
    assert businesses(db) == [("Usaha 0", "36.02"), ("Usaha 1", "36.02")]
    undo(import_)
    assert businesses(db) == [("Dulu", None), ("Dulu", None)]
    assert undoing.left_as_changed(import_) == []
    assert "Dikembalikan" in " ".join(review.sentences(db.session.scalar(review.rows_of(import_))))


def test_undo_leaves_what_was_changed_again_and_says_so(db, changed, undo):
    import_ = changed()
    first = db.session.scalar(select(Registration).order_by(Registration.name))
    services.change(first, replace(services.details_of(first), business_name="Sesudah"))
    db.session.commit()
    undo(import_)
    assert businesses(db) == [("Sesudah", None), ("Dulu", None)]
    assert undoing.left_as_changed(import_) == ["Peserta 0 (Usaha)"]


def test_undo_of_somebody_whose_nib_another_has_by_now_says_why(make, db, app, upload, undo):
    event = make.event()
    details = Details(name="Peserta 0", phone="081200000000", nib="1111111111112")
    known = services.register(event, services.clean(details, event), source=Source.DESK)
    import_ = upload([["Peserta 0", "081200000000", "1000000000000"]], event)
    with app.test_request_context():
        work.start_changing(import_, user_id=None)
        db.session.commit()
    jobs.run_waiting()
    assert known.nib == "1000000000000"
    make.registration(event, name="Orang Lain", nib="1111111111112")
    undo(import_)
    assert known.nib == "1000000000000"
    assert undoing.left_as_changed(import_) == ["Peserta 0 (NIB)"]


def test_rows_that_changed_somebody_are_neither_corrected_nor_read_again(db, app, changed):
    import_ = changed()
    with app.test_request_context():
        with pytest.raises(Conflict):
            review.correct(import_, db.session.scalar(review.rows_of(import_)), {"name": "Lain"})
        with pytest.raises(Conflict):
            work.set_columns(import_, [], sheet=0, header=1, nib_later=False, alone=False, user_id=None)
        with pytest.raises(Conflict):
            work.discard(import_, user_id=None)


def at_once(app, act, times: int) -> list:
    start = Barrier(times)

    def one(n):
        with app.test_request_context():
            start.wait()
            try:
                result = act(n)
                database.session.commit()
            except Conflict as error:
                database.session.rollback()
                result = type(error)
            database.session.remove()
            return result

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.fixture
def ready(busy_app):
    """ready(rows, **event): the id of an import that is checked, on the database where commits are real."""

    def ready(rows, **values) -> int:
        with busy_app.test_request_context():
            make = Make(database.session)
            event = make.event(**values)
            import_ = work.upload(event, "a.csv", work.store(event, sheet(rows)), user_id=make.user().id)
            database.session.commit()
            jobs.run_waiting()
            import_id = import_.id
            database.session.remove()
        return import_id

    return ready


def test_many_rows_are_registered_by_the_job_and_undone(busy_app, ready):
    rows = amount(1_000, 10_000)  # several transactions of taking, and of undoing
    import_id = ready(people(rows))
    with busy_app.test_request_context():
        import_ = database.session.get(Import, import_id)
        work.start_taking(import_, user_id=None)
        database.session.commit()
        jobs.run_waiting()
        job = database.session.get(jobs.Job, import_.job_id)
        assert (job.status, job.done, job.total) == (jobs.JobStatus.DONE, rows, rows)
        assert review.counts(import_)["taken"] == rows
        assert count(database, Registration) == rows
        assert len(set(database.session.scalars(search.matching(import_.event_id, f"peserta {rows - 1}")))) == 1
        work.start_undoing(import_, user_id=None)
        database.session.commit()
        jobs.run_waiting()
        for model in (Registration, RegistrationWord, Person, Business):
            assert count(database, model) == 0
        database.session.remove()


def test_two_organizers_who_take_at_once_take_once(busy_app, ready):
    import_id = ready(people(300))
    outcomes = at_once(
        busy_app, lambda n: work.start_taking(database.session.get(Import, import_id), user_id=None), times=2
    )
    assert sorted(outcomes, key=str) == [Conflict, None]
    with busy_app.app_context():
        assert jobs.run_waiting() == 1
        assert count(database, Registration) == 300
        database.session.remove()


def test_two_workers_on_the_same_import_register_once_and_within_capacity(busy_app, ready):
    import_id = ready(people(700), capacity=650, waiting_list=False)

    def act(_n):
        import_ = database.session.get(Import, import_id)
        return taking.take_all(import_, lambda done, total: database.session.commit())

    with busy_app.app_context():
        work.start_taking(database.session.get(Import, import_id), user_id=None)
        database.session.commit()
        database.session.remove()
    assert sum(at_once(busy_app, act, times=2)) == 650
    with busy_app.app_context():
        assert count(database, Registration) == 650
        database.session.remove()
