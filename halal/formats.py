"""Dates, times and numbers as an Indonesian office writes them. All are template filters as well."""

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date as babel_date
from babel.dates import format_datetime as babel_datetime
from babel.numbers import format_decimal
from flask_babel import get_locale

_ZONE_LABELS = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}
ZONES = ("Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura")


def _locale() -> str:
    return str(get_locale() or "id")


def zone_label(zone: str) -> str:
    """WIB, WITA or WIT (Keppres 41/1987); other zones by their own name."""
    return _ZONE_LABELS.get(zone, zone)


def local(moment: datetime, zone: str) -> datetime:
    """The moment as the clock on that zone's wall shows it."""
    return moment.astimezone(ZoneInfo(zone))


def day(value: datetime | date, zone: str = "Asia/Jakarta", locale: str | None = None) -> str:
    """ "Kamis, 15 Mei 2025"."""
    value = local(value, zone).date() if isinstance(value, datetime) else value
    return babel_date(value, "EEEE, d MMMM y", locale=locale or _locale())


def date_only(value: datetime | date, zone: str = "Asia/Jakarta", locale: str | None = None) -> str:
    """ "15 Mei 2025"."""
    value = local(value, zone).date() if isinstance(value, datetime) else value
    return babel_date(value, "d MMMM y", locale=locale or _locale())


def date_short(value: datetime | date, zone: str = "Asia/Jakarta") -> str:
    """ "15 Mei 2025" cut to "15 Mei 25"'s width: day, short month, year."""
    value = local(value, zone).date() if isinstance(value, datetime) else value
    return babel_date(value, "d MMM y", locale=_locale())


def time(value: datetime, zone: str, with_zone: bool = True) -> str:
    """ "08.00 WIB"."""
    clock = local(value, zone).strftime("%H.%M" if _locale().startswith("id") else "%H:%M")
    return f"{clock} {zone_label(zone)}" if with_zone else clock


def day_and_time(value: datetime, zone: str) -> str:
    """ "Kamis, 15 Mei 2025, 08.00 WIB"."""
    return f"{day(value, zone)}, {time(value, zone)}"


def time_range(start: datetime, end: datetime | None, zone: str) -> str:
    """ "08.00–12.00 WIB"; with the dates when it ends on another day; "08.00 WIB–selesai" is left to the template."""
    if end is None:
        return time(start, zone)
    if local(start, zone).date() != local(end, zone).date():
        return f"{day_and_time(start, zone)} – {day_and_time(end, zone)}"
    return f"{time(start, zone, with_zone=False)}–{time(end, zone)}"


def day_and_range(start: datetime, end: datetime | None, zone: str) -> str:
    """When something is, everywhere the same: "Kamis, 15 Mei 2025, 08.00–12.00 WIB", or both days, each once."""
    span = time_range(start, end, zone)
    is_one_day = end is None or local(start, zone).date() == local(end, zone).date()
    return f"{day(start, zone)}, {span}" if is_one_day else span


def month_name(value: datetime | date) -> str:
    """ "Mei"."""
    return (
        babel_datetime(value, "MMM", locale=_locale())
        if isinstance(value, datetime)
        else babel_date(value, "MMM", locale=_locale())
    )


def number(value: int | float | Decimal, digits: int | None = None) -> str:
    """ "103.828" and "103.828,5"; `digits` fixes the number of decimals."""
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, format=pattern, locale=_locale())


def percent(part: int | float, whole: int | float, digits: int = 0) -> str:
    """ "50 %" of a whole; a dash when the whole is nothing."""
    return (
        f"{number(round(100 * part / whole, digits) if digits else round(100 * part / whole), digits)} %"
        if whole
        else "–"
    )


_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def roman_month(month: int) -> str:
    """The month as letters and numbers of Indonesian offices write it: 5 -> "V"."""
    text = ""
    for value, letters in _ROMAN:
        while month >= value:
            text, month = text + letters, month - value
    return text


FILTERS = {
    f.__name__: f
    for f in (
        day,
        date_only,
        date_short,
        time,
        day_and_time,
        time_range,
        day_and_range,
        number,
        percent,
        zone_label,
        local,
        month_name,
    )
}
