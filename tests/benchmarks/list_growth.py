"""The first page of the attendee list: an event of 100,000 registrations against one of 1,000.

Whole requests of a logged-in organizer, through all middleware, to the last byte. At most 1.5 times as slow.
"""

from tests.benchmarks._office import fill, medians, office

SIZES = (1_000, 100_000)


def run() -> dict:
    with office() as (_app, make, client):
        events = [make.event(client.organization) for _ in SIZES]
        for event, size in zip(events, SIZES, strict=True):
            fill(event, size)
        paths = [f"/kelola/kegiatan/{event.slug}/peserta" for event in events]
        small, large = medians([lambda path=path: get(client, path) for path in paths], rounds=60)
    return {"name": "list_growth", "value": round(large, 2), "unit": "ms", "against": round(small, 2),
            "ratio": round(large / small, 2)}  # fmt: skip


def get(client, path: str, **options) -> None:
    answer = client.get(path, **options)
    assert answer.status_code == 200, answer.status
