"""Hashing a password takes its time: nobody waits for the database meanwhile, wherever a password is set."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from halal.accounts import passwords, services
from halal.accounts.models import Role, User
from halal.extensions import db as database
from tests.factories import Make

NEW = "kuda laut ungu tua"


@pytest.fixture
def office(busy_app):
    """(slug, e-mail of its owner, token of an invitation, token of a link for a new password)"""
    with busy_app.app_context():
        make = Make(database.session)
        office = make.organization()
        owner = make.user(office, Role.OWNER)
        _invitation, joining = services.invite(office, "baru@uji.example", Role.VIEWER, owner, by_mail=False)
        found = office.slug, owner.email, joining, services.make_password_link(owner)
        database.session.commit()
        return found


def join(app, office):
    return app.test_client().post(f"/undangan/{office[2]}", data={"name": "Siti", "password": NEW}).status_code == 303


def set_by_link(app, office):
    return app.test_client().post(f"/sandi/{office[3]}", data={"password": NEW}).status_code == 303


def change(app, office):
    client = app.test_client()
    client.post("/masuk", data={"email": office[1], "password": Make.PASSWORD})
    return client.post("/kelola/akun", data={"current": Make.PASSWORD, "new": NEW}).status_code == 303


def create(app, office):
    words = ["users", "create", "lain@uji.example", "--name", "Siti", "--organization", office[0]]
    return app.test_cli_runner().invoke(args=words).exit_code == 0


@pytest.mark.parametrize("act", [join, set_by_link, change, create])
def test_nobody_waits_for_the_database_while_a_password_is_hashed(busy_app, office, monkeypatch, act):
    hashing, written = passwords.hash_password, []

    def slowly(password):
        with database.engine.connect() as other, Session(other) as session:
            other.exec_driver_sql("PRAGMA busy_timeout=50" if other.dialect.name == "sqlite" else "SELECT 1")
            session.execute(update(User).where(User.email == office[1]).values(name="Sementara itu"))
            session.commit()
            other.commit()
            written.append(1)
        return hashing(password)

    monkeypatch.setattr(passwords, "hash_password", slowly)
    assert act(busy_app, office)
    assert written == [1]
