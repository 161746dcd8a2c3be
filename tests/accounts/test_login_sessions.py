"""Log-ins as rows: ended on the server, for copies of the cookie too; listed; their age is limited."""

import time
from datetime import timedelta

import pytest
from sqlalchemy import select

from halal import clock
from halal.accounts import login_sessions
from halal.accounts.models import LoginSession, Role
from tests.accounts.test_session import SAME, log_in_by_form

ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; SM-A057F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36"
)
LEAN = "/checkin/api/v1/ops"


def copy_of(client, app):
    copy = app.test_client()
    copy.set_cookie("session", client.get_cookie("session").value)
    return copy


def test_log_out_ends_the_log_in_for_copies_of_its_cookie(app, client, make):
    user = make.user(make.organization())
    log_in_by_form(client, user.email)
    copy = copy_of(client, app)
    assert copy.get("/kelola/akun").status_code == 200
    client.post("/keluar")
    assert copy.get("/kelola/akun").status_code == 303
    assert copy.post(LEAN, json={}, headers=SAME).status_code == 401


def test_logging_in_again_ends_the_log_in_of_before(app, client, make):
    user = make.user(make.organization())
    log_in_by_form(client, user.email)
    copy = copy_of(client, app)
    log_in_by_form(client, user.email)
    assert copy.get("/kelola/akun").status_code == 303
    assert client.get("/kelola/akun").status_code == 200


@pytest.mark.parametrize("address", ["2001:db8::1", "fe80::1%eth0", "::evil::", "unknown", ""])
def test_whatever_address_a_proxy_reports_one_can_log_in(app, client, make, monkeypatch, db, address):
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    user = make.user(make.organization())
    db.session.commit()
    data = {"email": user.email, "password": make.PASSWORD}
    assert client.post("/masuk", data=data, environ_base={"REMOTE_ADDR": address}).location == "/kelola/"
    assert client.get("/kelola/akun").status_code == 200


def test_log_out_leaves_other_devices_logged_in(app, client, make):
    user = make.user(make.organization())
    other = app.test_client()
    log_in_by_form(client, user.email)
    log_in_by_form(other, user.email)
    client.post("/keluar")
    assert other.get("/kelola/akun").status_code == 200


@pytest.mark.parametrize("path", ["/kelola/akun", "/checkin/"])
def test_log_in_ends_after_its_lifetime_however_often_it_is_used(log_in, make, path):
    client, begun = log_in("organizer"), clock.now()
    token = make.login_token(client.user)
    for day in (10, 20, 29):
        with clock.stopped_at(begun + timedelta(days=day)):
            with client.session_transaction() as session:
                session["_user_id"] = token  # the cookie is renewed, as by every answer
            assert client.get(path).status_code == 200, day
    with clock.stopped_at(begun + timedelta(days=30, minutes=1)):
        with client.session_transaction() as session:
            session["_user_id"] = token
        assert client.get(path).status_code == 303


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(hours=11)])
def test_clock_set_back_logs_nobody_out(client, make, monkeypatch, back):
    user = make.user(make.organization())
    log_in_by_form(client, user.email)
    right = time.time
    with clock.stopped_at(clock.now() - back), monkeypatch.context() as wrong:
        wrong.setattr(time, "time", lambda: right() - back.total_seconds())  # what itsdangerous would ask
        assert client.get("/kelola/akun").status_code == 200
        assert client.post("/kelola/pilih-kantor").status_code == 303
    assert client.get("/kelola/akun").status_code == 200


def test_cookie_that_was_not_used_for_twelve_hours_opens_nothing(client, make):
    user = make.user(make.organization())
    log_in_by_form(client, user.email)
    with clock.stopped_at(clock.now() + timedelta(hours=12, minutes=1)):
        assert client.get("/kelola/akun").status_code == 303


def test_cookie_of_before_there_were_rows_leads_to_the_log_in(client, make, app):
    user = make.user(make.organization())
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{user.id}:0", True
    assert client.get("/kelola/akun").location.startswith("/masuk")
    kept = client.post("/kelola/tim/undang", data={"email": "baru@uji.example", "role": "viewer"}, headers=SAME)
    assert "baru@uji.example" in kept.text


def test_account_page_lists_devices_roughly_and_ends_one(app, client, make, db):
    user = make.user(make.organization())
    phone = app.test_client()
    db.session.commit()
    phone.post(
        "/masuk",
        data={"email": user.email, "password": make.PASSWORD},
        headers={"User-Agent": ANDROID},
        environ_base={"REMOTE_ADDR": "203.0.113.77"},
    )
    log_in_by_form(client, user.email)
    page = client.get("/kelola/akun").text
    assert "Chrome · Android" in page
    assert "203.0.113.…" in page
    assert "203.0.113.77" not in page
    [stored] = db.session.scalars(select(LoginSession).where(LoginSession.device == "Chrome · Android"))
    assert client.post("/kelola/akun/sesi/akhiri", data={"session_id": stored.id}).status_code == 303
    assert phone.get("/kelola/akun").status_code == 303
    assert client.get("/kelola/akun").status_code == 200


@pytest.mark.parametrize("typed", ["", "abc", "-1", "9" * 30])
def test_ending_a_session_that_is_none_changes_nothing(log_in, typed):
    client = log_in("viewer")
    assert client.post("/kelola/akun/sesi/akhiri", data={"session_id": typed}).status_code == 303
    assert client.get("/kelola/akun").status_code == 200


def test_somebody_elses_log_in_cannot_be_ended(log_in, make, db):
    one, other = log_in("organizer"), log_in("organizer")
    [row] = login_sessions.of_user(other.user)
    one.post("/kelola/akun/sesi/akhiri", data={"session_id": row.id})
    assert other.get("/kelola/akun").status_code == 200


def test_all_other_devices_are_logged_out_at_once(app, client, make):
    user = make.user(make.organization())
    others = [app.test_client() for _ in range(2)]
    for one in (*others, client):
        log_in_by_form(one, user.email)
    client.post("/kelola/akun/sesi/akhiri", data={"all": "1"})
    assert [one.get("/kelola/akun").status_code for one in (*others, client)] == [303, 303, 200]


def test_admin_of_the_office_ends_the_log_ins_of_a_member(log_in):
    owner = log_in("owner")
    member = log_in("checkin_officer", owner.organization)
    [membership] = member.user.memberships
    page = owner.get(f"/kelola/tim/{membership.id}").text
    assert "Firefox · Linux" in page
    owner.post(f"/kelola/tim/{membership.id}/sesi/akhiri", data={"all": "1"})
    assert member.get("/kelola/akun").status_code == 303
    assert "1" in owner.get("/kelola/jejak").text


def test_last_use_is_noted_every_ten_minutes_and_not_at_every_request(busy_app):
    from sqlalchemy.orm import Session

    from halal.extensions import db as database
    from tests.factories import Make

    with busy_app.app_context(), Session(database.engine) as session:
        make = Make(session)
        user = make.user(make.organization(), Role.ORGANIZER)
        email = user.email
        session.commit()
    client, begun = busy_app.test_client(), clock.now()

    def seen():
        with busy_app.app_context():
            return database.session.scalar(select(LoginSession.last_seen_at))

    client.post("/masuk", data={"email": email, "password": Make.PASSWORD})
    first = seen()
    with clock.stopped_at(begun + timedelta(minutes=5)):
        client.get("/kelola/akun")
        assert seen() == first
    for minutes, path in ((11, "/kelola/akun"), (22, "/checkin/")):
        with clock.stopped_at(begun + timedelta(minutes=minutes)):
            assert client.get(path).status_code == 200
            assert seen() == clock.now()


@pytest.mark.parametrize(
    ("address", "shown"),
    [("203.0.113.77", "203.0.113.…"), ("2001:db8:1:2::3", "2001:0db8:0001:…"), ("::ffff:203.0.113.77", "203.0.113.…"),
     ("", ""), ("unix:", "")],
)  # fmt: skip
def test_network_is_shown_without_its_last_part(address, shown):
    assert login_sessions.describe_network(address) == shown


@pytest.mark.parametrize(
    ("user_agent", "shown"),
    [
        (ANDROID, "Chrome · Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 Version/17 Safari",
            "Safari · iPhone",
        ),
        ("curl/8.5.0", ""),
    ],
)
def test_device_is_named_by_browser_and_system(user_agent, shown):
    assert login_sessions.describe_device(user_agent) == shown
