"""An event as a calendar entry (iCalendar, RFC 5545)."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from halal import clock
from halal.events.models import Event, EventStatus

_USUAL_LENGTH = timedelta(hours=3)  # where nobody said when it ends
_LINE = 75  # octets, RFC 5545 section 3.1


def entry(event: Event, address: str) -> str:
    """One event with a reminder the day before; `address` is the ticket."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Serambi Halal//ID",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:event-{event.id}@{urlsplit(address).hostname}",
        f"DTSTAMP:{_utc(clock.now())}",
        f"DTSTART:{_utc(event.starts_at)}",
        f"DTEND:{_utc(event.ends_at or event.starts_at + _USUAL_LENGTH)}",
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
        "END:VCALENDAR",
    ]
    return "".join(_fold(line) + "\r\n" for line in lines)


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
