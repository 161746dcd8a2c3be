"""One rule of how names sound, in Python for the server and in JavaScript for tablets."""

import json
import random
import subprocess
from pathlib import Path

import pytest

from halal import spelling
from halal.config import ROOT

pytestmark = pytest.mark.once

HERE = Path(__file__).parent
CASES = json.loads((HERE / "cases.json").read_text())
PAIRS = [*CASES["near"], *CASES["far"]]
PEOPLE = ["Rizky Amelia", "Rizki Pratama", "Nur Aini", "Nuraini Hasanah", "Abdurrahman", "Abdul Rohman Wahid",
          "Soetrisno", "Edi", "Djoko Tjahjono"]  # fmt: skip
QUERIES = ["rizki", "rizky", "nur a'ini", "nurʼaini", "abdul rahman", "sutris", "joko cahyono", "asep", "ri"]


def _words() -> list[str]:
    """Words that no table thought of: letters and pairs of letters by chance, always the same ones."""
    chance = random.Random(11)
    parts = [
        *"abcdefghijklmnopqrstuvwxyz",
        "kh",
        "ch",
        "dh",
        "oe",
        "sy",
        "dj",
        "tj",
        "ie",
        "aw",
        "ai",
        "iy",
        "uw",
        "ck",
    ]
    return ["".join(chance.choices(parts, k=chance.randint(1, 7))) for _ in range(5000)]


@pytest.fixture(scope="module")
def shipped():
    """What the tablets' module answers."""
    asked = {"pairs": PAIRS, "words": _words(), "people": PEOPLE, "queries": QUERIES}
    run = subprocess.run(
        ["node", HERE / "spelling.mjs", ROOT / "static/checkin"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize(("one", "other"), CASES["near"])
def test_near_names_one_name_in_two_spellings_is_near(one, other):
    assert spelling.near_names(one, other)
    assert spelling.near_names(other, one)


@pytest.mark.parametrize(("one", "other"), CASES["far"])
def test_near_names_two_names_are_not_near(one, other):
    assert not spelling.near_names(one, other)


def test_near_names_on_tablets_answers_as_the_server_does(shipped):
    assert shipped["near"] == [True] * len(CASES["near"]) + [False] * len(CASES["far"])


def test_sounds_on_tablets_are_those_of_the_server(shipped):
    here = [[list(spelling.sounds(word)), list(spelling.sounds(word, whole=False))] for word in _words()]
    assert here == shipped["sounds"]


def test_search_on_tablets_finds_other_spellings_after_the_exact_one(shipped):
    assert shipped["found"] == {
        "rizki": ["Rizki Pratama", "Rizky Amelia"],
        "rizky": ["Rizky Amelia", "Rizki Pratama"],
        "nur a'ini": ["Nur Aini", "Nuraini Hasanah"],
        "nurʼaini": ["Nuraini Hasanah", "Nur Aini"],
        "abdul rahman": ["Abdul Rohman Wahid", "Abdurrahman"],
        "sutris": ["Soetrisno"],
        "joko cahyono": ["Djoko Tjahjono"],
        "asep": [],
        "ri": ["Rizki Pratama", "Rizky Amelia"],
    }


def test_directory_that_changed_finds_what_one_built_anew_finds(shipped):
    assert shipped["changed"]["found"] == shipped["changed"]["expected"]
    assert all(len(found) > 1 for found in shipped["changed"]["found"])
