"""Attendees whose names are spelled otherwise than somebody typed them: offered after what was found, or asked about.

The names of an event are read at once and compared by how they sound (halal/spelling.py); nothing here decides that two
people are one.
"""

import uuid
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from itertools import pairwise

from sqlalchemy import select

from halal import spelling
from halal.briefly import Briefly
from halal.events.models import Event
from halal.extensions import db
from halal.registrations.models import Registration, RegistrationStatus
from halal.text import fold

_LEAST = 3  # letters of a key from which spelling is forgiven
_JOINED = 4  # words of which neighbors may be one: Nur Aini, Nuraini
_MOST = 20_000  # people of an event whose names are read for the staff's list
_names = Briefly(most=50)


def near_names(event_id: int, log_id: str, name: str, most: int) -> list[uuid.UUID]:
    """Ids of the registrations, not cancelled, whose name may be this one in another spelling, or in the same."""
    found: list[uuid.UUID] = []
    for id_, known, _business, status in _names_of(event_id, log_id):
        if len(found) == most:
            break
        if status != RegistrationStatus.CANCELLED and spelling.near_names(known, name):
            found.append(id_)
    return found


def sounding_like(event_id: int, log_id: str, query: str, but: Collection[uuid.UUID], most: int) -> list[uuid.UUID]:
    """Ids of the registrations that sound like what was typed, by name, without those found already."""
    matches = _matcher(query)
    found: list[uuid.UUID] = []
    for id_, name, business, _status in _names_of(event_id, log_id) if matches else ():
        if len(found) == most:
            break
        if id_ not in but and matches(_sounds_of(name, business)):
            found.append(id_)
    return found


def with_other_spellings(event: Event, query: str, exact: list[uuid.UUID], most: int) -> list[uuid.UUID]:
    """Those who match exactly, and with them, in the order of names, who sounds like what was typed; `most` in all. The
    exact ones alone in an event of very many, and of digits."""
    matches = None if any(ch.isdigit() for ch in query) else _matcher(query)
    many = select(Registration.id).where(Registration.event_id == event.id).offset(_MOST).limit(1)
    if matches is None or len(exact) == most or db.session.scalar(many) is not None:
        return exact
    room, known, found = most - len(exact), set(exact), []
    for id_, name, business, _status in _names_of(event.id, event.log_id):
        other = id_ not in known and room > 0 and matches(_sounds_of(name, business))
        room -= other
        if other or id_ in known:
            found.append(id_)
    return found + [id_ for id_ in exact if id_ not in set(found)]  # who came within the last second


def _names_of(event_id: int, log_id: str) -> list[tuple]:
    """(id, name, business, status) of an event's registrations by name; a second old at most."""
    query = (
        select(Registration.id, Registration.name, Registration.business_name, Registration.status)
        .where(Registration.event_id == event_id)
        .order_by(Registration.name_key, Registration.id)
    )
    return _names.get(log_id, lambda: [tuple(row) for row in db.session.connection().execute(query)])


@lru_cache(maxsize=50_000)
def _sounds_of(name: str, business: str) -> str:
    """What a person is found by: how their words sound, neighbors as one word too."""
    words = spelling.words_of(name)
    parts = [*((word,) for word in (*words, *fold(business).split())), *pairwise(words)]
    return "".join(f" {key}" for part in parts for key in spelling.joined(part))


def _matcher(query: str) -> Callable[[str], bool] | None:
    """Whether somebody who sounds so is found; None when too little was typed to tell."""
    # the last word may be unfinished, and any word may be the beginning of another
    ways = [
        [{f" {key}" for whole in (True, False) for key in spelling.joined(part, whole)} for part in parts]
        for parts in _segmented(spelling.words_of(query))
    ]
    ways = [parts for parts in ways if any(len(key) > _LEAST for keys in parts for key in keys)]
    if not ways:
        return None
    return lambda text: any(all(any(key in text for key in keys) for keys in parts) for parts in ways)


def _segmented(words: Sequence[str]) -> list[list[Sequence[str]]]:
    """The words, and every way to write some neighbors as one."""
    if not 2 <= len(words) <= _JOINED:
        return [[(word,) for word in words]]
    alone = [[words[:1], *parts] for parts in _segmented(words[1:])]
    rest = _segmented(words[2:]) if len(words) > 2 else [[]]
    return alone + [[words[:2], *parts] for parts in rest]
