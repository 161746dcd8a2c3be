"""What tablets may say over HTTP, and what they hear."""

import hashlib
import json

import pytest
from sqlalchemy import func, select

from halal import ids
from halal.accounts import login_sessions
from halal.accounts.models import Membership, Role
from halal.checkin import wire
from halal.checkin.models import CheckInOp
from halal.clock import now
from halal.events.models import EventStatus
from halal.registrations import search as index
from halal.registrations.models import RegistrationStatus
from tests.checkin import said

OPS = "/checkin/api/v1/ops"
OURS = {"Sec-Fetch-Site": "same-origin"}  # as browsers say of what our own pages send


@pytest.fixture
def tablet(log_in, make):
    """A logged-in officer's client, with an event of the office."""
    client = log_in("checkin_officer")
    client.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
    client.event = make.event(client.organization)
    client.session_id = client.event.sessions[0].id
    return client


def test_a_check_in_is_answered_with_its_result_and_the_counters(tablet, make):
    siti = make.registration(tablet.event, name="Siti Aminah")
    answer = tablet.post(OPS, json=said.batch(tablet.event, said.scan(tablet.session_id, siti.token)))
    assert answer.status_code == 200
    assert answer.json["log_id"] == tablet.event.log_id
    assert answer.json["results"][0]["status"] == "ok"
    assert answer.json["results"][0]["person"]["name"] == "Siti Aminah"
    assert answer.json["counters"]["sessions"] == {str(tablet.session_id): 1}
    assert answer.json["counters"]["registered"] == 1


def test_an_answer_holds_nothing_that_a_tablet_must_not_know(tablet, make):
    siti = make.registration(tablet.event, name="Siti Aminah", phone="+6281234567890", email="siti@contoh.id",
                             nib="1234567890123", address="Kp. Pasir 3", note="rahasia")  # fmt: skip
    index.index([siti])
    answers = [
        tablet.post("/checkin/api/v1/search", json=_question(tablet, "siti")),
        tablet.post(OPS, json=said.batch(tablet.event, said.scan(tablet.session_id, siti.token))),
        tablet.get(f"/checkin/api/v1/present?event={tablet.event.slug}&session={tablet.session_id}"),
    ]
    text = "".join(answer.text for answer in answers)
    assert text.count("Siti Aminah") == 3
    for secret in ("81234567890", "siti@contoh.id", "1234567890123", "Kp. Pasir", "rahasia", siti.token):
        assert secret not in text


def test_search_finds_from_two_letters_and_says_who_is_in(tablet, make):
    siti = make.registration(tablet.event, name="Siti Aminah")
    index.index([siti, make.registration(make.event(tablet.organization), name="Siti Lain")])
    op = said.scan(tablet.session_id, siti.token)
    tablet.post(OPS, json=said.batch(tablet.event, op))
    (found,) = tablet.post("/checkin/api/v1/search", json=_question(tablet, "si")).json["people"]
    assert (found["name"], found["live"]) == ("Siti Aminah", [op["id"]])
    assert found["at"]
    assert tablet.post("/checkin/api/v1/search", json=_question(tablet, "s")).json["people"] == []


def test_search_finds_other_spellings_after_the_exact_ones(tablet, make):
    people = [make.registration(tablet.event, name=name) for name in ("Rizky Amelia", "Rizki Pratama", "Nur Aini")]
    index.index(people)
    make.registration(make.event(tablet.organization), name="Rizqi Lain")
    assert _names_found(tablet, "search", "rizki") == ["Rizki Pratama", "Rizky Amelia"]
    assert _names_found(tablet, "search", "Nuraini") == ["Nur Aini"]
    assert _names_found(tablet, "search", "Nur Aʼini") == ["Nur Aini"]
    assert _names_found(tablet, "search", "zz") == []


def test_near_lists_who_may_be_a_walk_in_of_this_name(tablet, make):
    make.registration(tablet.event, name="H. Abdurrahman, S.E.")
    make.registration(tablet.event, name="Abdul Rohman", status=RegistrationStatus.CANCELLED)
    assert _names_found(tablet, "near", "Abdul Rahman") == ["H. Abdurrahman, S.E."]
    assert _names_found(tablet, "near", "Abdul Rozak") == []


def _names_found(tablet, question: str, typed: str) -> list[str]:
    answer = tablet.post(f"/checkin/api/v1/{question}", json=_question(tablet, typed))
    return [person["name"] for person in answer.json["people"]]


def test_the_counters_are_a_304_while_nothing_changed(tablet):
    url = f"/checkin/api/v1/state?event={tablet.event.slug}"
    first = tablet.get(url)
    assert first.json["counters"]["present"] == 0
    again = tablet.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_state_after_a_title_changed_names_the_event_and_sessions_anew(db, tablet):
    url = f"/checkin/api/v1/state?event={tablet.event.slug}"
    first = tablet.get(url)
    session = tablet.event.sessions[0]
    tablet.event.title, session.title = "Sosialisasi Baru", "Praktik di lab"
    db.session.commit()
    answer = tablet.get(url, headers={"If-None-Match": first.headers["ETag"]})
    assert answer.json["event"]["title"] == "Sosialisasi Baru"
    assert [(one["id"], one["title"]) for one in answer.json["sessions"]] == [(session.id, "Praktik di lab")]


def test_a_tablet_names_itself(tablet):
    body = {"event": tablet.event.slug, "device": str(said.DEVICE), "name": "Pintu timur"}
    assert tablet.post("/checkin/api/v1/device", json=body).json == {"name": "Pintu timur"}


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2}, {"v": None}, {"event": "../x"}, {"event": None}, {"device": "x"}, {"device": 5}, {"store_id": ""},
        {"store_id": "x" * 41}, {"sent_at": "kemarin"}, {"sent_at": "2025-05-15T08:00:00"}, {"ops": []}, {"ops": {}},
        {"ops": [{}] * 201}, {"sent_at": "9999-12-31T23:59:59Z"},
    ],
)  # fmt: skip
def test_what_is_no_batch_is_refused_with_a_sentence(tablet, change):
    answer = tablet.post(OPS, json={**said.batch(tablet.event, {}), **change})
    assert answer.status_code == 400
    assert next(iter(change)) in answer.json["error"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 50_000])
def test_what_is_no_json_is_refused_with_a_sentence(tablet, body):
    answer = tablet.post(OPS, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["error"]


def test_too_much_at_once_is_refused(tablet):
    answer = tablet.post(OPS, data=b" " * (wire.MAX_BYTES + 1), content_type="application/json")
    assert answer.status_code == 413
    assert answer.json["error"]


@pytest.mark.parametrize(
    "change",
    [
        {"id": "x"}, {"id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, {"id": None}, {"kind": "hapus"}, {"kind": []},
        {"session": "1"}, {"session": True}, {"session": -1}, {"session": 10**12}, {"session": None},
        {"client_at": 5}, {"client_at": "0001-01-01T00:00:00+00:00"}, {"dev_seq": 0}, {"dev_seq": "1"},
        {"registration": "x"}, {"registration": 7}, {"via": "sihir"}, {"token_hash": "zz", "registration": None},
        {"kind": "walkin", "name": ["x"]}, {"kind": "walkin", "name": "\ud800"}, {"kind": "walkin", "name": "x" * 201},
        {"kind": "undo", "ops": []}, {"kind": "undo", "ops": ["x"]}, {"kind": "merge", "into": None},
    ],
)  # fmt: skip
def test_a_malformed_operation_is_named_and_the_others_are_recorded(tablet, make, change):
    bad = {**said.check_in(tablet.session_id, ids.uuid7()), **change}
    good = said.scan(tablet.session_id, make.registration(tablet.event).token)
    body = json.dumps(said.batch(tablet.event, bad, good))
    answer = tablet.post(OPS, data=body, content_type="application/json")
    assert answer.status_code == 200
    assert [result["status"] for result in answer.json["results"]] == ["ok", "invalid"]


def test_nothing_a_person_typed_can_break_the_log(db, tablet):
    names = ["Robert'); DROP TABLE checkin_ops;--", "<script>alert(1)</script>", "محمد", "Ibu 🌙 Sari", "A" * 150]
    ops = [said.walk_in(tablet.session_id, name, "\x00\x1b") for name in names]
    answer = tablet.post(OPS, json=said.batch(tablet.event, *ops))
    assert [r["status"] for r in answer.json["results"]] == ["ok"] * len(names)
    assert [r["person"]["name"] for r in answer.json["results"]] == names


def test_replaying_a_whole_batch_changes_nothing(db, tablet, make):
    batch = said.batch(tablet.event, *[said.check_in(tablet.session_id, make.registration(tablet.event), dev_seq=n)
                                       for n in (1, 2, 3)])  # fmt: skip
    first, second = tablet.post(OPS, json=batch), tablet.post(OPS, json=batch)
    assert first.json["results"] == second.json["results"]
    count = select(func.count()).select_from(CheckInOp).where(CheckInOp.event_id == tablet.event.id)
    assert db.session.scalar(count) == 3


def test_another_offices_event_is_not_there(tablet, make):
    other = make.event()
    op = said.check_in(other.sessions[0], make.registration(other))
    assert tablet.post(OPS, json=said.batch(other, op)).status_code == 404
    assert tablet.get(f"/checkin/api/v1/state?event={other.slug}").status_code == 404
    assert tablet.get(f"/checkin/api/v1/present?event={other.slug}&session={other.sessions[0].id}").status_code == 404
    question = {"event": other.slug, "session": other.sessions[0].id, "q": "siti"}
    assert tablet.post("/checkin/api/v1/search", json=question).status_code == 404
    assert tablet.get(f"/checkin/{other.slug}/{other.sessions[0].id}").status_code == 404


def test_a_session_of_another_event_is_refused(tablet, make):
    other = make.event(tablet.organization).sessions[0]
    assert tablet.get(f"/checkin/{tablet.event.slug}/{other.id}").status_code == 404
    op = said.check_in(other, make.registration(tablet.event))
    (result,) = tablet.post(OPS, json=said.batch(tablet.event, op)).json["results"]
    assert result["status"] == "session_gone"
    assert (
        tablet.post("/checkin/api/v1/search", json={**_question(tablet, "si"), "session": other.id}).status_code == 422
    )


@pytest.mark.parametrize("status", [EventStatus.DRAFT, EventStatus.CANCELLED])
def test_an_event_without_a_door_refuses_with_a_sentence(db, tablet, make, status):
    tablet.event.status = status
    db.session.commit()
    answer = tablet.post(OPS, json=said.batch(tablet.event, said.scan(tablet.session_id, "x")))
    assert answer.status_code == 409
    assert answer.json["error"]
    assert tablet.get(f"/checkin/{tablet.event.slug}/{tablet.session_id}").status_code == 409


@pytest.mark.parametrize(
    ("role", "allowed"), [("owner", 200), ("organizer", 200), ("checkin_officer", 200), ("viewer", 403)]
)
def test_who_may_check_in(log_in, make, role, allowed):
    client = log_in(role)
    event = make.event(client.organization)
    body = said.batch(event, said.scan(event.sessions[0], "x"))
    assert client.post(OPS, json=body, headers=OURS).status_code == allowed
    assert client.get(f"/checkin/{event.slug}/{event.sessions[0].id}").status_code == allowed
    assert client.get("/checkin/").status_code == allowed


def test_strangers_and_ended_sessions_are_told_to_log_in(client, tablet, db):
    body = said.batch(tablet.event, said.scan(tablet.session_id, "x"))
    assert client.post(OPS, json=body, headers=OURS).status_code == 401
    login_sessions.end_of_user(tablet.user)
    db.session.commit()
    assert tablet.post(OPS, json=body, headers=OURS).status_code == 401


@pytest.mark.parametrize("said_by_the_browser", [
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "", "Origin": "https://evil.example"}, {"Sec-Fetch-Site": ""},
])  # fmt: skip
def test_posts_from_other_sites_are_refused(tablet, said_by_the_browser):
    body = said.batch(tablet.event, said.scan(tablet.session_id, "x"))
    assert tablet.post(OPS, json=body, headers=said_by_the_browser).status_code == 403
    own = {"Sec-Fetch-Site": "", "Origin": "http://localhost"}
    assert tablet.post(OPS, json=body, headers=own).status_code == 200


def test_the_office_chosen_is_the_office_that_counts(db, tablet, make):
    second = make.organization()
    event = make.event(second)
    make.add(_membership(tablet.user, second, "viewer"))
    db.session.commit()
    body = said.batch(event, said.scan(event.sessions[0], "x"))
    assert tablet.post(OPS, json=body).status_code == 404
    with tablet.session_transaction() as session:
        session["organization_id"] = second.id
    assert tablet.post(OPS, json=body).status_code == 403


def test_the_board_is_for_readers_and_changes_are_for_organizers(log_in, make):
    organizer = log_in("organizer")
    event = make.event(organizer.organization)
    url = f"/kelola/kegiatan/{event.slug}/kehadiran"
    siti = make.registration(event, name="Siti Aminah")
    organizer.post(OPS, json=said.batch(event, said.scan(event.sessions[0], siti.token)), headers=OURS)
    undo = {"session_id": event.sessions[0].id, "registration_id": str(siti.id)}
    viewer = log_in("viewer", organizer.organization)
    assert "Siti Aminah" in viewer.get(url).text
    assert viewer.post(f"{url}/batalkan", data=undo).status_code == 403
    assert log_in("checkin_officer", organizer.organization).get(url).status_code == 403
    assert log_in("organizer").post(f"{url}/batalkan", data=undo).status_code == 404
    assert organizer.post(f"{url}/batalkan", data=undo).status_code == 303
    assert "Siti Aminah" not in organizer.get(url).text


def test_the_board_is_asked_often_and_answers_only_when_something_changed(log_in, make):
    organizer = log_in("organizer")
    event = make.event(organizer.organization)
    url = f"/kelola/kegiatan/{event.slug}/kehadiran"
    page = organizer.get(url).text
    version = page.split("version=")[1].split('"')[0].replace("&amp;", "&")
    poll = {"HX-Request": "true", "HX-Request-Type": "partial"}
    assert organizer.get(f"{url}?version={version}", headers=poll).status_code == 204
    organizer.post(OPS, json=said.batch(event, said.scan(event.sessions[0], make.registration(event).token)))
    answer = organizer.get(f"{url}?version={version}", headers=poll)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<div")


def test_settling_from_the_board(log_in, make):
    organizer = log_in("organizer")
    event = make.event(organizer.organization)
    url = f"/kelola/kegiatan/{event.slug}/kehadiran"
    siti = make.registration(event, name="Siti Aminah")
    scan, walk_in = said.scan(event.sessions[0], "siapa"), said.walk_in(event.sessions[0], "Siti Aminah")
    organizer.post(OPS, json=said.batch(event, scan, walk_in))
    assert organizer.post(f"{url}/selesai", data={"op_id": scan["id"]}).status_code == 303
    merge = {"walk_in_id": walk_in["registration"], "into": str(siti.id)}
    assert organizer.post(f"{url}/gabungkan", data=merge).status_code == 303
    page = organizer.get(url).text
    assert "Kemungkinan ganda</h2>" not in page
    for garbage in ({"op_id": "x"}, {}, {"op_id": str(ids.uuid7())}):
        assert organizer.post(f"{url}/selesai", data=garbage).status_code == 303


def test_the_choice_lists_the_offices_events_only(tablet, make):
    make.event(tablet.organization, title="Hari ini di sini", starts_at=now(), ends_at=None)
    make.event(title="Kantor lain", starts_at=now(), ends_at=None)
    page = tablet.get("/checkin/").text
    assert "Hari ini di sini" in page
    assert "Kantor lain" not in page


def test_only_check_in_pages_may_run_web_assembly(tablet):
    assert "wasm-unsafe-eval" in tablet.get("/checkin/").headers["Content-Security-Policy"]
    assert "wasm-unsafe-eval" not in tablet.get("/masuk").headers["Content-Security-Policy"]


def test_waiting_people_are_shown_as_such(tablet, make):
    edi = make.registration(tablet.event, name="Edi", status=RegistrationStatus.WAITING)
    index.index([edi])
    (found,) = tablet.post("/checkin/api/v1/search", json=_question(tablet, "ed")).json["people"]
    assert found["status"] == "waiting"


def _question(tablet, typed: str) -> dict:
    return {"event": tablet.event.slug, "session": tablet.session_id, "q": typed}


def _membership(user, organization, role):
    return Membership(user=user, organization=organization, role=Role(role))


def test_what_a_stored_operation_is_recognized_by_never_changes():
    """The logs of offices hold these; another way to say the same would make a repetition a conflict."""
    said_by_a_tablet = {
        "id": "01a2204e-ea59-7628-80f9-e0bf890ebeec", "kind": "walkin", "client_at": "2026-11-28T08:00:00+07:00",
        "session": 3, "registration": "01a2204e-d384-7ab1-9cf1-4a513c26807a", "dev_seq": 7,
        "name": 'Siti "Ani" Nurhayati \u00e9\u2013\U0001f60a', "contact": "0812 3456 7890",
    }  # fmt: skip
    texts = [
        "01a2204e-ea59-7628-80f9-e0bf890ebeec", "walkin", "2026-11-28 01:00:00+00:00", "3",
        "01a2204e-d384-7ab1-9cf1-4a513c26807a", "None", "()", "None", said_by_a_tablet["name"], "",
        "scan", "False",
    ]  # fmt: skip
    expected, older = (hashlib.sha256(json.dumps([*texts, last]).encode()).hexdigest() for last in ("None", "7"))
    operation = wire.read_stored(said_by_a_tablet)
    assert operation.fingerprint == expected
    assert operation.is_what_was_stored(expected)
    assert operation.is_what_was_stored(older)
    for same in ({"contact": "Warung Ani"}, {"dev_seq": 1}):
        assert wire.read_stored({**said_by_a_tablet, **same}).is_what_was_stored(expected)
    assert not wire.read_stored({**said_by_a_tablet, "session": 4}).is_what_was_stored(expected)
