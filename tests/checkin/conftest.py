"""Fixtures of check-in: a place to check in at, and a way to say something there."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from halal import ids
from halal.checkin import gate, services
from halal.checkin.models import Attendance, CheckInOp
from halal.extensions import db as database
from tests.checkin import said
from tests.conftest import make_app
from tests.factories import Make

AT_ONCE = 8
SYNC, OURS = "/checkin/api/v1/sync", {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def door(db, make):
    """An event with one session, a user, and `door.say(op, …)` -> results as a tablet reads them."""
    event = make.event()
    user = make.user(event.organization)
    session = event.sessions[0]

    def say(*ops, **more):
        place = services.open_place(event.organization_id, event.slug, more.get("device", said.DEVICE))
        return [r.to_json() for r in services.record(place, said.read(event, *ops, **more), user_id=user.id)]

    def attendance():
        rows = db.session.scalars(select(Attendance).where(Attendance.event_id == event.id))
        return {(row.session_id, row.registration_id): row.op_id for row in rows}

    def ops():
        return db.session.scalars(select(CheckInOp).where(CheckInOp.event_id == event.id).order_by(CheckInOp.seq)).all()

    return SimpleNamespace(event=event, session=session, user=user, say=say, attendance=attendance, ops=ops)


@pytest.fixture
def hall(app, db, make, log_in):
    """An event, its organizer, and `hall.tablet()`: a paired tablet's client."""
    organizer = log_in("organizer")
    event = make.event(organizer.organization)

    def code():
        code, _until = services.make_code(event, user_id=organizer.user.id)
        db.session.commit()
        return code

    def tablet(name="Tablet 1", store=None, event=event):
        made, _until = services.make_code(event, user_id=organizer.user.id)
        device, _slug, secret = services.pair(made, name)
        db.session.commit()
        client = app.test_client()
        client.set_cookie(gate.COOKIE, f"{device.id}.{secret}", path="/checkin")
        client.device, client.store, client.known = device, store or str(ids.uuid7()), {"log_id": None, "cursor": 0}
        client.sync = lambda *ops, **more: sync(client, *ops, **more)
        return client

    def sync(client, *ops, event=event, **more):
        body = {**said.batch(event, *ops, store=client.store), "device": None, **client.known,
                "last_dev_seq": len(ops), "unsent": 0, **more}  # fmt: skip
        return client.post(SYNC, json=body, headers=OURS)

    return SimpleNamespace(event=event, session=event.sessions[0], organizer=organizer, tablet=tablet, code=code,
                           url=f"/kelola/kegiatan/{event.slug}/kehadiran")  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def busy_hall(request, new_database, tmp_path):
    """An application on a database of its own, of each kind, where commits are real: for many tablets at once.

    It has an event of ten `people`, and a pairing code for each of AT_ONCE tablets.
    """
    app = make_app(tmp_path, new_database(request.param))
    with app.app_context():
        database.create_all()
        make = Make(database.session)
        event = make.event()
        user = make.user(event.organization)
        app.hall = SimpleNamespace(
            office=event.organization_id, event_id=event.id, slug=event.slug, session_id=event.sessions[0].id,
            people=[make.registration(event).id for _ in range(10)],
            codes=[services.make_code(event, user_id=user.id)[0] for _ in range(AT_ONCE)],
        )  # fmt: skip
        database.session.commit()
        database.session.remove()
    yield app
    with app.app_context():
        database.engine.dispose()
