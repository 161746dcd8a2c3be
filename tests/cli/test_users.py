"""Offices and staff accounts from the command line."""

import re

from sqlalchemy import select

from halal.accounts import services
from halal.accounts.models import Role
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
    result = run(app, "users", "create", user.email, "--name", "x", "--organization", second.slug, "--role", "viewer")
    assert result.exit_code == 0, result.output
    assert "Password" not in result.output
    assert services.authenticate(user.email, make.PASSWORD) is user


def test_wrong_words_get_a_sentence_not_a_traceback(app, db):
    no_office = run(app, "users", "create", "a@b.example", "--name", "A", "--organization", "tidak-ada")
    no_region = run(app, "offices", "create", "x", "--name", "X", "--region", "99")
    assert (no_office.exit_code, no_region.exit_code) == (1, 1)
    assert "tidak-ada" in no_office.output
    assert "regions.csv" in no_region.output
    assert db.session.scalar(select(Organization).where(Organization.slug == "x")) is None
