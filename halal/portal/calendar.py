"""An event as calendar entries (iCalendar, RFC 5545): one for each of its days."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from halal import clock, formats
from halal.events.models import Event, EventStatus

_USUAL_LENGTH = timedelta(hours=3)  # where nobody said when it ends
_ONE_NIGHT = timedelta(hours=18)  # what ends within it, after midnight, is one evening and no second day
_LINE = 75  # octets, RFC 5545 section 3.1


def entry(event: Event, address: str) -> str:
    """The event with a reminder the day before; `address` is the ticket, or the event's page.

    The first day keeps its UID whatever becomes of the event, each later day has its own. SEQUENCE goes up with every
    change of the event, so that a calendar takes the newer entry (section 3.8.7.4).
    """
    host = urlsplit(address).hostname
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Serambi Halal//ID", "METHOD:PUBLISH"]
    for number, (start, end) in enumerate(_days(event), 1):
        lines += [
            "BEGIN:VEVENT",
            f"UID:event-{event.id}{f'-{number}' if number > 1 else ''}@{host}",
            f"SEQUENCE:{event.version - 1}",
            f"DTSTAMP:{_utc(clock.now())}",
            f"LAST-MODIFIED:{_utc(event.updated_at)}",
            f"DTSTART:{_utc(start)}",
            f"DTEND:{_utc(end)}",
            f"SUMMARY:{_text(event.title)}",
            f"LOCATION:{_text(event.place)}",
            f"DESCRIPTION:{_text(event.organization.name + chr(10) + address)}",
            f"URL:{address}",
            f"STATUS:{'CANCELLED' if event.status == EventStatus.CANCELLED else 'CONFIRMED'}",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_text(event.title)}",
            "TRIGGER:-P1D",
            "END:VALARM",
            "END:VEVENT",
        ]
    return "".join(_fold(line) + "\r\n" for line in [*lines, "END:VCALENDAR"])


def _days(event: Event) -> list[tuple[datetime, datetime]]:
    """Beginning and end of each day. The sessions of a day say when it begins and ends; where no session has a time,
    every day goes from the hour at which the event begins to the hour at which it ends."""
    zone, start = ZoneInfo(event.timezone), event.starts_at
    end = event.ends_at or start + _USUAL_LENGTH
    first, last = (formats.local(moment, event.timezone) for moment in (start, end))
    if first.date() == last.date() or end - start <= _ONE_NIGHT:
        return [(start, end)]
    timed = _times_of_sessions(event)
    days = []
    for number in range((last.date() - first.date()).days + 1):
        day = first.date() + timedelta(days=number)
        begins = start if number == 0 else datetime.combine(day, first.time(), zone)
        ends = end if day == last.date() else datetime.combine(day, last.time(), zone)
        if day in timed:
            begins, ends = timed[day]
        elif timed and day not in (first.date(), last.date()):
            continue  # a day between on which nothing takes place
        days.append((begins, ends if ends > begins else begins + _USUAL_LENGTH))
    return days


def _times_of_sessions(event: Event) -> dict[date, tuple[datetime, datetime]]:
    """When the first session of each day begins and the last one ends, for the days that have any with a time."""
    found: dict[date, tuple[datetime, datetime]] = {}
    for session in event.sessions:
        if session.starts_at:
            day = formats.local(session.starts_at, event.timezone).date()
            times = session.starts_at, session.ends_at or session.starts_at + _USUAL_LENGTH
            begins, ends = found.get(day, times)
            found[day] = min(begins, times[0]), max(ends, times[1])
    return found


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    """Escaped as section 3.3.11 says."""
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    for char, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(char, escaped)
    return value


def _fold(line: str) -> str:
    """Lines of at most 75 octets, never cut inside a character; continued after a space (section 3.1)."""
    parts, current = [], b""
    for char in line:
        octets = char.encode()
        if len(current) + len(octets) > (_LINE if not parts else _LINE - 1):
            parts.append(current)
            current = b""
        current += octets
    return b"\r\n ".join([*parts, current]).decode()
