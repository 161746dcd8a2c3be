"""Statements of the busiest paths: compiled once, then handed straight to the database's driver.

SQLAlchemy's own execution costs several times what a small statement costs the database. Here the statement, the types
of what goes in and comes out, the connection and its transaction stay SQLAlchemy's; only the way between is shorter.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import lru_cache

from sqlalchemy import Connection
from sqlalchemy.sql.expression import Executable

_FORMS = 500  # lists come in many lengths; more forms than this of one statement are compiled again
_NAME_IN_TEXT = re.compile(r"%\((\w+)\)s")


class Prepared:
    """A Core statement that is run many times a second.

    `make(dialect)` gives the statement as one kind of database ("sqlite", "postgresql") wants it; its parameters are
    bindparams, or columns. `connection` is always the session's, so that the statement belongs to its transaction.
    """

    def __init__(self, make: Callable[[str], Executable]):
        self._make = make
        self._form = lru_cache(maxsize=_FORMS)(self._compile)

    def rows(self, connection: Connection, **values) -> list:
        """What the statement answers, as named tuples."""
        form = self._form_for(connection, values)
        cursor = connection.connection.cursor()
        cursor.execute(form.text, form.bind(values))
        found = [form.row(found) for found in cursor.fetchall()]
        cursor.close()
        return found

    def write(self, connection: Connection, rows: Sequence[dict]) -> None:
        """Run the statement with each of these rows; all have the same columns."""
        form = self._form_for(connection, rows[0])
        cursor = connection.connection.cursor()
        cursor.executemany(form.text, [form.bind(values) for values in rows])
        cursor.close()

    def _form_for(self, connection: Connection, values: dict) -> "_Form":
        sizes = tuple((name, len(value)) for name, value in values.items() if type(value) is list)
        return self._form(connection.dialect, sizes, tuple(values))

    def _compile(self, dialect, sizes: tuple[tuple[str, int], ...], names: tuple[str, ...]) -> "_Form":
        return _Form(self._make(dialect.name), dialect, dict(sizes), names)


class _Form:
    """A statement as one database reads it, with lists of certain lengths."""

    def __init__(self, statement, dialect, sizes: dict[str, int], names: tuple[str, ...]):
        if sizes:  # the text has a place for each value of a list, so their number must be known
            statement = statement.params({name: [None] * sizes[name] if name in sizes else None for name in names})
        compiled = statement.compile(
            dialect=dialect, column_keys=list(names) if statement.is_insert else None,
            compile_kwargs={"render_postcompile": bool(sizes)},
        )  # fmt: skip
        self.text = compiled.string
        places = compiled.positiontup
        self._by_name = places is None
        if self._by_name:
            places = list(dict.fromkeys(_NAME_IN_TEXT.findall(self.text)))
        self._places = [(place, *self._source(place, compiled.binds, sizes, dialect)) for place in places]
        self._columns = [_reader(column.type, dialect) for column in _answered(statement)]
        self._read = any(self._columns)
        self._tuple = namedtuple("Row", [column.key for column in _answered(statement)])

    @staticmethod
    def _source(place: str, binds: dict, sizes: dict[str, int], dialect) -> tuple:
        """(name, index in its list or None, how the driver wants it or None) of a place in the text."""
        name, index = place, None
        if place not in binds or place in sizes:
            name, _sep, number = place.rpartition("_")
            index = int(number) - 1
        return name, index, binds[name].type.dialect_impl(dialect).bind_processor(dialect)

    def bind(self, values: dict):
        """The parameters as the driver wants them."""
        bound = []
        for _place, name, index, convert in self._places:
            value = values[name] if index is None else values[name][index]
            bound.append(convert(value) if convert else value)
        return dict(zip((place[0] for place in self._places), bound, strict=True)) if self._by_name else bound

    def row(self, found: tuple):
        if not self._read:
            return self._tuple._make(found)
        return self._tuple._make(
            read(value) if read else value for read, value in zip(self._columns, found, strict=True)
        )


def _answered(statement) -> Sequence:
    return () if statement.is_insert else tuple(statement.exported_columns)


def _reader(column_type, dialect):
    return column_type.dialect_impl(dialect).result_processor(dialect, None)


def prepared(statement: Executable) -> Prepared:
    """A statement that both databases read alike."""
    return Prepared(lambda _dialect: statement)
