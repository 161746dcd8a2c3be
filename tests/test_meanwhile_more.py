"""What else happens meanwhile: a page goes public, a consent is withdrawn, a picture is replaced, a row is removed."""

import io

import pytest
from PIL import Image
from sqlalchemy import delete
from sqlalchemy.orm import Session

from halal import files, jobs
from halal.errors import NotFound
from halal.events.models import EventStatus
from halal.extensions import db as database
from halal.meanwhile import hold
from halal.news import covers
from halal.news.models import Article, ArticleStatus
from halal.registrations import services as registrations
from halal.registrations.models import ConsentPurpose, Registration
from tests.test_meanwhile import form_with


def png(color="red"):
    out = io.BytesIO()
    Image.new("RGB", (900, 600), color).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def client(log_in):
    return log_in("organizer")


def opened(client, path, field="title"):
    return form_with(client.get(path).text, field)[2]


def test_a_draft_that_went_public_meanwhile_does_not_get_what_is_half_written(client, make, db):
    article = make.article(client.organization, status=ArticleStatus.DRAFT, published_at=None)
    event = make.event(client.organization, status=EventStatus.DRAFT)
    db.session.commit()
    path, event_path = f"/kelola/berita/{article.id}", f"/kelola/kegiatan/{event.slug}"
    old, old_event = opened(client, path), opened(client, f"{event_path}/ubah")
    assert client.post(f"{path}/status", data={"action": "publish"}).status_code == 303
    assert client.post(f"{event_path}/status", data={"status": "published"}).status_code == 303
    assert client.post(path, data={**old, "body": "belum selesai", "action": "save"}).status_code == 409
    assert client.post(f"{event_path}/ubah", data={**old_event, "title": "belum jadi"}).status_code == 409
    db.session.expire_all()
    assert article.body == "Isi berita."


def test_who_publishes_with_a_double_click_is_told_of_nobody(client, make, db):
    article = make.article(client.organization, status=ArticleStatus.DRAFT, published_at=None)
    db.session.commit()
    path = f"/kelola/berita/{article.id}"
    form = {**opened(client, path), "cover": None, "cover_alt": "Peserta", "action": "publish", "body": "Selesai."}
    for _time in range(2):
        sent = {**form, "cover": (io.BytesIO(png()), "foto.png")}
        assert client.post(path, data=sent, content_type="multipart/form-data").status_code in {200, 303}


def test_who_saves_again_over_a_new_cover_keeps_a_picture_that_is_there(client, make, db):
    article = make.article(
        client.organization, cover_file=covers.store(png(), client.organization.id), cover_alt="Foto"
    )
    db.session.commit()
    path = f"/kelola/berita/{article.id}"
    old = opened(client, path)
    new = {**old, "cover": (io.BytesIO(png("blue")), "foto.png"), "action": "save"}
    assert client.post(path, data=new, content_type="multipart/form-data").status_code == 303
    told = client.post(path, data={**old, "title": "Dari Ani", "action": "save"})
    assert told.status_code == 409
    again = form_with(told.text, "title")[2]
    assert client.post(path, data={**again, "action": "save"}).status_code == 303
    db.session.expire_all()
    assert (article.title, files.get(article.cover_file)[:4]) == ("Dari Ani", b"\x89PNG")


@pytest.fixture
def ticket(make, db):
    registration = make.registration(make.event(), name="Siti", phone="+6281234567890", region_code="36.73")
    db.session.commit()
    return registration


def test_a_consent_that_was_withdrawn_meanwhile_stays_withdrawn(client, ticket, db):
    registrations.give_consent(ticket, ConsentPurpose.PHOTOS, "1/id")
    db.session.commit()
    path = f"/t/{ticket.token}/ubah"
    old = opened(client, path, "name")
    assert client.post(path, data={name: value for name, value in old.items() if name != "photos"}).status_code == 303
    assert client.post(path, data={**old, "product": "Keripik"}).status_code == 409
    assert client.post(path, data=old).status_code == 409
    db.session.expire_all()
    assert registrations.consent_to(db.session.get(Registration, ticket.id), ConsentPurpose.PHOTOS) is None


def test_an_attendee_hears_nothing_of_what_the_office_notes_and_does_not_undo_it(client, ticket, db):
    path = f"/t/{ticket.token}/ubah"
    old = opened(client, path, "name")
    ticket.note = "datang terlambat"
    db.session.commit()
    assert client.post(path, data={**old, "product": "Keripik"}).status_code == 303
    db.session.expire_all()
    assert (ticket.note, ticket.product) == ("datang terlambat", "Keripik")


def test_a_program_with_a_quota_elsewhere_is_sent_twice_and_saved_once(client, make, db):
    program = make.program(client.organization)
    db.session.commit()
    path = f"/kelola/program/{program.id}/ubah"
    form = {**opened(client, path), "other_regions": "Kota Bogor", "quotas-0-quota": "30"}
    for _time in range(2):
        assert client.post(path, data=form).status_code == 303


def test_that_a_page_is_old_is_said_before_what_is_wrong_with_it(client, make, db):
    event = make.event(client.organization)
    db.session.commit()
    path = f"/kelola/kegiatan/{event.slug}/ubah"
    old = opened(client, path)
    assert client.post(path, data={**old, "sessions-1-title": "Siang"}).status_code == 303
    make.attendance(make.registration(event), session=event.sessions[1])
    db.session.commit()
    assert client.post(path, data={**old, "title": "Judul baru"}).status_code == 409


def test_what_was_removed_while_somebody_saved_it_is_a_page_that_is_not_there(client, make, db, monkeypatch):
    article = make.article(client.organization, status=ArticleStatus.DRAFT, published_at=None)
    db.session.commit()
    path = f"/kelola/berita/{article.id}"
    form = opened(client, path)

    def removed(row):
        db.session.execute(delete(Article).where(Article.id == row.id).execution_options(synchronize_session=False))
        hold(row)

    monkeypatch.setattr("halal.news.services.hold", removed)
    assert client.post(path, data={**form, "action": "save"}).status_code == NotFound.status


def test_a_job_begun_before_a_savepoint_that_is_taken_back_still_wakes_the_worker(busy_app):
    with busy_app.app_context(), Session(database.engine):
        woken = []
        busy_app.extensions["wake_worker"] = woken.append
        job = jobs.start("nothing")
        database.session.begin_nested().rollback()
        database.session.commit()
        assert woken == [str(job.id)]
