"""What a cell says: text as typed, telephone numbers and NIBs as Excel mangles them."""

import re
from functools import lru_cache

from flask_babel import gettext as _

from halal import text
from halal.errors import DomainError
from halal.sheets import Cell

# What people write where there is nothing to write.
_NOTHING = {
    "", "-", "--", "---", "–", "—", ".", "0", "x", "?", "na", "n/a", "nihil", "none", "null", "kosong", "belum", "blm",
    "belum ada", "blm ada", "tidak", "tdk", "tidak ada", "tdk ada", "tidak punya", "belum punya",
}  # fmt: skip
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
    """Whether a cell for a number or an address of mail says that there is none: "-", "belum ada"."""
    return typed.casefold().strip(" '") in _NOTHING


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
    """(a telephone number to be checked, what to remark about it). The first of two; a lost 0 is no problem, since
    numbers that begin with 8 are read as 08. Raises DomainError for a number whose digits are lost."""
    typed = unmangle(cell)
    if says_nothing(typed):
        return "", ""
    _refuse_shortened(typed, "phone")
    parts = [part.strip() for part in re.split(r"\s*(?:[/;,|&]|\batau\b|\bdan\b|\bor\b)\s*", typed) if part.strip()]
    if len(parts) > 1 and all(len(digits_of(part)) >= 9 for part in parts):
        return parts[0], _("Other phone: %(phones)s", phones=", ".join(parts[1:]))
    return typed, ""


def nib(cell: Cell) -> tuple[str, str]:
    """(a NIB to be checked, what to remark about it). A cell that holds a number has lost the 0 a NIB may begin
    with, so one missing digit is put back, and said. Raises DomainError for a number whose digits are lost."""
    typed = unmangle(cell)
    if says_nothing(typed):
        return "", ""
    _refuse_shortened(typed, "nib")
    if isinstance(cell, int | float) and len(typed) == text.NIB_DIGITS - 1:
        return "0" + typed, _("The 0 in front of the NIB, which Excel removes, was put back.")
    return typed, ""


def _refuse_shortened(typed: str, name: str) -> None:
    if _SCIENTIFIC.fullmatch(typed):
        raise DomainError(
            _("Excel shortened this number to %(typed)s. Format the column as Text, type it again.", typed=typed), name
        )


def email(cell: Cell) -> str:
    typed = as_text(cell).strip("'` ").removeprefix("mailto:")
    return "" if says_nothing(typed) else typed
