"""Many rows in one statement, made ready before: what is left to do while others wait for the lock is little."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Dialect, func, insert, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg

from halal.extensions import Base, db


def values_of(row: Base) -> dict:
    """What a row says that is in no session, by column, with its defaults; without a number that the database gives."""
    given, found = row.__dict__, {}
    for column in row.__table__.columns:
        if column.key in given:
            found[column.key] = given[column.key]
        elif column.default is not None:
            found[column.key] = column.default.arg(None) if column.default.is_callable else column.default.arg
        elif not column.primary_key:
            found[column.key] = None
    return found


def ready(model: type[Base], row: dict) -> dict:
    """The row with its values as the driver takes them, which is most of the work of writing it."""
    processors = _processors(model, db.engine.dialect.name)
    return {name: process(row[name]) if (process := processors[name]) else row[name] for name in row}


def insert_many(model: type[Base], rows: Sequence[dict]) -> None:
    """Write rows that are `ready`, all of the same columns."""
    if rows:
        statement = _statement(model, db.engine.dialect.name, tuple(rows[0]))
        db.session.connection().exec_driver_sql(statement, rows)


@cache
def _dialect(name: str) -> Dialect:
    """One that names its parameters, as rows do."""
    return sqlite.dialect(paramstyle="named") if name == "sqlite" else psycopg.dialect()


@cache
def _processors(model: type[Base], name: str) -> dict:
    dialect = _dialect(name)
    return {c.key: c.type.dialect_impl(dialect).bind_processor(dialect) for c in model.__table__.columns}


@cache
def _statement(model: type[Base], name: str, columns: tuple[str, ...]) -> str:
    return str(insert(model.__table__).compile(dialect=_dialect(name), column_keys=columns))


def new_numbers(model: type[Base], count: int) -> range | list[int]:
    """Ids for this many new rows of a table whose database counts them. They are given out to nobody else: PostgreSQL
    asks its sequence, and on SQLite whoever may write is alone."""
    key = model.__table__.c.id
    if db.engine.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(model.__tablename__, key.name)
        return list(db.session.scalars(select(func.nextval(sequence)).select_from(func.generate_series(1, count))))
    last = db.session.scalar(select(func.coalesce(func.max(key), 0)))
    return range(last + 1, last + 1 + count)
