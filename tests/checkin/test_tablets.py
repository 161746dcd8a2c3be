"""Tablets without a log-in: pairing, the roster, the exchange of operations, and the end of it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from halal import ids
from halal.checkin import gate, services, wire
from halal.checkin.models import CheckInOp, Device, DevicePairing, DeviceStore
from halal.clock import now, stopped_at
from halal.errors import NotFound
from halal.events.models import EventSession
from tests.checkin import said

ROSTER, SYNC = "/checkin/api/v1/roster", "/checkin/api/v1/sync"
OURS = {"Sec-Fetch-Site": "same-origin"}


# -- pairing -----------------------------------------------------------------------------------------------------


def test_an_organizer_pairs_a_tablet_and_it_needs_no_log_in(app, db, hall):
    page = hall.organizer.post(f"{hall.url}/pasangkan")
    assert page.status_code == 200
    code = page.text.split('mono">')[1].split("<")[0]
    assert db.session.scalar(select(DevicePairing.code_hash)) == ids.token_hash(code.replace("-", ""))
    tablet = app.test_client()
    assert hall.event.title in tablet.get(f"/checkin/pasang/{code}").text
    answer = tablet.post(f"/checkin/pasang/{code}", data={"name": "Tablet 3, pintu timur"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/checkin/tablet/{hall.event.slug}")
    cookie = answer.headers["Set-Cookie"]
    for part in ("serambi_tablet=", "HttpOnly", "SameSite=Strict", "Path=/checkin"):
        assert part in cookie
    assert "Secure" not in cookie  # this test speaks plain HTTP
    device = db.session.scalar(select(Device))
    assert (device.name, device.expires_at) == ("Tablet 3, pintu timur", hall.event.ends_at + timedelta(hours=48))
    assert device.token_hash not in cookie
    assert tablet.get(f"{ROSTER}?event={hall.event.slug}").json["device"] == {"id": str(device.id), "name": device.name}


def test_a_cookie_over_https_is_secure(app, hall):
    answer = app.test_client().post(f"/checkin/pasang/{hall.code()}", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


def test_a_code_works_once(client, db, hall):
    code = hall.code()
    assert client.post(f"/checkin/pasang/{code}").status_code == 303
    again = client.post(f"/checkin/pasang/{code}")
    assert again.status_code == 404
    assert "Set-Cookie" not in again.headers or gate.COOKIE not in again.headers["Set-Cookie"]
    assert client.get(f"/checkin/pasang/{code}").status_code == 404
    assert db.session.scalar(select(func.count()).select_from(Device)) == 1


def test_a_code_ends_after_ten_minutes(db, hall):
    code = hall.code()
    with stopped_at(now() + timedelta(minutes=9, seconds=59)):
        assert services.event_of_code(code).id == hall.event.id
    with stopped_at(now() + timedelta(minutes=10)):
        with pytest.raises(NotFound):
            services.event_of_code(code)
        with pytest.raises(NotFound):
            services.pair(code, "")


def test_a_typed_code_is_read_as_people_type(client, hall):
    code = hall.code()
    typed = f" {code[:5].upper()} - {code[5:]}"
    answer = client.get("/checkin/pasang", query_string={"kode": typed})
    assert answer.headers["Location"] == f"/checkin/pasang/{code}"


@pytest.mark.parametrize("status", ["draft", "cancelled"])
def test_no_tablet_is_paired_with_an_event_without_a_door(db, hall, status):
    hall.event.status = status
    db.session.commit()
    assert hall.organizer.post(f"{hall.url}/pasangkan").status_code == 303
    assert db.session.scalar(select(func.count()).select_from(DevicePairing)) == 0


# -- the gate ----------------------------------------------------------------------------------------------------


NOBODY = "01900000-0000-7000-8000-000000000000"


@pytest.mark.parametrize("cookie", ["", "x", "x.y", f"{NOBODY}.rahasia", f"{NOBODY}."])
def test_who_is_not_paired_is_told_to_pair(app, hall, cookie):
    client = app.test_client()
    client.set_cookie(gate.COOKIE, cookie, path="/checkin")
    client.store, client.known = "s", {}
    for answer in (
        client.get(f"{ROSTER}?event={hall.event.slug}"),
        client.post(SYNC, json=said.batch(hall.event), headers=OURS),
    ):
        assert (answer.status_code, answer.json["pair"]) == (401, True)


def test_every_answer_says_that_it_is_ours(app, hall):
    """Networks answer in the server's place, with a 401 or 404 of their own; a tablet must tell them apart."""
    tablet, stranger = hall.tablet(), app.test_client()
    roster = f"{ROSTER}?event={hall.event.slug}"
    etag = tablet.get(roster).headers["ETag"]
    answers = {
        200: tablet.sync(), 304: tablet.get(roster, headers={"If-None-Match": etag}), 400: tablet.sync(cursor="x"),
        401: stranger.get(roster), 403: tablet.get(f"{ROSTER}?event=x"), 404: hall.organizer.get(f"{ROSTER}?event=x"),
        405: tablet.get(SYNC),
    }  # fmt: skip
    assert {status: answer.status_code for status, answer in answers.items()} == {s: s for s in answers}
    assert {answer.headers.get("Serambi-Api") for answer in answers.values()} == {"1"}
    assert "Serambi-Api" not in stranger.get("/checkin/pasang").headers


def test_a_tablet_that_has_nothing_but_its_cookie_finds_its_event(app, hall):
    assert hall.tablet().get("/checkin/api/v1/tablet").json == {"event": hall.event.slug}
    assert app.test_client().get("/checkin/api/v1/tablet").status_code == 401
    assert hall.organizer.get("/checkin/api/v1/tablet").json == {"event": None}  # a log-in is not a tablet


def test_a_wrong_secret_is_nobody(app, db, hall):
    tablet = hall.tablet()
    tablet.set_cookie(gate.COOKIE, f"{tablet.device.id}.{ids.token()}", path="/checkin")
    assert tablet.sync(said.scan(hall.session, "x")).status_code == 401
    assert db.session.scalar(select(func.count()).select_from(CheckInOp)) == 0


def test_a_tablet_of_another_event_is_refused_and_logged(db, make, hall, caplog):
    tablet = hall.tablet()
    for other in (make.event(hall.organizer.organization), make.event()):
        siti = make.registration(other, name="Siti Rahasia")
        answers = [
            tablet.get(f"{ROSTER}?event={other.slug}"),
            tablet.sync(said.check_in(other.sessions[0], siti), event=other),
        ]
        for answer in answers:
            assert answer.status_code == 403
            assert "Siti" not in answer.text
            assert "wipe" not in answer.json
    assert db.session.scalar(select(func.count()).select_from(CheckInOp)) == 0
    assert str(tablet.device.id) in caplog.text


def test_a_paired_tablet_opens_nothing_else(app, hall):
    tablet = hall.tablet()
    for path in (hall.url, "/kelola/", "/checkin/", f"/checkin/{hall.event.slug}/{hall.session.id}",
                 f"/checkin/api/v1/state?event={hall.event.slug}"):  # fmt: skip
        assert tablet.get(path).status_code == 303  # to the log-in
    assert tablet.post("/checkin/api/v1/ops", json={}, headers=OURS).status_code == 401


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
def test_a_sync_must_come_from_our_own_pages(hall, site):
    tablet = hall.tablet()
    answer = tablet.post(SYNC, json=said.batch(hall.event), headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403


def test_an_officer_who_is_logged_in_may_use_the_same_addresses(log_in, make):
    officer = log_in("checkin_officer")
    event = make.event(officer.organization)
    siti = make.registration(event)
    assert officer.get(f"{ROSTER}?event={event.slug}").json["people"][0]["id"] == str(siti.id)
    answer = officer.post(SYNC, json=said.batch(event, said.check_in(event.sessions[0], siti)), headers=OURS)
    assert answer.json["results"][0]["status"] == "ok"
    assert officer.get(f"{ROSTER}?event={make.event().slug}").status_code == 404
    assert log_in("viewer", officer.organization).get(f"{ROSTER}?event={event.slug}").status_code == 403


# -- the roster --------------------------------------------------------------------------------------------------


def test_the_roster_holds_what_a_door_needs_and_no_more(make, hall):
    siti = make.registration(hall.event, name="Siti Aminah", business_name="Keripik Siti", region_code="36.04",
                             phone="+6281234567890", email="siti@contoh.id", nib="1234567890123",
                             address="Kp. Pasir 3", note="rahasia", product="Keripik pisang")  # fmt: skip
    make.registration(make.event(hall.organizer.organization), name="Orang lain")
    answer = hall.tablet().get(f"{ROSTER}?event={hall.event.slug}")
    assert answer.json["people"] == [
        {"id": str(siti.id), "h": siti.token_hash[:16], "n": "Siti Aminah", "b": "Keripik Siti", "r": "Kab. Serang",
         "k": "90123", "s": "confirmed", "u": answer.json["people"][0]["u"]}
    ]  # fmt: skip
    for secret in ("81234567890", "siti@contoh.id", "1234567890123", "Kp. Pasir", "rahasia", "pisang", siti.token):
        assert secret not in answer.text
    assert answer.json["sessions"][0]["id"] == hall.session.id
    assert (answer.json["zone"], answer.json["log_id"]) == ("Asia/Jakarta", hall.event.log_id)


def test_the_roster_comes_by_pages_without_gaps(make, hall):
    everybody = sorted(str(make.registration(hall.event).id) for _ in range(7))
    tablet, found, after = hall.tablet(), [], ""
    for _page in range(3):
        page = tablet.get(f"{ROSTER}?event={hall.event.slug}&limit=3&after={after}").json
        found += [person["id"] for person in page["people"]]
        after = page["next"]
    assert after is None
    assert found == everybody


def test_the_roster_is_a_304_until_somebody_changes(db, make, hall):
    siti = make.registration(hall.event)
    tablet, url = hall.tablet(), f"{ROSTER}?event={hall.event.slug}"
    first = tablet.get(url)
    known = {"If-None-Match": first.headers["ETag"]}
    again = tablet.get(url, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    siti.name = "Nama Baru"
    db.session.commit()
    changed = tablet.get(url, headers=known)
    assert changed.json["people"][0]["n"] == "Nama Baru"
    assert changed.json["version"] != first.json["version"]
    assert tablet.sync().json["roster_version"] == changed.json["version"]


def test_a_tablet_with_a_list_asks_only_for_who_changed(db, make, hall):
    hours = {"Ani": 3, "Siti": 2, "Edi": 1}
    ani, siti, edi = (
        make.registration(hall.event, name=name, updated_at=now() - timedelta(hours=ago)) for name, ago in hours.items()
    )
    tablet, url = hall.tablet(), f"{ROSTER}?event={hall.event.slug}"
    roster = Roster(tablet.get(url).json)
    assert roster.is_whole()
    siti.name, edi.status = "Siti Aminah", "cancelled"
    late = make.registration(hall.event, name="Baru Daftar")
    db.session.commit()
    answer = tablet.get(f"{url}&since={roster.as_of}").json
    assert {p["id"] for p in answer["people"]} == {str(siti.id), str(edi.id), str(late.id)}
    assert str(ani.id) not in str(answer)
    assert answer["next"] is None
    roster.take(answer)
    assert roster.is_whole()
    assert roster.people[str(siti.id)]["n"] == "Siti Aminah"
    assert roster.people[str(edi.id)]["s"] == "cancelled"


def test_whoever_was_committed_late_or_deleted_is_noticed(db, make, hall):
    early, middle, gone = (now() - timedelta(minutes=minutes) for minutes in (90, 60, 30))
    old = make.registration(hall.event, name="Ani", updated_at=early)
    make.registration(hall.event, name="Siti", updated_at=gone)
    tablet, url = hall.tablet(), f"{ROSTER}?event={hall.event.slug}"
    roster = Roster(tablet.get(url).json)
    old.name, old.updated_at = "Ani Rahmawati", middle  # changed before the latest one, committed an hour after
    db.session.commit()
    assert tablet.sync().json["roster_version"] != roster.version
    roster.take(tablet.get(f"{url}&since={roster.as_of}").json)
    assert not roster.is_whole()
    roster = Roster(tablet.get(url).json)
    db.session.delete(old)
    db.session.commit()
    roster.take(tablet.get(f"{url}&since={roster.as_of}").json)
    assert not roster.is_whole()


def test_a_change_that_takes_a_minute_to_commit_is_among_the_changes(db, make, hall):
    slow = make.registration(hall.event, name="Ani", updated_at=now() - timedelta(hours=1))
    make.registration(hall.event, name="Siti", updated_at=now() - timedelta(hours=2))
    tablet, url = hall.tablet(), f"{ROSTER}?event={hall.event.slug}"
    roster = Roster(tablet.get(url).json)
    slow.name, slow.updated_at = "Ani Rahmawati", now() - timedelta(minutes=1)
    db.session.commit()
    answer = tablet.get(f"{url}&since={roster.as_of}").json
    assert [person["n"] for person in answer["people"]] == ["Ani Rahmawati"]
    roster.take(answer)
    assert roster.is_whole()


@pytest.mark.parametrize(("since", "found"), [("", 1), ("x", 1), ("-9" * 20, 1), ("0", 1), ("9" * 9, 1), ("9" * 30, 0)])
def test_a_moment_that_is_none_gives_the_whole_list(make, hall, since, found):
    make.registration(hall.event)
    answer = hall.tablet().get(ROSTER, query_string={"event": hall.event.slug, "since": since})
    assert (answer.status_code, len(answer.json["people"])) == (200, found)


class Roster:
    """What a tablet holds, as static/checkin/door.js counts it."""

    def __init__(self, answer):
        self.people = {}
        self.take(answer)

    def take(self, answer):
        self.version, self.as_of = answer["version"], answer["as_of"]
        self.people |= {person["id"]: person for person in answer["people"]}

    def is_whole(self) -> bool:
        _event, count, total, _moment = map(int, self.version.split("-"))
        return (count, total) == (len(self.people), sum(person["u"] for person in self.people.values()))


# -- the exchange ------------------------------------------------------------------------------------------------


def test_a_tablet_hands_in_and_hears_of_the_others(make, hall):
    siti, edi = make.registration(hall.event, name="Siti"), make.registration(hall.event, name="Edi")
    one, two = hall.tablet("Timur"), hall.tablet("Barat")
    mine = said.check_in(hall.session, siti, dev_seq=1)
    (result,) = one.sync(mine).json["results"]
    assert (result["status"], result["seq"]) == ("ok", 1)
    theirs = said.check_in(hall.session, siti, dev_seq=1)
    answer = two.sync(theirs, said.check_in(hall.session, edi, dev_seq=2)).json
    assert [r["status"] for r in answer["results"]] == ["duplicate", "ok"]
    assert answer["results"][0]["duplicate_of"] == mine["id"]
    (change,) = answer["changes"]
    assert change == {
        "seq": 1, "id": mine["id"], "kind": "checkin", "session": hall.session.id, "registration": str(siti.id),
        "token_hash": None, "at": change["at"], "undoes": [], "into": None, "name": "Siti", "where": "Timur",
    }  # fmt: skip
    assert (answer["cursor"], answer["more"], answer["standing"]) == (3, False, "open")
    assert answer["counters"]["present"] == 2
    heard = one.sync(log_id=hall.event.log_id, cursor=1).json
    assert [c["id"] for c in heard["changes"]] == [theirs["id"], answer["results"][1]["id"]]


def test_a_tablet_that_knew_no_better_let_people_in(make, hall):
    """At the door somebody decided already: the server asks no questions afterwards."""
    waiting = make.registration(hall.event, status="waiting")
    other = make.registration(make.event(hall.organizer.organization))
    ops = [said.check_in(hall.session, waiting), said.check_in(hall.session, token_hash=other.token_hash),
           said.check_in(hall.session, token_hash="0" * 64),
           said.walk_in(hall.session, "Ibu Tamu", "0812 3456 7890")]  # fmt: skip
    answer = hall.tablet().sync(*ops).json
    assert [r["status"] for r in answer["results"]] == ["ok", "unknown", "unknown", "ok"]
    assert waiting.status == "confirmed"


def test_a_replay_changes_nothing_and_is_answered_alike(db, make, hall):
    tablet = hall.tablet()
    ops = [said.check_in(hall.session, make.registration(hall.event), dev_seq=n) for n in (1, 2, 3)]
    first, second = tablet.sync(*ops).json, tablet.sync(*ops).json
    assert first["results"] == second["results"]
    assert db.session.scalar(select(func.count()).select_from(CheckInOp)) == 3


def test_what_was_sent_already_from_a_storage_that_was_wiped_is_recognized_under_its_new_number(db, make, hall):
    tablet = hall.tablet()
    op = said.check_in(hall.session, make.registration(hall.event))
    first = tablet.sync({**op, "dev_seq": 41}).json
    tablet.store = str(ids.uuid7())
    assert tablet.sync({**op, "dev_seq": 1}).json["results"] == first["results"]
    assert said.kept(db, hall.event) == []


def test_a_tablet_that_counted_in_another_log_hears_everything(make, hall):
    hall.tablet().sync(said.check_in(hall.session, make.registration(hall.event)))
    other = hall.tablet()
    for known in ({"log_id": "another", "cursor": 7}, {"log_id": hall.event.log_id, "cursor": 99}):
        answer = other.sync(**known).json
        assert [c["seq"] for c in answer["changes"]] == [1]
        assert (answer["cursor"], answer["log_id"]) == (1, hall.event.log_id)


def test_what_the_log_does_not_take_is_kept_and_named(db, make, hall):
    tablet, siti = hall.tablet(), make.registration(hall.event)
    good, again = said.check_in(hall.session, siti, dev_seq=1), said.check_in(hall.session, siti, dev_seq=1)
    stranger = said.check_in(hall.session, make.registration(make.event(hall.organizer.organization)))
    bad_session, garbage = said.check_in(10**6, siti), {"id": str(ids.uuid7()), "kind": "hapus"}
    merge = said.merge(siti.id, ids.uuid7())
    answer = tablet.sync(good, again, stranger, bad_session, garbage, merge, "x", None).json
    reasons = {r["id"]: r.get("reason") for r in answer["results"]}
    assert reasons == {good["id"]: None, again["id"]: "conflict", stranger["id"]: "other_event",
                       bad_session["id"]: "session_gone", garbage["id"]: "invalid", merge["id"]: "not_allowed",
                       None: "invalid"}  # fmt: skip
    assert {r["status"] for r in answer["results"]} == {"ok", "quarantined"}
    tablet.sync(again)
    rows = said.kept(db, hall.event)
    assert len(rows) == 7
    assert json.loads(rows[0].content) == again


def test_what_was_said_of_a_removed_session_does_not_count_for_the_one_that_took_its_place(db, make, hall):
    tablet, siti, event = hall.tablet(), make.registration(hall.event), hall.event
    event.sessions.append(EventSession(title="Siang", position=1))
    db.session.flush()
    offline = said.check_in(event.sessions[1].id, siti)
    event.sessions.remove(event.sessions[1])
    db.session.flush()
    event.sessions.append(EventSession(title="Malam", position=1))
    db.session.commit()
    result = tablet.sync(offline).json["results"][0]
    assert (result["status"], result["reason"]) == ("quarantined", "session_gone")


@pytest.mark.parametrize("given", ["\ud800", "\ud83d", "x" * 63 + "\U0001f60a"])
def test_an_operation_whose_id_is_no_text_is_kept_aside_and_the_others_are_answered(db, make, hall, given):
    good = said.check_in(hall.session, make.registration(hall.event), dev_seq=1)
    answer = hall.tablet().sync(good, {**good, "id": given})
    assert [result["status"] for result in answer.json["results"]] == ["ok", "quarantined"]
    assert len(said.kept(db, hall.event)) == 1


@pytest.mark.parametrize("change", [{"v": 2}, {"cursor": -1}, {"cursor": "x"}, {"ops": None}, {"ops": [{}] * 201},
                                    {"store_id": "a b"}, {"log_id": "x y"}, {"last_dev_seq": 2**40},
                                    {"sent_at": "x"}, {"unsent": [1]}, {"device": "x"}])  # fmt: skip
def test_what_is_no_sync_is_refused_with_a_sentence(hall, change):
    answer = hall.tablet().sync(**change)
    assert answer.status_code == 400
    assert next(iter(change)) in answer.json["error"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 50_000, b" " * 70_000])
def test_garbage_is_refused_with_a_sentence_and_logged(hall, body, caplog):
    answer = hall.tablet().post(SYNC, data=body, content_type="application/json", headers=OURS)
    assert answer.status_code == (413 if len(body) > wire.MAX_BYTES else 400)
    assert answer.json["error"]
    assert ("checkin.sync" in caplog.text) == (answer.status_code == 400)


def test_a_tablet_says_how_it_is(db, hall):
    tablet = hall.tablet()
    fast = (now() + timedelta(hours=3)).isoformat()
    tablet.sync(last_dev_seq=12, unsent=5, sent_at=fast)
    store = db.session.scalar(select(DeviceStore))
    assert (store.last_dev_seq, store.unsent, store.device_id) == (12, 5, tablet.device.id)
    assert abs(store.skew_seconds - 3 * 3600) < 60
    tablet.sync(last_dev_seq=0, unsent=0)
    db.session.refresh(store)
    assert (store.last_dev_seq, store.unsent) == (12, 0)


# -- the end -----------------------------------------------------------------------------------------------------


def test_a_revoked_tablet_loses_its_list_and_what_it_sends_is_kept_apart(db, make, hall):
    siti, tablet = make.registration(hall.event, name="Siti"), hall.tablet()
    assert hall.organizer.post(f"{hall.url}/tablet/{tablet.device.id}/cabut").status_code == 303
    answer = tablet.get(f"{ROSTER}?event={hall.event.slug}")
    assert (answer.status_code, answer.json["wipe"], answer.json["reason"]) == (403, True, "revoked")
    op = said.check_in(hall.session, siti, dev_seq=1)
    answer = tablet.sync(op)
    assert answer.status_code == 200
    assert [(r["id"], r["status"], r["reason"]) for r in answer.json["results"]] == [
        (op["id"], "quarantined", "revoked")
    ]
    assert (answer.json["changes"], answer.json["counters"], answer.json["cursor"]) == ([], None, None)
    assert "Siti" not in answer.text
    assert db.session.scalar(select(func.count()).select_from(CheckInOp)) == 0
    assert [row.reason for row in said.kept(db, hall.event)] == ["revoked"]
    assert (tablet.sync().status_code, tablet.sync().json["wipe"]) == (403, True)


def test_a_tablet_ends_two_days_after_its_event(db, make, hall):
    tablet, siti = hall.tablet(), make.registration(hall.event)
    with stopped_at(hall.event.ends_at + timedelta(hours=47)):
        assert tablet.get(f"{ROSTER}?event={hall.event.slug}").status_code == 200
    with stopped_at(hall.event.ends_at + timedelta(hours=48)):
        answer = tablet.get(f"{ROSTER}?event={hall.event.slug}")
        assert (answer.status_code, answer.json["reason"]) == (403, "expired")
        (result,) = tablet.sync(said.check_in(hall.session, siti)).json["results"]
        assert (result["status"], result["reason"]) == ("quarantined", "expired")


def test_an_event_that_is_put_off_keeps_its_tablets(db, hall):
    tablet, ended = hall.tablet(), hall.event.ends_at
    hall.event.ends_at = ended + timedelta(days=7)
    db.session.commit()
    with stopped_at(ended + timedelta(days=8)):
        assert tablet.get(f"{ROSTER}?event={hall.event.slug}").status_code == 200


def test_closed_tablets_hand_in_what_they_have_and_learn_nothing(db, make, hall):
    siti, tablet = make.registration(hall.event), hall.tablet()
    assert hall.organizer.post(f"{hall.url}/tablet/tutup").status_code == 303
    assert tablet.get(f"{ROSTER}?event={hall.event.slug}").json["reason"] == "closed"
    answer = tablet.sync(said.check_in(hall.session, siti)).json
    assert [r["status"] for r in answer["results"]] == ["ok"]
    assert (answer["changes"], answer["counters"], answer["standing"]) == ([], None, "closed")
    assert tablet.sync().status_code == 403


def test_another_offices_tablet_is_not_there(make, hall, log_in):
    tablet, stranger = hall.tablet(), log_in("owner")
    assert stranger.post(f"{hall.url}/tablet/{tablet.device.id}/cabut").status_code == 404
    other = make.event(hall.organizer.organization)
    url = f"/kelola/kegiatan/{other.slug}/kehadiran/tablet/{tablet.device.id}/cabut"
    assert hall.organizer.post(url).status_code == 404
    assert tablet.get(f"{ROSTER}?event={hall.event.slug}").status_code == 200
