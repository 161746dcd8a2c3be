"""How a name sounds, whatever spelling somebody chose: for finding people and for asking, never for deciding.

Indonesian names are spelled as families like: Rizky or Rizki, Soetrisno or Sutrisno (the spelling of before 1947),
Djoko or Joko (before 1972), Achmad or Ahmad, Khoirul or Chaerul, Abdul Rahman or Abdurrahman. `sounds` gives one key
for all of them. static/checkin/spelling.js has the same rules for tablets; tests/spelling/cases.json keeps both equal.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from halal import text

# Short forms and spellings that the rules below do not reach, beside text.SAME_NAMES.
_SHORT = {"ach": "ahmad", "akh": "ahmad", "ahm": "ahmad", "achm": "ahmad", "mhd": "muhammad", "mukh": "muhammad",
          "abdl": "abdul", "abdoel": "abdul", "sitti": "siti"}  # fmt: skip

# In their order. C: a consonant, V: a vowel.
_RULES = [
    (re.compile(pattern.replace("C", "[bcdfghjklmnpqrstvwxyz]").replace("V", "[aiueo]")), replacement)
    for pattern, replacement in (
        # spellings of before 1947 and 1972
        ("oe|oo", "u"), ("tj", "c"), ("dj", "j"), ("sj", "sy"), ("nj", "ny"),
        # Arabic letters, each written in several ways
        ("(V)ch(?=C|$)", r"\1h"), ("kh", "h"), ("dz|zh", "z"), ("dl(?=[aou])", "d"), ("ts|sy|sh", "s"), ("gh", "g"),
        ("dh", "d"), ("th", "t"), ("bh", "b"), ("wh", "w"), ("ph|[fv]", "p"), ("q|ck", "k"), ("x", "ks"), ("z", "s"),
        (r"(.)\1+", r"\1"),
        # vowels, and what stands for them
        ("ie", "i"), ("iy(?=V)", "i"), ("j", "y"), ("(C)y(?=V|$)", r"\1i"), ("(?:a[iey]|e[iy]|o[iy])(?!V)", "e"),
        ("(?:a[uw]|ow)(?!V)", "o"), ("uw(?=V)", "u"), ("(C)w(?=V)", r"\1u"), ("oh(?=.)", "ah"),
        # names of which every spelling is common
        ("^s[ao]l[ie](?=h|$)", "sale"), ("^g[ao]p(?=V)", "gap"), ("must[ao]pa", "mustapa"), ("^omar", "umar"),
        ("^osman", "usman"), ("^hosen", "husen"), ("^ho(?=[lt])", "ha"), ("^r[ao]mad[ao]n", "ramadan"),
        ("^rosid", "rasid"), ("^somad", "samad"), ("^sob(?=[ir])", "sab"), ("^m[ao]ham", "muham"), ("^makmu", "mamu"),
        ("^nikma", "nima"), ("^nukman", "numan"), ("^sakdi", "sadi"), ("^abdul(?=[rsndt])", "abdu"),
        (r"(.)\1+", r"\1"),
    )
]  # fmt: skip
# At the end of a whole word; one that is still being typed has no end yet.
_ENDS = [(re.compile("([aiueo])h$"), r"\1"), (re.compile("d$"), "t"), (re.compile("b$"), "p")]
# Where two words meet that are written as one.
_JOINTS = [(re.compile(r"([a-z])\1+"), r"\1"), (re.compile("^abdul(?=[rsndt])"), "abdu")]


@lru_cache(maxsize=100_000)
def sounds(word: str, whole: bool = True) -> tuple[str, ...]:
    """The keys of a folded word: of "ch" two, for it is read in two ways (Chairul, Chandra). A word with anything but
    the letters a to z is its own key. `whole`: it has an end."""
    if not re.fullmatch("[a-z]+", word):
        return (word,)
    readings = dict.fromkeys((word, word.replace("ch", "h"), word.replace("ch", "c")) if "ch" in word else (word,))
    return tuple(dict.fromkeys(_sound(reading, whole) for reading in readings))


def _sound(word: str, whole: bool) -> str:
    for pattern, replacement in _RULES + _ENDS if whole else _RULES:
        word = pattern.sub(replacement, word)
    return word


@lru_cache(maxsize=50_000)
def words_of(name: str) -> tuple[str, ...]:
    """The folded words of a name that are compared: titles and degrees gone, short forms written out."""
    return tuple(_SHORT.get(word, word) for word in text.name_words(name))


def joined(words: Sequence[str], whole: bool = True) -> tuple[str, ...]:
    """The keys of words written as one: of nur and aini that of Nuraini, of abdul and rahman that of Abdurrahman."""
    keys = [""]
    for place, word in enumerate(words, 1):
        more = sounds(word, whole and place == len(words))
        keys = [key + sound for key in keys for sound in more]
    for pattern, replacement in _JOINTS:
        keys = [pattern.sub(replacement, key) for key in keys]
    return tuple(dict.fromkeys(keys))


@lru_cache(maxsize=50_000)
def name_keys(name: str) -> frozenset[str]:
    """What the whole name sounds like, without spaces: equal for Nur Aini and Nuraini, Abdul Rahman and Abdurrahman."""
    return frozenset(joined(words_of(name)))


@lru_cache(maxsize=50_000)
def _word_keys(name: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(sounds(word)) for word in words_of(name))


def near_names(one: str, other: str) -> bool:
    """Whether two names may be one person's, spelled differently: they sound alike with or without their spaces, or all
    words of the shorter, at least two, sound like words of the longer."""
    if name_keys(one) & name_keys(other):
        return True
    shorter, longer = sorted((_word_keys(one), _word_keys(other)), key=len)
    if len(shorter) < 2:
        return False
    rest = list(longer)
    for keys in shorter:
        match = next((known for known in rest if keys & known), None)
        if match is None:
            return False
        rest.remove(match)
    return True


def may_be_one(one: str, other: str) -> bool:
    """Whether two names may be one person's where a phone or page says so too: spelled differently, or with initials
    and words left out."""
    return near_names(one, other) or text.similar_names(one, other)


def same_sound(one: str, other: str) -> bool:
    """Whether two names sound alike as a whole: enough to ask where nothing else tells the two apart."""
    return not name_keys(one).isdisjoint(name_keys(other))
