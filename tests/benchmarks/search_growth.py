"""Searching attendees: an event of 100,000 registrations against one of 1,000. At most 1.5 times as slow.

Whole requests, first page, fragments as the search box asks for them. `search_growth` is the worst of the kinds of
search; each kind is printed as well. In both events what is looked for is found either more often than a page shows
(50 rows) or equally often, so that the pages compared are equally long.
"""

from collections.abc import Iterator
from urllib.parse import urlencode

from sqlalchemy import select

from halal.extensions import db
from halal.registrations.models import Registration
from tests.benchmarks._office import fill, medians, office
from tests.benchmarks.list_growth import SIZES, get


def run() -> Iterator[dict]:
    with office() as (_app, make, client):
        searches = []
        for size in SIZES:
            event = make.event(client.organization)
            fill(event, size)
            searches.append(_searches(event))
        kinds = list(searches[0])
        actions = [
            lambda path=found[kind]: get(client, path, headers={"HX-Request": "true"})
            for kind in kinds
            for found in searches
        ]
        times = medians(actions, rounds=40)
    pairs = list(zip(kinds, times[::2], times[1::2], strict=True))
    worst = max(pairs, key=lambda pair: pair[2] / pair[1])
    for name, small, large in [("", *worst[1:]), *((f":{kind}", small, large) for kind, small, large in pairs)]:
        yield {"name": f"search_growth{name}", "value": round(large, 2), "unit": "ms", "against": round(small, 2),
               "ratio": round(large / small, 2)}  # fmt: skip


def _searches(event) -> dict[str, str]:
    """One address for each way people search."""
    one = db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.nib.isnot(None))
        .order_by(Registration.name_key.desc())
        .limit(1)
    ).one()
    queries = {
        "two_letters": "si",
        "frequent_name": "muhammad",
        "two_frequent_names": "muh siti",
        "business": "warung",
        "end_of_alphabet": "zu",
        "nobody": "qxqx",
        "nib": one.nib,
        "phone": "0" + one.phone.removeprefix("+62"),
        "last_digits_and_name": f"{one.name_key.split()[0]} {one.phone[-7:]}",
    }
    path = f"/kelola/kegiatan/{event.slug}/peserta"
    return {kind: f"{path}?{urlencode({'q': query})}" for kind, query in queries.items()}
