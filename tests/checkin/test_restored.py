"""A backup was restored: what the server forgot comes back from the tablets, once."""

import json
import uuid
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from halal import ids
from halal.audit.models import AuditEntry
from halal.checkin import gate, services
from halal.checkin.models import Attendance, CheckInOp, QuarantinedOp
from halal.events.models import Event
from halal.extensions import db
from tests.checkin import said
from tests.checkin.conftest import OURS, SYNC
from tests.factories import Make


class Tablet:
    """As much of a tablet as matters here: it numbers what it records, keeps it when it was acknowledged, and opens
    all of it again when the log is not the one it knew (static/checkin/sync.js does, see test_tablet_js.py)."""

    def __init__(self, app, slug: str):
        self.app, self.slug, self.store = app, slug, str(ids.uuid7())
        self.ops, self.open, self.heard = [], set(), {}
        self.log_id, self.cursor, self.tail, self.latest = None, 0, None, (0, None)
        self.pair()

    def pair(self) -> None:
        with self.app.app_context():
            event = db.session.scalar(select(Event).where(Event.slug == self.slug))
            code, _until = services.make_code(event, user_id=self.app.organizer)
            device, _slug, secret = services.pair(code, "")
            db.session.commit()
            self.cookie = f"{device.id}.{secret}"

    def record(self, op: dict) -> str:
        self.ops.append({**op, "dev_seq": len(self.ops) + 1})
        self.open.add(op["id"])
        self.sync()
        return op["id"]

    def sync(self) -> int:
        """Exchange until both sides know everything; how many operations were sent, or the status that stopped it."""
        client, sent = self.app.test_client(), 0
        client.set_cookie(gate.COOKIE, self.cookie, path="/checkin")
        while True:
            going = [op for op in self.ops if op["id"] in self.open]
            body = {"v": 1, "event": self.slug, "store_id": self.store, "log_id": self.log_id, "cursor": self.cursor,
                    "tail": self.tail, "latest": self.latest[1], "sent_at": said.now(), "last_dev_seq": len(self.ops),
                    "unsent": 0, "ops": going}  # fmt: skip
            answer = client.post(SYNC, json=body, headers=OURS)
            if answer.status_code != 200:
                return answer.status_code
            answer, sent = answer.json, sent + len(going)
            forgotten = self.log_id and not answer["known"]
            self.log_id = answer["log_id"]
            if forgotten:
                self.open, self.heard = {op["id"] for op in self.ops}, {}
                self.cursor, self.tail, self.latest = 0, None, (0, None)
                continue
            self.open -= {result["id"] for result in answer["results"]}
            self.latest = max([self.latest, *((r["seq"], r["id"]) for r in answer["results"] if r["seq"])])
            self.heard |= {change["id"]: change for change in answer["changes"]}
            self.cursor, self.tail = answer["cursor"], answer["tail"]
            if not self.open and not answer["more"]:
                return sent

    @property
    def known(self) -> set[str]:
        """All operations that the tablet knows of, its own and others'."""
        return {op["id"] for op in self.ops} | set(self.heard)


@pytest.fixture
def hall(busy_app):
    """An event on a database of its own; `backup()` and `restore()` as a dump of all rows does it."""
    with busy_app.app_context():
        make = Make(db.session)
        event = make.event(slug="acara")
        busy_app.organizer = make.user(event.organization).id
        people = [make.registration(event).id for _ in range(9)]
        session, office = event.sessions[0].id, event.organization_id
        db.session.commit()
    kept = {}

    def backup():
        with busy_app.app_context():
            for table in db.metadata.sorted_tables:
                kept[table] = [dict(row) for row in db.session.execute(select(table)).mappings()]

    def restore():
        with busy_app.app_context():
            for table in reversed(db.metadata.sorted_tables):
                db.session.execute(table.delete())
            for table, rows in kept.items():
                if rows:
                    db.session.execute(table.insert(), rows)
            db.session.commit()

    def log():
        with busy_app.app_context():
            return db.session.scalars(select(CheckInOp).order_by(CheckInOp.seq)).all()

    def present():
        with busy_app.app_context():
            return set(db.session.scalars(select(Attendance.registration_id)))

    def aside():
        with busy_app.app_context():
            return [json.loads(content)["id"] for content in db.session.scalars(select(QuarantinedOp.content))]

    return SimpleNamespace(app=busy_app, people=people, session=session, office=office, backup=backup, restore=restore,
                           log=log, present=present, aside=aside, tablet=lambda: Tablet(busy_app, "acara"),
                           command=lambda: busy_app.test_cli_runner().invoke(args=["checkin", "restored"]))  # fmt: skip


def test_after_a_restore_tablets_send_everything_again_and_the_log_is_complete(hall):
    one, two = hall.tablet(), hall.tablet()
    before = one.record(said.check_in(hall.session, hall.people[0]))
    two.record(said.check_in(hall.session, hall.people[1]))
    hall.backup()
    late = hall.tablet()
    late.record(said.check_in(hall.session, hall.people[2]))
    one.record(said.undo(hall.people[0], before))
    one.record(said.check_in(hall.session, hall.people[3]))
    guest = said.walk_in(hall.session, "Ibu Tamu")
    one.record(guest)
    everything = one.known | two.known | late.known
    expected = hall.present()
    assert expected == {hall.people[1], hall.people[2], hall.people[3], uuid.UUID(guest["registration"])}
    hall.restore()
    result = hall.command()
    assert (result.exit_code, "Events: 1." in result.output) == (0, True)
    assert late.sync() == 401  # the server knows nothing of its pairing
    two.record(said.check_in(hall.session, hall.people[4]))  # the log is longer again before the other one comes
    two.record(said.check_in(hall.session, hall.people[5]))
    two.record(said.check_in(hall.session, hall.people[6]))
    assert one.sync() == len(one.ops)
    late.pair()
    assert late.sync() == len(late.ops)
    for tablet in (one, two, late):
        tablet.sync()
    log = hall.log()
    assert {str(op.op_id) for op in log} == everything | two.known
    assert [op.seq for op in log] == list(range(1, len(log) + 1))
    assert hall.present() == expected | set(hall.people[4:7])
    assert one.known == two.known == late.known == {str(op.op_id) for op in log}


def test_what_lay_in_quarantine_comes_back_too(hall):
    """Why the command is needed although tablets notice when their own end of the log is gone: what was never in the
    log, they cannot miss there."""
    one = hall.tablet()
    one.record(said.check_in(hall.session, hall.people[0]))
    hall.backup()
    aside = one.record(said.check_in(10**6, hall.people[1]))  # a session that is no more
    assert hall.aside() == [aside]
    hall.restore()
    assert (one.sync(), hall.aside()) == (0, [])
    hall.command()
    assert one.sync() == 2
    assert hall.aside() == [aside]


def test_said_twice_it_does_no_harm(hall):
    one = hall.tablet()
    one.record(said.check_in(hall.session, hall.people[0]))
    hall.command()
    one.sync()
    hall.command()
    assert one.sync() == 1
    assert [str(op.op_id) for op in hall.log()] == [one.ops[0]["id"]]


def test_every_event_gets_a_name_of_its_own_and_the_trail_says_so(hall):
    with hall.app.app_context():
        Make(db.session).event()
        db.session.commit()
        before = dict(db.session.execute(select(Event.log_id, Event.updated_at)).all())
    assert "Events: 2." in hall.command().output
    with hall.app.app_context():
        after = dict(db.session.execute(select(Event.log_id, Event.updated_at)).all())
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "checkin.restored")).all()
    assert len(after) == 2
    assert set(after) & set(before) == set()
    assert set(after.values()) == set(before.values())  # nobody edited these events
    assert {entry.organization_id for entry in entries} >= {hall.office}
    assert len(entries) == 2
