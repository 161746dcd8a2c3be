"""What the organizer's board shows of tablets, and decides about what they sent."""

from datetime import timedelta

from sqlalchemy import select

from halal.audit.models import AuditEntry
from halal.checkin import services
from halal.checkin.models import Attendance, DevicePairing
from halal.checkin.services import quarantine
from halal.checkin.services.tablets import Loss, tablets
from halal.clock import now, stopped_at
from tests.checkin import said


def row_of(hall, tablet):
    return next(row for row in tablets(hall.event) if row.id == tablet.device.id)


def test_numbers_that_never_came_are_named(db, make, hall):
    tablet, people = hall.tablet(), [make.registration(hall.event) for _ in range(4)]
    ops = [said.check_in(hall.session, person, dev_seq=n) for person, n in zip(people, (1, 2, 6, 9), strict=True)]
    tablet.sync(*ops, last_dev_seq=12, unsent=2)
    assert row_of(hall, tablet).missing == ("3-5", "7-8", "10")
    assert row_of(hall, tablet).unsent == 2
    tablet.sync(*[said.check_in(hall.session, people[0], dev_seq=n) for n in (3, 4, 5, 7, 8, 10)], last_dev_seq=12,
                unsent=2)  # fmt: skip
    assert row_of(hall, tablet).missing == ()


def test_a_number_as_high_as_can_be_costs_nothing(hall):
    tablet = hall.tablet()
    tablet.sync(last_dev_seq=2**31 - 1, unsent=0)
    assert row_of(hall, tablet).missing == ("1-2147483647",)


def test_a_wiped_storage_shows_with_what_was_lost(make, hall):
    tablet, siti = hall.tablet(), make.registration(hall.event)
    with stopped_at(now() - timedelta(minutes=5)):
        tablet.sync(said.check_in(hall.session, siti, dev_seq=1), said.check_in(hall.session, siti, dev_seq=2),
                    last_dev_seq=5, unsent=3)  # fmt: skip
    tablet.store = "another-one"
    tablet.sync(said.check_in(hall.session, siti, dev_seq=1), last_dev_seq=1)
    assert row_of(hall, tablet).losses == (Loss(2, 3),)
    assert row_of(hall, tablet).missing == ()
    assert hall.organizer.get(hall.url).status_code == 200


def test_a_tablet_that_is_paired_again_goes_on_counting(make, hall):
    first, siti = hall.tablet(), make.registration(hall.event)
    first.sync(said.check_in(hall.session, siti, dev_seq=1))
    again = hall.tablet(store=first.store)
    again.sync(said.check_in(hall.session, siti, dev_seq=2), last_dev_seq=2)
    assert (row_of(hall, again).missing, row_of(hall, again).losses) == ((), ())


def test_a_clock_that_is_wrong_shows_and_the_time_is_right(make, hall):
    tablet, siti = hall.tablet(), make.registration(hall.event)
    fast = (now() + timedelta(hours=3)).isoformat()
    op = said.check_in(hall.session, siti, client_at=fast)
    (result,) = tablet.sync(op, sent_at=fast).json["results"]
    assert result["skewed"]
    assert result["at"] <= now().isoformat()
    assert row_of(hall, tablet).skew_minutes == 180


def test_the_board_shows_each_tablet_and_notices_what_it_says(hall):
    tablet = hall.tablet("Pintu timur")
    page = hall.organizer.get(hall.url).text
    assert "Pintu timur" in page
    version = page.split("version=")[1].split('"')[0]
    poll = {"HX-Request": "true", "HX-Request-Type": "partial"}
    url = f"{hall.url}?version={version}"
    assert hall.organizer.get(url, headers=poll).status_code == 204
    tablet.sync(last_dev_seq=12, unsent=12)
    assert ">12</td>" in hall.organizer.get(url, headers=poll).text


def test_the_organizer_decides_what_is_in_quarantine(db, make, hall, log_in):
    siti, edi = make.registration(hall.event, name="Siti Lama"), make.registration(hall.event)
    tablet = hall.tablet()
    services.revoke(hall.event, tablet.device.id, user_id=hall.organizer.user.id)
    moment = now() - timedelta(minutes=30)
    early = said.check_in(hall.session, siti, client_at=moment.isoformat(), dev_seq=1)
    tablet.sync(early, said.check_in(hall.session, edi, dev_seq=2), "x")
    assert "Siti Lama" in hall.organizer.get(hall.url).text
    first, second, third = (row.id for row in said.kept(db, hall.event))
    viewer = log_in("viewer", hall.organizer.organization)
    assert viewer.post(f"{hall.url}/karantina/terima", data={"row_id": first}).status_code == 403
    hall.organizer.post(f"{hall.url}/karantina/terima", data={"row_id": first})
    hall.organizer.post(f"{hall.url}/karantina/abaikan", data={"row_id": second})
    hall.organizer.post(f"{hall.url}/karantina/terima", data={"row_id": third})  # nothing that could be recorded
    hall.organizer.post(f"{hall.url}/karantina/abaikan", data={"row_id": second})  # twice
    (present,) = db.session.scalars(select(Attendance).where(Attendance.event_id == hall.event.id))
    assert present.registration_id == siti.id
    assert abs(present.at - moment) < timedelta(seconds=5)
    assert [row.settled_at is not None for row in said.kept(db, hall.event)] == [True, True, False]
    actions = set(db.session.scalars(select(AuditEntry.action)))
    assert {"checkin.tablet_revoked", "checkin.quarantine_accepted", "checkin.quarantine_dismissed"} <= actions


def test_one_person_at_two_doors_is_listed_until_somebody_looked_into_it(db, make, hall):
    siti, edi = make.registration(hall.event, name="Siti"), make.registration(hall.event, name="Edi")
    east, west = hall.tablet("Timur"), hall.tablet("Barat")
    east.sync(said.check_in(hall.session, siti, dev_seq=1), said.check_in(hall.session, edi, dev_seq=2),
              said.check_in(hall.session, edi, dev_seq=3))  # fmt: skip
    assert services.board(hall.event).twice == []  # twice at one door is a nervous thumb
    west.sync(said.check_in(hall.session, siti, dev_seq=1))
    ((person, session, places),) = services.board(hall.event).twice
    assert (person.id, session, [where for _at, where in places]) == (siti.id, hall.session.id, ["Timur", "Barat"])
    before = db.session.scalar(select(Attendance.op_id).where(Attendance.registration_id == siti.id))
    said_so = {"session_id": hall.session.id, "registration_id": str(siti.id)}
    assert hall.organizer.post(f"{hall.url}/satu-orang", data=said_so).status_code == 303
    assert services.board(hall.event).twice == []
    assert db.session.scalar(select(Attendance.op_id).where(Attendance.registration_id == siti.id)) == before
    hall.organizer.post(f"{hall.url}/satu-orang", data=said_so)  # a second tap finds nothing to do
    assert "checkin.repeat_settled" in set(db.session.scalars(select(AuditEntry.action)))


def test_a_revoked_tablet_cannot_fill_the_server(monkeypatch, make, hall):
    monkeypatch.setattr(quarantine, "MOST_OF_A_DEVICE", 3)
    tablet, siti = hall.tablet(), make.registration(hall.event)
    services.revoke(hall.event, tablet.device.id, user_id=hall.organizer.user.id)
    assert tablet.sync(*[said.check_in(hall.session, siti) for _ in range(3)]).status_code == 200
    answer = tablet.sync(said.check_in(hall.session, siti))
    assert answer.status_code == 429
    assert answer.json["error"]


# -- what the organizer does about a tablet ------------------------------------------------------------------------


def test_a_tablet_gets_another_name_for_the_board_and_for_the_others(db, make, hall):
    tablet, siti = hall.tablet("Tablet 1"), make.registration(hall.event)
    answer = hall.organizer.post(f"{hall.url}/tablet/{tablet.device.id}/nama", data={"name": "  Pintu   timur "})
    assert (answer.status_code, answer.headers["Location"]) == (303, hall.url)
    assert "Pintu timur" in hall.organizer.get(hall.url).text
    tablet.sync(said.check_in(hall.session, siti))
    assert hall.tablet().sync(said.check_in(hall.session, siti)).json["results"][0]["where"] == "Pintu timur"
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.action == "checkin.tablet_renamed"))
    assert (entry.subject, entry.user_id) == (f"device:{tablet.device.id}", hall.organizer.user.id)


def test_a_tablet_is_not_renamed_to_nothing_nor_by_who_may_not(db, make, hall, log_in):
    tablet = hall.tablet("Tablet 1")
    url = f"{hall.url}/tablet/{tablet.device.id}/nama"
    empty = hall.organizer.post(url, data={"name": "   "})
    assert empty.status_code == 422
    assert "Tulis nama yang memudahkan tablet" in empty.text
    assert hall.organizer.post(url, data={"name": "x" * 81}).status_code == 303
    db.session.refresh(tablet.device)
    assert tablet.device.name == "x" * 80
    assert log_in("viewer", hall.organizer.organization).post(url, data={"name": "Lain"}).status_code == 403
    assert log_in("owner").post(url, data={"name": "Lain"}).status_code == 404
    other = make.event(hall.organizer.organization)
    assert hall.organizer.post(url.replace(hall.event.slug, other.slug), data={"name": "Lain"}).status_code == 404


def test_the_same_name_again_leaves_no_trace(db, hall):
    tablet = hall.tablet("Tablet 1")
    hall.organizer.post(f"{hall.url}/tablet/{tablet.device.id}/nama", data={"name": "Tablet 1"})
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.action == "checkin.tablet_renamed")).all() == []


def test_two_days_after_the_event_no_more_tablets_are_paired(db, hall, log_in):
    with stopped_at(hall.event.ends_at + timedelta(hours=47)):
        organizer = log_in("organizer", hall.organizer.organization)
        assert organizer.post(f"{hall.url}/pasangkan").status_code == 200
    with stopped_at(hall.event.ends_at + timedelta(hours=48)):
        assert organizer.post(f"{hall.url}/pasangkan").status_code == 303
        assert "selesai lebih dari dua hari" in organizer.get(hall.url).text
    assert len(db.session.scalars(select(DevicePairing)).all()) == 1


def test_tablets_are_closed_once_and_revoked_ones_stay_revoked(db, hall):
    one, lost = hall.tablet(), hall.tablet()
    services.revoke(hall.event, lost.device.id, user_id=hall.organizer.user.id)
    hall.organizer.post(f"{hall.url}/tablet/tutup")
    hall.organizer.post(f"{hall.url}/tablet/tutup")
    assert [row_of(hall, tablet).standing for tablet in (one, lost)] == ["closed", "revoked"]
    closed = db.session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "checkin.tablets_closed")).all()
    assert closed == [{"count": 1}]


def test_revoking_is_one_button_for_those_who_manage_and_a_second_tap_changes_nothing(db, hall, log_in):
    tablet = hall.tablet()
    url = f"{hall.url}/tablet/{tablet.device.id}/cabut"
    assert f'action="{url}"' in hall.organizer.get(hall.url).text
    assert log_in("checkin_officer", hall.organizer.organization).post(url).status_code == 403
    hall.organizer.post(url)
    db.session.refresh(tablet.device)
    first = tablet.device.revoked_at
    hall.organizer.post(url)
    db.session.refresh(tablet.device)
    assert tablet.device.revoked_at == first
    assert f'action="{url}"' not in hall.organizer.get(hall.url).text
    assert len(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "checkin.tablet_revoked")).all()) == 1
