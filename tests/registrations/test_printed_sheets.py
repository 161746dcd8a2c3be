"""The QR code on each printed sheet, and what is remembered of its rows."""

import io
import re
import subprocess
import threading

import pypdfium2
import pytest
from sqlalchemy import select

from halal import jobs, qr
from halal.events.models import EventSession
from halal.registrations import attendance_list as lists
from halal.registrations import printed
from halal.registrations.models import PrintedSheet, RegistrationStatus
from tests.factories import Make

URL = "/kelola/kegiatan/acara/peserta/daftar-hadir"


@pytest.fixture
def organizer(log_in):
    return log_in("organizer")


@pytest.fixture
def event(make, organizer):
    return make.event(organizer.organization, slug="acara", title="Sosialisasi Halal")


@pytest.fixture
def people(db, make, event):
    """Thirty with a place: a sheet and a bit, names of every length."""
    rows = [make.registration(event, name=f"Peserta {n:02}" + " Kusumawardhani" * (n % 9), phone="+6281234567890")
            for n in range(30)]  # fmt: skip
    db.session.commit()
    return rows


def codes(pdf: bytes) -> list[str]:
    """What a phone reads on each page."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        pictures = [page.render(scale=150 / 72, grayscale=True).to_pil() for page in document]
    finally:
        document.close()
    return [found for picture in pictures for found in qr.read(picture)]


def words(pdf: bytes, page: int) -> str:
    asked = ["pdftotext", "-layout", "-f", str(page), "-l", str(page), "-", "-"]
    return subprocess.run(asked, input=pdf, capture_output=True, check=True).stdout.decode()


def kept(db) -> list[PrintedSheet]:
    return list(db.session.scalars(select(PrintedSheet).order_by(PrintedSheet.id)))


def test_every_page_carries_the_address_of_its_own_sheet_and_nothing_about_people(organizer, db, people):
    pdf = organizer.get(f"{URL}.pdf?blank=5").data
    found, sheets = codes(pdf), kept(db)
    assert len(found) >= 2
    assert found == [f"http://localhost/d/{sheet.code}" for sheet in sheets]
    assert len({sheet.code for sheet in sheets}) == len(sheets)
    assert all(re.fullmatch("[0-9a-z]{16}", sheet.code) for sheet in sheets)


def test_a_sheet_remembers_the_rows_that_are_printed_on_it(organizer, db, event, people):
    pdf = organizer.get(f"{URL}.pdf?blank=5").data
    sheets, by_id = kept(db), {str(one.id): one.name for one in people}
    assert [one for sheet in sheets for one in sheet.people] == [str(one.id) for one in people]
    assert sum(sheet.blank for sheet in sheets) == 5
    follows = 1
    for sheet in sheets:
        assert (sheet.first, sheet.page, sheet.pages) == (follows, sheets.index(sheet) + 1, len(sheets))
        follows = sheet.last + 1
        page = words(pdf, sheet.page)
        assert all(by_id[one][:10] in page for one in sheet.people)
        assert re.findall(r"(?m)\b(\d+)\.$", page) == [str(n) for n in range(sheet.first, sheet.last + 1)]
        assert (sheet.event_id, sheet.session_id, sheet.printed_by_id) == (
            event.id, event.sessions[0].id, organizer.user.id
        )  # fmt: skip


def test_printing_the_same_list_again_carries_the_same_codes_and_keeps_nothing_more(organizer, db, people):
    first = codes(organizer.get(f"{URL}.pdf").data)
    before = [(sheet.id, sheet.printed_at) for sheet in kept(db)]
    assert codes(organizer.get(f"{URL}.pdf?signatory=-").data) == first
    assert [(sheet.id, sheet.printed_at) for sheet in kept(db)] == before


@pytest.mark.parametrize("change", ["somebody new", "somebody less", "more blank rows", "another order"])
def test_another_list_has_other_codes_and_the_old_ones_stay(organizer, make, db, event, people, change):
    first, asked = codes(organizer.get(f"{URL}.pdf").data), ""
    before = [(sheet.code, sheet.people, sheet.blank) for sheet in kept(db)]
    match change:
        case "somebody new":
            make.registration(event, name="Aaa")
        case "somebody less":
            people[0].status = RegistrationStatus.CANCELLED
        case "more blank rows":
            asked = "?blank=11"
        case "another order":
            asked = "?sort=-name"
    db.session.commit()
    second = codes(organizer.get(f"{URL}.pdf{asked}").data)
    assert set(first) & set(second) == set()
    assert [(sheet.code, sheet.people, sheet.blank) for sheet in kept(db)[: len(before)]] == before


def test_a_list_of_one_of_several_sessions_says_which(organizer, db, event, people):
    event.sessions.append(EventSession(title="Siang", position=1))
    db.session.commit()
    organizer.get(f"{URL}.pdf?session={event.sessions[1].id}")
    assert {sheet.session_id for sheet in kept(db)} == {event.sessions[1].id}
    organizer.get(f"{URL}.pdf")
    assert kept(db)[-1].session_id is None


def test_a_session_that_is_removed_from_the_event_does_not_take_the_paper_along(organizer, db, event, people):
    event.sessions.append(EventSession(title="Siang", position=1))
    db.session.commit()
    organizer.get(f"{URL}.pdf?session={event.sessions[1].id}")
    event.sessions.pop()
    db.session.commit()
    db.session.expire_all()
    assert {sheet.session_id for sheet in kept(db)} == {None}


def test_a_worker_puts_the_codes_on_a_long_list(organizer, db, people, monkeypatch):
    monkeypatch.setattr(lists, "AT_ONCE", 4)
    organizer.post(URL, data={"blank": "0"})
    jobs.run_waiting()
    found = codes(organizer.get(f"{URL}/terakhir.pdf").data)
    assert found == [f"http://localhost/d/{sheet.code}" for sheet in kept(db)]


def test_a_list_without_rows_needs_no_code(organizer, db, event):
    pdf = organizer.get(f"{URL}.pdf?blank=0").data
    assert kept(db) == []
    assert "pindai" not in words(pdf, 1)


def test_two_who_print_the_same_list_at_once_get_the_same_codes(busy_app):
    with busy_app.app_context():
        from halal.extensions import db

        make = Make(db.session)
        event = make.event()
        people = [make.registration(event).id for _ in range(5)]
        db.session.commit()
        event_id, session_id = event.id, event.sessions[0].id
    results, start = [], threading.Barrier(4)

    def print_it():
        with busy_app.app_context():
            start.wait()
            results.append(printed.keep(event_id, session_id, people, [[1, 2, 3], [4, 5, 6]], None))
            db.session.commit()

    threads = [threading.Thread(target=print_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(one == results[0] for one in results)
    with busy_app.app_context():
        assert len(kept(db)) == 2
