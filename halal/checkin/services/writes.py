"""INSERT … ON CONFLICT, which both databases write alike and SQLAlchemy does not."""

from functools import cache

from sqlalchemy.dialects import postgresql, sqlite

from halal.checkin.models import Attendance, Device
from halal.extensions import db


def _insert(dialect: str):
    return {"postgresql": postgresql, "sqlite": sqlite}[dialect].insert


@cache
def _attendance(dialect: str):
    statement = _insert(dialect)(Attendance.__table__)
    return statement.on_conflict_do_update(
        index_elements=["session_id", "registration_id"],
        set_={"op_id": statement.excluded.op_id, "at": statement.excluded.at},
    )


@cache
def _device(dialect: str):
    return _insert(dialect)(Device.__table__).on_conflict_do_nothing(index_elements=["id"])


def put_attendance(rows: list[dict]) -> None:
    """Write attendance rows; those that exist get the new operation and time."""
    connection = db.session.connection()
    connection.execute(_attendance(connection.dialect.name), rows)


def put_device(row: dict) -> None:
    """Add a device, unless another request of the same tablet was faster."""
    connection = db.session.connection()
    connection.execute(_device(connection.dialect.name), row)
