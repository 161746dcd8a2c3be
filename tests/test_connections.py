"""Connections that were cut while nobody used them."""

from sqlalchemy import create_engine, text

from halal import extensions, web
from halal.extensions import db as database
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
