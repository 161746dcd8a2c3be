"""Statements of the busiest paths: compiled once, then handed straight to the database's driver.

SQLAlchemy's own execution costs several times what a small statement costs the database. Here the statement, the types
of what goes in and comes out, the connection and its transaction stay SQLAlchemy's; only the way between is shorter.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache

from sqlalchemy import Connection
from sqlalchemy.sql.expression import Executable

_FORMS = 500  # lists come in many lengths; more forms than this of one statement are compiled again
_AT_ONCE = 200  # rows in one INSERT: 3,000 values of the widest table, far below what both databases take
_NAME_IN_TEXT = re.compile(r"%\((\w+)\)s")
_VALUES = re.compile(r"VALUES (\(.*?\))(?= ON CONFLICT|$)", re.DOTALL)


class Prepared:
    """A Core statement that is run many times a second.

    `make(dialect)` gives the statement as one kind of database ("sqlite", "postgresql") wants it; all its values
    are bindparams, or columns. `connection` is always the session's, so that the statement belongs to its transaction.
    """

    def __init__(self, make: Callable[[str], Executable]):
        self._make = make
        self._form = lru_cache(maxsize=_FORMS)(self._compile)

    def rows(self, connection: Connection, **values) -> list:
        """What the statement answers, as named tuples."""
        return self.ask(connection, **values)()

    def ask(self, connection: Connection, **values) -> Callable[[], list]:
        """Send the statement; what comes back gives its rows. For `one_trip`, and to be called after it."""
        sizes = tuple((name, len(value)) for name, value in values.items() if type(value) is list)
        form = self._form(connection.dialect, tuple(values), sizes)
        cursor = connection.connection.cursor()
        cursor.execute(form.text, form.bind([values]))
        return lambda: [form.row(found) for found in cursor.fetchall()]

    def insert(self, connection: Connection, rows: Sequence[dict]) -> None:
        """Insert these rows; all have the same columns."""
        for begin in range(0, len(rows), _AT_ONCE):
            some = rows[begin : begin + _AT_ONCE]
            form = self._form(connection.dialect, tuple(some[0]), (), len(some))
            cursor = connection.connection.cursor()
            cursor.execute(form.text, form.bind(some))

    def _compile(self, dialect, names: tuple[str, ...], sizes: tuple[tuple[str, int], ...], rows: int = 1) -> "_Form":
        return _Form(self._make(dialect.name), dialect, names, dict(sizes), rows)


class _Form:
    """A statement as one database reads it, with lists of certain lengths, or so many rows."""

    def __init__(self, statement, dialect, names: tuple[str, ...], sizes: dict[str, int], rows: int):
        if sizes:  # the text has a place for each value of a list, so their number must be known
            statement = statement.params({name: [None] * sizes[name] if name in sizes else None for name in names})
        compiled = statement.compile(
            dialect=dialect, column_keys=list(names) if statement.is_insert else None,
            compile_kwargs={"render_postcompile": bool(sizes)},
        )  # fmt: skip
        places = compiled.positiontup or _NAME_IN_TEXT.findall(compiled.string)
        self._sources = [self._source(place, compiled.binds, sizes, dialect) for place in places]
        text = _NAME_IN_TEXT.sub("%s", compiled.string)
        self.text = _VALUES.sub(lambda found: "VALUES " + ", ".join([found[1]] * rows), text) if rows > 1 else text
        answered = () if statement.is_insert else tuple(statement.exported_columns)
        self._columns = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in answered]
        self._tuple = namedtuple("Row", [column.key for column in answered])

    @staticmethod
    def _source(place: str, binds: dict, sizes: dict[str, int], dialect) -> tuple:
        """(name, index in its list or None, how the driver wants it or None) of a place in the text."""
        name, index = place, None
        if place not in binds or place in sizes:
            name, _sep, number = place.rpartition("_")
            index = int(number) - 1
        return name, index, binds[name].type.dialect_impl(dialect).bind_processor(dialect)

    def bind(self, rows: Sequence[dict]) -> list:
        """The parameters as the driver wants them, in the order of the text."""
        bound = []
        for values in rows:
            for name, index, convert in self._sources:
                value = values[name] if index is None else values[name][index]
                bound.append(convert(value) if convert else value)
        return bound

    def row(self, found: tuple):
        return self._tuple._make(
            read(value) if read else value for read, value in zip(self._columns, found, strict=True)
        )


def one_trip(connection: Connection) -> AbstractContextManager:
    """Prepared statements that are sent in here travel together, where the database is a journey away.

    Each sees what those before it did and what others had committed when its turn came, as if it had been sent alone.
    Whether they went well is known when this ends.
    """
    if connection.dialect.driver != "psycopg":
        return nullcontext()
    return connection.connection.dbapi_connection.pipeline()


def prepared(statement: Executable) -> Prepared:
    """A statement that both databases read alike."""
    return Prepared(lambda _dialect: statement)
