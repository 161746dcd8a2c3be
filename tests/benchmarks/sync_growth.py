"""A sync of ten check-ins, and the board, in an event whose log holds 1,000, 10,000 and 100,000 operations.

Whole requests of a paired tablet and of a logged-in organizer, through all middleware, to the last byte. A sync of
ten may cost at most half more in the largest log than in the smallest. How many are in is counted at most once a second
for all tablets together (halal/briefly.py), so it is measured beside: `sync_growth.counting` is a sync that counts.
"""

from collections.abc import Callable, Iterator

from sqlalchemy import select

from halal import briefly, ids
from halal.checkin.gate import COOKIE
from halal.checkin.models import CheckInOp, Device
from halal.extensions import db
from halal.registrations.models import Registration
from tests.benchmarks._office import fill, medians, office
from tests.benchmarks.list_growth import get
from tests.checkin import said

SIZES = (1_000, 10_000, 100_000)
SHARE = 1.66  # so many registrations an operation: nine in ten are confirmed, two in three of them present
ROUNDS = 60


def run() -> Iterator[dict]:
    with office() as (app, make, client):
        events = [make.event(client.organization) for _ in SIZES]
        for event, size in zip(events, SIZES, strict=True):
            fill(event, round(size * SHARE))
        syncs = [_tablet(app, event) for event in events]
        boards = [_board(client, event) for event in events]
        for name, actions, seconds in (
            ("sync_growth", syncs, 3600.0), ("sync_growth.counting", syncs, 0.0), ("sync_growth.board", boards, 0.0)
        ):  # fmt: skip
            briefly.SECONDS = seconds
            small, middle, large = medians(actions, ROUNDS if actions is syncs else ROUNDS // 6)
            yield {"name": name, "value": round(large, 2), "unit": f"ms at {SIZES[2]:,} operations",
                   "against": round(small, 2), "ratio": round(large / small, 2)}  # fmt: skip
            yield {"name": f"{name}.{SIZES[1]}", "value": round(middle, 2), "unit": f"ms at {SIZES[1]:,} operations",
                   "against": round(small, 2), "ratio": round(middle / small, 2)}  # fmt: skip


def _board(client, event) -> Callable[[], None]:
    path = f"/kelola/kegiatan/{event.slug}/kehadiran"
    return lambda: get(client, path, headers={"HX-Request": "true"})


def _tablet(app, event) -> Callable[[], None]:
    """A paired tablet that knows the whole log; each call syncs ten people it has not sent before."""
    secret, event_id, store = ids.token(), event.id, str(ids.uuid7())
    device = Device(organization_id=event.organization_id, event_id=event_id, name="Tablet 1",
                    token_hash=ids.token_hash(secret), expires_at=event.last_moment)  # fmt: skip
    db.session.add(device)
    people = db.session.scalars(select(Registration.id).where(Registration.event_id == event_id).limit(2_000)).all()
    tail = select(CheckInOp.seq, CheckInOp.op_id).where(CheckInOp.event_id == event_id)
    cursor, last = db.session.execute(tail.order_by(CheckInOp.seq.desc()).limit(1)).one()
    db.session.commit()
    known = {"log_id": event.log_id, "cursor": cursor, "tail": str(last)}
    client, slug, session_id, dev_seq = app.test_client(), event.slug, event.sessions[0].id, 0
    client.set_cookie(COOKIE, f"{device.id}.{secret}", path="/checkin")

    def sync() -> None:
        nonlocal dev_seq, known
        ops = []
        for _ in range(10):
            dev_seq += 1
            ops.append(said.check_in(session_id, people[dev_seq % len(people)], dev_seq=dev_seq))
        body = {"v": 1, "event": slug, "device": None, "store_id": store, **known, "sent_at": said.now(),
                "last_dev_seq": dev_seq, "unsent": 0, "ops": ops}  # fmt: skip
        answer = client.post("/checkin/api/v1/sync", json=body, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code == 200, answer.text
        assert len(answer.json["results"]) == 10
        known = {key: answer.json[key] for key in known}

    return sync
