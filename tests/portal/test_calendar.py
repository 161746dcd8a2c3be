"""The calendar file of an event: one entry a day, the same again after a change, newer each time."""

import re
from datetime import UTC, datetime, timedelta

from halal.events.models import EventSession
from halal.portal import calendar
from halal.registrations import letters

PAGE = "https://halal.contoh.go.id/kegiatan/x"
FIRST = datetime(2027, 5, 15, 1, tzinfo=UTC)  # Saturday, 08.00 WIB


def entries(event):
    text = calendar.entry(event, PAGE).replace("\r\n ", "")
    found = [dict(line.split(":", 1) for line in part.splitlines() if ":" in line)
             for part in text.split("BEGIN:VEVENT")[1:]]  # fmt: skip
    return [(one["UID"], one["DTSTART"], one["DTEND"]) for one in found], text


def test_an_event_of_one_day_is_one_entry(make):
    event = make.event(starts_at=FIRST, ends_at=FIRST + timedelta(hours=4))
    found, _text = entries(event)
    assert found == [(f"event-{event.id}@halal.contoh.go.id", "20270515T010000Z", "20270515T050000Z")]


def test_an_event_of_several_days_is_one_entry_a_day_and_no_block_over_the_night(make):
    event = make.event(starts_at=FIRST, ends_at=FIRST + timedelta(days=2, hours=8))
    found, text = entries(event)
    assert [(start, end) for _uid, start, end in found] == [
        ("20270515T010000Z", "20270515T090000Z"),
        ("20270516T010000Z", "20270516T090000Z"),
        ("20270517T010000Z", "20270517T090000Z"),
    ]
    assert len({uid for uid, _start, _end in found}) == 3
    assert found[0][0] == f"event-{event.id}@halal.contoh.go.id"
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_the_sessions_of_a_day_say_when_it_begins_and_ends(make):
    event = make.event(starts_at=FIRST, ends_at=FIRST + timedelta(days=2, hours=3))
    event.sessions[0].starts_at, event.sessions[0].ends_at = FIRST, FIRST + timedelta(hours=2)
    late = FIRST + timedelta(days=2, hours=1)
    ends = late + timedelta(hours=2)
    event.sessions.append(EventSession(title="Penutupan", position=1, starts_at=late, ends_at=ends))
    found, _text = entries(event)
    assert [(start, end) for _uid, start, end in found] == [
        ("20270515T010000Z", "20270515T030000Z"),
        ("20270517T020000Z", "20270517T040000Z"),
    ]


def test_an_evening_that_passes_midnight_is_one_entry(make):
    event = make.event(starts_at=FIRST + timedelta(hours=12), ends_at=FIRST + timedelta(hours=18))
    assert len(entries(event)[0]) == 1


def test_a_change_of_the_event_raises_the_sequence_and_keeps_the_uid(make, db):
    event = make.event(starts_at=FIRST, ends_at=FIRST + timedelta(hours=4))
    before, text = entries(event)
    event.version += 1
    event.starts_at, event.ends_at = FIRST + timedelta(days=1), FIRST + timedelta(days=1, hours=4)
    after, newer = entries(event)
    assert before[0][0] == after[0][0]
    one, other = (int(re.search(r"SEQUENCE:(\d+)", one)[1]) for one in (text, newer))
    assert other == one + 1


def test_messages_say_each_day_of_an_event_of_several_days_once(app, make):
    event = make.event(starts_at=FIRST, ends_at=FIRST + timedelta(days=1, hours=8))
    with app.test_request_context():
        message = letters.whatsapp_text(make.registration(event))
    assert "Sabtu, 15 Mei 2027, 08.00 WIB – Minggu, 16 Mei 2027, 16.00 WIB" in message
    assert message.count("15 Mei 2027") == message.count("16 Mei 2027") == 1
