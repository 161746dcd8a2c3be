"""The tab of certificates: preview, issuing, awards, correcting, downloading; and who may."""

import io
import re
import zipfile

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from halal import jobs
from halal.audit.models import AuditEntry
from halal.certificates.models import Award, Certificate, CertificateKind
from halal.certificates.services import lookup, planning
from halal.events.models import EventRole
from tests.certificates import hall


@pytest.fixture
def desk(log_in, make):
    organization = hall.office(make)
    return log_in("organizer", organization)


@pytest.fixture
def event(make, desk):
    return hall.past_event(make, desk.organization, title="Sosialisasi Halal")


def tab(event, rest=""):
    return f"/kelola/kegiatan/{event.slug}/sertifikat{rest}"


def signatory(event) -> int:
    return event.organization.signatories[0].id


def chosen(event, **values) -> dict:
    return {"issued_on": "2025-05-15", "place": "Serang", "signatories": signatory(event), **values}


def run_job(db):
    job = db.session.scalar(select(jobs.Job))
    jobs.run(job.id)
    return job


def test_the_tab_of_an_event_without_anybody_says_what_to_do(desk, event):
    page = desk.get(tab(event))
    assert page.status_code == 200
    assert "Belum ada yang hadir" in page.text
    assert "Tambah penghargaan" in page.text


def test_the_dry_run_names_everybody_with_the_reason(desk, make, db, event):
    hall.present(make, event, "Siti")
    hall.present(make, event, "Budi 😀")
    make.registration(event, name="Absen Saja")
    db.session.commit()
    page = desk.get(tab(event, "/terbitkan/attendance")).text
    assert "1 sertifikat akan terbit" in page
    assert "Absen Saja" in page
    assert "😀" in page
    assert "500/001/BPTSI/V/2025" in page


def test_issuing_from_the_desk_makes_a_job_that_ends_with_certificates(desk, make, db, event):
    hall.present(make, event, "Siti")
    db.session.commit()
    answer = desk.post(tab(event, "/terbitkan/attendance"), data=chosen(event))
    assert answer.status_code == 303
    assert lookup.counts(event)[CertificateKind.ATTENDANCE] == 0
    assert "hx-trigger" in desk.get(tab(event)).text
    run_job(db)
    page = desk.get(tab(event)).text
    assert "1 sertifikat terbit" in page
    assert "500/001/BPTSI/V/2025" in page
    assert db.session.scalar(select(Certificate.issued_by_id)) == desk.user.id
    assert "certificates.issued" in db.session.scalars(select(AuditEntry.action)).all()


def test_three_that_cannot_be_made_are_listed_with_reasons_and_the_rest_is_issued(desk, make, db, event):
    for name in ("Siti", "Budi 😀", "محمد", "Wati", "李明"):
        hall.present(make, event, name)
    db.session.commit()
    desk.post(tab(event, "/terbitkan/attendance"), data=chosen(event))
    run_job(db)
    page = desk.get(tab(event)).text
    assert "2 sertifikat terbit, 3 gagal dibuat" in page
    assert all(f"<b>{name}</b>:" in page for name in ("Budi 😀", "محمد", "李明"))
    assert [c.recipient for c in lookup.valid(event, CertificateKind.ATTENDANCE)] == ["Siti", "Wati"]


def test_the_dry_run_says_how_small_a_long_name_becomes(desk, make, db, event):
    hall.present(make, event, "Prof. Dr. Raden Mas Muhammad Abdurrahman Kusumaningrat Sastrawidjaja, S.T., M.T., Ph.D.")
    db.session.commit()
    assert re.search(r"2 baris, [0-9,]+ poin", desk.get(tab(event, "/terbitkan/attendance")).text)


def test_the_first_number_of_a_year_is_chosen_at_the_desk_until_it_is_taken(desk, make, db, event):
    hall.present(make, event, "Siti")
    db.session.commit()
    path = tab(event, "/terbitkan/attendance/nomor-awal/2025")
    assert path in desk.get(tab(event, "/terbitkan/attendance")).text
    for wrong in ("", "0", "banyak", "999999"):
        refused = desk.post(path, data={"first": wrong})
        assert refused.status_code == 422
        assert "kosongkan" not in refused.text
    assert desk.post(path, data={"first": "128"}).status_code == 303
    assert "500/128/BPTSI/V/2025" in desk.get(tab(event, "/terbitkan/attendance")).text
    hall.issue_all(event)
    assert "nomor-awal" not in desk.get(tab(event, "/terbitkan/attendance")).text
    assert "tidak dapat diubah lagi" in desk.get(path).text
    assert desk.post(path, data={"first": "1"}).status_code == 422
    assert desk.get(tab(event, "/terbitkan/attendance/nomor-awal/1999")).status_code == 404


@pytest.mark.parametrize("ending", ["/attendance.zip", "/cetak/speaker.pdf"])
def test_what_holds_nothing_yet_is_not_handed_out_as_an_empty_file(desk, db, event, ending):
    db.session.commit()
    answer = desk.get(tab(event, ending), follow_redirects=True)
    assert answer.request.path == tab(event, "")
    assert "Belum ada sertifikat" in answer.text


def test_a_speaker_who_was_taken_off_meanwhile_is_named_by_no_code_of_ours(desk, make, db, event):
    hall.on_stage(make, event, "Agus")
    db.session.commit()
    answer = desk.post(tab(event, "/terbitkan/speaker"), data=chosen(event, people=["person:999"]))
    assert answer.status_code == 422
    assert "Ada pilihan yang sudah tidak ada di daftar." in answer.text
    assert "person:999" not in answer.text


def test_progress_is_polled_and_the_page_loaded_anew_at_the_end(desk, make, db, event):
    hall.present(make, event, "Siti")
    db.session.commit()
    desk.post(tab(event, "/terbitkan/attendance"), data=chosen(event))
    running = desk.get(tab(event, "/kemajuan"), headers={"HX-Request": "true"})
    assert "<progress" in running.text
    assert "HX-Refresh" not in running.headers
    run_job(db)
    assert desk.get(tab(event, "/kemajuan"), headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_a_second_issuing_waits_for_the_first(desk, make, db, event):
    hall.present(make, event, "Siti")
    db.session.commit()
    for _again in range(2):
        desk.post(tab(event, "/terbitkan/attendance"), data=chosen(event))
    assert len(db.session.scalars(select(jobs.Job)).all()) == 1


@pytest.mark.parametrize(
    "values",
    [{"signatories": []}, {"place": ""}, {"issued_on": "bukan tanggal"}, {"issued_on": ""}, {"signatories": [999]}],
)
def test_what_is_wrong_with_the_form_is_said_and_nothing_is_issued(desk, make, db, event, values):
    hall.present(make, event, "Siti")
    db.session.commit()
    assert desk.post(tab(event, "/terbitkan/attendance"), data=chosen(event, **values)).status_code == 422
    assert db.session.scalars(select(jobs.Job)).all() == []


def test_nobody_to_issue_to_is_said(desk, event, db):
    db.session.commit()
    answer = desk.post(tab(event, "/terbitkan/attendance"), data=chosen(event))
    assert answer.status_code == 422
    assert "tidak ada yang dapat" in answer.text


def test_only_the_chosen_speakers_get_one(desk, make, db, event):
    hall.on_stage(make, event, "Babar", EventRole.OPENING)
    agus = hall.on_stage(make, event, "Agus")
    db.session.commit()
    desk.post(tab(event, "/terbitkan/speaker"), data=chosen(event, people=[f"person:{agus.id}"]))
    run_job(db)
    assert [c.recipient for c in lookup.valid(event, CertificateKind.SPEAKER)] == ["Agus"]


def test_the_preview_shows_the_chosen_recipient_with_a_watermark(desk, make, db, event):
    siti = hall.present(make, event, "Siti Aminah")
    db.session.commit()
    where = chosen(event, recipient=f"registration:{siti.id}")
    pdf = desk.get(tab(event, "/pratinjau/attendance.pdf"), query_string=where)
    text = PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text()
    assert "Siti Aminah" in text
    assert "PRATINJAU" in text
    png = desk.get(tab(event, "/pratinjau/attendance.png"), query_string=where)
    assert (png.mimetype, png.data[:4]) == ("image/png", b"\x89PNG")
    assert db.session.scalars(select(Certificate)).all() == []


@pytest.mark.parametrize(
    "recipient", ["registration:1", "person:1", "\u202e", "award:01a20047-fba6-7676-8732-e50180cb479f"]
)
def test_a_preview_with_somebody_unknown_shows_the_design(desk, make, event, recipient):
    hall.present(make, event, "Siti")
    where = chosen(event, recipient=recipient)
    assert desk.get(tab(event, "/pratinjau/attendance.pdf"), query_string=where).status_code == 200


@pytest.mark.parametrize("kind", ["attendance", "speaker", "award"])
def test_there_is_a_preview_before_there_is_anybody(desk, event, db, kind):
    db.session.commit()
    assert desk.get(tab(event, f"/pratinjau/{kind}.png")).status_code == 200


def test_an_unprintable_recipient_is_explained_instead_of_previewed(desk, make, db, event):
    budi = hall.present(make, event, "Budi 😀")
    db.session.commit()
    page = desk.get(
        tab(event, "/terbitkan/attendance"), query_string=chosen(event, recipient=f"registration:{budi.id}")
    )
    assert "tidak dapat dicetak" in page.text
    assert "pratinjau/attendance.png" not in page.text


def test_english_screens_still_issue_indonesian_certificates(desk, make, db, event):
    hall.present(make, event, "Siti")
    db.session.commit()
    with desk.session_transaction() as session:
        session["locale"] = "en"
    pdf = desk.get(tab(event, "/pratinjau/attendance.pdf"), query_string=chosen(event))
    text = PdfReader(io.BytesIO(pdf.data)).pages[0].extract_text()
    assert "diberikan kepada" in text
    assert "Kamis, 15 Mei 2025" in " ".join(text.split())


def test_downloads_have_readable_names(desk, make, db, event):
    hall.present(make, event, "Nurul 'Aini", business_name="Warung")
    hall.issue_all(event)
    certificate = db.session.scalar(select(Certificate))
    one = desk.get(tab(event, f"/{certificate.id}.pdf"))
    assert one.data[:5] == b"%PDF-"
    assert "Nurul 'Aini - Warung.pdf" in one.headers["Content-Disposition"]
    archive = desk.get(tab(event, "/attendance.zip"))
    assert zipfile.ZipFile(io.BytesIO(archive.data)).namelist() == ["001 Nurul 'Aini - Warung.pdf"]
    with desk.get(tab(event, "/cetak/attendance.pdf")) as printout:
        assert len(PdfReader(io.BytesIO(printout.data)).pages) == 1


def test_hostile_names_are_text_everywhere(desk, make, db, event):
    name = '<script>alert("x")</script> {{ 7*7 }}'
    hall.present(make, event, name)
    hall.issue_all(event)
    certificate = db.session.scalar(select(Certificate))
    for page in (tab(event), tab(event, "/terbitkan/attendance"), tab(event, f"/{certificate.id}")):
        text = desk.get(page).text
        assert "<script>alert" not in text
        assert "{{ 7*7 }}" in text


def test_the_list_is_searched_by_name_and_number(desk, make, db, event):
    for name in ("Siti", "Wati"):
        hall.present(make, event, name)
    hall.issue_all(event)
    assert "Wati" not in desk.get(tab(event), query_string={"q": "sit"}, headers={"HX-Request": "true"}).text
    assert "Wati" in desk.get(tab(event), query_string={"q": "500/002"}, headers={"HX-Request": "true"}).text
    assert "Tidak ada sertifikat" in desk.get(tab(event), query_string={"q": "%"}).text


def award_form(**values):
    return {"recipient": "Pemerintah Kota", "recipient_kind": "institution", "citation": "kota peduli", **values}


def test_awards_are_planned_changed_ordered_and_removed(desk, db, event):
    db.session.commit()
    for name in ("Kota A", "Kota B", "Kota C"):
        assert desk.post(tab(event, "/penghargaan/baru"), data=award_form(recipient=name)).status_code == 303
    a, _b, c = planning.awards_of(event)
    desk.post(tab(event, f"/penghargaan/{c.id}/pindah"), data={"direction": "up"})
    assert [award.recipient for award in planning.awards_of(event)] == ["Kota A", "Kota C", "Kota B"]
    desk.post(tab(event, f"/penghargaan/{a.id}/pindah"), data={"direction": "up"})
    assert planning.awards_of(event)[0].id == a.id
    desk.post(tab(event, f"/penghargaan/{a.id}"), data=award_form(recipient="Kota\r\nAnyar"))
    assert db.session.get(Award, a.id).recipient == "Kota\nAnyar"
    desk.post(tab(event, f"/penghargaan/{a.id}/hapus"))
    assert [award.recipient for award in planning.awards_of(event)] == ["Kota C", "Kota B"]


@pytest.mark.parametrize("values", [{"recipient": ""}, {"citation": ""}, {"issuer": "MUI"}, {"recipient": "x" * 201}])
def test_an_award_says_what_it_lacks_and_keeps_what_was_typed(desk, db, event, values):
    db.session.commit()
    answer = desk.post(tab(event, "/penghargaan/baru"), data=award_form(received_by="Riza", **values))
    assert answer.status_code == 422
    assert "Riza" in answer.text
    assert planning.awards_of(event) == []


def test_an_issued_award_cannot_be_removed(desk, make, db, event):
    row = hall.award(make, event, "Kota")
    hall.issue_all(event, hall.issue(CertificateKind.AWARD))
    assert desk.post(tab(event, f"/penghargaan/{row.id}/hapus")).status_code == 422
    assert planning.awards_of(event) == [row]


def test_correcting_and_revoking_from_the_page_of_a_certificate(desk, make, db, event):
    registration = hall.present(make, event, "Siti S.E")
    hall.issue_all(event)
    registration.name = "Siti, S.E."
    db.session.commit()
    old = db.session.scalar(select(Certificate))
    assert "Siti, S.E." in desk.get(tab(event, f"/{old.id}")).text
    assert desk.post(tab(event, f"/{old.id}/ganti"), data={"name": "Siti, S.E.", "reason": ""}).status_code == 422
    answer = desk.post(tab(event, f"/{old.id}/ganti"), data={"name": "Siti, S.E.", "reason": "gelar"})
    assert answer.status_code == 303
    new = lookup.valid(event, CertificateKind.ATTENDANCE)[0]
    assert "Menggantikan" in desk.get(tab(event, f"/{new.id}")).text
    assert desk.post(tab(event, f"/{new.id}/cabut"), data={"reason": ""}).status_code == 422
    assert desk.post(tab(event, f"/{new.id}/cabut"), data={"reason": "salah orang"}).status_code == 303
    assert "salah orang" in desk.get(tab(event, f"/{new.id}")).text
    assert desk.post(tab(event, f"/{new.id}/cabut"), data={"reason": "lagi"}).status_code == 422


def test_another_office_and_another_event_find_nothing(desk, make, log_in, db, event):
    hall.present(make, event, "Siti")
    hall.issue_all(event)
    certificate = db.session.scalar(select(Certificate))
    other_event = hall.past_event(make, desk.organization)
    stranger = log_in("owner")
    for path in ("", "/terbitkan/attendance", f"/{certificate.id}", f"/{certificate.id}.pdf", "/attendance.zip",
                 "/cetak/attendance.pdf", "/pratinjau/attendance.png"):  # fmt: skip
        assert stranger.get(tab(event, path)).status_code == 404
    assert desk.get(tab(other_event, f"/{certificate.id}")).status_code == 404
    assert desk.get(tab(other_event, f"/{certificate.id}.pdf")).status_code == 404


def test_viewers_read_and_officers_stay_out(make, log_in, db, event, desk):
    hall.present(make, event, "Siti")
    hall.issue_all(event)
    certificate = db.session.scalar(select(Certificate))
    viewer = log_in("viewer", desk.organization)
    assert viewer.get(tab(event, f"/{certificate.id}.pdf")).status_code == 200
    assert viewer.post(tab(event, f"/{certificate.id}/cabut"), data={"reason": "x"}).status_code == 403
    assert viewer.post(tab(event, "/terbitkan/attendance"), data=chosen(event)).status_code == 403
    assert log_in("checkin_officer", desk.organization).get(tab(event)).status_code == 403


@pytest.mark.parametrize("mistyped", ["0025-05-15", "2205-05-15", "9999-12-31"])
def test_a_date_years_away_from_the_event_begins_no_numbers_of_its_own(desk, make, db, event, mistyped):
    hall.present(make, event, "Siti")
    answer = desk.post(tab(event, "/terbitkan/attendance"), data=chosen(event, issued_on=mistyped))
    assert answer.status_code == 422
    assert "Tanggal ini berjarak bertahun-tahun" in answer.text
    assert db.session.scalar(select(jobs.Job)) is None
