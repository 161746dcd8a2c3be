"""Offices and staff accounts from the command line."""

import re

import pytest
from sqlalchemy import select

from halal.accounts import services
from halal.accounts.models import Role
from halal.audit.models import AuditEntry
from halal.organizations.models import Organization


def run(app, *words):
    return app.test_cli_runner().invoke(args=list(words))


def test_a_new_office_gets_its_owner(app, db):
    made = run(app, "offices", "create", "dinas-baru", "--name", "Dinas Baru", "--region", "36.73")
    assert made.exit_code == 0, made.output
    owner = run(app, "users", "create", "Kepala@baru.example", "--name", "Siti", "--organization", "dinas-baru")
    assert owner.exit_code == 0, owner.output
    password = re.search(r"Password: (\S+)", owner.output).group(1)
    user = services.authenticate("kepala@baru.example", password)
    assert [(m.organization.slug, m.role) for m in user.memberships] == [("dinas-baru", Role.OWNER)]


def test_an_existing_account_gets_a_role_in_another_office_and_keeps_its_password(app, db, make):
    user = make.user(make.organization())
    second = make.organization()
    db.session.commit()
    words = ("users", "create", user.email.upper(), "--organization", second.slug, "--role", "viewer")
    refused = run(app, *words, "--name", "x")
    assert refused.exit_code == 1
    assert user.name in refused.output
    assert "--existing" in refused.output
    result = run(app, *words, "--existing")
    assert result.exit_code == 0, result.output
    assert "Password" not in result.output
    assert services.authenticate(user.email, make.PASSWORD) is user
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.organization_id == second.id))
    assert (entry.action, entry.subject) == ("member.added", f"user:{user.id}")


@pytest.mark.parametrize("more", [(), ("--existing",)])
def test_create_with_a_password_for_an_existing_account_is_refused_and_changes_nothing(app, db, make, more):
    user = make.user(make.organization())
    second = make.organization()
    db.session.commit()
    words = (
        "users",
        "create",
        user.email,
        "--name",
        "x",
        "--organization",
        second.slug,
        "--password",
        "kuda laut ungu",
    )
    result = run(app, *words, *more)
    assert result.exit_code == 1
    assert "users password" in result.output
    assert services.members(second) == []
    assert services.authenticate(user.email, make.PASSWORD) is user


def test_create_says_that_nobody_confirmed_the_e_mail_of_the_account(app, db, make):
    user = make.user(make.organization(), email_confirmed_at=None)
    second = make.organization()
    db.session.commit()
    result = run(app, "users", "create", user.email, "--organization", second.slug)
    assert "Nobody has confirmed" in result.output


def test_create_refuses_a_password_that_everybody_has(app, db, make):
    office = make.organization()
    db.session.commit()
    words = ("users", "create", "baru@uji.example", "--name", "Siti", "--organization", office.slug)
    result = run(app, *words, "--password", "password123")
    assert result.exit_code == 1
    assert services.find_user("baru@uji.example") is None


def test_password_prints_a_link_that_works_once(app, db, make):
    user = make.user(make.organization())
    db.session.commit()
    result = run(app, "users", "password", user.email)
    token = re.search(r"http://localhost/sandi/(\S+)", result.output).group(1)
    client = app.test_client()
    page = client.get(f"/sandi/{token}")
    assert user.email in page.text
    assert client.post(f"/sandi/{token}", data={"password": "kuda laut ungu tua"}).status_code == 303
    assert client.get("/kelola/akun").status_code == 200
    assert client.get(f"/sandi/{token}").status_code == 404
    assert services.authenticate(user.email, "kuda laut ungu tua") is user


def test_password_for_nobody_is_said(app, db):
    result = run(app, "users", "password", "tidak@ada.example")
    assert (result.exit_code, "tidak@ada.example" in result.output) == (1, True)


def test_wrong_words_get_a_sentence_not_a_traceback(app, db):
    no_office = run(app, "users", "create", "a@b.example", "--name", "A", "--organization", "tidak-ada")
    no_region = run(app, "offices", "create", "x", "--name", "X", "--region", "99")
    assert (no_office.exit_code, no_region.exit_code) == (1, 1)
    assert "tidak-ada" in no_office.output
    assert "regions.csv" in no_region.output
    assert db.session.scalar(select(Organization).where(Organization.slug == "x")) is None
