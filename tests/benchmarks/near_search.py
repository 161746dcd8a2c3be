"""The search on a paired tablet with 10,000 people, as it forgives spelling, against the search for exact words alone.

In the shipped modules, on Node. Every answer should be there within 5 ms on a quiet core: a keystroke in the search
(`near_search`), the question whether a walk-in may be registered (`near_walk_in`), and the first of either after the
list has changed (`near_first_…`); beside them what the list itself takes: `near_opening` and `near_preparing` once, and
`near_change` for one person. The value is the slowest of a hundred (99th percentile), the middle is printed beside it;
`against` is the search for exact words. What is typed are frequent words, their first letters, other spellings, whole
names and names that nobody has.
"""

import json
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

from halal.config import ROOT

SIZE = 10_000
ROUNDS = 40
_FREQUENT = ("Muhammad", "Moh.", "Siti", "Nur", "Ahmad", "Achmad", "Abdul", "Sri", "Dewi", "H. Asep")
_FIRST = (
    "Rizky", "Rizki", "Zainudin", "Zainuddin", "Gofur", "Ghofur", "Soetrisno", "Sutrisno", "Yusuf", "Jusuf", "Djoko",
    "Joko", "Fauzi", "Khoirul", "Chaerul", "Aisyah", "Taufik", "Euis", "Neneng", "Wahyu", "Tjahyo", "Candra",
)  # fmt: skip
_LAST = (
    "Hidayat", "Nurhayati", "Saputra", "Rahman", "Rohman", "Lestari", "Widjaja", "Wijaya", "Aini", "Hasanah", "Aminah",
    "Maulana", "Molana", "Fauzi", "Susanti", "Suryani", "Mustofa", "Mustafa", "Syarifudin", "Sjarifuddin",
)  # fmt: skip
_SYLLABLES = ("ba", "di", "ka", "lu", "ma", "ni", "pa", "ra", "sa", "ti", "wa", "yu", "ja", "mo", "ne", "ro", "su")
_BUSINESS = ("Warung", "Dapur", "Toko", "Kedai", "Keripik", "Kue", "Katering", "Bakso")
QUERIES = (
    "m", "mu", "muhammad", "moh", "siti", "sitti", "s", "si", "nur", "n", "a", "ab", "abd", "abdul", "ahmad", "akhmad",
    "asep", "sri", "dewi", "rizqi", "riski", "zaenuddin", "ghafur", "soetr", "abdurrahman", "abdul rohman", "nuraini",
    "nur a'ini", "muhammad fauzy", "siti aminah", "sitti hasana", "muhamad rizky hidayat", "nur siti", "siti nur aini",
    "warung", "waroeng", "qxqx", "bambang", "bambang susilo", "muhammad bambang", "djoko widjaja", "ch", "ce", "kh",
)  # fmt: skip


def run() -> Iterator[dict]:
    asked = {"people": _people(), "queries": QUERIES, "rounds": ROUNDS}
    run = subprocess.run(
        ["node", Path(__file__).with_suffix(".mjs"), ROOT / "static/checkin"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    times = json.loads(run.stdout)
    exact = times.pop("exact")
    for kind, one in times.items():
        yield {"name": f"near_{kind}", "value": round(one["slowest"], 2), "unit": "ms",
               "against": round(exact["slowest"], 2), "ratio": round(one["slowest"] / exact["slowest"], 2),
               "median": round(one["median"], 3), "median_against": round(exact["median"], 3)}  # fmt: skip


def _people() -> list[tuple[str, str]]:
    """(name, business), half of them with a frequent name."""
    chance = random.Random(SIZE)
    people = []
    for _ in range(SIZE):
        first = chance.choice(_FREQUENT if chance.random() < 0.5 else _FIRST)
        rare = "".join(chance.choice(_SYLLABLES) for _ in range(4)).capitalize()
        name = " ".join([first, *([rare] if chance.random() < 0.5 else []), chance.choice(_LAST)])
        people.append((name, f"{chance.choice(_BUSINESS)} {chance.choice(_LAST)}"))
    return people
