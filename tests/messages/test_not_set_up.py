"""Without a mail server nothing of mail is promised, and why a mail failed is said in words."""

import dataclasses

import pytest

from halal.messages.problems import reason_in_words
from halal.registrations.models import Source


@pytest.fixture
def mail_server(app, monkeypatch):
    """A function that says whether there is one."""

    def say(url: str) -> None:
        monkeypatch.setitem(app.config, "HALAL", dataclasses.replace(app.config["HALAL"], smtp_url=url))

    return say


@pytest.mark.parametrize(("url", "offered"), [("", False), ("smtps://mail.example", True)])
def test_mail_is_offered_only_where_it_is_set_up(log_in, make, db, mail_server, url, offered):
    mail_server(url)
    client = log_in("owner")
    event = make.event(client.organization)
    registration = make.registration(event, email="siti@uji.example", source=Source.DESK)
    make.attendance(registration)
    db.session.commit()
    form = client.get(f"/kegiatan/{event.slug}/daftar").text
    assert 'name="email"' in form
    assert ("kiriman tautan tiket" in form) is offered
    page = client.get(f"/kelola/kegiatan/{event.slug}/sertifikat/terbitkan/attendance").text
    assert 'id="issue-form"' in page
    assert ('name="mail"' in page) is offered


def test_asking_for_mails_without_a_mail_server_is_refused_in_words(log_in, make, db, mail_server):
    mail_server("")
    client = log_in("owner")
    event = make.event(client.organization)
    answer = client.post(f"/kelola/kegiatan/{event.slug}/sertifikat/bagikan/attendance/email", follow_redirects=True)
    assert "belum terhubung ke server e-mail" in answer.text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("HALAL_SMTP_URL is not set", "belum terhubung ke server e-mail"),
        ("550 no such person", "Periksa alamatnya"),
        ("451 greylisted", "belum dapat menerimanya"),
        ("TimeoutError: timed out", "tidak menjawab"),
        ("STARTTLS extension not supported by server.", "tidak dapat dipakai"),
    ],
)
def test_reason_of_a_failed_mail_is_said_in_words(app, error, words):
    with app.test_request_context("/"):
        assert words in reason_in_words(error)
