"""What a cell says: text as typed, telephone numbers and NIBs as Excel mangles them."""

import re
from functools import lru_cache

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from halal import text
from halal.errors import DomainError
from halal.sheets import Cell

# What people write where there is nothing to write.
_NOTHING = {
    "", "-", "--", "---", "–", "—", ".", "0", "x", "?", "na", "n/a", "nihil", "none", "null", "kosong", "belum", "blm",
    "belum ada", "blm ada", "tidak", "tdk", "tidak ada", "tdk ada", "tidak punya", "belum punya",
}  # fmt: skip
_NONE_AT_ALL = re.compile(r"(tidak|tdk|tak|gak|ga|nggak|belum|blm|no|tanpa)\b.{0,30}$")
_ERROR = re.compile(
    r"#(N/A|N/D|REF!|NAME\?|VALUE!|DIV/0!|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|#+)|Err:\d{3}", re.IGNORECASE
)
_DITTO = re.compile(
    r"s\s*[./]?\s*d\s*[./]?\s*a\.?|idem|ibid\.?|ditto|sama (dengan )?(di ?)?atas|sama|seperti (di ?)?atas"
    r"|[-–—]?\s*(\"|“|”|″|〃|'{2}|’{2}|,,)\s*[-–—]?"
)
_CAME = {"ya", "y", "yes", "hadir", "h", "1", "true", "ada", "sudah", "datang", "present", "ok", "ttd", "benar"}
_STAYED_AWAY = {
    "tidak hadir", "absen", "alpha", "alpa", "izin", "ijin", "sakit", "t", "n", "false", "tidak datang", "absent", "th",
}  # fmt: skip
NIK_LEFT_OUT = _l("A number of 16 digits is a NIK rather than a NIB; it is left out.")
_SCIENTIFIC = re.compile(r"(\d)[.,]?(\d*)e\+?(\d{1,2})", re.IGNORECASE)


def as_text(cell: Cell) -> str:
    """The cell as one line of text; whole numbers without decimals or exponents."""
    if isinstance(cell, float):
        return f"{cell:.15g}" if abs(cell) < 1e15 else f"{cell:.0f}"
    return _line(str(cell))


# A column is judged by one question after another; its cells are cleaned for the first one only.
_line = lru_cache(maxsize=1024)(text.clean_line)


def is_blank(cell: Cell) -> bool:
    return isinstance(cell, str) and not cell.strip()


def says_nothing(typed: str) -> bool:
    """Whether a cell for a number or an address of mail says that there is none: "-", "belum ada", "tidak punya HP"."""
    said = typed.casefold().strip(" '.")
    if said in _NOTHING or bool(error_of(typed)):
        return True
    return bool(_NONE_AT_ALL.match(said)) and not re.search(r"\d{3}", said)


def error_of(cell: Cell) -> str:
    """What a formula that failed left in a cell ("#N/A", "#REF!"), or ""."""
    typed = as_text(cell) if isinstance(cell, str) else ""
    return typed if _ERROR.fullmatch(typed) else ""


def is_ditto(cell: Cell) -> bool:
    """Whether a cell says "as above": sda, s.d.a., idem, -"-, \"."""
    return isinstance(cell, str) and bool(_DITTO.fullmatch(cell.strip().casefold()))


def is_present(cell: Cell) -> bool | None:
    """Whether a cell of a column for presence says that somebody came; None when it says neither."""
    said = text.fold(as_text(cell))
    if said in _CAME or as_text(cell) in {"✓", "✔", "√", "☑", "✅", "V", "v"}:
        return True
    if re.match(r"\d{1,2}/\d{1,2}/\d{4}|([01]?\d|2[0-4])[.:][0-5]\d\b", as_text(cell)):
        return True  # the moment of a check-in, as our own list has it, or a time of day
    return False if said in _STAYED_AWAY or says_nothing(as_text(cell)) else None


def digits_of(cell: Cell) -> str:
    """The digits of a cell that holds one number, or "": "0812-3456 7890" -> "081234567890"."""
    typed = unmangle(cell)
    bare = re.sub(r"[\s.\-()+/]", "", typed)
    return bare if bare.isascii() and bare.isdigit() else ""


def unmangle(cell: Cell) -> str:
    """A number as it was typed before a spreadsheet took it for a quantity: without the apostrophe that made it
    text, and written out ("1.234567890123E+12" -> "1234567890123") as long as no digit was lost on the way."""
    typed = as_text(cell).strip("'`’ \u200b")
    if (match := _SCIENTIFIC.fullmatch(typed)) and len(match[2]) >= int(match[3]):
        return match[1] + match[2][: int(match[3])] + match[2][int(match[3]) :].rstrip("0")
    return re.sub(r"^(\d+)[.,]0+$", r"\1", typed)


def phone(cell: Cell) -> tuple[str, str]:
    """(a telephone number to be checked, what to remark about the rest). Of several numbers the first mobile one, with
    or without what people write around it: "WA: 0812…", "0812… a.n. Budi". A lost 0 is no problem, since numbers that
    begin with 8 are read as 08. Raises DomainError for a number whose digits are lost."""
    typed = unmangle(cell)
    if says_nothing(typed):
        return "", ""
    _refuse_shortened(typed, "phone")
    if 9 <= len(re.sub(r"[\s.\-()+]", "", typed)) <= 15 and re.fullmatch(
        r"\+?(62(?![\s\-.]*0)|0(?!0)|8)[\d\s.\-()]+", typed
    ):
        return typed, ""  # one number and nothing else, as most are
    parts = re.split(r"\s*(?:[/;,|&\n\r]|\batau\b|\bdan\b|\bor\b)\s*", str(cell) if "\n" in str(cell) else typed)
    numbers = [number for part in parts for number in _phones_in(part)]
    if not numbers:
        numbers = _phones_in(typed)
    if not numbers:
        return typed, ""
    valid = [number for number in numbers if _is_number(number)]
    best = next((number for number in valid if _is_mobile(number)), (valid or numbers)[0])
    others = [number for number in dict.fromkeys(numbers) if number != best]
    remarks = [_("Other phone: %(phones)s", phones=", ".join(others))] if others else []
    if words := _words_around(typed):
        remarks.append(_("Beside the phone: %(words)s", words=words[:60]))
    return best, "; ".join(remarks)


_PHONE = re.compile(r"(?<!\d)\+?\(?\+?\d[\d\s().\-–]{5,}\d(?![^\W\d_])")
_LETTERS_AS_DIGITS = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1", "|": "1"})
_AROUND_A_PHONE = {
    "wa", "hp", "no", "nomor", "nmr", "telp", "tlp", "tel", "telepon", "telpon", "whatsapp", "phone", "mobile", "cp",
    "kantor", "rumah", "aktif", "dan", "atau", "sms", "call",
}  # fmt: skip


def _phones_in(part: str) -> list[str]:
    """The numbers in a text; letters that were typed for digits ("O812", "08l2") are read as those."""
    part = re.sub(r"^\s*(?:00|\+)?62[\s\-.]*0(?=8)", "+62", part.replace("_", " ").replace("＋", "+"))
    part = re.sub(r"^\s*00(?=62)", "+", part)
    part = re.sub(r"(?<![^\W\d_])[\dOolI|+][\dOolI|\s.\-]{7,}", lambda m: _as_digits(m[0]), part)
    found = []
    for match in _PHONE.findall(part):
        digits = re.sub(r"\D", "", match)
        pieces = match.split()
        if len(digits) > 15 and all(re.match(r"\+?(0|62|8)", p) and len(re.sub(r"\D", "", p)) >= 9 for p in pieces):
            found += pieces
        elif len(digits) >= 9:
            found.append(match.strip(" .-–"))
    return found


def _as_digits(run: str) -> str:
    return run.translate(_LETTERS_AS_DIGITS) if sum(ch.isdigit() for ch in run) >= 7 else run


def _is_number(typed: str) -> bool:
    try:
        return text.clean_phone(typed) is not None
    except DomainError:
        return False


def _is_mobile(typed: str) -> bool:
    return (text.clean_phone(typed) or "").startswith("+628")


def _words_around(typed: str) -> str:
    """What stands beside the numbers of a cell, unless it only says that they are numbers."""
    rest = re.sub(r"(?<!\w)[+(]*[\dOolI|][\dOolI|\s().\-–+/]*(?!\w)", " ", typed)
    words = [word for word in text.fold(rest).split() if not word.isdigit()]
    return " ".join(rest.strip(" ()/,;:-").split()) if set(words) - _AROUND_A_PHONE else ""


def nib(cell: Cell) -> tuple[str, str]:
    """(a NIB to be checked, what to remark about it). A cell that holds a number has lost the 0 a NIB may begin
    with, so one missing digit is put back, and said. A NIK in its place is left out, zeros are none. Raises
    DomainError for a number whose digits are lost."""
    typed = unmangle(cell)
    if says_nothing(typed):
        return "", ""
    _refuse_shortened(typed, "nib")
    if isinstance(cell, int | float) and len(typed) == text.NIB_DIGITS - 1:
        return "0" + typed, _("The 0 in front of the NIB, which Excel removes, was put back.")
    if is_nik(cell):
        return without_nik(cell), str(NIK_LEFT_OUT)
    numbers = [re.sub(r"\D", "", number) for number in re.findall(r"\d[\d\s.\-]*\d", typed)]
    whole = [number for number in numbers if len(number) == text.NIB_DIGITS]
    if len(whole) == 1 and len(typed) > text.NIB_DIGITS:
        rest = " ".join(re.sub(r"\d[\d\s.\-]{11,}\d", " ", typed, count=1).strip(" /-:().").split())
        plain = text.fold(rest) in {"", "nib", "no nib", "nomor"}
        return whole[0], "" if plain else _("Beside the NIB: %(words)s", words=rest[:60])
    bare = re.sub(r"[\s.\-]", "", typed)
    if len(bare) > 4 and bare.isdigit() and len(set(bare)) == 1:
        return "", _("“%(typed)s” is no NIB; it is left out.", typed=typed[:20])
    return typed, ""


_SIXTEEN = re.compile(r"(?<!\d)\d(?:[\s.\-]?\d){15}(?!\d)")


def is_nik(cell: Cell) -> bool:
    """Whether a cell under "NIB" holds a NIK: 16 digits, one cell at a time."""
    return bool(_SIXTEEN.search(as_text(cell)))


def without_nik(cell: Cell) -> str:
    """The cell without the NIK in it: only the NIB that may stand beside it."""
    rest = _SIXTEEN.sub(" ", as_text(cell))
    return rest.strip(" /-") if len(re.sub(r"\D", "", rest)) == text.NIB_DIGITS else ""


def _refuse_shortened(typed: str, name: str) -> None:
    if _SCIENTIFIC.fullmatch(typed):
        raise DomainError(
            _("Excel shortened this number to %(typed)s. Format the column as Text, type it again.", typed=typed), name
        )


def email(cell: Cell) -> str:
    typed = as_text(cell).strip("'` ").removeprefix("mailto:")
    return "" if says_nothing(typed) else typed
