"""Attempts to log in: per account, per address, and on browsers that know the account."""

from datetime import timedelta

import pytest

from halal import clock, web
from halal.accounts.views import session as views
from halal.limits import FREE_ATTEMPTS, Limit
from tests.factories import Make


@pytest.fixture(autouse=True)
def counted(app, monkeypatch):
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)


def try_(client, email, password="salah", address="203.0.113.1"):
    data = {"email": email, "password": password}
    return client.post("/masuk", data=data, environ_base={"REMOTE_ADDR": address})


def test_pause_keeps_the_e_mail_and_says_how_long(client, make):
    email = make.user(make.organization()).email
    with clock.stopped_at(clock.now()):
        answers = [try_(client, email, address=f"203.0.113.{number}") for number in range(FREE_ATTEMPTS + 1)]
    assert [answer.status_code for answer in answers] == [422] * FREE_ATTEMPTS + [429]
    assert answers[-1].headers["Retry-After"] == "30"
    assert f'value="{email}"' in answers[-1].text
    assert "Coba lagi dalam 30 detik" in answers[-1].text
    with clock.stopped_at(clock.now() + timedelta(seconds=40)):
        assert try_(client, email, Make.PASSWORD).status_code == 303


def test_stranger_does_not_keep_the_owner_out_of_a_known_browser(app, client, make):
    email = make.user(make.organization()).email
    assert try_(client, email, Make.PASSWORD).status_code == 303
    client.post("/keluar")
    with clock.stopped_at(clock.now()):
        for _ in range(30):
            stranger = try_(app.test_client(), email, address="198.51.100.1")
        assert stranger.status_code == 429
        assert try_(app.test_client(), email, Make.PASSWORD).status_code == 429
        assert try_(client, email, Make.PASSWORD).status_code == 303


def test_known_browser_has_its_own_pauses(client, make):
    email = make.user(make.organization()).email
    try_(client, email, Make.PASSWORD)
    with clock.stopped_at(clock.now()):
        answers = [try_(client, email).status_code for _ in range(FREE_ATTEMPTS + 1)]
    assert answers == [422] * FREE_ATTEMPTS + [429]


def test_made_up_cookie_makes_no_browser_known(client, make):
    email = make.user(make.organization()).email
    client.set_cookie(views.KNOWN_DEVICE, '{"x": "y"}.abc', path="/masuk")
    with clock.stopped_at(clock.now()):
        answers = [try_(client, email).status_code for _ in range(FREE_ATTEMPTS + 1)]
    assert answers[-1] == 429


def test_one_address_does_not_try_all_accounts(app, make, monkeypatch):
    monkeypatch.setattr(views, "FAILURES_OF_AN_ADDRESS", Limit(5, timedelta(minutes=10)))
    with clock.stopped_at(clock.now()):
        answers = [try_(app.test_client(), f"orang{n}@tebak.example").status_code for n in range(6)]
        elsewhere = try_(app.test_client(), "orang9@tebak.example", address="203.0.113.2").status_code
    assert (answers, elsewhere) == ([422] * 5 + [429], 422)


def test_office_that_logs_in_at_eight_behind_one_address_meets_no_limit(app, make, monkeypatch):
    monkeypatch.setattr(views, "FAILURES_OF_AN_ADDRESS", Limit(3, timedelta(minutes=10)))
    office = make.organization()
    emails = [make.user(office).email for _ in range(8)]
    with clock.stopped_at(clock.now()):
        assert [try_(app.test_client(), email, Make.PASSWORD).status_code for email in emails] == [303] * 8


def test_colleague_in_a_pause_uses_up_no_tries_of_the_office(app, make, monkeypatch):
    monkeypatch.setattr(views, "FAILURES_OF_AN_ADDRESS", Limit(FREE_ATTEMPTS + 2, timedelta(minutes=10)))
    email = make.user(make.organization()).email
    with clock.stopped_at(clock.now()):
        for _ in range(FREE_ATTEMPTS + 10):
            try_(app.test_client(), email)
        assert try_(app.test_client(), "lain@uji.example").status_code == 422


def test_every_429_says_when_to_come_back(app):
    with app.test_request_context("/"):
        app.preprocess_request()
        answer = app.process_response(web.error_page(429, "x", "y"))
    assert answer.headers["Retry-After"] == "60"
