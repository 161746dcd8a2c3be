"""The schema by migrations: from nothing, equal to the models, and the last step taken back; on both databases."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import JSON, Boolean, Date, DateTime, Integer, MetaData, String, Table, insert, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from halal import ids
from halal.accounts.models import User
from halal.checkin.models import Attendance
from halal.events.models import EventPerson, EventRole
from halal.extensions import db
from halal.registrations import search
from tests.conftest import make_app
from tests.factories import Make


def insert_as_it_was(connection, name: str, **values):
    """Add a row to a table of an earlier schema, which the models of today may not fit; the row's id. Columns that must
    have a value and get none here have any."""
    table = Table(name, MetaData(), autoload_with=connection)
    for column in table.columns:
        numbered = column.primary_key and isinstance(column.type, Integer)
        if not (column.name in values or column.nullable or column.server_default is not None or numbered):
            values[column.name] = _any_value(column)
    return connection.execute(insert(table).values(values)).inserted_primary_key[0]


def _any_value(column):
    if isinstance(column.type, DateTime):
        return datetime(2025, 5, 15, 1, tzinfo=UTC)
    if isinstance(column.type, Date):
        return date(2025, 5, 15)
    if isinstance(column.type, JSON):
        return {}
    if isinstance(column.type, Boolean):
        return False
    if isinstance(column.type, Integer):
        return 1
    return str(next(_texts)) if isinstance(column.type, String) else ids.uuid7().hex


_texts = count(1)


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_migrations_build_the_models_and_the_last_one_can_be_taken_back(dialect, new_database, tmp_path):
    app = make_app(tmp_path, new_database(dialect))
    with app.app_context():
        upgrade()
        check()
        assert "registrations" in inspect(db.engine).get_table_names()
        with Session(db.engine) as session:
            make = Make(session)
            registration = make.registration()
            make.attendance(registration)
            made = registration.event.sessions[0].id
            session.commit()
        downgrade()
        upgrade()
        check()
        assert db.session.scalars(select(Attendance.session_id)).all() == [made]
        db.session.rollback()
        db.engine.dispose()


def test_a_number_that_a_certificate_named_before_the_migration_is_given_to_nobody(new_database, tmp_path):
    app = make_app(tmp_path, new_database("sqlite"))
    with app.app_context():
        upgrade(revision="a3d81c5e7f24")
        with db.engine.begin() as connection:
            office_id = insert_as_it_was(connection, "organizations")
            event_id = insert_as_it_was(
                connection, "events", organization_id=office_id, kind="training", status="draft"
            )
            insert_as_it_was(
                connection, "certificates", organization_id=office_id, event_id=event_id, kind="speaker",
                status="valid",
                snapshot={"subject": "person:41", "recipient": "Siti"},
            )  # fmt: skip
        upgrade()
        with Session(db.engine) as session:
            person = EventPerson(event_id=event_id, name="Budi", role=EventRole.SPEAKER)
            session.add(person)
            session.commit()
            assert person.id == 42
        db.engine.dispose()


def test_a_migration_that_would_leave_references_to_nothing_changes_nothing(new_database, tmp_path):
    app = make_app(tmp_path, new_database("sqlite"))
    with app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            sqlite = connection.connection.driver_connection
            sqlite.execute("PRAGMA foreign_keys=OFF")
            sqlite.execute("INSERT INTO event_people VALUES (1, 7, 'Siti', '', 'speaker', 0)")
            sqlite.execute("PRAGMA foreign_keys=ON")
        with pytest.raises(SystemExit):
            downgrade()
        with db.engine.connect() as connection:
            tables = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'awards'")
            assert "AUTOINCREMENT" in tables.scalar()
            with pytest.raises(IntegrityError):  # references are looked after again
                connection.exec_driver_sql("INSERT INTO event_people VALUES (2, 7, 'Wati', '', 'speaker', 0)")
        db.engine.dispose()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_migration_takes_no_nib_of_one_digit_repeated_and_keeps_what_events_require(dialect, new_database, tmp_path):
    app = make_app(tmp_path, new_database(dialect))
    with app.app_context():
        upgrade(revision="5f0c7d9be214")
        with db.engine.begin() as connection:
            office_id = insert_as_it_was(connection, "organizations")
            for nib in ("0" * 13, "7" * 13, "9120000000029"):
                insert_as_it_was(connection, "businesses", organization_id=office_id, nib=nib)
            for required in (True, False):
                insert_as_it_was(connection, "events", organization_id=office_id, kind="training", status="draft",
                                 requires_nib=required, ends_at=None)  # fmt: skip
        upgrade()
        with db.engine.connect() as connection:
            businesses = select(Table("businesses", MetaData(), autoload_with=connection).c.nib)
            events = select(Table("events", MetaData(), autoload_with=connection).c.requires_nib)
            assert sorted(connection.scalars(businesses), key=str) == ["9120000000029", None, None]
            assert sorted(connection.scalars(events), key=str) == [None, True]
        db.engine.dispose()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_a_migration_recognizes_businesses_that_came_to_several_events(dialect, new_database, tmp_path):
    app = make_app(tmp_path, new_database(dialect))
    with app.app_context():
        upgrade(revision="7c1e9f50ab36")
        with db.engine.begin() as connection:
            for _office in range(2):
                office_id = insert_as_it_was(connection, "organizations")
                for phone in ("+6281234567890", "+6281234567890", "+6289999999999"):
                    owner_id = insert_as_it_was(
                        connection, "people", organization_id=office_id, phone=phone, name_key=phone, region_code=None
                    )
                    insert_as_it_was(
                        connection, "businesses", organization_id=office_id, owner_id=owner_id, name_key="keripik"
                    )
        upgrade()
        with db.engine.connect() as connection:
            table = Table("businesses", MetaData(), autoload_with=connection)
            rows = connection.execute(select(table.c.id, table.c.same_as_id).order_by(table.c.id)).all()
            assert rows == [(1, None), (2, 1), (3, None), (4, None), (5, 4), (6, None)]
        db.engine.dispose()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_accounts_of_before_keep_their_password_and_say_whether_their_e_mail_is_confirmed(
    dialect, new_database, tmp_path
):
    app = make_app(tmp_path, new_database(dialect))
    with app.app_context():
        upgrade(revision="7c1e0b64a9d2")
        made = datetime(2026, 5, 1, tzinfo=UTC)
        with db.engine.begin() as connection:
            office_id = insert_as_it_was(connection, "organizations")
            for email in ("kepala@x.example", "undangan@x.example", "aneh\u200b@x.example"):
                insert_as_it_was(connection, "users", email=email, password_hash="kept", created_at=made)
            insert_as_it_was(
                connection, "invitations", organization_id=office_id, email="undangan@x.example", role="viewer",
                accepted_at=made + timedelta(seconds=1),
            )  # fmt: skip
        upgrade()
        stored = select(User.email, User.password_hash, User.email_confirmed_at).order_by(User.id)
        rows = db.session.execute(stored).all()
        db.session.rollback()
        db.engine.dispose()
    assert rows == [
        ("kepala@x.example", "kept", made), ("undangan@x.example", "kept", None), ("aneh@x.example", "kept", made)
    ]  # fmt: skip


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_people_registered_before_are_compared_in_other_spellings(dialect, new_database, tmp_path):
    app = make_app(tmp_path, new_database(dialect))
    with app.app_context():
        upgrade()
        make = Make(db.session)
        one = make.registration(name="Nur Aini")
        event_id, wanted = one.event_id, one.id
        db.session.commit()
        downgrade()
        assert not search.sounding(event_id, ["Nuraini"])
        db.session.rollback()
        upgrade()
        assert search.sounding(event_id, ["Nuraini"]) == {wanted}
        db.session.rollback()
        db.engine.dispose()
