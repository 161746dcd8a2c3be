"""How Alembic runs here: on the application's own engine, always online."""

from contextlib import contextmanager

from alembic import context
from flask import current_app

database = current_app.extensions["migrate"].db


def render_item(kind, item, _autogen):
    """Our own column types are written as the plain types that they store."""
    if kind == "type" and type(item).__module__ == "halal.types":
        return "sa.DateTime(timezone=True)"
    return False


@contextmanager
def references_aside(connection):
    """SQLite can change most of a table only by making it anew; what refers to it must look away meanwhile."""
    if connection.dialect.name != "sqlite":
        yield
        return
    sqlite = connection.connection.driver_connection
    sqlite.execute("PRAGMA foreign_keys=OFF")  # outside of any transaction, else it does nothing
    try:
        yield
    finally:
        connection.rollback()
        sqlite.execute("PRAGMA foreign_keys=ON")


def check_references(connection):
    if connection.dialect.name == "sqlite":
        for table, *_row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            raise RuntimeError(f"A row of {table} would refer to nothing. Nothing was changed.")


with database.engine.connect() as connection, references_aside(connection):
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_item=render_item,
        transactional_ddl=True,  # all steps or none, on SQLite too
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")  # a table may be large
        context.run_migrations()
        check_references(connection)
    connection.commit()
