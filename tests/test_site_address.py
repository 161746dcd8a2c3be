"""The site behind proxies that hand on another address than people use: what differs is named, and log-in works."""

import logging
from pathlib import Path

import pytest

from halal.config import read_settings, start_warnings
from halal.extensions import db as database
from halal.site_address import origin_of
from tests.conftest import make_app

pytestmark = pytest.mark.once
SENTENCE = "berbeda dari alamat situs ini"


@pytest.fixture
def site(tmp_path, new_database):
    """A function that makes the application for a public address, and a client that talks to it as a proxy does."""
    made = []

    def make(base_url: str, **environ):
        app = make_app(tmp_path, new_database("sqlite"), HALAL_BASE_URL=base_url, WTF_CSRF_ENABLED=True, **environ)
        with app.app_context():
            database.create_all()
        made.append(app)
        return app.test_client()

    yield make
    for app in made:
        with app.app_context():
            database.engine.dispose()


def log_in(client, **said):
    """POST the log-in form as a browser that keeps its cookies; `said`: what the proxy sends."""
    page = client.get("/masuk", **said).text
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    form = {"csrf_token": token, "email": "a@uji.example", "password": "salah salah"}
    return client.post("/masuk", data=form, **said)


@pytest.mark.parametrize("trust", ["0", "1"])
def test_log_in_works_though_the_proxy_hands_on_its_own_host(site, caplog, trust):
    client = site("https://halal.example", HALAL_TRUST_PROXY=trust)
    said = {
        "base_url": "https://127.0.0.1:8000",
        "headers": {"X-Forwarded-Proto": "https", "Origin": "https://halal.example",
                    "Referer": "https://halal.example/masuk"},
    }  # fmt: skip
    with caplog.at_level(logging.WARNING):
        assert log_in(client, **said).status_code == 422  # the password is wrong: the form was read
        assert log_in(client, **said).status_code == 422
    about_host = [line for line in caplog.messages if "proxy_set_header Host $http_host" in line]
    assert len(about_host) == 1
    assert "https://127.0.0.1:8000" in about_host[0]


def test_wrong_scheme_is_named_on_the_page_and_once_in_the_log(site, caplog):
    client = site("https://halal.example").application.test_client(use_cookies=False)
    headers = {"Origin": "https://halal.example"}
    with caplog.at_level(logging.WARNING):
        for _attempt in range(3):  # a browser keeps no cookie here: it is for https alone
            answer = log_in(client, base_url="http://halal.example", headers=headers)
            assert answer.status_code == 400
            assert SENTENCE in answer.text
            assert "http://halal.example" in answer.text
            assert "https://halal.example" in answer.text
    assert len([line for line in caplog.messages if "X-Forwarded-Proto" in line]) == 1
    assert any(line.startswith("400 in accounts.login_post") for line in caplog.messages)
    assert "a@uji.example" not in caplog.text


def test_right_address_is_no_problem(site, caplog):
    client = site("https://halal.example", HALAL_TRUST_PROXY="1")
    said = {"base_url": "http://halal.example", "headers": {"X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4"}}
    with caplog.at_level(logging.WARNING):
        answer = client.post("/masuk", data={"email": "x"}, **said)
    assert answer.status_code == 400
    assert SENTENCE not in answer.text
    assert "HALAL_BASE_URL" not in caplog.text


def test_proxy_that_is_not_believed_is_named_in_the_log(site, caplog):
    client = site("http://localhost")
    with caplog.at_level(logging.WARNING):
        client.get("/masuk", headers={"X-Forwarded-For": "1.2.3.4"})
    assert "HALAL_TRUST_PROXY=1" in caplog.text
    assert "1.2.3.4" not in caplog.text


def test_refused_log_in_is_one_line_without_the_e_mail(site, caplog):
    client = site("http://localhost")
    with caplog.at_level(logging.WARNING):
        log_in(client)
    [line] = [line for line in caplog.messages if "log-in" in line]
    assert "refused" in line
    assert "a@uji.example" not in caplog.text


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Halal.Example:443/", "https://halal.example"),
        ("http://halal.example:80", "http://halal.example"),
        ("http://halal.example:8000/x", "http://halal.example:8000"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_origins_are_written_as_browsers_write_them(url, origin):
    assert origin_of(url) == origin


def warnings(folder: Path, **environ) -> str:
    return "\n".join(start_warnings(read_settings({"HALAL_INSTANCE": str(folder), **environ})))


def test_start_names_what_is_probably_not_meant(tmp_path):
    assert "HALAL_BASE_URL is http://127.0.0.1:8000" in warnings(tmp_path)
    assert "HALAL_TRUST_PROXY is 0" in warnings(tmp_path, HALAL_BASE_URL="https://halal.example")
    assert "Use https" in warnings(tmp_path, HALAL_BASE_URL="http://halal.example")
    assert "HALAL_SMTP_URL is not set" in warnings(tmp_path, HALAL_BASE_URL="https://halal.example")
    complete = {
        "HALAL_BASE_URL": "https://halal.example", "HALAL_TRUST_PROXY": "1", "HALAL_SMTP_URL": "smtps://mail.example",
    }  # fmt: skip
    assert warnings(tmp_path, **complete) == ""
    assert warnings(tmp_path, HALAL_DEMO="1") == ""
