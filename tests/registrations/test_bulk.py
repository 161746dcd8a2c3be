"""Several rows of the attendee list at once: cancelled, taken back, recorded as present."""

from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from halal import clock, ids
from halal.checkin.models import CheckInOp
from halal.events.models import EventSession
from halal.extensions import db as database
from halal.registrations import services
from halal.registrations.models import BulkCancellation, Registration, RegistrationStatus
from halal.registrations.services import Details
from halal.reports.services import event_counts
from tests.amounts import amount

CONFIRMED, WAITING, CANCELLED = RegistrationStatus
MANY = amount(1_500, 10_000)


@pytest.fixture
def desk(log_in, make):
    client = log_in("organizer")
    start = clock.now() - timedelta(hours=1)
    client.event = make.event(client.organization, starts_at=start, ends_at=start + timedelta(hours=4), capacity=5)
    client.list = f"/kelola/kegiatan/{client.event.slug}/peserta"
    client.here = f"/kelola/kegiatan/{client.event.slug}/kehadiran/hadirkan"
    return client


def come(event, name, **details):
    cleaned = services.clean(Details(name=name, **details), event)
    return services.register(event, cleaned, source="public", anyway=False)


def statuses(event):
    database.session.expire_all()
    rows = select(Registration.name, Registration.status).where(Registration.event_id == event.id)
    return dict(database.session.execute(rows).all())


def test_a_filtered_list_is_cancelled_at_once_and_taken_back(desk, db):
    event = desk.event
    for number in range(3):
        come(event, f"Robot {number}", phone=f"08123456789{number}")
    come(event, "Siti Aminah", phone="081311111111")
    come(event, "Wati", phone="081311111112")
    come(event, "Robot Antre", phone="081311111113")
    come(event, "Tini Antre", phone="081311111114")
    before = statuses(event)
    assert (before["Robot Antre"], before["Tini Antre"]) == (WAITING, WAITING)
    keys = dict(db.session.execute(select(Registration.name, Registration.dedupe_key)).all())
    answer = desk.post(f"{desk.list}/batalkan-terpilih?q=robot", data={"all": "1"})
    assert answer.status_code == 303
    gone = statuses(event)
    assert {name for name, status in gone.items() if status is CANCELLED} == {n for n in before if "Robot" in n}
    assert gone["Tini Antre"] is WAITING  # the office decides who moves up, so that taking it back loses nobody a place
    page = desk.get(answer.headers["Location"]).text
    assert "4 pendaftaran dibatalkan sekaligus" in page
    assert "/peserta/naikkan" in page
    (done,) = db.session.scalars(select(BulkCancellation))
    desk.post(f"{desk.list}/batalkan-terpilih/{done.id}/urungkan")
    assert statuses(event) == before
    assert dict(db.session.execute(select(Registration.name, Registration.dedupe_key)).all()) == keys
    again = desk.post(f"{desk.list}/batalkan-terpilih/{done.id}/urungkan", follow_redirects=True)
    assert "sudah diurungkan" in again.text


def test_only_the_ticked_rows_of_this_event_are_cancelled(desk, make):
    mine, other, stranger = make.registration(desk.event), make.registration(desk.event), make.registration()
    desk.post(f"{desk.list}/batalkan-terpilih", data={"row": [str(mine.id), str(stranger.id), "bukan-id"]})
    database.session.expire_all()
    assert [r.status for r in (mine, other, stranger)] == [CANCELLED, CONFIRMED, CONFIRMED]
    nobody = desk.post(f"{desk.list}/batalkan-terpilih", follow_redirects=True)
    assert "Tidak ada peserta" in nobody.text


def test_who_registered_again_meanwhile_stays_cancelled(desk):
    first = come(desk.event, "Siti", phone="081234567890")
    done = services.cancel_many(desk.event, [first.id])
    come(desk.event, "Siti", phone="081234567890")
    assert services.undo_cancel_many(desk.event, done) == (0, 1)


def test_places_that_were_given_away_meanwhile_are_not_taken_from_anybody(desk):
    people = [come(desk.event, f"Siti {n}", phone=f"08123456789{n}") for n in range(5)]
    done = services.cancel_many(desk.event, [people[0].id, people[1].id])
    come(desk.event, "Baru", phone="081399999999")
    assert services.undo_cancel_many(desk.event, done) == (2, 0)
    found = list(statuses(desk.event).values())
    assert (found.count(CONFIRMED), found.count(WAITING)) == (5, 1)


def test_the_chosen_are_recorded_as_present_once_and_taken_back(desk, db, make):
    people = [make.registration(desk.event, name=f"Siti {n}") for n in range(3)]
    waits = make.registration(desk.event, status=WAITING)
    gone = make.registration(desk.event, status=CANCELLED)
    answer = desk.post(desk.here, data={"row": [str(one.id) for one in (*people, waits, gone)]})
    page = desk.get(answer.headers["Location"]).text
    assert "3 peserta tercatat hadir" in page
    assert "tidak mempunyai tempat: 2" in page
    assert event_counts(desk.event).present == 3
    desk.post(desk.here, data={"row": [str(one.id) for one in people]})
    assert db.session.scalar(select(func.count()).select_from(CheckInOp)) == 3
    at = page.split('name="at" value="')[1].split('"')[0]
    desk.post(f"{desk.here}/urungkan", data={"at": at})
    assert event_counts(desk.event).present == 0
    answer = desk.post(f"{desk.here}/urungkan", data={"at": "besok"}, follow_redirects=True)
    assert answer.status_code == 200


def test_presence_is_recorded_at_the_chosen_session(log_in, make, db):
    client = log_in("organizer")
    event = make.event(
        client.organization, sessions=[EventSession(title="Pagi"), EventSession(title="Siang", position=1)]
    )
    make.registration(event)
    client.post(
        f"/kelola/kegiatan/{event.slug}/kehadiran/hadirkan", data={"all": "1", "session_id": event.sessions[1].id}
    )
    assert db.session.scalars(select(CheckInOp.session_id)).all() == [event.sessions[1].id]
    wrong = client.post(
        f"/kelola/kegiatan/{event.slug}/kehadiran/hadirkan", data={"all": "1", "session_id": 99999},
        follow_redirects=True,
    )  # fmt: skip
    assert "Sesi ini bukan" in wrong.text


def test_a_viewer_sees_no_boxes(log_in, make):
    client = log_in("viewer")
    event = make.event(client.organization)
    make.registration(event)
    page = client.get(f"/kelola/kegiatan/{event.slug}/peserta").text
    assert 'name="row"' not in page
    assert 'id="bulk"' not in page


def many(event, count):
    rows = [
        {
            "id": ids.uuid7(), "organization_id": event.organization_id, "event_id": event.id, "status": CONFIRMED,
            "source": "public", "name": f"Robot {n}", "name_key": f"robot {n}", "token": ids.token(),
            "token_hash": str(n), "dedupe_key": f"nib:{n}", "business_name": "", "business_key": "\uffff",
        }
        for n in range(count)
    ]  # fmt: skip
    database.session.execute(insert(Registration), rows)
    database.session.commit()


def test_many_rows_are_cancelled_restored_and_recorded(desk, db):
    desk.event.capacity = None
    many(desk.event, MANY)
    desk.post(f"{desk.list}/batalkan-terpilih", data={"all": "1"})
    assert event_counts(desk.event).registered == 0
    (done,) = db.session.scalars(select(BulkCancellation))
    desk.post(f"{desk.list}/batalkan-terpilih/{done.id}/urungkan")
    assert event_counts(desk.event).registered == MANY
    desk.post(desk.here, data={"all": "1"})
    assert event_counts(desk.event).present == MANY
