"""Connections: cut while nobody used them, begun and committed on the way of the statements, safe on the disk."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, func, insert, select, text

from halal import extensions, web
from halal.extensions import db as database
from halal.prepared import one_trip, prepared
from tests.conftest import make_app


def test_an_idle_connection_that_was_cut_is_replaced_unnoticed(new_database, monkeypatch):
    monkeypatch.setattr(extensions, "IDLE_SECONDS", 0.0)
    url = new_database("postgresql")
    engine, admin = create_engine(url), create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        backend = connection.scalar(text("SELECT pg_backend_pid()"))
    with admin.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": backend})
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != backend
    engine.dispose()
    admin.dispose()


def test_who_has_written_holds_no_lock_while_reading_on(new_database, tmp_path):
    app = make_app(tmp_path, new_database("sqlite"))
    with app.test_request_context("/"):
        with web.writing("an event"):
            database.session.execute(text("CREATE TABLE things (id INTEGER)"))
        assert database.session.scalar(text("SELECT count(*) FROM things")) == 0  # what a sync reads after its write
        other = create_engine(database.engine.url, isolation_level="AUTOCOMMIT", connect_args={"timeout": 0.1})
        with other.connect() as connection:
            connection.execute(text("INSERT INTO things VALUES (1)"))  # "database is locked" if that took the lock
        other.dispose()
        database.session.remove()
        database.engine.dispose()


THINGS = Table("things", MetaData(), Column("id", Integer, primary_key=True))
ADD, COUNT = prepared(insert(THINGS)), select(func.count()).select_from(THINGS)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, new_database):
    made = create_engine(new_database(request.param), pool_size=1, max_overflow=0)
    THINGS.create(made)
    yield made
    made.dispose()


def test_what_travels_with_its_commit_is_there_afterwards(engine):
    with engine.connect() as connection:
        connection.begin()
        with one_trip(connection, and_commit=True):
            ADD.insert(connection, [{"id": 1}])
        connection.commit()
    with engine.connect() as connection:
        assert connection.scalar(COUNT) == 1


def test_a_transaction_that_began_on_the_way_can_be_taken_back(engine):
    with engine.connect() as connection:
        connection.begin()
        with one_trip(connection):
            ADD.insert(connection, [{"id": 1}])
        connection.execute(insert(THINGS), {"id": 2})
        connection.rollback()
        assert connection.scalar(COUNT) == 0


def test_the_next_transaction_of_the_connection_begins_as_ever(engine):
    with engine.connect() as connection:
        connection.begin()
        with one_trip(connection, and_commit=True):
            ADD.insert(connection, [{"id": 1}])
        connection.commit()
        connection.execute(insert(THINGS), {"id": 2})
        connection.rollback()
        assert connection.scalar(COUNT) == 1


def test_a_savepoint_that_ends_commits_nothing_around_it(engine):
    with engine.connect() as connection:
        connection.begin()
        with connection.begin_nested(), one_trip(connection, and_commit=True):
            ADD.insert(connection, [{"id": 1}])
        connection.rollback()
        assert connection.scalar(COUNT) == 0


def test_what_fails_on_the_way_to_its_commit_leaves_nothing(engine):
    with engine.connect() as connection:
        connection.begin()
        with pytest.raises(Exception, match=r"(?i)unique"), one_trip(connection, and_commit=True):
            ADD.insert(connection, [{"id": 1}])
            ADD.insert(connection, [{"id": 1}])
        connection.rollback()
        assert connection.scalar(COUNT) == 0


def test_a_commit_is_on_the_disk_before_it_is_answered(engine):
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            assert connection.scalar(text("PRAGMA synchronous")) == 2  # FULL
        else:
            assert connection.scalar(text("SHOW synchronous_commit")) == "on"
