"""Connections that were cut while nobody used them."""

from sqlalchemy import create_engine, text

from halal import extensions


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
