"""Prepared statements answer as SQLAlchemy's own execution does."""

import uuid
from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, func, insert, select, union_all, update

from halal import ids
from halal.checkin.models import CheckInOp, OpKind
from halal.extensions import db as database
from halal.prepared import prepared

OPS = CheckInOp.__table__
ADD = prepared(insert(OPS))
AT = datetime(2025, 5, 15, 1, 30, tzinfo=UTC)
BY_ID = select(OPS).where(OPS.c.op_id.in_(bindparam("ids", expanding=True)))


def op(event, seq, **more) -> dict:
    return {"op_id": ids.uuid7(), "event_id": event.id, "seq": seq, "kind": OpKind.CHECK_IN, "session_id": None,
            "registration_id": None, "payload": {"via": "scan"}, "payload_hash": "-", "client_at": AT, "sent_at": AT,
            "received_at": AT, **more}  # fmt: skip


@pytest.fixture
def event(db, make):
    made = make.event()
    db.session.flush()
    return made


@pytest.mark.parametrize("count", [1, 2, 8, 9, 200, 201])
def test_every_row_is_inserted_with_its_own_values(event, count):
    rows = [op(event, n + 1) for n in range(count)]
    ADD.insert(database.session.connection(), rows)
    found = database.session.execute(select(OPS.c.op_id, OPS.c.seq).where(OPS.c.event_id == event.id)).all()
    assert {tuple(row) for row in found} == {(row["op_id"], row["seq"]) for row in rows}


@pytest.mark.parametrize("beside", [0, 20])
def test_rows_come_back_with_the_types_that_went_in(event, beside):
    row = op(event, 1, registration_id=uuid.uuid4(), payload={"ops": ["é", 1]})
    connection = database.session.connection()
    ADD.insert(connection, [row, *(op(event, n + 2) for n in range(beside))])
    (found,) = prepared(BY_ID).rows(connection, ids=[row["op_id"]])
    assert {name: getattr(found, name) for name in row} == row
    assert tuple(found) == tuple(connection.execute(BY_ID, {"ids": [row["op_id"]]}).one())


@pytest.mark.parametrize("count", [0, 1, 8, 9, 19])
def test_lists_of_any_length_may_be_asked_for_beside_single_values(event, count):
    rows = [op(event, n + 1) for n in range(20)]
    connection = database.session.connection()
    ADD.insert(connection, rows)
    of_event = select(OPS).where(OPS.c.event_id == bindparam("event"), OPS.c.seq > bindparam("after"))
    both = prepared(union_all(BY_ID, of_event))
    found = both.rows(connection, event=event.id, after=19, ids=[row["op_id"] for row in rows[:count]])
    assert sorted(row.seq for row in found) == [*range(1, count + 1), 20]


def test_a_statement_has_few_texts_for_lists_of_many_lengths(event):
    """Each takes milliseconds to make, while others wait."""
    rows = [op(event, n + 1) for n in range(300)]
    connection = database.session.connection()
    ADD.insert(connection, rows)
    by_id = prepared(BY_ID)
    for count in range(301):
        found = by_id.rows(connection, ids=[row["op_id"] for row in rows[:count]])
        assert len(found) == count
    assert by_id._form.cache_info().currsize < 35


def test_an_update_answers_what_it_returns(event):
    table = type(event).__table__
    values = {"next_seq": table.c.next_seq + bindparam("count"), "updated_at": table.c.updated_at}
    take = prepared(
        update(table).where(table.c.id == bindparam("event"))
        .values(**values).returning(table.c.next_seq)
    )  # fmt: skip
    connection = database.session.connection()
    assert [tuple(row) for row in take.rows(connection, event=event.id, count=3)] == [(event.next_seq + 3,)]


def test_what_was_written_belongs_to_the_transaction_of_the_session(app, event):
    with database.session.begin_nested() as inner:
        ADD.insert(database.session.connection(), [op(event, 1)])
        inner.rollback()
    assert database.session.scalar(select(func.count()).select_from(OPS).where(OPS.c.event_id == event.id)) == 0
