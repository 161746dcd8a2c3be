"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import DateTime, Enum, String
from sqlalchemy.types import TypeDecorator


class UTCDateTime(TypeDecorator):
    """A moment. Only aware datetimes go in; UTC comes out, on SQLite too, which forgets time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime has no meaning here; give it a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect):
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# For tables whose rows are named elsewhere than by a foreign key (by a tablet, on a certificate): the number of a row
# that is gone is not given to the next one. PostgreSQL never does; SQLite has to be told.
NEVER_AGAIN = {"sqlite_autoincrement": True}


def enum_type(cls: type[StrEnum]) -> Enum:
    """A StrEnum stored by its value in a plain, checked text column."""
    return Enum(
        cls,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=cls.__name__.lower(),
        values_callable=lambda e: [m.value for m in e],
    )


def bytewise(length: int) -> String:
    """Text compared by its bytes on every database, whatever its locale: for sorting and looking up beginnings."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")
