"""How names, telephone numbers and NIBs are read, compared and shown."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from flask_babel import lazy_gettext as _l

from halal.errors import DomainError

NAME_MAX = 150
NIB_DIGITS = 13

# Titles before a name and degrees after it: they are printed as typed, and ignored when sorting and searching.
TITLES = {
    "h", "hj", "haji", "hajjah", "kh", "k", "dr", "drs", "dra", "ir", "prof", "ust", "ustadz", "ustadzah",
    "bapak", "bpk", "ibu", "sdr", "sdri", "tb", "rr", "ny", "tn",
}  # fmt: skip
# Spellings of one name that people use for each other.
SAME_NAMES = {"moh": "muhammad", "mohd": "muhammad", "mohammad": "muhammad", "mohamad": "muhammad", "muh": "muhammad",
         "muhamad": "muhammad", "mochamad": "muhammad", "mochammad": "muhammad", "moch": "muhammad",
         "m": "muhammad", "abd": "abdul", "st": "siti"}  # fmt: skip
# Dots, and whatever people type for an apostrophe or an ain (Nur A'ini): quotes, accents, primes, modifier letters.
_DROPPED = r"[.'’‘‛`´′＇ʹʻʼʽʾʿˈꞌ]"


def fold(text: str) -> str:
    """Lower case without accents, dots and apostrophes; other punctuation becomes a space."""
    kept = text.casefold()
    if not kept.isascii():
        kept = "".join(ch for ch in unicodedata.normalize("NFKD", kept) if not unicodedata.combining(ch))
    kept = re.sub(_DROPPED, "", kept)
    return " ".join(re.sub(r"[^\w]+", " ", kept).replace("_", " ").split())


def clean_line(text: str | None) -> str:
    """One line of typed text: no control characters, no invisible direction marks, single spaces, NFC."""
    if not text or (text.isascii() and text.isprintable()):
        return " ".join((text or "").split())
    normal = unicodedata.normalize("NFC", text)
    visible = "".join(" " if unicodedata.category(ch) in {"Cc", "Zl", "Zp"} else ch for ch in normal)
    visible = "".join(ch for ch in visible if unicodedata.category(ch) not in {"Cf", "Cs", "Co"} or ch == "\u200d")
    return " ".join(visible.split())


# Characters that nobody sees though Unicode calls them letters, marks or symbols (DerivedCoreProperties.txt,
# Default_Ignorable_Code_Point, and the empty braille pattern).
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)


def email_key(typed: str | None) -> str:
    """An e-mail address as it is stored, looked up and counted: NFKC, lower case, no spaces, nothing invisible.

    Two spellings that look the same to whoever types them give one key (Unicode TR36, 2.11; RFC 5321 leaves the case of
    the part before the @ to its host, and no host in use tells it apart).
    """
    kept = typed or ""
    for _twice in range(2):  # folding the case may leave what NFKC writes differently
        normal = unicodedata.normalize("NFKC", _UNSEEN.sub("", kept))
        kept = "".join(ch for ch in normal if unicodedata.category(ch)[0] not in "CZ").casefold()
    return kept


def clean_block(text: str | None) -> str:
    """Typed text of several lines: NFC, no control characters, no trailing spaces, at most one empty line in a row."""
    lines = (text or "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ("".join(ch for ch in line if ch == "\t" or unicodedata.category(ch) not in {"Cc", "Cs"}) for line in lines)
    normal = unicodedata.normalize("NFC", "\n".join(line.rstrip() for line in kept))
    return re.sub(r"\n{3,}", "\n\n", normal).strip("\n")


def name_words(name: str) -> list[str]:
    """The words of a name that tell people apart: degrees and titles gone, common spellings made one.

    "H. Moh. Asep, S.H., M.H." and "Muhammad ASEP" give the same words. A name that is nothing but titles
    ("Ibu Haji") keeps all its words: one word is a full name.
    """
    before_degrees = name.partition(",")[0]
    words = fold(before_degrees).split() or fold(name).split()
    bare = [w for w in words if w not in TITLES] or words
    return [SAME_NAMES.get(w, w) for w in bare]


@lru_cache(maxsize=1024)  # whoever is registered is compared, sorted and indexed by it, one right after the other
def name_key(name: str) -> str:
    """What a name is sorted and compared by."""
    return " ".join(name_words(name))


def similar_names(one: str, other: str) -> bool:
    """Whether two names may be one person: all words of the shorter are, or begin, words of the longer."""
    a, b = sorted((name_words(one), name_words(other)), key=len)
    if not a:
        return False
    rest = list(b)
    for word in a:
        match = next((w for w in rest if w == word or ((len(word) == 1 or len(w) == 1) and w[0] == word[0])), None)
        if match is None:
            return False
        rest.remove(match)
    return True


# Letters that show nothing, beside the format characters (zero width, directions): Hangul fillers, an empty Braille
# cell, vowels of Khmer that are not written, a joiner of graphemes.
_INVISIBLE = frozenset("\u3164\uffa0\u115f\u1160\u2800\u17b4\u17b5\u180e\u034f")
_JOINERS = frozenset("\u200c\u200d")  # within Arabic and Indic words, and in emoji
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "MATHEMATICAL")


def refuse_disguised(typed: str | None, field: str = "name") -> None:
    """Refuse a name that looks like another: with letters that cannot be seen, signs that turn its direction, or words
    that mix alphabets ("Sіti" with a Cyrillic і). Raises DomainError. Whoever types a name of a person or business
    comes through here (UTS 39, restriction level "single script")."""
    text = typed or ""
    if text.isascii():
        return
    for place, ch in enumerate(text):
        joins = ch in _JOINERS and not any(_script(near) == "LATIN" for near in text[max(0, place - 1) : place + 2])
        if ch in _INVISIBLE or (unicodedata.category(ch) == "Cf" and not joins and not _is_flag(ch)):
            raise DomainError(
                _l("There is a character in it that cannot be seen (%(code)s). Type it again, without copying it.",
                   code=f"U+{ord(ch):04X}"),
                field,
            )  # fmt: skip
    for word in re.findall(r"[^\W\d_]+", text):
        scripts = {_script(ch) for ch in word} - {""}
        if len(scripts) > 1 or "MATHEMATICAL" in scripts:
            odd = next(ch for ch in word if _script(ch) not in {"LATIN", ""})
            raise DomainError(
                _l("“%(word)s” mixes letters of two alphabets: “%(letter)s” is no Latin letter. Type the word again.",
                   word=word[:40], letter=odd),
                field,
            )  # fmt: skip


def _script(ch: str) -> str:
    """The alphabet of a letter, of those whose letters look alike; "" for any other character."""
    words = unicodedata.name(ch, "").split() if not ch.isascii() or ch.isalpha() else []
    return next((script for script in _SCRIPTS if script in words[:2]), "")


def _is_flag(ch: str) -> bool:
    return 0xE0020 <= ord(ch) <= 0xE007F


def clean_name(text: str | None, lacking=None) -> str:
    """A person's name as typed, checked: 1 to 150 characters with at least one letter. Raises DomainError; `lacking` is
    its sentence for what is no name."""
    refuse_disguised(text)
    name = clean_line(text)
    if not name or not any(ch.isalpha() for ch in name):
        raise DomainError(lacking or _l("Write the name as it should appear on the certificate."), "name")
    if len(name) > NAME_MAX:
        raise DomainError(
            _l("The name has %(count)s characters; at most %(max)s fit.", count=len(name), max=NAME_MAX), "name"
        )
    return name


def clean_phone(text: str | None) -> str | None:
    """A telephone number as E.164 ("+6281234567890"), or None when nothing was typed.

    Indonesian numbers may begin with 08, 8, 62 or +62; they have 9 to 12 digits after 62. Other countries'
    numbers need their +. Raises DomainError when it cannot be a number.
    """
    typed = (text or "").strip()
    if not typed:
        return None
    digits = re.sub(r"[\s().\-–/]", "", typed)
    if re.fullmatch(r"8\d{8,11}", digits):
        digits = "0" + digits
    if re.fullmatch(r"62\d{9,12}", digits):
        digits = "+" + digits
    if mobile := re.fullmatch(r"(?:0|\+62)(8\d{8,11})", digits, re.ASCII):  # as nearly all are
        return "+62" + mobile[1]
    number = _parsed(digits)
    if number is None:
        raise DomainError(
            _l("%(typed)s is not a phone number. Write it like 0812 3456 7890, or leave it empty.", typed=typed[:40]),
            "phone",
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _parsed(digits: str) -> phonenumbers.PhoneNumber | None:
    """The number, if it can be one."""
    if not re.fullmatch(r"\+?\d{7,15}", digits):
        return None
    try:
        number = phonenumbers.parse(digits, "ID")
    except phonenumbers.NumberParseException:
        return None
    if number.country_code == 62:
        return number if 9 <= len(str(number.national_number)) <= 12 else None
    return number if phonenumbers.is_possible_number(number) else None


def show_phone(e164: str | None) -> str:
    """ "0812-3456-7890" for "+6281234567890"; other countries' numbers in international form; what is no number, as it
    was typed."""
    if not e164:
        return ""
    if not e164.startswith("+62"):
        try:
            return phonenumbers.format_number(phonenumbers.parse(e164), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        except phonenumbers.NumberParseException:
            return e164
    local = "0" + e164[3:]
    return "-".join(part for part in (local[:4], local[4:8], local[8:]) if part)


def clean_nib(text: str | None) -> str | None:
    """A NIB (Nomor Induk Berusaha) as 13 digits, or None when nothing was typed. Raises DomainError.

    Spaces, dots and dashes are forgiven. No check digit is published, so length is all that can be checked; but one
    digit repeated ("0000000000000") is what people type who have none.
    """
    typed = re.sub(r"[\s.\-]", "", text or "")
    if not typed or (len(typed) == NIB_DIGITS and typed.isdigit() and len(set(typed)) == 1):
        return None
    if not typed.isascii() or not typed.isdigit():
        raise DomainError(_l("The NIB has digits only."), "nib")
    if len(typed) == 16:
        raise DomainError(
            _l("That has 16 digits, so it may be a NIK. A NIB has 13; the NIK is not needed here."), "nib"
        )
    if len(typed) != NIB_DIGITS:
        raise DomainError(
            _l("A NIB has %(wanted)s digits; this one has %(count)s.", wanted=NIB_DIGITS, count=len(typed)), "nib"
        )
    return typed


def slugify(text: str, limit: int = 80) -> str:
    """A readable part of an address: "Sosialisasi Halal, Serang 2025" -> "sosialisasi-halal-serang-2025"."""
    ascii_words = fold(text).encode("ascii", "ignore").decode().split()
    slug = ""
    for word in ascii_words:
        longer = f"{slug}-{word}" if slug else word
        if len(longer) > limit:
            break
        slug = longer
    return slug or (ascii_words[0][:limit] if ascii_words else "halaman")
