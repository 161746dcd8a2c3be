"""Statements of the busiest paths: compiled once, then handed straight to the database's driver.

SQLAlchemy's own execution costs several times what a small statement costs the database. Here the statement, the types
of what goes in and comes out, the connection and its transaction stay SQLAlchemy's; only the way between is shorter.
"""

import json
import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from psycopg.pq import TransactionStatus
from sqlalchemy import JSON, Boolean, Connection, Integer, String
from sqlalchemy.sql.expression import Executable
from sqlalchemy.types import TypeEngine

from halal.extensions import OUR_BEGIN

_FORMS = 500  # several lists come in many combinations of lengths; more than this are compiled again
_FEW = 8  # PostgreSQL: values that are cheaper one by one than as a whole
_AT_ONCE = 200  # rows in one INSERT: 3,000 values of the widest table, far below what SQLite takes
_NAME_OR_LIST = re.compile(r"%\((\w+)\)s|IN \(__\[POSTCOMPILE_(\w+)\]\)")
_VALUES = re.compile(r"VALUES (\(.*?\))(?= ON CONFLICT|$)", re.DOTALL)
_FROM_JSON = "SELECT * FROM json_to_recordset(%s::JSON) AS given (…)"
_LENGTH = re.compile(r"\(\d+\)")


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
        form, cursor = self._send(connection, values)
        return lambda: [form.row(found) for found in cursor.fetchall()]

    def unread(self, connection: Connection, **values) -> list[tuple[tuple, Callable]]:
        """Rows of which few may be needed: (what the driver gave, a function that makes a named tuple of it)."""
        form, cursor = self._send(connection, values)
        return [(found, form.row) for found in cursor.fetchall()]

    def _send(self, connection: Connection, values: dict) -> tuple:
        lists = {name: value for name, value in values.items() if type(value) is list}
        whole = _as_a_whole(connection, max(map(len, lists.values()), default=0))
        if not whole:
            lists = {name: _padded(value) for name, value in lists.items()}
            values = values | lists
        lengths = tuple((name, len(value)) for name, value in lists.items())
        form = self._form(connection.dialect, tuple(values), None if whole else lengths)
        return form, _execute(connection, form, values)

    def insert(self, connection: Connection, rows: Sequence[dict]) -> None:
        """Insert these rows; all have the same columns."""
        for begin in range(0, len(rows), _AT_ONCE):
            some = rows[begin : begin + _AT_ONCE]
            whole = _as_a_whole(connection, len(some))
            form = self._form(connection.dialect, tuple(some[0]), None if whole else len(some))
            _execute(connection, form, some)

    def _compile(self, dialect, names: tuple[str, ...], lengths: tuple | int | None):
        statement = self._make(dialect.name)
        if lengths is None:
            kind = _RowsAsJson if statement.is_insert else _ListsAsArrays
            return kind(statement, dialect, names)
        kind = _RowsInPlaces if statement.is_insert else _ListsInPlaces
        return kind(statement, dialect, names, lengths)


def _execute(connection: Connection, form, values: dict | Sequence[dict]):
    """The driver's cursor, with the answer or with the promise of one."""
    cursor = connection.connection.cursor()
    try:
        cursor.execute(form.text, form.bind(values))
    except Exception:
        _give_up_if_cut(connection)
        raise
    return cursor


def _give_up_if_cut(connection: Connection) -> None:
    """Say to SQLAlchemy, which does not hear of it here, that a connection is gone: then a rollback asks nothing of it,
    and the pool gives it to nobody."""
    if connection.dialect.driver == "psycopg" and connection.connection.dbapi_connection.closed:
        connection.invalidate()


def _as_a_whole(connection: Connection, count: int) -> bool:
    """Whether so many values go as one, and not one by one."""
    return connection.dialect.name == "postgresql" and count > _FEW


def _padded(values: list) -> list:
    """The same values, the last one several times: of one of few lengths, so that few texts are made. IN (…) does not
    mind."""
    step = max(1, 1 << len(values).bit_length() - 3) if len(values) > _FEW else 1
    return values + values[-1:] * (-len(values) % step)


def _processor(kind: TypeEngine, dialect):
    """How the driver wants a value; None: as it is."""
    return kind.dialect_impl(dialect).bind_processor(dialect)


class _Question:
    """A statement with an answer. `text` is what the driver gets, `bind` gives its parameters, `row` reads a row."""

    def __init__(self, statement, dialect):
        columns = tuple(statement.exported_columns)
        readers = (column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
        self._readers = [(place, read) for place, read in enumerate(readers) if read]
        self._tuple = namedtuple("Row", [column.key for column in columns])

    def row(self, found: tuple):
        values = list(found)
        for place, read in self._readers:
            values[place] = read(values[place])
        return self._tuple._make(values)


class _ListsAsArrays(_Question):
    """PostgreSQL takes a list as one value. So one text serves lists of all lengths, and is planned once for them."""

    def __init__(self, statement, dialect, _names: tuple[str, ...]):
        super().__init__(statement, dialect)
        compiled = statement.compile(dialect=dialect)
        self._sources: list[tuple] = []  # (name, whether it is a list, how the driver wants it)

        def place(found: re.Match) -> str:
            name, is_list = found[1] or found[2], bool(found[2])
            of_one = compiled.binds[name].type
            self._sources.append((name, is_list, _processor(of_one, dialect)))
            return f"= ANY (%s::{_kind(of_one, dialect)}[])" if is_list else "%s"

        self.text = _NAME_OR_LIST.sub(place, compiled.string)

    def bind(self, values: dict) -> list:
        bound = []
        for name, is_list, convert in self._sources:
            value = values[name]
            if convert:
                value = [convert(one) for one in value] if is_list else convert(value)
            bound.append(value)
        return bound


class _RowsAsJson:
    """PostgreSQL takes many rows as one value too: an INSERT of one parameter, where each row had one a column."""

    def __init__(self, statement, dialect, names: tuple[str, ...]):
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        places = [found[1] for found in _NAME_OR_LIST.finditer(compiled.string)]
        kinds = {name: compiled.binds[name].type for name in places}
        columns = ", ".join(f"{name} {_kind(kind, dialect)}" for name, kind in kinds.items())
        self.text = _VALUES.sub(_FROM_JSON.replace("…", columns), compiled.string)
        self._sources = [(name, _json_processor(kind, dialect)) for name, kind in kinds.items()]

    def bind(self, rows: Sequence[dict]) -> list:
        names = [name for name, _convert in self._sources]
        return [json.dumps([dict(zip(names, row, strict=True)) for row in _columnwise(rows, self._sources)])]


def _json_processor(kind: TypeEngine, dialect) -> Callable | None:
    """How a value stands in JSON; None: as it is."""
    if isinstance(kind, JSON):  # it stays what it is: a part of the whole
        return None
    convert = _processor(kind, dialect)
    if isinstance(kind, Integer | Boolean | String):
        return convert
    return lambda value: None if value is None else str(convert(value) if convert else value)


def _kind(kind: TypeEngine, dialect) -> str:
    """The type as SQL names it, without a length: in a cast, that would cut and not refuse."""
    return _LENGTH.sub("", dialect.type_compiler_instance.process(kind))


class _ListsInPlaces(_Question):
    """A place in the text for each value, and so a text for each length of lists: for SQLite, and for few values."""

    def __init__(self, statement, dialect, names: tuple[str, ...], lengths: tuple):
        super().__init__(statement, dialect)
        sizes = dict(lengths)
        if sizes:
            lists = {name: [None] * sizes[name] if name in sizes else None for name in names}
            statement = statement.params(lists)
        compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        self.text, places = _text_and_places(compiled)
        self._sources = [self._source(place, compiled.binds, sizes, dialect) for place in places]

    @staticmethod
    def _source(place: str, binds: dict, sizes: dict[str, int], dialect) -> tuple:
        """(name, index in its list or None, how the driver wants it) of a place in the text."""
        name, index = place, None
        if place not in binds or place in sizes:
            name, _sep, number = place.rpartition("_")
            index = int(number) - 1
        return name, index, _processor(binds[name].type, dialect)

    def bind(self, values: dict) -> list:
        bound = []
        for name, index, convert in self._sources:
            value = values[name] if index is None else values[name][index]
            bound.append(convert(value) if convert else value)
        return bound


class _RowsInPlaces:
    """Likewise, a text for each number of rows."""

    def __init__(self, statement, dialect, names: tuple[str, ...], count: int):
        compiled = statement.compile(dialect=dialect, column_keys=list(names))
        text, places = _text_and_places(compiled)
        self.text = _VALUES.sub(lambda found: "VALUES " + ", ".join([found[1]] * count), text)
        self._sources = [(name, _processor(compiled.binds[name].type, dialect)) for name in places]

    def bind(self, rows: Sequence[dict]) -> list:
        return [value for row in _columnwise(rows, self._sources) for value in row]


def _columnwise(rows: Sequence[dict], sources: Sequence[tuple[str, Callable | None]]) -> Iterator[tuple]:
    """The values of each row, in the order of `sources` (name, how it is converted or None)."""
    columns = [[row[name] for row in rows] for name, _convert in sources]
    for place, (_name, convert) in enumerate(sources):
        if convert:
            columns[place] = _converted(columns[place], convert)
    return zip(*columns, strict=True)


def _converted(values: list, convert: Callable) -> list:
    """Each value as the driver wants it; one that stands in many rows is converted once."""
    last, result, converted = object(), None, []
    for value in values:
        if value is not last:
            last, result = value, convert(value)
        converted.append(result)
    return converted


def _text_and_places(compiled) -> tuple[str, list[str]]:
    """The text with the places that drivers count, and the name of each."""
    if compiled.positiontup is not None:
        return compiled.string, compiled.positiontup
    return _NAME_OR_LIST.sub("%s", compiled.string), [found[1] for found in _NAME_OR_LIST.finditer(compiled.string)]


@contextmanager
def one_trip(connection: Connection, *, and_commit: bool = False) -> Iterator[None]:
    """Prepared statements that are sent in here travel together, where the database is a journey away.

    Each sees what those before it did and what others had committed when its turn came, as if it had been sent alone.
    Whether they went well is known when this ends. A transaction that begins here begins on the same journey, and
    ends on it with `and_commit`; its owner commits as ever, and finds it done.
    """
    if connection.dialect.driver != "psycopg":
        yield
        return
    driver = connection.connection.dbapi_connection
    begins = driver.info.transaction_status == TransactionStatus.IDLE
    if begins:
        connection.info[OUR_BEGIN] = driver.autocommit = True  # or psycopg waits for the answer to a BEGIN of its own
    try:
        with driver.pipeline():
            if begins:
                driver.execute("BEGIN")
            yield
            if and_commit and not connection.in_nested_transaction():  # a savepoint ends by itself
                driver.commit()
    except Exception:
        _give_up_if_cut(connection)
        raise


def prepared(statement: Executable) -> Prepared:
    """A statement that both databases read alike."""
    return Prepared(lambda _dialect: statement)
