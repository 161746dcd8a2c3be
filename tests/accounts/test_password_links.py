"""A forgotten password: links by the office's admin, by mail, from the command line; each works once."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from halal import clock, jobs
from halal.accounts import services
from halal.accounts.models import PasswordLink, Role
from halal.errors import DomainError, NotFound
from halal.jobs import Job
from halal.messages.models import Mail

NEW = "kuda laut ungu tua"


@pytest.fixture
def mail(app, monkeypatch):
    monkeypatch.setitem(app.config, "HALAL", replace(app.config["HALAL"], smtp_url="smtp://mail.example"))


def ask(client, email):
    return client.post("/masuk/lupa-sandi", data={"email": email})


def test_admin_makes_a_link_that_is_shown_once_and_works_once(app, log_in, make):
    owner = log_in("owner")
    member = log_in("organizer", owner.organization)
    page = f"/kelola/tim/{member.user.memberships[0].id}"
    assert owner.post(f"{page}/sandi").status_code == 303
    shown = owner.get(page).text
    token = re.search(r"http://localhost/sandi/([\w-]+)", shown).group(1)
    assert token not in owner.get(page).text
    new = app.test_client()
    assert new.post(f"/sandi/{token}", data={"password": "pendek"}).status_code == 422
    assert new.post(f"/sandi/{token}", data={"password": NEW}).status_code == 303
    assert new.get("/kelola/akun").status_code == 200
    assert member.get("/kelola/akun").status_code == 303  # logged in with the old password
    assert new.post(f"/sandi/{token}", data={"password": "gajah kecil merah jambu"}).status_code == 404
    assert services.authenticate(member.user.email, NEW) is member.user


def test_admin_of_one_office_makes_no_link_for_an_account_of_two(log_in, make, db):
    owner = log_in("owner")
    member = make.user(owner.organization)
    services.add_member(member, make.organization(), Role.OWNER)
    membership = next(m for m in member.memberships if m.organization_id == owner.organization.id)
    answer = owner.post(f"/kelola/tim/{membership.id}/sandi", follow_redirects=True)
    assert "dipakai di kantor lain" in answer.text
    assert db.session.scalar(select(func.count()).select_from(PasswordLink)) == 0


def test_link_of_an_admin_ends_when_its_account_joins_another_office(make):
    office = make.organization()
    admin, member = make.user(office, Role.OWNER), make.user(office)
    token = services.make_member_password_link(office, member.memberships[0].id, admin)
    assert services.user_of_password_link(token) is member
    services.add_member(member, make.organization(), Role.VIEWER)
    with pytest.raises(NotFound):
        services.use_password_link(token, "hash")


def test_admin_makes_no_link_for_the_own_account(make):
    office = make.organization()
    admin = make.user(office, Role.OWNER)
    with pytest.raises(DomainError):
        services.make_member_password_link(office, admin.memberships[0].id, admin)


def test_using_one_link_ends_the_others_and_the_pauses_of_the_account(make):
    user = make.user(make.organization())
    first, second = (services.make_password_link(user) for _ in range(2))
    services.use_password_link(second, "hash")
    with pytest.raises(NotFound):
        services.use_password_link(first, "hash")


@pytest.mark.parametrize(("by_mail", "hours"), [(True, 2), (False, 24)])
def test_link_ends_after_its_time(make, by_mail, hours):
    user = make.user(make.organization())
    token = services.make_password_link(user, by_mail=by_mail)
    with clock.stopped_at(clock.now() + timedelta(hours=hours, minutes=1)), pytest.raises(NotFound):
        services.use_password_link(token, "hash")


def test_stored_link_is_a_hash_only(make, db):
    token = services.make_password_link(make.user(make.organization()))
    assert token not in repr(db.session.execute(select(PasswordLink.__table__)).all())


def test_mail_brings_a_link_that_confirms_the_e_mail(app, client, make, db, mail):
    user = make.user(make.organization(), email_confirmed_at=None)
    assert ask(client, user.email.upper()).status_code == 200
    jobs.run_waiting()
    body = db.session.scalar(select(Mail.body).where(Mail.recipient == user.email))
    token = re.search(r"/sandi/([\w-]+)", body).group(1)
    assert client.post(f"/sandi/{token}", data={"password": NEW}).status_code == 303
    assert user.email_confirmed_at is not None


def test_unknown_e_mail_gets_the_same_answer_and_no_mail(client, make, db, mail):
    known, unknown = ask(client, make.user(make.organization()).email), ask(client, "tidak@ada.example")
    strip = re.compile(r"[\w.]+@[\w.]+|value=\"[^\"]*\"")
    assert known.status_code == unknown.status_code == 200
    assert strip.sub("", known.text) == strip.sub("", unknown.text)
    assert db.session.scalar(select(func.count()).select_from(Mail)) == 0  # made by the worker, for both alike
    jobs.run_waiting()
    assert db.session.scalars(select(Mail.recipient).where(Mail.recipient == "tidak@ada.example")).all() == []
    assert "ada.example" not in repr(db.session.scalars(select(Job.params)).all())


def test_nobody_fills_a_mailbox(app, client, make, mail, monkeypatch):
    monkeypatch.setitem(app.config, "RATELIMIT_ENABLED", True)
    email = make.user(make.organization()).email
    answers = [ask(client, email) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 60
    assert f'value="{email}"' in answers[-1].text


def test_without_mail_the_log_in_page_sends_to_the_admin(client):
    assert "admin kantor" in client.get("/masuk").text
    assert "<form" not in client.get("/masuk/lupa-sandi").text.partition("<main")[2].partition("</main")[0]
    assert ask(client, "siapa@uji.example").status_code == 422


def test_with_mail_the_log_in_page_offers_a_link(client, mail):
    assert 'href="/masuk/lupa-sandi"' in client.get("/masuk").text


def test_page_of_a_link_is_kept_by_no_cache(client, make, db):
    token = services.make_password_link(make.user(make.organization()))
    db.session.commit()
    assert client.get(f"/sandi/{token}").headers["Cache-Control"] == "no-store"
