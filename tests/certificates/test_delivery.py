"""How certificates reach people: their ticket, WhatsApp, mail; and who was sent to."""

import dataclasses
import io
from urllib.parse import parse_qs, urlsplit

import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from halal import files, jobs
from halal.certificates import work
from halal.certificates.models import CertificateKind, CertificateShare
from halal.certificates.services import bundle, delivery, ending, lookup, planning
from halal.messages.models import Mail
from halal.registrations import letters
from tests.certificates import hall
from tests.messages.test_messages import mailbox, smtp  # noqa: F401 -- fixtures: a real SMTP server


@pytest.fixture
def desk(log_in, make):
    return log_in("organizer", hall.office(make))


@pytest.fixture
def event(make, desk):
    return hall.past_event(make, desk.organization, title="Sosialisasi Halal")


def issued(event, kind=CertificateKind.ATTENDANCE):
    hall.issue_all(event, hall.issue(kind))
    return lookup.valid(event, kind)


def tab(event, rest=""):
    return f"/kelola/kegiatan/{event.slug}/sertifikat{rest}"


def shares(db):
    return db.session.scalar(select(func.count()).select_from(CertificateShare))


def test_the_ticket_gives_its_own_certificate_and_no_other(make, db, client, event):
    siti, wati = hall.present(make, event, "Siti"), hall.present(make, event, "Wati")
    of_siti, of_wati = issued(event)
    path = f"/t/{siti.token}/sertifikat/{of_siti.id}.pdf"
    assert path in client.get(f"/t/{siti.token}").text
    answer = client.get(path)
    assert answer.data == bundle.content(of_siti)
    assert "Siti.pdf" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"/t/{siti.token}/sertifikat/{of_wati.id}.pdf").status_code == 404
    ending.revoke(of_siti, "salah orang")
    db.session.commit()
    assert client.get(path).status_code == 404
    assert f"/t/{wati.token}/sertifikat/" not in client.get(f"/t/{siti.token}").text


def test_the_message_names_person_event_and_ticket_and_nothing_else(make, event):
    siti = hall.present(make, event, "Siti & Co", phone="+6281234567890", nib="1234567890123", email="siti@uji.example")
    [certificate] = issued(event)
    link = urlsplit(delivery.sharing(certificate).link)
    assert (link.netloc, link.path) == ("wa.me", "/6281234567890")
    [text] = parse_qs(link.query)["text"]
    assert all(part in text for part in ("Siti & Co", "Sosialisasi Halal", letters.ticket_url(siti)))
    assert not any(part in text for part in ("1234567890123", "81234567890", "siti@uji"))


def test_an_award_is_shared_by_its_verification_page(make, event):
    hall.award(make, event, "Kota")
    [certificate] = issued(event, CertificateKind.AWARD)
    one = delivery.sharing(certificate)
    assert certificate.snapshot["url"] in parse_qs(urlsplit(one.link).query)["text"][0]
    assert (urlsplit(one.link).path, one.has_phone) == ("/", False)


def test_a_tap_marks_as_sent_a_second_changes_nothing_and_it_can_be_undone(make, db, desk, event):
    for name in ("Siti", "Wati"):
        hall.present(make, event, name)
    siti = issued(event)[0]
    path, row = tab(event, f"/{siti.id}/terkirim"), f'id="share-{siti.id}"'
    answer = desk.post(path, data={"sent": "yes"}, headers={"HX-Request": "true"})
    assert row in answer.text
    assert "Batalkan" in answer.text
    assert "wa.me" not in answer.text
    assert desk.post(path, data={"sent": "yes"}).status_code == 303
    assert shares(db) == 1
    page = desk.get(tab(event, "/bagikan/attendance"))
    assert "1 / 2" in page.text
    assert row not in desk.get(tab(event, "/bagikan/attendance?show=unsent")).text
    assert "wa.me" in desk.post(path, data={"sent": "no"}, headers={"HX-Request": "true"}).text
    assert shares(db) == 0


def test_one_that_no_longer_counts_is_neither_listed_nor_marked(make, db, desk, event):
    hall.present(make, event, "Siti")
    [certificate] = issued(event)
    ending.revoke(certificate, "salah orang")
    db.session.commit()
    assert str(certificate.id) not in desk.get(tab(event, "/bagikan/attendance")).text
    assert desk.post(tab(event, f"/{certificate.id}/terkirim"), data={"sent": "yes"}).status_code == 409
    assert shares(db) == 0


def test_phones_are_for_those_who_manage(make, db, log_in, desk, event):
    hall.present(make, event, "Siti", phone="+6281234567890")
    [certificate] = issued(event)
    assert "6281234567890" in desk.get(tab(event, "/bagikan/attendance")).text
    viewer = log_in("viewer", desk.organization)
    assert viewer.get(tab(event, "/bagikan/attendance")).status_code == 403
    assert viewer.post(tab(event, f"/{certificate.id}/terkirim"), data={"sent": "yes"}).status_code == 403
    assert "81234567890" not in viewer.get(tab(event)).text
    assert "bagikan" not in viewer.get(tab(event)).text
    stranger = log_in("owner")
    assert stranger.post(tab(event, f"/{certificate.id}/terkirim"), data={"sent": "yes"}).status_code == 404


def test_a_job_that_was_killed_writes_to_everybody_once(make, db, event, monkeypatch, mailbox, smtp):  # noqa: F811
    smtp(f"smtp+plain://127.0.0.1:{mailbox.port}")
    for n in range(5):
        hall.present(make, event, f"Peserta {n}", email=f"p{n}@uji.example")
    hall.present(make, event, "Tanpa Alamat")
    monkeypatch.setattr(work, "BATCH", 2)
    job = work.start(event, hall.issue(), None, None, mail=True)
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
    assert db.session.scalar(select(func.count()).select_from(Mail)) == 2
    assert mailbox.mails == []
    monkeypatch.setattr(files, "put", put)
    db.session.get(jobs.Job, job.id).heartbeat_at -= 2 * jobs.STALE
    db.session.commit()
    for _again in range(2):
        jobs.run_waiting()
    assert sorted(mail["To"] for mail in mailbox.mails) == [f"p{n}@uji.example" for n in range(5)]
    assert all("/t/" in mail.get_content() for mail in mailbox.mails)
    assert delivery.unmailed(event, CertificateKind.ATTENDANCE) == []


def test_mails_forgotten_while_issuing_are_sent_from_the_list_once(app, make, db, desk, event, monkeypatch):
    with_mail = dataclasses.replace(app.config["HALAL"], smtp_url="smtps://mail.example")
    monkeypatch.setitem(app.config, "HALAL", with_mail)
    hall.present(make, event, "Siti", email="siti@uji.example")
    hall.present(make, event, "Wati")
    issued(event)
    assert "Kirim 1 e-mail" in desk.get(tab(event, "/bagikan/attendance")).text
    for _again in range(2):
        desk.post(tab(event, "/bagikan/attendance/email"))
    assert [mail.recipient for mail in db.session.scalars(select(Mail))] == ["siti@uji.example"]
    assert "Kirim 1 e-mail" not in desk.get(tab(event, "/bagikan/attendance")).text


def test_awards_are_printed_in_the_order_of_honor_even_when_it_changes_afterwards(make, db, desk, event):
    for position, name in enumerate(("Kota Alfa", "Kota Beta", "Kota Gama")):
        hall.award(make, event, name, position=position)
    issued(event, CertificateKind.AWARD)
    last = planning.awards_of(event)[-1]
    desk.post(tab(event, f"/penghargaan/{last.id}/pindah"), data={"direction": "up"})
    with desk.get(tab(event, "/cetak/award.pdf")) as printout:
        pages = [page.extract_text() for page in PdfReader(io.BytesIO(printout.data)).pages]
    assert [next(n for n in ("Alfa", "Beta", "Gama") if n in page) for page in pages] == ["Alfa", "Gama", "Beta"]
