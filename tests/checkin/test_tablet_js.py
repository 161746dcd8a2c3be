"""What the tablet's modules do with a server's answers, run by node."""

import base64
import json
import random
import subprocess

import pytest

from halal.config import ROOT

pytestmark = pytest.mark.once


def _told(script: str) -> dict:
    run = subprocess.run(
        ["node", ROOT / "tests/checkin" / script, ROOT / "static/checkin"], capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def tablet():
    """What tests/checkin/tablet.mjs tells of the shipped modules."""
    return _told("tablet.mjs")


@pytest.mark.parametrize("case", ["poison", "garbage"])
def test_one_operation_that_breaks_the_server_holds_up_no_other(tablet, case):
    assert tablet[case]["open"] == ["op-3"]
    assert ["op-3"] in tablet[case]["asked"]  # and it is tried again, alone


def test_what_is_too_large_goes_in_smaller_parts(tablet):
    assert tablet["large"]["open"] == []
    assert [len(ids) for ids in tablet["large"]["asked"][:3]] == [40, 20, 10]


def test_a_long_queue_goes_in_parts_that_grow_while_the_answers_are_quick(tablet):
    assert tablet["quick"] == {"sizes": [100, 100, 200, 120], "open": []}
    assert tablet["slow"] == {"sizes": [100, 100, 100, 100, 100, 20], "open": []}


def test_a_network_that_answers_in_the_servers_place_changes_nothing(tablet):
    """302, 401, 403, 404, 511 and 200, none of which says that it is ours."""
    everything = ["op-1", "op-2", "op-3"]
    assert tablet["portal"] == 6 * [{"foreign": True, "review": 0, "asked": 3 * [everything], "open": everything}]


@pytest.mark.parametrize("case", ["restored", "shorter"])
def test_after_a_restored_backup_everything_is_sent_again(tablet, case):
    first, _second, third = tablet[case]["asked"]
    assert first == third == ["op-1", "op-2", "op-3"]


def test_pauses_grow_to_a_minute_and_differ_between_tablets(tablet):
    waiting, idle, *after_failures = tablet["pauses"]
    assert (waiting, idle) == (5000, 15000)
    assert after_failures == [500, 1000, 8000, 60000, 30000]


def test_an_answered_operation_is_settled_and_forgets_the_contact(tablet):
    (own,) = tablet["settled"]
    assert "open" not in own
    assert own["said"] == {"id": "a", "kind": "walkin", "name": "Ibu Rohayati"}
    assert own["seq"] == 7
    assert tablet["unanswered"] == []


def test_what_the_server_keeps_aside_is_listed(tablet):
    (own,) = tablet["quarantined"]
    assert own["problem"] == "quarantined"
    assert "open" not in own


def test_a_check_in_that_was_green_twice_is_listed_and_a_known_repetition_is_not(tablet):
    assert tablet["twice"][0]["twice"] == "Pintu timur"
    assert "twice" not in tablet["known"][0]


def test_people_are_found_by_the_beginnings_of_words_in_either_spelling(tablet):
    misses = {typed for typed, found in tablet["found"].items() if not found}
    assert misses == {"ibu", "sep"}


@pytest.fixture(scope="module")
def storage():
    """What tests/checkin/storage.mjs tells of the shipped modules."""
    return _told("storage.mjs")


def test_a_storage_that_was_wiped_while_a_question_was_on_its_way_never_takes_the_old_ones_name(storage):
    """Its numbers begin anew, and under the old name the server would have taken them for others."""
    assert storage["wiped"]["after"] != storage["wiped"]["before"]
    assert storage["wiped"]["numbers"] == [1]


def test_what_a_restored_server_has_no_place_for_is_listed(storage):
    assert storage["refused"] == {"again": 1, "review": ["no such session"]}


@pytest.fixture(scope="module")
def sessions():
    """What tests/checkin/sessions.mjs tells of the shipped modules."""
    return _told("sessions.mjs")


def test_the_session_that_is_nearer_is_offered_and_no_other(sessions):
    assert sessions["near"] == {
        "day 2": 2, "day 1": None, "evening before": None, "after midnight": 2, "still the night": None,
        "next begins": 2, "next day": 3, "side by side": None, "without a time, soon": 2,
        "without a time, later": None,
    }  # fmt: skip


def test_a_tablet_asks_for_the_session_at_another_time_and_on_another_day(sessions):
    assert {name for name, asks in sessions["asked"].items() if asks} == {"day 2", "a new day without times", "gone"}
    assert sessions["shown"] == ["Kam, 9 Okt, 08.00–12.00", "", "Kam, 9 Okt"]


def test_nothing_is_green_for_a_session_that_is_gone_or_a_cancelled_event(sessions):
    doors = sessions["doors"]
    assert doors["gone"] == {"status": "kept", "why": "gone", "here": 0, "then": {"2": 1}}
    assert doors["cancelled"] == {"status": "kept", "why": "cancelled", "here": 0, "then": {"2": 1}}
    assert (doors["open"]["status"], doors["open"]["here"]) == ("ok", 1)


def test_of_twenty_thousand_tickets_a_few_at_most_are_taken_for_names_and_no_name_for_a_ticket():
    """A keyboard scanner that sends the bare token: nothing but its look tells it from a name."""
    chance = random.Random(22)
    tokens = [base64.urlsafe_b64encode(chance.randbytes(16)).decode()[:22] for _ in range(20_000)]
    names = ["KeripikAsepBerkah12345", "MuhammadNurhidayatulla", "KOPERASIWANITASEJAHTER", "sitinurhaliza-aminah12"]
    assert {len(text) for text in tokens + names} == {22}
    run = subprocess.run(
        ["node", ROOT / "tests/checkin/tickets.mjs", ROOT / "static/checkin"], capture_output=True, text=True,
        input=json.dumps({"tokens": tokens, "names": names}), check=True,
    )  # fmt: skip
    taken = json.loads(run.stdout)
    assert taken["names"] == 0
    assert taken["tokens"] >= 19_995
