"""Searching attendees: an index of word beginnings, and the registrations that match what was typed."""

import re
from collections.abc import Iterator, Sequence

from sqlalchemy import Select, delete, exists, false, func, insert, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from halal import text
from halal.extensions import db
from halal.registrations.models import Registration, RegistrationWord

SHORTEST = 2  # letters or digits from which a search begins
_WORD_MAX = 60
_BATCH = 400  # rows in one statement: far below every database's limit of parameters
_ENOUGH = 1_000  # occurrences counted to tell a rare word from a frequent one
_BACKWARDS = "<"  # marks a number written from its end, so that its last digits are a beginning too


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
        db.session.execute(
            insert(RegistrationWord),
            [{"event_id": r.event_id, "registration_id": r.id, "word": w} for r in some for w in sorted(words_of(r))],
        )


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
        return tuple(dict.fromkeys((word, text.SAME_NAMES.get(word, word))))
    if re.match(r"0*628", word):
        word = "0" + word.lstrip("0")[2:]
    return (word, _BACKWARDS + word[::-1]) if len(word) > SHORTEST else (word,)


def _local_digits(phone: str) -> str:
    return "0" + phone.removeprefix("+62") if phone.startswith("+62") else phone.removeprefix("+")


def _begins(word: ColumnElement[str], spellings: Sequence[str]) -> ColumnElement[bool]:
    return or_(*((word >= spelling) & (word < spelling + "\U0010ffff") for spelling in spellings))


def has_word(registration_id: ColumnElement, spellings: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a registration has a word that begins so; looks at that registration's words only."""
    word = aliased(RegistrationWord)
    return exists().where(word.registration_id == registration_id, _begins(word.word, spellings))


def matching(event_id: int, query: str) -> Select:
    """The ids of the event's registrations that match; of none when too little was typed."""
    words = query_words(query)
    if not words:
        return select(Registration.id).where(false())
    rarest = _rarest(event_id, words)
    return (
        select(RegistrationWord.registration_id)
        .where(RegistrationWord.event_id == event_id, _begins(RegistrationWord.word, rarest))
        .where(*(has_word(RegistrationWord.registration_id, other) for other in words if other is not rarest))
        .distinct()
    )


def _rarest(event_id: int, words: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The word that the fewest have: the others need to be looked up for those few only."""
    if len(words) == 1:
        return words[0]

    def some(spellings: tuple[str, ...]) -> int:
        found = select(RegistrationWord.word).where(
            RegistrationWord.event_id == event_id, _begins(RegistrationWord.word, spellings)
        )
        return db.session.scalar(select(func.count()).select_from(found.limit(_ENOUGH).subquery()))

    return min(words, key=some)
