"""A printed sheet, opened by its QR code and ticked off."""

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from halal import ids
from halal.audit.models import AuditEntry
from halal.checkin import services
from halal.checkin.grid import read_grid
from halal.checkin.models import Attendance, CheckInOp, OpKind
from halal.clock import now, stopped_at
from halal.events.models import EventSession, EventStatus
from halal.extensions import db as database
from halal.registrations import printed
from halal.registrations.attendees import everybody
from halal.registrations.listing import choose
from halal.registrations.models import PrintedSheet, Registration, RegistrationStatus, Source
from halal.reports.services import event_numbers
from tests.checkin import said
from tests.factories import Make


@pytest.fixture
def people(db, make, hall):
    return [make.registration(hall.event, name=f"Peserta {letter}", business_name=f"Keripik {letter}",
                              phone="+6281234567890", region_code="36.04") for letter in "ABCDE"]  # fmt: skip


@pytest.fixture
def sheet(db, hall, people):
    """Five people and three empty rows on two sheets; the second begins with number 4."""
    numbers, known = [[1, 2, 3], [4, 5, 6, 7, 8]], [one.id for one in people]
    codes = printed.keep(hall.event.id, hall.session.id, known, numbers, hall.organizer.user.id)
    db.session.commit()
    return db.session.scalar(select(PrintedSheet).where(PrintedSheet.code == codes[1]))


@pytest.fixture
def officer(log_in, hall):
    return log_in("checkin_officer", hall.organizer.organization)


def url(sheet) -> str:
    return f"/d/{sheet.code}"


def hidden(page) -> dict[str, str]:
    """What the form carries along without being asked."""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    return {name: value for name, value in fields if name != "csrf_token"}


def ticked(page) -> list[str]:
    return re.findall(r'name="ticked-(\d+)" checked', page.text)


def send(client, sheet, page=None, **fields) -> str:
    """Send the grid with these fields beside what the page carries; the summary."""
    page = page or client.get(url(sheet))
    answer = client.post(url(sheet), data={**hidden(page), **{k.replace("_", "-"): v for k, v in fields.items()}})
    assert answer.status_code == 303, answer.text
    after = client.get(answer.headers["Location"])
    return " | ".join(re.findall(r'class="flash .*?<div>(.*?)</div>', after.text, re.DOTALL))


def ops(db, event) -> list[CheckInOp]:
    return db.session.scalars(select(CheckInOp).where(CheckInOp.event_id == event.id).order_by(CheckInOp.seq)).all()


def present(db, event) -> set:
    return set(db.session.scalars(select(Attendance.registration_id).where(Attendance.event_id == event.id)))


# -- what opens --------------------------------------------------------------------------------------------------


def test_the_rows_of_the_sheet_open_with_the_numbers_that_are_printed(officer, sheet):
    page = officer.get(url(sheet))
    assert page.status_code == 200
    rows = re.findall(
        r'tick__number">(\d+)</span>\s*<span class="tick__who"><span class="tick__name">([^<]+)<', page.text
    )
    assert rows == [("4", "Peserta D"), ("5", "Peserta E")]
    assert re.findall(r'id="name-(\d+)"', page.text) == ["6", "7", "8"]
    assert ticked(page) == []
    assert "lembar 2 dari 2" in page.text


def test_the_same_rows_open_days_later_whoever_came_and_went_since(db, make, hall, log_in, sheet, people):
    make.registration(hall.event, name="Peserta DA")  # would stand between D and E now
    people[3].name = "Peserta D, S.H."
    people[4].status = RegistrationStatus.CANCELLED
    db.session.commit()
    with stopped_at(now() + timedelta(days=3)):
        page = log_in("checkin_officer", hall.organizer.organization).get(url(sheet)).text
    assert "Peserta DA" not in page
    assert re.findall(r'tick__name">([^<]+)<', page) == ["Peserta D, S.H.", "Peserta E"]
    assert "Pendaftaran dibatalkan" in page


def test_somebody_whose_registration_is_gone_leaves_the_row_empty_and_the_numbers_as_they_are(
    db, officer, sheet, people
):
    db.session.delete(people[3])
    db.session.commit()
    page = officer.get(url(sheet)).text
    assert "Pendaftaran sudah dihapus" in page
    assert re.findall(r'name="ticked-(\d+)"( disabled)?', page) == [("4", " disabled"), ("5", "")]
    assert send(officer, sheet, ticked_4="on", ticked_5="on") == "1 dicatat."


def test_the_grid_says_no_more_of_people_than_a_door_needs(officer, sheet):
    page = officer.get(url(sheet)).text
    assert "Keripik D · Kab. Serang" in page
    assert "81234567890" not in page


def test_a_typed_code_is_read_as_people_type(officer, sheet):
    typed = f"{sheet.code[:4]}-{sheet.code[4:8]}-{sheet.code[8:]}".upper()
    assert officer.get(f"/d/{typed}").status_code == 200


def test_another_office_finds_nothing(log_in, sheet):
    stranger = log_in("owner")
    assert stranger.get(url(sheet)).status_code == 404
    assert stranger.post(url(sheet), data={"form": str(ids.uuid7()), "ticked-4": "on"}).status_code == 404


def test_who_is_not_logged_in_comes_back_after_the_log_in(client, sheet):
    answer = client.get(url(sheet))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/masuk?next=/d/{sheet.code}")


@pytest.mark.parametrize("status", [EventStatus.DRAFT, EventStatus.CANCELLED])
def test_an_event_without_a_door_takes_no_paper(db, hall, officer, sheet, status):
    hall.event.status = status
    db.session.commit()
    assert officer.get(url(sheet)).status_code == 409
    assert officer.post(url(sheet), data={"form": str(ids.uuid7()), "ticked-4": "on"}).status_code == 409
    assert ops(db, hall.event) == []


def test_a_finished_event_takes_paper(db, hall, officer, sheet):
    hall.event.status = EventStatus.FINISHED
    db.session.commit()
    assert send(officer, sheet, ticked_4="on") == "1 dicatat."


def test_the_sheets_lead_to_each_other(officer, db, hall, sheet):
    first = db.session.scalar(select(PrintedSheet).where(PrintedSheet.page == 1))
    assert f'href="{url(first)}"' in officer.get(url(sheet)).text
    assert f'href="{url(sheet)}"' in officer.get(url(first)).text


# -- what is recorded --------------------------------------------------------------------------------------------


def test_ticks_are_operations_of_the_log_that_say_where_they_come_from(db, hall, officer, sheet, people):
    assert send(officer, sheet, ticked_4="on", ticked_5="on") == "2 dicatat."
    first, second = ops(db, hall.event)
    assert {first.registration_id, second.registration_id} == present(db, hall.event) == {people[3].id, people[4].id}
    assert (first.kind, first.session_id, first.payload["via"]) == (OpKind.CHECK_IN, hall.session.id, "paper")
    assert (first.user_id, first.device_id) == (officer.user.id, None)
    board = hall.organizer.get(hall.url).text
    assert board.count("Daftar hadir kertas</td>") == 2


def test_who_is_in_already_is_ticked_with_when_and_where(db, hall, officer, sheet, people):
    hall.tablet("Pintu timur").sync(said.check_in(hall.session, people[3]))
    send(officer, sheet, ticked_4="on", ticked_5="on")
    page = officer.get(url(sheet))
    assert ticked(page) == ["4", "5"]
    states = [" ".join(re.sub(r"<[^>]+>", " ", state).split())
              for state in re.findall(r'tick__state">(.*?)</label>', page.text, re.DOTALL)]  # fmt: skip
    assert re.fullmatch(r"Hadir sejak \d\d\.\d\d WIB Pintu timur", states[0])
    assert re.fullmatch(r"Hadir sejak \d\d\.\d\d WIB Daftar hadir kertas", states[1])


def test_the_grid_sent_twice_is_recorded_once_and_says_so(db, hall, officer, sheet):
    page = officer.get(url(sheet))
    fields = {"ticked_4": "on", "name_6": "Ibu Tamu", "contact_6": "Keripik Tamu"}
    assert send(officer, sheet, page, **fields) == "1 dicatat, 1 peserta baru."
    before = len(ops(db, hall.event))
    assert send(officer, sheet, page, **fields) == "Tidak ada yang berubah."
    assert len(ops(db, hall.event)) == before == 2
    assert db.session.scalars(select(Registration).where(Registration.name == "Ibu Tamu")).one()


def test_a_tick_taken_away_takes_back_what_the_form_showed_and_nothing_else(db, hall, officer, sheet, people):
    send(officer, sheet, ticked_4="on", ticked_5="on")
    page = officer.get(url(sheet))
    hall.tablet("Pintu timur").sync(said.check_in(hall.session, people[4]))  # after the form was opened
    assert send(officer, sheet, page) == "2 dibatalkan."
    assert present(db, hall.event) == {people[4].id}
    assert ticked(officer.get(url(sheet))) == ["5"]
    undone = db.session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "checkin.undone")).all()
    assert set(undone) == {f"registration:{people[3].id}", f"registration:{people[4].id}"}


def test_somebody_who_came_in_while_the_form_was_open_stays(db, hall, officer, sheet, people):
    page = officer.get(url(sheet))
    hall.tablet().sync(said.check_in(hall.session, people[3]))
    assert send(officer, sheet, page, ticked_5="on") == "1 dicatat."
    assert present(db, hall.event) == {people[3].id, people[4].id}


def test_ticked_at_a_tablet_and_on_paper_is_one_person_and_nothing_to_settle(db, hall, officer, sheet, people):
    page = officer.get(url(sheet))
    tablet = hall.tablet("Pintu timur")
    tablet.sync(said.check_in(hall.session, people[3]))
    send(officer, sheet, page, ticked_4="on")
    assert len(ops(db, hall.event)) == 2
    assert present(db, hall.event) == {people[3].id}
    assert services.board(hall.event).twice == []


def test_a_tablet_that_comes_after_the_paper_hears_where_the_first_one_was(hall, officer, sheet, people):
    send(officer, sheet, ticked_4="on")
    tablet = hall.tablet()
    answer = tablet.sync(said.check_in(hall.session, people[3])).json
    assert (answer["results"][0]["status"], answer["results"][0]["where"]) == ("duplicate", "Daftar hadir kertas")
    assert answer["changes"][0]["where"] == "Daftar hadir kertas"


def test_ticked_again_after_it_was_taken_back(db, hall, officer, sheet, people):
    send(officer, sheet, ticked_4="on")
    send(officer, sheet)
    assert present(db, hall.event) == set()
    assert send(officer, sheet, ticked_4="on") == "1 dicatat."
    assert present(db, hall.event) == {people[3].id}


def test_a_signature_of_somebody_who_had_cancelled_gives_the_place_back(db, officer, hall, sheet, people):
    people[3].status = RegistrationStatus.CANCELLED
    db.session.commit()
    send(officer, sheet, ticked_4="on")
    db.session.refresh(people[3])
    assert people[3].status == RegistrationStatus.CONFIRMED


def test_the_trail_says_what_was_recorded_from_which_sheet(log_in, hall, officer, sheet):
    send(officer, sheet, ticked_4="on", name_6="Ibu Tamu")
    trail = log_in("owner", hall.organizer.organization).get("/kelola/jejak").text
    assert "Daftar hadir kertas dicatat, lembar 2: 1 hadir, 1 peserta baru, 0 dibatalkan" in trail
    assert hall.event.title in trail


# -- empty rows --------------------------------------------------------------------------------------------------


def test_an_empty_row_makes_a_walk_in(db, hall, officer, sheet):
    assert send(officer, sheet, name_6="Ibu Rohayati", contact_6="0812 3456 7890", name_8="Edi") == "2 peserta baru."
    guests = db.session.scalars(select(Registration).where(Registration.source == Source.WALK_IN)).all()
    assert {(one.name, one.phone) for one in guests} == {("Ibu Rohayati", "+6281234567890"), ("Edi", None)}
    assert present(db, hall.event) == {one.id for one in guests}
    page = officer.get(url(sheet))
    assert ticked(page) == ["6", "8"]
    assert re.findall(r'id="name-(\d+)"', page.text) == ["7"]
    assert "Daftar hadir kertas" in hall.organizer.get(hall.url).text


def test_two_who_type_in_the_same_sheet_register_a_guest_once(db, hall, officer, sheet):
    one, other = officer.get(url(sheet)), hall.organizer.get(url(sheet))
    assert send(officer, sheet, one, name_6="Ibu Rohayati") == "1 peserta baru."
    assert send(hall.organizer, sheet, other, name_6="ibu rohayati") == "Tidak ada yang berubah."
    told = send(hall.organizer, sheet, other, name_6="Bapak Lain")
    assert "Baris 6: Sementara itu orang lain" in told
    assert "Tulis Bapak Lain di baris kosong." in told
    assert len(ops(db, hall.event)) == 1


def test_a_guest_who_was_taken_back_frees_the_row_for_the_right_one(db, hall, officer, sheet):
    old = officer.get(url(sheet))
    send(officer, sheet, old, name_6="Salah Tulis")
    assert send(officer, sheet) == "1 dibatalkan."
    assert db.session.scalar(select(Registration.status).where(Registration.name == "Salah Tulis")) == "cancelled"
    assert send(officer, sheet, name_6="Ibu Benar") == "1 peserta baru."
    assert send(officer, sheet, old, name_6="Salah Tulis") == "Tidak ada yang berubah."
    assert re.findall(r'tick__name">([^<]+)<', officer.get(url(sheet)).text)[-1] == "Ibu Benar"
    assert len(present(db, hall.event)) == 1


def test_a_guest_who_is_somebody_in_the_list_stays_in_the_row(db, hall, officer, sheet, people):
    send(officer, sheet, name_6="Peserta A")
    ((guest, other),) = services.board(hall.event).duplicates
    services.merge_from_board(hall.event, guest.id, other.id, user_id=hall.organizer.user.id)
    db.session.commit()
    page = officer.get(url(sheet))
    assert ticked(page) == ["6"]
    assert present(db, hall.event) == {people[0].id}


@pytest.mark.parametrize("typed", [{"name-6": "123"}, {"contact-6": "Keripik"}, {"name-6": "x" * 151}])
def test_what_is_no_name_comes_back_with_a_sentence_and_nothing_is_saved(db, hall, officer, sheet, typed):
    page = officer.get(url(sheet))
    answer = officer.post(url(sheet), data={**hidden(page), "ticked-4": "on", "name-7": "Ibu Lain", **typed})
    assert answer.status_code == 422
    assert "Belum ada yang disimpan" in answer.text
    assert 'aria-describedby="error-6"' in answer.text
    assert ticked(answer) == ["4"]
    for value in (*typed.values(), "Ibu Lain"):
        assert f'value="{value}"' in answer.text
    assert ops(db, hall.event) == []
    assert hidden(answer)["form"] == hidden(page)["form"]


# -- sessions ----------------------------------------------------------------------------------------------------


@pytest.fixture
def two_sessions(db, hall):
    hall.event.sessions.append(EventSession(title="Siang", position=1))
    db.session.commit()
    return hall.event.sessions


def test_a_list_of_one_session_is_recorded_there(db, hall, two_sessions, officer, sheet):
    send(officer, sheet, ticked_4="on")
    assert [op.session_id for op in ops(db, hall.event)] == [hall.session.id]


def test_a_list_of_all_sessions_asks_which_one(db, hall, two_sessions, officer, sheet):
    sheet.session_id = None
    db.session.commit()
    page = officer.get(url(sheet))
    assert "Sesi mana yang dicatat?" in page.text
    address = f"{url(sheet)}?sesi={two_sessions[1].id}"
    assert f'href="{address}"' in page.text
    grid = officer.get(address)
    answer = officer.post(address, data={**hidden(grid), "ticked-4": "on", "name-6": "Ibu Tamu"})
    assert answer.headers["Location"] == address
    assert {op.session_id for op in ops(db, hall.event)} == {two_sessions[1].id}
    other = officer.get(f"{url(sheet)}?sesi={two_sessions[0].id}")
    assert ticked(other) == []
    assert "Ibu Tamu" in other.text  # who was written into the row stands there at every session
    assert officer.get(f"{url(sheet)}?sesi=999999").status_code == 404


# -- what a browser would not send -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [{"form": ""}, {"form": "x"}, {"form": "0190" + "0" * 28}, {"form": str(ids.derived(now(), 1))[:-1]},
     {"form": "ffffffff-ffff-7fff-bfff-ffffffffffff"}, {"live-4": "x"}, {"attempt-6": "x"}],
)  # fmt: skip
def test_what_is_no_form_of_ours_changes_nothing(db, hall, officer, sheet, change):
    answer = officer.post(url(sheet), data={**hidden(officer.get(url(sheet))), "ticked-4": "on", **change})
    assert answer.status_code == 303
    assert ops(db, hall.event) == []


@pytest.mark.parametrize("attempt", ["1", "5", "-1", "9" * 30])
def test_a_guest_stands_in_the_row_whatever_a_form_says_of_later_attempts(db, officer, sheet, attempt):
    send(officer, sheet, name_6="Ibu Tamu", attempt_6=attempt)
    send(officer, sheet, name_6="Ibu Tamu", attempt_6=attempt)
    assert "Ibu Tamu" in officer.get(url(sheet)).text
    guests = select(Registration).where(Registration.event_id == sheet.event_id, Registration.source == Source.WALK_IN)
    assert [guest.name for guest in db.session.scalars(guests)] == ["Ibu Tamu"]


def test_rows_of_other_sheets_and_empty_rows_without_a_name_are_not_listened_to(db, hall, officer, sheet):
    assert send(officer, sheet, ticked_1="on", ticked_6="on", ticked_99="on", live_7=str(ids.uuid7())) == (
        "Tidak ada yang berubah."
    )
    assert ops(db, hall.event) == []


def test_a_tick_taken_away_reaches_nobody_but_the_person_of_the_row(db, hall, officer, sheet, people):
    tablet = hall.tablet()
    op = said.check_in(hall.session, people[0])
    tablet.sync(op)
    send(officer, sheet, live_4=op["id"])
    assert present(db, hall.event) == {people[0].id}


def test_tick_all_ticks_those_who_are_expected_and_saves_nothing(db, hall, officer, sheet, people):
    people[4].status = RegistrationStatus.CANCELLED
    db.session.commit()
    assert ticked(officer.get(f"{url(sheet)}?semua")) == ["4"]
    assert ops(db, hall.event) == []


def test_the_same_grid_from_several_windows_at_once_is_recorded_once(busy_app):
    """A thumb that taps twice, on a slow network: the requests run side by side."""
    with busy_app.app_context():
        make = Make(database.session)
        event = make.event()
        user_id, people = make.user(event.organization).id, [make.registration(event).id for _ in range(3)]
        (code,) = printed.keep(event.id, event.sessions[0].id, people, [[1, 2, 3, 4]], user_id)
        session_id = event.sessions[0].id
        database.session.commit()
    typed = {"form": str(ids.uuid7()), "ticked-1": "on", "ticked-3": "on", "name-4": "Ibu Tamu"}
    start, found = threading.Barrier(4), []

    def send_it():
        with busy_app.app_context():
            start.wait()
            sheet = database.session.scalar(select(PrintedSheet).where(PrintedSheet.code == code))
            outcome = services.record_sheet(sheet, session_id, read_grid(typed, range(1, 5)), user_id=user_id)
            database.session.commit()
            found.append(outcome.problems)

    threads = [threading.Thread(target=send_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[]] * 4
    with busy_app.app_context():
        kinds = database.session.scalars(select(CheckInOp.kind).order_by(CheckInOp.seq)).all()
        assert sorted(kinds) == [OpKind.CHECK_IN, OpKind.CHECK_IN, OpKind.WALK_IN]
        assert len(database.session.scalars(select(Attendance)).all()) == 3


def test_who_was_typed_from_paper_has_no_time_on_board_list_report_and_export(db, hall, officer, sheet, people):
    send(officer, sheet, ticked_4="on")
    attendance = db.session.scalars(select(Attendance).where(Attendance.event_id == hall.event.id)).one()
    assert attendance.uncertain
    board = services.board(hall.event)
    assert (board.arrivals, board.uncertain) == ([], 1)
    assert event_numbers(hall.event).hours == []
    (row,) = [one for one in everybody(hall.event, choose({}, hall.event)) if one.arrivals]
    assert list(row.arrivals.values()) == [None]
