"""How Alembic runs here: on the application's own engine, always online."""

from alembic import context
from flask import current_app

database = current_app.extensions["migrate"].db


def render_item(kind, item, _autogen):
    """Our own column types are written as the plain types that they store."""
    if kind == "type" and type(item).__module__ == "halal.types":
        return "sa.DateTime(timezone=True)"
    return False


with database.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=database.metadata,
        render_item=render_item,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
