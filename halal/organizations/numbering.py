"""Certificate numbers: the pattern an office sets, and the numbers it gives.

    {seq}           the running number of the year: 7
    {seq:03}        the same with at least that many digits, 2 to 6: 007
    {year}          2025
    {month:roman}   V
    {month:02}      05

Everything else stands as typed. "500/{seq:03}/BPTSI/{month:roman}/{year}" gives "500/007/BPTSI/V/2025". The running
number begins again every January, so a pattern without {seq} or {year} would give one number twice.
"""

import re
from datetime import date

from flask_babel import lazy_gettext as _l

from halal.errors import DomainError
from halal.formats import roman_month
from halal.text import clean_line

FIELD = "number_pattern"
MAX_LENGTH = 120
_PART = re.compile(r"\{([^{}]*)\}")
_KNOWN = re.compile(r"seq(:0[2-6])?|year|month:(roman|02)")


def check_pattern(pattern: str) -> str:
    """The pattern, tidied. Raises DomainError that names what is wrong with it."""
    pattern = clean_line(pattern)
    parts = _PART.findall(pattern)
    if len(pattern) > MAX_LENGTH:
        raise DomainError(_l("The pattern is too long; at most %(max)s characters fit.", max=MAX_LENGTH), FIELD)
    if re.search(r"[{}]", _PART.sub("", pattern)):
        raise DomainError(_l("A curly bracket has no partner. Write parts like {seq} or {year}."), FIELD)
    for part in parts:
        if not _KNOWN.fullmatch(part):
            raise DomainError(
                _l(
                    "%(part)s is not known. Use {seq}, {seq:03}, {year}, {month:roman} or {month:02}.",
                    part="{" + part + "}",
                ),
                FIELD,
            )
    if not any(part.startswith("seq") for part in parts):
        raise DomainError(_l("Put {seq} where the running number belongs; without it all numbers are the same."), FIELD)
    if "year" not in parts:
        raise DomainError(_l("Put {year} where the year belongs; the running number begins again every year."), FIELD)
    return pattern


def render_number(pattern: str, seq: int, on_date: date) -> str:
    """The number that a checked pattern gives for the running number `seq` (from 1) on the day `on_date`."""

    def fill(match: re.Match) -> str:
        name, _sep, form = match[1].partition(":")
        if name == "seq":
            return str(seq).zfill(int(form or 1))
        if name == "year":
            return str(on_date.year)
        return roman_month(on_date.month) if form == "roman" else f"{on_date.month:02}"

    return _PART.sub(fill, pattern)
