"""Mail: written with its cause, sent after the commit by a real SMTP conversation, tried again when that may help."""

import asyncio
import dataclasses
import smtplib
import socket
import ssl
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from sqlalchemy import select

from halal import clock, files, jobs
from halal.jobs import Job
from halal.messages import sending, services
from halal.messages.sending import RETRIES
from tests import stored


class Mailbox:
    """What an SMTP server does with mails: keeps them, or answers with `refusal`."""

    def __init__(self):
        self.mails, self.refusal = [], None

    async def handle_DATA(self, server, session, envelope):
        if self.refusal:
            return self.refusal
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("tidakada"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"


CERTIFICATE = Path(__file__).parent / "localhost.pem"  # signed by itself; trusted by nothing but these tests


@contextmanager
def serving(box=None, **options):
    box = box or Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@pytest.fixture
def mailbox():
    with serving() as box:
        yield box


@pytest.fixture
def tls(monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.fixture
def smtp(app, monkeypatch):
    """smtp(url): configure the mail server."""

    def configure(url):
        monkeypatch.setitem(app.config, "HALAL", dataclasses.replace(app.config["HALAL"], smtp_url=url))

    return configure


def queue(db, recipient="siti@uji.example", **values):
    mail = services.queue_mail("uji:1", recipient, "Pendaftaran: Sosialisasi Halal", "Yth. Ibu Siti – tiket", **values)
    db.session.commit()
    return mail


def work(db):
    jobs.run_waiting()
    db.session.expire_all()


def test_a_mail_arrives_as_it_was_written(db, make, mailbox, smtp):
    smtp(f"smtp+plain://127.0.0.1:{mailbox.port}")
    office = make.organization(short_name="UPTD Uji, Banten", email="kantor@uji.example")
    mail = queue(db, organization_id=office.id)
    work(db)
    [arrived] = mailbox.mails
    assert arrived["To"] == "siti@uji.example"
    assert arrived["Subject"] == "Pendaftaran: Sosialisasi Halal"
    assert arrived["From"].addresses[0].display_name == "UPTD Uji, Banten"
    assert arrived["Reply-To"] == "kantor@uji.example"
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived.get_content().strip() == "Yth. Ibu Siti – tiket"
    assert (mail.attempts, mail.error, mail.body) == (1, "", "")
    assert mail.sent_at is not None


def test_the_same_cause_sends_one_mail(db, mailbox, smtp):
    smtp(f"smtp+plain://127.0.0.1:{mailbox.port}")
    assert queue(db) is queue(db)
    work(db)
    work(db)
    assert len(mailbox.mails) == 1


def test_a_mail_that_is_rolled_back_is_never_sent(db, mailbox, smtp):
    smtp(f"smtp+plain://127.0.0.1:{mailbox.port}")
    services.queue_mail("uji:2", "siti@uji.example", "x", "y")
    db.session.rollback()
    work(db)
    assert mailbox.mails == []


def test_a_busy_server_is_asked_again_later(db, mailbox, smtp, monkeypatch):
    smtp(f"smtp+plain://127.0.0.1:{mailbox.port}")
    mailbox.refusal = "451 greylisted"
    mail = queue(db)
    work(db)
    assert (mail.attempts, mail.sent_at) == (1, None)
    assert mail.error == "451 greylisted"
    assert mail.body  # it is needed once more
    mailbox.refusal = None
    work(db)
    assert mailbox.mails == []  # not before its time
    later = clock.now() + RETRIES[0] + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    work(db)
    assert len(mailbox.mails) == 1
    assert (mail.attempts, mail.error) == (2, "")


def test_a_server_that_stays_away_is_given_up_on(db, mailbox, smtp, monkeypatch):
    smtp(f"smtp+plain://127.0.0.1:{mailbox.port}")
    mailbox.refusal = "451 greylisted"
    mail = queue(db)
    for _attempt in range(len(RETRIES) + 3):
        moment = clock.now() + timedelta(days=1)
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        work(db)
    assert mail.attempts == len(RETRIES) + 1
    assert db.session.scalar(select(Job.status)) == "done"


def test_a_server_that_takes_a_mail_and_then_hangs_up_rudely_gets_no_second_one(db, smtp):
    class Rude(Mailbox):
        async def handle_QUIT(self, server, session, envelope):
            return "451 not now"

    with serving(Rude()) as rude:
        smtp(f"smtp+plain://127.0.0.1:{rude.port}")
        mail = queue(db)
        work(db)
        assert (mail.error, mail.attempts) == ("", 1)
        assert mail.sent_at is not None
        assert len(rude.mails) == 1


def test_a_server_that_examines_a_mail_for_long_is_waited_for(db, smtp, monkeypatch):
    class Slow(Mailbox):
        async def handle_DATA(self, server, session, envelope):
            await asyncio.sleep(2.5)
            return await super().handle_DATA(server, session, envelope)

    monkeypatch.setattr(sending, "_TIMEOUT", 2)
    with serving(Slow()) as slow:
        smtp(f"smtp+plain://127.0.0.1:{slow.port}")
        mail = queue(db)
        work(db)
        assert (mail.error, mail.attempts) == ("", 1)
        assert len(slow.mails) == 1


class Killed(BaseException):
    """Like kill -9: nobody cleans up."""


def killed_at(db, monkeypatch, thing, name, what=lambda *_said: True):
    """Let the worker die where it calls this; then a new one begins after a minute."""
    real = getattr(thing, name)

    def dies(*said, **further):
        if what(*said):
            raise Killed
        return real(*said, **further)

    with monkeypatch.context() as patch:
        patch.setattr(thing, name, dies)
        with pytest.raises(Killed):
            jobs.run_waiting()
    db.session.rollback()
    db.session.scalars(select(Job)).one().heartbeat_at -= 2 * jobs.STALE
    db.session.commit()
    work(db)


def test_a_worker_killed_after_the_servers_yes_sends_no_second_mail(db, mailbox, smtp, monkeypatch):
    smtp(f"smtp+plain://127.0.0.1:{mailbox.port}")
    mail = queue(db)
    killed_at(db, monkeypatch, smtplib.SMTP, "docmd", lambda _server, word: word == "QUIT")
    assert len(mailbox.mails) == 1
    assert (mail.error, mail.attempts) == ("", 1)
    assert mail.sent_at is not None
    assert stored.keys("mails") == []


def test_a_worker_killed_in_the_very_moment_of_the_yes_sends_the_same_message_again(db, mailbox, smtp, monkeypatch):
    smtp(f"smtp+plain://127.0.0.1:{mailbox.port}")
    queue(db)
    killed_at(db, monkeypatch, files, "put")
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert bytes(first) == bytes(second)


def test_a_worker_killed_after_the_commit_leaves_no_note(db, mailbox, smtp, monkeypatch):
    smtp(f"smtp+plain://127.0.0.1:{mailbox.port}")
    queue(db)
    killed_at(db, monkeypatch, files, "delete")
    assert len(mailbox.mails) == 1
    assert stored.keys("mails") == []


def test_a_recipient_who_does_not_exist_is_not_tried_again(db, mailbox, smtp):
    smtp(f"smtp+plain://127.0.0.1:{mailbox.port}")
    mail = queue(db, recipient="tidakada@uji.example")
    work(db)
    assert mail.error == "550 no such person"
    assert mail.body == ""
    assert db.session.scalar(select(Job.status)) == "done"


def test_a_server_that_is_down_is_tried_again(db, smtp):
    smtp("smtp+plain://127.0.0.1:9")
    mail = queue(db)
    work(db)
    assert mail.error.startswith("ConnectionRefusedError")
    assert db.session.scalar(select(Job.status)) == "queued"


def test_a_password_never_goes_over_an_unencrypted_line(db, mailbox, smtp):
    smtp(f"smtp://orang:rahasia@127.0.0.1:{mailbox.port}")
    mail = queue(db)
    work(db)
    assert mailbox.mails == []
    assert "STARTTLS" in mail.error


def _knows_the_password(_server, _session, _envelope, _mechanism, login):
    return AuthResult(success=(login.login, login.password) == (b"orang", b"rahasia/1"))


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the test server does not count a line encrypted from the start
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_mail_goes_over_an_encrypted_line_with_the_password_of_the_address(db, smtp, tls, scheme):
    options = {"authenticator": _knows_the_password, "auth_required": True}
    options |= {"ssl_context": tls, "auth_require_tls": False} if scheme == "smtps" else {"tls_context": tls}
    with serving(**options) as mailbox:
        smtp(f"{scheme}://orang:rahasia%2F1@127.0.0.1:{mailbox.port}")
        mail = queue(db)
        work(db)
        assert mail.error == ""
        assert len(mailbox.mails) == 1


def test_without_a_mail_server_the_mail_says_so(db):
    mail = queue(db)
    work(db)
    assert mail.sent_at is None
    assert "HALAL_SMTP_URL" in mail.error


def test_a_whatsapp_link_carries_the_text_encoded():
    link = services.whatsapp_link("+6281234567890", "Tiket saya:\nhttps://contoh.id/t/a&b")
    assert link == "https://wa.me/6281234567890?text=Tiket%20saya%3A%0Ahttps%3A%2F%2Fcontoh.id%2Ft%2Fa%26b"
    assert services.whatsapp_link(None, "x") == "https://wa.me/?text=x"
