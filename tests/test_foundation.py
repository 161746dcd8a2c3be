"""The ground everything stands on: health, headers, denial by default, translations, configuration."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from halal import web
from halal.config import ConfigError, read_settings
from tests.conftest import make_app


def test_healthz_checks_the_database(busy_app):
    answer = busy_app.test_client().get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "database": "ok", "files": "ok"}


def test_every_answer_carries_security_headers(client):
    for path in ("/healthz", "/tidak-ada", "/kelola/"):
        headers = client.get(path).headers
        assert "unsafe-inline" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "HX-Request" in headers["Vary"]


@pytest.mark.parametrize("path", ["/kegiatan?q=%00", "/kegiatan?%00=q", "/kegiatan/%00", "/kegiatan?q=a%00b&q=c"])
def test_nothing_has_a_nul_in_its_name(client, path):
    assert client.get(path).status_code == 404


def test_every_route_names_who_may_use_it(app):
    nameless = [rule.endpoint for rule in app.url_map.iter_rules()
                if getattr(app.view_functions[rule.endpoint], "access", None) is None]  # fmt: skip
    assert nameless == []


def test_anonymous_visitors_are_sent_to_the_log_in_page(client):
    answer = client.get("/kelola/")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/masuk")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HALAL_DATABASE_URL", "mysql://x"),
        ("HALAL_SECRET_KEY", "short"),
        ("HALAL_FILES_URL", "/just/a/path"),
        ("HALAL_BASE_URL", "example.id"),
        ("HALAL_SMTP_URL", "mail.example.id"),
        ("HALAL_DEMO", "yes"),
        ("HALAL_SESSION_DAYS", "0"),
        ("HALAL_WORKERS", "0"),
        ("PORT", "99999"),
    ],
)
def test_a_bad_variable_ends_the_start_with_a_sentence_naming_it(name, value, tmp_path):
    with pytest.raises(ConfigError, match=name):
        read_settings({"HALAL_INSTANCE": str(tmp_path), name: value})


def test_the_secret_key_is_made_once_and_kept(tmp_path):
    first = read_settings({"HALAL_INSTANCE": str(tmp_path)}).secret_key
    assert first == read_settings({"HALAL_INSTANCE": str(tmp_path)}).secret_key
    assert len(first) >= 32


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "/a\r\nX-Evil: 1", "", None],
)
def test_nobody_is_sent_on_to_what_is_no_path_of_this_site(target):
    assert web.safe_next(target, "/kelola/") == "/kelola/"
    assert web.safe_next("/kelola/berita?q=halal", "/kelola/") == "/kelola/berita?q=halal"


def test_the_pages_of_a_list_keep_whatever_stands_in_the_address(app):
    with app.test_request_context("/kelola/usaha?q=kopi+susu&endpoint=x&_external=1&_scheme=javascript&page=9"):
        address = web.Page(1, 10, 30).url(2)
    assert address == "/kelola/usaha?q=kopi+susu&endpoint=x&_external=1&_scheme=javascript&page=2"


def test_what_went_wrong_with_the_database_is_said_without_naming_people(db):
    with pytest.raises(DBAPIError) as failed, db.session.begin_nested():
        db.session.execute(text("SELECT nothing FROM users WHERE email = :email"), {"email": "siti@uji.example"})
    assert "siti@uji.example" not in str(failed.value)


def test_what_the_form_library_says_by_itself_is_said_in_indonesian(log_in):
    client = log_in("owner")
    answer = client.post("/kelola/tim/undang", data={"email": "a@b.example", "role": "raja"})
    assert answer.status_code == 422
    assert "Pilih salah satu dari daftar." in answer.text
    assert "Not a valid choice" not in answer.text


def test_a_program_that_is_refused_reads_no_page(new_database, tmp_path):
    app = make_app(tmp_path, new_database("sqlite"), WTF_CSRF_ENABLED=True)
    answer = app.test_client().post("/checkin/api/v1/ops", json={}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 401
    assert answer.json == {"error": "Sesi masuk sudah berakhir. Masuk lagi."}


def test_redirect_under_htmx_to_an_address_with_any_letter_is_a_header(app):
    with app.test_request_context(headers={"HX-Request": "true"}):
        assert web.redirect("/kegiatan?q=Ŵ’").headers["HX-Redirect"] == "/kegiatan?q=%C5%B4%E2%80%99"
