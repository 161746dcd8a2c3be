"""What a tablet, or somebody who found one, can do to us: what they may reach, read, send and fill."""

import io
import json
import logging
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select, text

from halal import clock, ids
from halal.checkin import gate, services, wire
from halal.checkin.models import Attendance, CheckInOp, Device, QuarantinedOp
from halal.checkin.services import quarantine
from halal.clock import now
from halal.extensions import db as database
from tests.checkin import said
from tests.checkin.conftest import OURS, SYNC
from tests.conftest import make_app
from tests.world import World

ROSTER = "/checkin/api/v1/roster"


def count(db, table) -> int:
    return db.session.scalar(select(func.count()).select_from(table))


# -- what a tablet reaches -----------------------------------------------------------------------------------------


def test_a_tablet_reaches_the_roster_and_the_exchange_and_no_other_closed_route(app, db, make, hall):
    world, tablet = World(make), hall.tablet()
    db.session.commit()
    reached = set()
    for rule in app.url_map.iter_rules():
        if app.view_functions[rule.endpoint].access == "public":
            continue
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(rule.endpoint, {**world.values(rule), **world.query(rule)})
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = tablet.open(path, method=method, headers=OURS, buffered=True)
            refused = answer.status_code == 401 or (
                answer.status_code == 303 and answer.headers["Location"].startswith("/masuk")
            )
            if not refused:
                reached.add(rule.endpoint)
    assert reached == {"checkin.roster", "checkin.sync", "checkin.event_of_tablet"}


def test_the_device_that_a_tablet_names_is_the_one_of_its_cookie(db, make, hall):
    """Nobody can put something into another tablet's mouth."""
    east, west = hall.tablet("Timur"), hall.tablet("Barat")
    east.sync(said.check_in(hall.session, make.registration(hall.event)), device=str(west.device.id))
    assert db.session.scalar(select(CheckInOp.device_id)) == east.device.id


# -- secrets -------------------------------------------------------------------------------------------------------


def test_no_code_and_no_secret_is_written_down_anywhere(app, db, hall, caplog):
    caplog.set_level(logging.DEBUG)
    code = hall.code()
    client = app.test_client()
    assert client.get(f"/checkin/pasang/{code}").status_code == 200
    assert client.post(f"/checkin/pasang/{code}").status_code == 303
    secret = client.get_cookie(gate.COOKIE, path="/checkin").value.partition(".")[2]
    assert len(secret) >= 22  # 128 random bits
    assert len(code) == 10  # 50 random bits, for ten minutes
    for table in inspect(db.session.connection()).get_table_names():
        rows = db.session.execute(text(f'SELECT * FROM "{table}"')).all()
        assert secret not in repr(rows), table
        assert code not in repr(rows), table
    assert secret not in caplog.text
    assert ids.token_hash(secret) == db.session.scalar(select(Device.token_hash))


def test_codes_cannot_be_tried_out(tmp_path, new_database):
    app = make_app(tmp_path, new_database("sqlite"), RATELIMIT_ENABLED=True)
    with app.app_context():
        database.create_all()
        client = app.test_client()
        with clock.stopped_at(clock.now()):
            found = [client.post(f"/checkin/pasang/{ids.code()[:10]}").status_code for _ in range(61)]
        database.engine.dispose()
    assert found == [404] * 60 + [429]


def test_whoever_says_to_be_a_tablet_and_is_not_is_told_to_pair_and_noted(app, hall, caplog):
    tablet, stranger = hall.tablet(), app.test_client()
    stranger.set_cookie(gate.COOKIE, f"{tablet.device.id}.{ids.token()}", path="/checkin")
    answer = stranger.get(f"{ROSTER}?event={hall.event.slug}")
    assert (answer.status_code, answer.json["pair"]) == (401, True)
    assert f"somebody says to be tablet {tablet.device.id}" in caplog.text


# -- garbage and replays -------------------------------------------------------------------------------------------


def test_what_was_said_at_one_event_is_not_believed_at_another(db, make, hall, caplog):
    """Caught on the way and sent again by a tablet of another event, word for word or about the other's people."""
    siti = make.registration(hall.event)
    op = said.check_in(hall.session, siti, dev_seq=1)
    hall.tablet().sync(op)
    event = make.event(hall.organizer.organization)
    stranger = hall.tablet("Sebelah", event=event)
    theirs = said.check_in(event.sessions[0], siti, dev_seq=2)
    foreign_session = said.check_in(hall.session, make.registration(event), dev_seq=3)
    answer = stranger.sync(op, theirs, foreign_session, event=event).json
    assert {r["id"]: (r["status"], r["reason"]) for r in answer["results"]} == {
        op["id"]: ("quarantined", "conflict"), theirs["id"]: ("quarantined", "other_event"),
        foreign_session["id"]: ("quarantined", "session_gone"),
    }  # fmt: skip
    assert count(db, CheckInOp) == count(db, Attendance) == 1
    for reason in ("conflict", "other_event", "session_gone"):
        assert f"tablet {stranger.device.id} of event {event.id}: 1 operations set aside, {reason}" in caplog.text


def test_a_malformed_operation_is_noted_without_what_it_says(hall, caplog):
    tablet = hall.tablet()
    tablet.sync({**said.walk_in(hall.session, "Ibu Rahasia", "08123456789"), "kind": "hapus"})
    assert f"tablet {tablet.device.id} of event {hall.event.id}: 1 operations set aside, invalid" in caplog.text
    assert "Rahasia" not in caplog.text
    assert "08123456789" not in caplog.text


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=20)
    | st.sampled_from(["\0", "\ud800", "9" * 400, "1970-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "NaN"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FIELDS = ["id", "kind", "client_at", "session", "registration", "token", "token_hash", "ops", "into", "name", "contact",
          "via", "admitted", "dev_seq", "\0", "lain"]  # fmt: skip
MAKERS = [said.check_in, said.walk_in]


@given(changes=st.lists(st.tuples(st.integers(0, 1), st.sampled_from(FIELDS), VALUES), min_size=1, max_size=4),
       outside=st.dictionaries(st.sampled_from(["cursor", "log_id", "tail", "latest", "sent_at", "unsent", "store_id"]),
                               VALUES, max_size=1))  # fmt: skip
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_nothing_that_can_be_sent_breaks_the_server(hall, make, changes, outside):
    """Every answer is a sentence, and of a batch every operation is answered; on both databases."""
    if not hasattr(hall, "fuzzer"):
        hall.fuzzer, hall.siti = hall.tablet(), make.registration(hall.event)
    ops = [maker(hall.session, hall.siti) if maker is said.check_in else maker(hall.session) for maker in MAKERS]
    for at, name, value in changes:
        ops[at][name] = value
    body = {**said.batch(hall.event, *ops, store=hall.fuzzer.store), "device": None, "last_dev_seq": 2, "unsent": 0}
    data = json.dumps({**body, **outside})
    answer = hall.fuzzer.post(SYNC, data=data, content_type="application/json", headers=OURS)
    assert answer.status_code in (200, 400), answer.text
    assert answer.json["error"] if answer.status_code == 400 else len(answer.json["results"]) == 2


@pytest.mark.parametrize("depth", range(880, 1000, 4))
def test_nothing_is_nested_too_deeply_to_be_answered(hall, depth):
    data = json.dumps(said.batch(hall.event, "NEST", store="s")).replace('"NEST"', "[" * depth + "]" * depth)
    answer = hall.tablet().post(SYNC, data=data, content_type="application/json", headers=OURS)
    assert answer.status_code in (200, 400), answer.text


@pytest.mark.parametrize("moment", ["1970-01-01T00:00:12.345Z", "2099-12-31T23:59:59Z"])
def test_a_check_in_by_a_clock_that_lost_its_battery_counts(db, make, hall, moment):
    op = said.check_in(hall.session, make.registration(hall.event), client_at=moment, dev_seq=1)
    (result,) = hall.tablet().sync(op).json["results"]
    assert result["status"] == "ok"
    at = db.session.scalar(select(Attendance.at))
    assert now() - timedelta(days=8) < at <= now()


# -- what can be filled --------------------------------------------------------------------------------------------


def test_what_comes_in_chunks_is_measured_too(hall):
    """Nothing is announced of its length; as much as fits is read, and no more is believed."""
    data = json.dumps(said.batch(hall.event)).encode() + b" " * wire.MAX_BYTES
    answer = hall.tablet().post(SYNC, input_stream=io.BytesIO(data), content_type="application/json", headers=OURS,
                                environ_overrides={"wsgi.input_terminated": True, "CONTENT_LENGTH": None})  # fmt: skip
    assert answer.status_code == 413
    assert answer.json["error"]


def test_an_operation_that_is_much_too_long_is_kept_in_part_and_cannot_be_accepted(db, hall):
    tablet = hall.tablet()
    op = {**said.walk_in(hall.session), "name": "x" * 50_000}
    (result,) = tablet.sync(op).json["results"]
    assert (result["status"], result["reason"]) == ("quarantined", "invalid")
    tablet.sync(op)
    (row,) = said.kept(db, hall.event)
    assert len(row.content) == quarantine.MOST_OF_AN_OP
    assert hall.organizer.get(hall.url).status_code == 200
    hall.organizer.post(f"{hall.url}/karantina/terima", data={"row_id": row.id})
    assert count(db, CheckInOp) == 0
    assert hall.organizer.post(f"{hall.url}/karantina/abaikan", data={"row_id": row.id}).status_code == 303
    assert db.session.scalar(select(QuarantinedOp.settled_at)) is not None


def test_a_tablet_that_fills_the_quarantine_is_noted(monkeypatch, hall, caplog):
    monkeypatch.setattr(quarantine, "MOST_OF_A_DEVICE", 1)
    tablet = hall.tablet()
    assert [tablet.sync({"id": n}).status_code for n in range(2)] == [200, 429]
    assert f"tablet {tablet.device.id} of event {hall.event.id} sent too much" in caplog.text


def test_a_full_quarantine_holds_up_nothing_that_can_be_recorded(monkeypatch, db, make, hall):
    monkeypatch.setattr(quarantine, "MOST_OF_A_DEVICE", 0)
    good = said.check_in(hall.session, make.registration(hall.event), dev_seq=2)
    answer = hall.tablet().sync({"id": "x"}, good)
    assert answer.status_code == 200
    assert [(r["id"], r["status"]) for r in answer.json["results"]] == [(good["id"], "ok")]
    assert said.kept(db, hall.event) == []


def test_a_code_of_a_cancelled_event_pairs_nobody(app, db, hall):
    code = hall.code()
    hall.event.status = "cancelled"
    db.session.commit()
    assert app.test_client().post(f"/checkin/pasang/{code}").status_code == 409
    assert count(db, Device) == 0
    assert services.event_of_code(code).id == hall.event.id  # not used up, should the event be taken up again
