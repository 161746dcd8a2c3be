"""Who gets a certificate, under which number; what goes on after an interruption."""

import hashlib
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from halal import clock, files, ids, jobs
from halal.certificates import press, work
from halal.certificates.models import Certificate, CertificateKind, CertificateStatus, NumberSeries
from halal.certificates.services import bundle, issuing, lookup, planning, signing
from halal.certificates.services.planning import Reason
from halal.certificates.wording import Signer
from halal.errors import Conflict, DomainError
from halal.events.models import EventRole
from halal.registrations.models import RegistrationStatus
from tests import stored
from tests.certificates import hall

LONG = "Prof. Dr. Ir. H. Raden Mas Muhammad Abdurrahman Kusumaningrat Sastrawidjaja, S.T., M.T., Ph.D., IPU."


@pytest.fixture
def event(make):
    return hall.past_event(make)


def numbers(db):
    return db.session.scalars(select(Certificate.number).order_by(Certificate.year, Certificate.seq)).all()


def test_everybody_present_gets_one_and_nobody_else(make, db, event):
    hall.present(make, event, "Siti")
    make.registration(event, name="Absen")
    make.registration(event, name="Menunggu", status=RegistrationStatus.WAITING)
    hall.present(make, event, "Batal", status=RegistrationStatus.CANCELLED)
    hall.present(make, event, "Antre", status=RegistrationStatus.WAITING)
    plan = planning.plan(event, hall.issue())
    assert [c.name for c in plan.ready] == ["Antre", "Batal", "Siti"]  # presence stands, whatever became of the place
    assert {s.candidate.name: s.reason for s in plan.skipped} == {"Absen": Reason.ABSENT}
    assert hall.issue_all(event).issued == 3
    assert [c.recipient for c in lookup.valid(event, CertificateKind.ATTENDANCE)] == ["Antre", "Batal", "Siti"]


def test_numbers_follow_the_pattern_in_the_order_of_names(make, db, event):
    for name in ("Wati", "H. Ahmad", "Dewi"):
        hall.present(make, event, name)
    hall.issue_all(event)
    assert [(c.recipient, c.number) for c in lookup.valid(event, CertificateKind.ATTENDANCE)] == [
        ("H. Ahmad", "500/001/BPTSI/V/2025"), ("Dewi", "500/002/BPTSI/V/2025"), ("Wati", "500/003/BPTSI/V/2025"),
    ]  # fmt: skip


def test_each_year_and_each_office_counts_for_itself_whatever_the_event(make, db, event):
    hall.present(make, event, "Siti")
    hall.issue_all(event)
    again = hall.past_event(make, event.organization)
    hall.present(make, again, "Wati")
    hall.issue_all(again)
    later = hall.past_event(make, event.organization)
    hall.present(make, later, "Dewi")
    hall.issue_all(later, hall.issue(issued_on=date(2026, 1, 5)))
    other = hall.past_event(make)
    hall.present(make, other, "Adi")
    hall.issue_all(other)
    assert numbers(db) == [
        "500/001/BPTSI/V/2025",
        "500/001/BPTSI/V/2025",
        "500/002/BPTSI/V/2025",
        "500/001/BPTSI/I/2026",
    ]


def test_issuing_again_issues_to_the_newcomers_only(make, db, event):
    hall.present(make, event, "Siti")
    hall.issue_all(event)
    hall.present(make, event, "Ali")
    assert hall.issue_all(event).issued == 1
    assert hall.issue_all(event).issued == 0
    assert numbers(db) == ["500/001/BPTSI/V/2025", "500/002/BPTSI/V/2025"]


def test_a_name_that_cannot_be_printed_is_listed_and_the_others_go_on_without_a_gap(make, db, event):
    for name in ("Ali", "Budi 😀", "Citra", "محمد", "Dewi"):
        hall.present(make, event, name)
    outcome = hall.issue_all(event)
    assert outcome.issued == 3
    assert {f["name"] for f in outcome.failed} == {"Budi 😀", "محمد"}
    assert "😀" in next(f["reason"] for f in outcome.failed if f["name"].startswith("Budi"))
    assert [n.split("/")[1] for n in numbers(db)] == ["001", "002", "003"]


def test_a_page_that_fails_to_draw_stops_that_person_only(make, db, event, monkeypatch):
    for name in ("Ali", "Budi", "Citra"):
        hall.present(make, event, name)
    draw = press.certificate

    def fails_for_budi(snapshot, *rest, **more):
        if snapshot["recipient"] == "Budi":
            raise OSError("no space left")
        return draw(snapshot, *rest, **more)

    monkeypatch.setattr(press, "certificate", fails_for_budi)
    outcome = hall.issue_all(event)
    assert (outcome.issued, [f["name"] for f in outcome.failed]) == (2, ["Budi"])
    monkeypatch.undo()
    assert hall.issue_all(event).issued == 1
    assert [n.split("/")[1] for n in numbers(db)] == ["001", "002", "003"]


def test_the_dry_run_names_everybody_whose_name_had_to_shrink_with_size_and_lines(make, db, event):
    for name in ("Siti", LONG, "Raden Ayu Kusumaningrat Sastrawidjaja"):
        hall.present(make, event, name)
    plan = planning.plan(event, hall.issue())
    assert len(plan.ready) == 3
    longest, second = plan.squeezed
    assert (longest.candidate.name, second.lines) == (LONG, 1)
    assert longest.lines > 1
    assert 17 <= longest.size < second.size < 40


def test_the_first_number_of_a_year_can_be_chosen_until_it_is_taken(make, db, event):
    for name in ("Ali", "Budi"):
        hall.present(make, event, name)
    issuing.begin_at(event, 2025, 1280)
    issuing.begin_at(event, 2025, 128)  # a slip of the finger is corrected
    hall.issue_all(event)
    assert numbers(db) == ["500/128/BPTSI/V/2025", "500/129/BPTSI/V/2025"]
    for first in (1, 129, 500):
        with pytest.raises(Conflict):
            issuing.begin_at(event, 2025, first)
    issuing.begin_at(event, 2026, 40)  # another year begins for itself
    assert (issuing.next_seq(event.organization_id, 2025), issuing.next_seq(event.organization_id, 2026)) == (130, 40)


@pytest.mark.parametrize("first", [0, -1, 900_001])
def test_a_first_number_that_no_pattern_can_show_is_refused(make, db, event, first):
    with pytest.raises(DomainError):
        issuing.begin_at(event, 2025, first)


def test_the_stored_file_and_the_row_agree_and_stay_when_everything_else_is_renamed(make, db, event):
    registration = hall.present(make, event, "Siti Aminah")
    hall.issue_all(event)
    certificate = lookup.valid(event, CertificateKind.ATTENDANCE)[0]
    before = bundle.content(certificate)
    assert hashlib.sha256(before).hexdigest() == certificate.pdf_sha256
    registration.name, event.title, event.organization.name = "Nama Lain", "Judul Lain", "Kantor Lain"
    event.organization.number_pattern = "{seq}/{year}"
    db.session.commit()
    assert bundle.content(certificate) == before
    assert certificate.snapshot["recipient"] == "Siti Aminah"
    assert certificate.snapshot["event"] != "Judul Lain"
    assert planning.current_name(certificate) == "Nama Lain"


def test_speakers_get_one_by_role_and_awards_in_the_order_of_honor(make, db, event):
    hall.on_stage(make, event, "Babar", EventRole.OPENING)
    hall.on_stage(make, event, "Agus")
    second = hall.award(make, event, "Kota Kedua", position=1)
    hall.award(make, event, "Kota Pertama", position=0)
    assert hall.issue_all(event, hall.issue(CertificateKind.SPEAKER)).issued == 2
    assert hall.issue_all(event, hall.issue(CertificateKind.AWARD), [f"award:{second.id}"]).issued == 1
    assert hall.issue_all(event, hall.issue(CertificateKind.AWARD)).issued == 1
    assert [c.recipient for c in lookup.valid(event, CertificateKind.SPEAKER)] == ["Babar", "Agus"]
    assert [c.recipient for c in lookup.valid(event, CertificateKind.AWARD)] == ["Kota Pertama", "Kota Kedua"]


def certified_and_gone(make, event, name):
    """A speaker whose certificate was issued and who was taken off the programme then."""
    person = hall.on_stage(make, event, name)
    hall.issue_all(event, hall.issue(CertificateKind.SPEAKER))
    event.people.remove(person)
    make.session.flush()


def test_who_was_taken_off_the_programme_and_stands_there_again_is_issued_nothing_twice(make, db, event):
    issue = hall.issue(CertificateKind.SPEAKER)
    certified_and_gone(make, event, "Dr. Babar")
    hall.on_stage(make, event, "Hj. Ratu Ayu")
    hall.on_stage(make, event, "dr. babar")
    assert [s.reason for s in planning.plan(event, issue).skipped] == [Reason.ISSUED]
    assert hall.issue_all(event, issue).issued == 1
    hall.on_stage(make, event, "Dr. Babar")  # a namesake beside the one who has it
    assert [c.name for c in planning.plan(event, issue).ready] == ["Dr. Babar"]
    assert hall.issue_all(event, issue).issued == 1


def test_of_two_certificates_of_one_speaker_the_valid_one_counts(make, db, event):
    issue = hall.issue(CertificateKind.SPEAKER)
    for _time in range(2):
        certified_and_gone(make, event, "Siti")
    first = lookup.valid(event, CertificateKind.SPEAKER)[0]
    make.add(Certificate(organization_id=event.organization_id, event=event, kind=CertificateKind.SPEAKER, year=2025,
                         seq=99, number="99", recipient="Siti", issued_on=first.issued_on, pdf_file="x", pdf_sha256="0",
                         snapshot={"subject": "person:999", "recipient": "Siti"},
                         status=CertificateStatus.REVOKED))  # fmt: skip
    hall.on_stage(make, event, "Siti")
    assert [s.reason for s in planning.plan(event, issue).skipped] == [Reason.ISSUED]


def test_whoever_comes_after_somebody_who_was_taken_off_is_not_taken_for_them(make, db, event):
    issue = hall.issue(CertificateKind.SPEAKER)
    certified_and_gone(make, event, "Dr. Babar")
    hall.on_stage(make, event, "Hj. Ratu Ayu")
    assert hall.issue_all(event, issue).issued == 1


def test_an_award_without_any_signatory_is_refused_in_words(make, db, event):
    hall.award(make, event, "Kota")
    outcome = hall.issue_all(event, hall.issue(CertificateKind.AWARD, signers=()))
    assert outcome.issued == 0
    assert outcome.failed[0]["reason"]


def test_a_number_that_exists_already_stops_the_issuing_in_words(make, db, event):
    hall.present(make, event, "Siti")
    hall.issue_all(event)
    hall.present(make, event, "Wati")
    event.organization.number_pattern = "500/001/BPTSI/V/2025"  # older than the check of patterns
    db.session.commit()
    with pytest.raises(Conflict, match="500/001"):
        hall.issue_all(event)


def test_whoever_needs_a_lost_logo_is_listed_and_an_outside_issuer_goes_on(make, db, event):
    hall.award(make, event, "Kota A")
    hall.award(make, event, "Kota B", issuer="MUI", signatory_name="K.H. Hamri")
    event.organization.logo_file = "public/gone.png"
    plan = planning.plan(event, hall.issue(CertificateKind.AWARD))
    assert [s.candidate.name for s in plan.skipped_for(Reason.UNPRINTABLE)] == ["Kota A"]
    outcome = hall.issue_all(event, hall.issue(CertificateKind.AWARD))
    assert (outcome.issued, [f["name"] for f in outcome.failed]) == (1, ["Kota A"])
    assert "Logo" in outcome.failed[0]["reason"]


@pytest.mark.parametrize("signers", [(), (hall.HEAD,) * 4])
def test_one_to_three_people_sign(make, db, event, signers):
    hall.present(make, event, "Siti")
    with pytest.raises(DomainError) as caught:
        work.start(event, hall.issue(signers=signers), None, None)
    assert caught.value.field == "signatories"


def drafts(event, seq=1):
    how = hall.issue()
    signing.ensure(event.organization_id)
    tools = issuing.tools(event.organization)
    return [
        issuing.draft(event, how, candidate, seq + n, tools)
        for n, candidate in enumerate(planning.plan(event, how).ready)
    ]


def test_drafts_with_numbers_that_are_gone_are_not_stored(make, db, event):
    hall.present(make, event, "Siti")
    late = drafts(event, seq=1)
    db.session.add(NumberSeries(organization_id=event.organization_id, year=2025, next_seq=2))
    db.session.flush()
    assert issuing.store(event, CertificateKind.ATTENDANCE, hall.DAY, late, None) is None
    assert db.session.scalar(select(func.count()).select_from(Certificate)) == 0


def test_drafts_of_somebody_who_has_one_by_now_are_not_stored(make, db, event):
    hall.present(make, event, "Siti")
    late = drafts(event, seq=2)
    hall.issue_all(event)
    assert issuing.store(event, CertificateKind.ATTENDANCE, hall.DAY, late, None) is None


def test_when_others_are_quicker_less_is_drawn_the_next_time(make, db, event, monkeypatch):
    many(make, event, 4)
    monkeypatch.setattr(work, "BATCH", 4)
    there = stored.keys("certificates")
    look, looks = issuing.next_seq, []

    def too_early(*about):
        looks.append(about)
        return look(*about) + 7 * (len(looks) < 3)

    monkeypatch.setattr(issuing, "next_seq", too_early)
    assert hall.issue_all(event).issued == 4
    assert numbers(db) == [f"500/00{n}/BPTSI/V/2025" for n in (1, 2, 3, 4)]
    assert stored.keys("certificates") == sorted([*there, *db.session.scalars(select(Certificate.pdf_file))])


def test_when_others_are_always_quicker_nothing_is_kept_and_it_says_so(make, db, event, monkeypatch):
    hall.present(make, event, "Siti")
    look, there = issuing.next_seq, stored.keys("certificates")
    monkeypatch.setattr(issuing, "next_seq", lambda *about: look(*about) + 7)
    with pytest.raises(Conflict):
        hall.issue_all(event)
    db.session.rollback()
    assert (numbers(db), stored.keys("certificates")) == ([], there)


def many(make, event, count):
    for n in range(count):
        hall.present(make, event, f"Peserta {n:03}")


def test_the_job_goes_on_where_it_was_killed(make, db, event, monkeypatch):
    many(make, event, 5)
    monkeypatch.setattr(work, "BATCH", 2)
    folder, before = f"certificates/{event.organization_id}/2025", clock.now() - timedelta(seconds=1)
    files.put(f"{folder}/{ids.derived(before, 'of a database that was restored')}.pdf", b"")
    there = stored.keys(folder)
    job = work.start(event, hall.issue(), None, None)
    db.session.commit()
    put, calls = files.put, []

    class Killed(BaseException):
        """Like kill -9: nobody cleans up."""

    def dies_in_the_second_batch(key, content):
        calls.append(key)
        if len(calls) == 4:
            raise Killed
        put(key, content)

    monkeypatch.setattr(files, "put", dies_in_the_second_batch)
    with pytest.raises(Killed):
        jobs.run(job.id)
    db.session.rollback()
    assert len(numbers(db)) == 2
    assert db.session.get(jobs.Job, job.id).status == "running"
    assert calls[2] in stored.keys(folder)

    monkeypatch.setattr(files, "put", put)
    db.session.get(jobs.Job, job.id).heartbeat_at -= 2 * jobs.STALE
    db.session.commit()
    jobs.run(job.id)
    job = db.session.get(jobs.Job, job.id)
    assert (job.status, job.result["issued"], job.done, job.total) == ("done", 5, 5, 5)
    assert [n.split("/")[1] for n in numbers(db)] == ["001", "002", "003", "004", "005"]
    assert {c.subject_key for c in db.session.scalars(select(Certificate))} == {
        c.subject for c in planning.candidates(event, CertificateKind.ATTENDANCE)
    }
    # no file with a name in it is left without a certificate; what this job has not stored is left alone
    assert set(stored.keys(folder)) == {*there, *db.session.scalars(select(Certificate.pdf_file))}


def test_the_job_tells_how_far_it_is(make, db, event, monkeypatch):
    many(make, event, 5)
    hall.present(make, event, "Budi 😀")
    monkeypatch.setattr(work, "BATCH", 2)
    job = work.start(event, hall.issue(), None, None)
    db.session.commit()
    seen, tell = [], jobs.progress

    def listen(job, done, total=None):
        seen.append((done, total))
        tell(job, done, total)

    monkeypatch.setattr(jobs, "progress", listen)
    jobs.run(job.id)
    assert list(dict.fromkeys(seen)) == [(1, 6), (3, 6), (5, 6), (6, 6)]
    assert db.session.get(jobs.Job, job.id).result["failed"][0]["name"] == "Budi 😀"


def test_a_signatory_is_printed_as_of_that_day(make, db, event):
    hall.present(make, event, "Siti")
    job = work.start(event, hall.issue(signers=(Signer("Ibu Lama", "Kepala"),)), None, None)
    db.session.commit()
    jobs.run(job.id)
    assert lookup.valid(event, CertificateKind.ATTENDANCE)[0].snapshot["signatories"][0]["name"] == "Ibu Lama"
    assert all(c.status is CertificateStatus.VALID for c in db.session.scalars(select(Certificate)))
