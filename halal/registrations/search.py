"""Searching attendees: an index of word beginnings, and the registrations that match what was typed."""

import re
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy import Select, SelectBase, delete, exists, false, func, or_, select, union_all
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from halal import spelling, text
from halal.extensions import db
from halal.in_bulk import insert_many, ready
from halal.registrations.models import Registration, RegistrationWord

SHORTEST = 2  # letters or digits from which a search begins
_WORD_MAX = 60
_BATCH = 400  # rows in one statement: far below every database's limit of parameters
_MANY = 1_000  # occurrences counted to tell a rare word from a frequent one
_COLUMNS = select(RegistrationWord.name_key, RegistrationWord.registration_id)
_BACKWARDS = "<"  # marks a number written from its end, so that its last digits are a beginning too
_WHOLE = "="  # marks what a whole name sounds like (halal/spelling.py): compared, never searched for


def words_of(registration: Registration) -> set[str]:
    """Every word that the registration is found by.

    The name as typed and as compared ("Moh." is found by "moh" and by "muhammad"), the business, the telephone
    number with its 0, without, and backwards, the NIB.
    """
    words = {*text.fold(registration.name).split(), *text.name_words(registration.name)}
    words.update(text.fold(registration.business_name).split())
    if registration.phone:
        number = _local_digits(registration.phone)
        words.update({number, number.removeprefix("0"), _BACKWARDS + number[::-1]})
    if registration.nib:
        words.add(registration.nib)
    return {word[:_WORD_MAX] for word in words if word}


def sounds_of(name: str) -> list[str]:
    """How the index has the sound of a whole name: one entry for each way to read it."""
    return sorted((_WHOLE + key)[:_WORD_MAX] for key in spelling.name_keys(name))


def index(registrations: Sequence[Registration]) -> None:
    """Make these registrations findable by what they say now; what they said before is forgotten.

    Flushes first, for the rows of an index refer to rows that exist.
    """
    db.session.flush()
    for some in _chunks(registrations, _BATCH):
        db.session.execute(
            delete(RegistrationWord)
            .where(RegistrationWord.registration_id.in_([r.id for r in some]))
            .execution_options(synchronize_session=False)
        )
        add([row for registration in some for row in rows_of(registration)])


def add(rows: Sequence[dict]) -> None:
    """Make registrations findable that are new and written: `rows` are what `rows_of` says of them."""
    insert_many(RegistrationWord, rows)


def rows_of(registration: Registration) -> Iterator[dict]:
    """The rows of the index for one registration, which need not be written yet."""
    words = sorted(words_of(registration))
    said = ready(RegistrationWord, {
        "event_id": registration.event_id, "name_key": registration.name_key, "registration_id": registration.id,
        "words": " " + " ".join(words),
    })  # fmt: skip
    for word in words:
        yield said | {"word": word}
    for sound in sounds_of(registration.name):
        yield said | {"word": sound, "words": ""}


def _chunks(items: Sequence, size: int) -> Iterator[Sequence]:
    return (items[start : start + size] for start in range(0, len(items), size))


def query_words(query: str) -> list[tuple[str, ...]]:
    """What was typed, as beginnings of words: all must be found, each in one of its spellings.

    Empty when less than two letters or digits were typed. Titles and degrees are ignored where anything else was
    typed; telephone numbers may be written in groups, with 0, without, with 62, or as their last digits.
    """
    if re.fullmatch(r"[\d\s().\-+/]+", query):
        found = [re.sub(r"\D", "", query)]
    else:
        found = [word[:_WORD_MAX] for word in text.fold(query).split()]
    if sum(map(len, found)) < SHORTEST:
        return []
    bare = [w for w in found if w not in text.TITLES] or found
    return [_spellings(word) for word in bare]


def _spellings(word: str) -> tuple[str, ...]:
    if not (word.isascii() and word.isdigit()):
        same = text.SAME_NAMES.get(word, word)
        return (word,) if same.startswith(word) else (word, same)
    if re.match(r"0*628", word):
        word = "0" + word.lstrip("0")[2:]
    return (word, _BACKWARDS + word[::-1]) if len(word) > SHORTEST else (word,)


def _local_digits(phone: str) -> str:
    return "0" + phone.removeprefix("+62") if phone.startswith("+62") else phone.removeprefix("+")


def _begins(word: ColumnElement[str], spelling: str) -> ColumnElement[bool]:
    return (word >= spelling) & (word < spelling + "\U0010ffff")


def has_word(registration_id: ColumnElement, spellings: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a registration has a word that begins so; looks at that registration's words only."""
    word = aliased(RegistrationWord)
    return exists().where(
        word.registration_id == registration_id, or_(*(_begins(word.word, spelling) for spelling in spellings))
    )


def matching(event_id: int, query: str) -> SelectBase:
    """The ids of the event's registrations that match, some more than once; of none when too little was typed."""
    found = _found(event_id, query_words(query)).subquery()
    return select(found.c.registration_id)


def sounding(event_id: int, names: Collection[str]) -> set[uuid.UUID]:
    """Ids of the event's registrations whose whole name sounds like one of these."""
    words = sorted({sound for name in names for sound in sounds_of(name)})
    found: set[uuid.UUID] = set()
    for some in _chunks(words, _BATCH):
        query = select(RegistrationWord.registration_id).where(
            RegistrationWord.event_id == event_id, RegistrationWord.word.in_(some)
        )
        found.update(db.session.scalars(query))
    return found


def same_sounds(event_id: int, those: Select) -> Select:
    """Pairs of ids of the event's registrations whose whole names sound alike; the first is one of `those`."""
    other = aliased(RegistrationWord)
    return (
        select(RegistrationWord.registration_id, other.registration_id)
        .join(other, (other.event_id == event_id) & (other.word == RegistrationWord.word))
        .where(
            RegistrationWord.event_id == event_id,
            RegistrationWord.registration_id.in_(those),
            _begins(RegistrationWord.word, _WHOLE),
        )
    )


def few(event_id: int, query: str, most: int) -> list[uuid.UUID] | None:
    """Ids of the registrations that match in the order of their names; None when they are more than `most`."""
    words = query_words(query)
    if len(words) == 1 and _count(event_id, words[0], most + 1) > most:
        return None
    rows = db.session.execute(_found(event_id, words).limit(most + 1)).all()
    return None if len(rows) > most else [id_ for _key, id_ in sorted({(key, id_) for key, id_ in rows})]


def by_name(event_id: int, query: str, offset: int, limit: int) -> list[uuid.UUID]:
    """Ids of the registrations that match in the order of their names, from this place of the list on: read from the
    index of words alone."""
    found = _found(event_id, query_words(query)).subquery()
    ordered = select(found.c.registration_id).order_by(found.c.name_key, found.c.registration_id)
    ids: dict[uuid.UUID, None] = {}
    start, step = 0, 2 * (offset + limit)
    while len(ids) < offset + limit:  # somebody found by two words is in there twice
        got = db.session.scalars(ordered.offset(start).limit(step)).all()
        ids.update(dict.fromkeys(got))
        if len(got) < step:
            break
        start += step
    return list(ids)[offset : offset + limit]


def _found(event_id: int, words: list[tuple[str, ...]]) -> SelectBase:
    """Name key and id of every occurrence of the rarest word in a registration that has the others as well."""
    if not words:
        return _COLUMNS.where(false())
    counts = [_count(event_id, word, _MANY) if len(words) > 1 else 0 for word in words]
    rarest = counts.index(min(counts))
    has_others = [
        or_(*(RegistrationWord.words.contains(" " + spelling, autoescape=True) for spelling in word))
        for number, word in enumerate(words)
        if number != rarest
    ]
    return _any_of(part.where(*has_others) for part in _occurrences(event_id, words[rarest]))


def _count(event_id: int, spellings: tuple[str, ...], most: int) -> int:
    """How often the word occurs, counted up to `most`."""
    found = _any_of(_occurrences(event_id, spellings)).limit(most).subquery()
    return db.session.scalar(select(func.count()).select_from(found))


def _any_of(parts: Iterable[Select]) -> SelectBase:
    first, *more = parts
    return union_all(first, *more) if more else first


def _occurrences(event_id: int, spellings: tuple[str, ...]) -> list[Select]:
    """The registrations with the word, one statement a spelling: SQLite walks an index for each of them, but
    for none of several joined by OR."""
    word = RegistrationWord.word
    return [_COLUMNS.where(RegistrationWord.event_id == event_id, _begins(word, spelling)) for spelling in spellings]
