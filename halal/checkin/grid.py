"""The grid of a printed sheet, as a browser sends it: one field of each name for every row, with the row's number."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from halal import clock, ids
from halal.text import clean_line

MOST_OPS = 100  # check-ins of one person at one session


@dataclass(frozen=True)
class Tick:
    """What a form says of one row. `live` and `attempt` are what it showed when it was opened (see services/paper.py);
    name and contact are those of a guest."""

    number: int
    ticked: bool = False
    live: tuple[uuid.UUID, ...] = ()
    attempt: int = 0
    name: str = ""
    contact: str = ""


@dataclass(frozen=True)
class Grid:
    """`form_id`, a UUID version 7, was made when the form was opened."""

    form_id: uuid.UUID
    ticks: tuple[Tick, ...]


def read_grid(sent: Mapping[str, str], numbers: Iterable[int]) -> Grid | None:
    """The rows with these numbers; None when this is no form of ours."""
    try:
        form_id = uuid.UUID(sent.get("form", ""))
        if form_id.version != 7 or not 2000 <= ids.moment_of(form_id).year <= clock.now().year + 1:
            return None
        return Grid(form_id, tuple(_read_tick(sent, number) for number in numbers))
    except (ValueError, OverflowError):
        return None


def _read_tick(sent: Mapping[str, str], number: int) -> Tick:
    return Tick(
        number, f"ticked-{number}" in sent,
        live=tuple(uuid.UUID(one) for one in sent.get(f"live-{number}", "").split()[:MOST_OPS]),
        attempt=max(0, int(sent.get(f"attempt-{number}") or 0)),
        name=clean_line(sent.get(f"name-{number}"))[:200], contact=clean_line(sent.get(f"contact-{number}"))[:150],
    )  # fmt: skip
