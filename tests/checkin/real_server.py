"""The real server as a history needs it: its HTTP interface and its tables, with commits that can be taken back."""

import uuid

from sqlalchemy import delete, insert, select, update

from halal import clock, ids
from halal.checkin import services, wire
from halal.checkin.fold import Op, fold, persons
from halal.checkin.models import Attendance, CheckInOp, DeviceStore, OpKind, QuarantinedOp
from halal.checkin.services.history import to_op
from halal.events.models import Event, EventSession
from halal.extensions import db
from halal.registrations.models import Registration, RegistrationWord
from tests.checkin import said
from tests.checkin.histories import TABLETS, person_id

# All that check-in writes, in the order in which rows refer to each other.
WRITTEN = (Registration, RegistrationWord, CheckInOp, Attendance, DeviceStore, QuarantinedOp)
TABLES = [model.__table__ for model in WRITTEN]


class Real:
    """An event of its own for each history, with three paired tablets."""

    def __init__(self, hall, make, number: int):
        self.number, self.hall = number, hall
        self.event = make.event(hall.organizer.organization)
        self.event.sessions.append(EventSession(title="Praktik", position=1))
        made = [make.registration(self.event, id=person_id(n, number)) for n in range(1, 6)]
        self.people = [str(registration.id) for registration in made]
        self.sessions = tuple(session.id for session in self.event.sessions)
        self.clients = [hall.tablet(f"Tablet {n}", event=self.event) for n in range(TABLETS)]
        self.states: list[list] = []
        self._committed()
        self.copy = self.states[0]

    def sync(self, tablet: int, body: dict) -> dict:
        body = {**body, "event": self.event.slug, "sent_at": said.now()}
        answer = self.clients[tablet].post("/checkin/api/v1/sync", json=body, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 200, answer.text
        if body["ops"]:
            self._committed()
        return answer.json

    def roster(self, path: str) -> dict:
        return self.clients[0].get(path.replace("event=kegiatan", f"event={self.event.slug}")).json

    def merge(self, one: str, other: str) -> None:
        operation = wire.Incoming(ids.uuid7(), OpKind.MERGE, clock.now(), registration_id=uuid.UUID(one),
                                  into=uuid.UUID(other))  # fmt: skip
        place = services.find_place(self.event.organization_id, self.event.slug)
        batch = wire.Batch(self.event.slug, None, None, clock.now(), (operation,))
        services.record(place, batch, user_id=self.hall.organizer.user.id)
        db.session.commit()
        self._committed()

    # -- what it forgets -----------------------------------------------------------------------------------------------

    def _committed(self) -> None:
        rows = [db.session.execute(select(table).where(table.c.event_id == self.event.id)).all() for table in TABLES]
        self.states.append([[dict(row._mapping) for row in some] for some in rows])

    def back_up(self) -> None:
        self.copy = self.states[-1]

    def restore(self) -> None:
        self._put_back(self.copy, log_id=str(ids.uuid7()))

    def lose_power(self, commits: int) -> None:
        self._put_back(self.states[-1 - min(commits, len(self.states) - 1)])

    def _put_back(self, state: list, **values) -> None:
        for table in reversed(TABLES):
            db.session.execute(delete(table).where(table.c.event_id == self.event.id))
        for table, rows in zip(TABLES, state, strict=True):
            if rows:
                db.session.execute(insert(table), rows)
        values["next_seq"] = len(state[TABLES.index(CheckInOp.__table__)]) + 1
        db.session.execute(update(Event.__table__).where(Event.id == self.event.id).values(**values))
        db.session.commit()
        db.session.expire_all()
        self._committed()

    # -- what is true --------------------------------------------------------------------------------------------------

    def log(self) -> list[Op]:
        of_event = select(*CheckInOp.__table__.c).where(CheckInOp.event_id == self.event.id).order_by(CheckInOp.seq)
        return [to_op(row) for row in db.session.execute(of_event)]

    def check(self) -> None:
        """The attendance is what the log means, each once; every number counts it; nothing lies in quarantine."""
        log = self.log()
        rows = db.session.execute(
            select(Attendance.session_id, Attendance.registration_id, Attendance.op_id).where(
                Attendance.event_id == self.event.id
            )
        ).all()
        known = set(db.session.scalars(select(Registration.id).where(Registration.event_id == self.event.id)))
        present = {key: one.op.op_id for key, one in fold(log).items() if key[1] in known}
        assert {(row.session_id, row.registration_id): row.op_id for row in rows} == present
        assert len(rows) == len(present)
        assert services.counters(self.event.id)["seq"] == len(log)
        assert said.kept(db, self.event) == []
        unsent = select(DeviceStore.unsent).where(DeviceStore.event_id == self.event.id)
        assert set(db.session.scalars(unsent)) <= {0}
        merged = persons(log)
        guests = {op.registration_id for op in log if op.kind == OpKind.WALK_IN}
        assert guests <= known
        assert {merged.get(guest, guest) for guest in guests} <= known
