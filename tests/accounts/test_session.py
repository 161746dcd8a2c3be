"""Log-in, log-out, expired sessions, language, passwords."""

import re

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from halal.accounts import passwords, services
from halal.accounts.models import Role, User
from halal.errors import Conflict
from halal.extensions import db as database
from tests.conftest import make_app
from tests.factories import Make

SAME = {"Sec-Fetch-Site": "same-origin"}


def log_in_by_form(client, email, password=Make.PASSWORD, **more):
    database.session.commit()
    return client.post("/masuk", data={"email": email, "password": password, **more})


def test_the_right_password_opens_the_desk(client, make):
    user = make.user(make.organization())
    answer = log_in_by_form(client, user.email.upper())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/kelola/")


@pytest.mark.parametrize(("email", "password"), [("orang@ada.example", "salah-sekali"), ("tidak@ada.example", "x")])
def test_wrong_e_mail_and_wrong_password_get_the_same_answer(client, make, email, password):
    make.user(make.organization(), email="orang@ada.example")
    answer = log_in_by_form(client, email, password)
    assert answer.status_code == 422
    assert "E-mail atau kata sandi tidak cocok" in answer.text


def test_nobody_waits_for_the_database_while_a_password_is_compared(busy_app, monkeypatch):
    with busy_app.app_context(), Session(database.engine) as session:
        make = Make(session)
        user = make.user(make.organization())
        email, user_id = user.email, user.id
        session.commit()
    compare, written = passwords.verify, []

    def slowly(*args):
        with database.engine.connect() as other:
            other.exec_driver_sql("PRAGMA busy_timeout=50" if other.dialect.name == "sqlite" else "SELECT 1")
            other.execute(update(User).where(User.id == user_id).values(name="Sementara itu"))
            other.commit()
            written.append(1)
        return compare(*args)

    monkeypatch.setattr(passwords, "verify", slowly)
    answer = busy_app.test_client().post("/masuk", data={"email": email, "password": Make.PASSWORD})
    assert (answer.status_code, written) == (303, [1])
    with busy_app.app_context():
        assert database.session.get(User, user_id).last_login_at is not None


def test_a_closed_account_cannot_log_in(client, make):
    user = make.user(make.organization(), active=False)
    assert log_in_by_form(client, user.email).status_code == 422


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"])
def test_log_in_never_leads_to_another_site(client, make, target):
    user = make.user(make.organization())
    assert log_in_by_form(client, user.email, next=target).headers["Location"] == "/kelola/"


def test_log_in_leads_to_where_one_wanted_to_go(client, make):
    user = make.user(make.organization())
    assert log_in_by_form(client, user.email, next="/kelola/kegiatan").headers["Location"] == "/kelola/kegiatan"


def test_changing_the_password_ends_other_sessions_but_not_this_one(log_in, app, make):
    one = log_in("viewer")
    other = app.test_client()
    with other.session_transaction() as session:
        session["_user_id"], session["_fresh"] = make.login_token(one.user), True
    data = {"current": Make.PASSWORD, "new": "sandi-yang-baru-1"}
    assert one.post("/kelola/akun", data=data).status_code == 303
    assert one.get("/kelola/akun").status_code == 200
    assert other.get("/kelola/akun").status_code == 303


def test_a_new_password_must_be_long_and_the_current_one_right(log_in):
    client = log_in("viewer")
    short = client.post("/kelola/akun", data={"current": Make.PASSWORD, "new": "pendek"})
    wrong = client.post("/kelola/akun", data={"current": "bukan", "new": "sandi-yang-baru-1"})
    assert (short.status_code, wrong.status_code) == (422, 422)
    assert "paling sedikit 10" in short.text
    assert "bukan kata sandi" in wrong.text


def test_the_language_can_be_changed_and_survives_the_log_in(client, make):
    user = make.user(make.organization())
    client.post("/bahasa", data={"lang": "en", "next": "/masuk"})
    assert "Log in" in client.get("/masuk").text
    log_in_by_form(client, user.email)
    assert "My account" in client.get("/kelola/akun").text


@pytest.mark.parametrize(
    "typed",
    ["SITI@uji.example", " siti@uji.example ", "siti\u200b@uji.example", "si\u200dti@uji.example",
     "siti@uji.example\u2060",
     "\ufeffsiti@uji.example", "siti\u3164@uji.example", "siti\u00ad@uji.example", "siti@uji\uff0eexample",
     "\uff53iti@uji.example", "siti@\u202euji.example", "siti\u034f@uji.example", "s iti@uji.example",
     "siti\ufe0f@uji.example", "siti\U000e0041@uji.example", "siti@uji.e\u2800xample", "siti\u00a0@uji.example"],
)  # fmt: skip
def test_every_spelling_of_an_e_mail_is_one_account(client, make, typed):
    user = make.user(make.organization(), email="siti@uji.example")
    assert services.find_user(typed) is user
    assert log_in_by_form(client, typed).status_code == 303
    with pytest.raises(Conflict):
        services.create_user(typed, "Siti", "hash", confirmed=True)


def test_an_address_that_no_database_can_hold_is_nobodys(client):
    assert log_in_by_form(client, "a\0b@uji.example", "salah").status_code == 422


def test_a_form_sent_after_the_session_ended_is_kept_over_the_log_in(client, make):
    user = make.user(make.organization())
    lost = client.post("/kelola/tim/undang", data={"email": "baru@uji.example", "role": "viewer"}, headers=SAME)
    assert lost.status_code == 401
    assert "baru@uji.example" in lost.text
    hidden = dict(re.findall(r'name="(resume[^"]*)" value="([^"]*)"', lost.text))
    again = log_in_by_form(client, user.email, **hidden)
    assert again.status_code == 200
    assert 'action="/kelola/tim/undang"' in again.text
    assert 'name="email" value="baru@uji.example"' in again.text


def test_a_live_part_of_a_page_sends_to_the_log_in_and_back_to_its_page(client):
    asked = {"HX-Request": "true", "HX-Current-URL": "http://localhost/kelola/kegiatan/abc/kehadiran?sesi=1"}
    answer = client.get("/kelola/kegiatan/abc/kehadiran", headers=asked)
    assert answer.headers["HX-Redirect"] == "/masuk?next=/kelola/kegiatan/abc/kehadiran"


def test_a_form_from_another_site_is_not_kept_for_anybody(client):
    answer = client.post("/kelola/tim/undang", data={"email": "x@y.z"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 303
    assert "/masuk" in answer.headers["Location"]


def test_what_was_kept_over_the_log_in_is_taken_at_the_first_attempt(app, client, make, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    owner = make.user(make.organization(), role=Role.OWNER)
    page = client.post("/kelola/tim/undang", data={"email": "baru@uji.example", "role": "viewer"}, headers=SAME)
    page = log_in_by_form(client, owner.email, **hidden_fields(page))
    taken = client.post("/kelola/tim/undang", data=hidden_fields(page), headers=SAME)
    assert (taken.status_code, taken.location) == (303, "/kelola/tim")


def hidden_fields(page) -> dict[str, str]:
    form = page.text.partition("<main")[2]
    return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form))


def test_passwords_are_not_written_into_pages(client):
    typed = {"current": "rahasia lama", "new": "rahasia baru", "password": "rahasia lain"}
    assert "rahasia" not in client.post("/kelola/akun", data=typed, headers=SAME).text


def test_an_invitation_is_kept_by_no_cache(client):
    assert client.get("/undangan/tidak-ada").headers["Cache-Control"] == "no-store"


def test_an_expired_form_token_loses_nothing_that_was_typed(new_database, tmp_path):
    app = make_app(tmp_path, new_database("sqlite"), WTF_CSRF_ENABLED=True)
    client = app.test_client()
    ours = client.post("/masuk", data={"email": "saya@uji.example", "password": "rahasia"}, headers=SAME)
    theirs = client.post("/masuk", data={"email": "saya@uji.example"}, headers={"Origin": "https://evil.example"})
    assert ours.status_code == 400
    assert 'value="saya@uji.example"' in ours.text
    assert theirs.status_code == 400
    assert "saya@uji.example" not in theirs.text
