"""What is open at the desk: each thing is settled by one tap, leaves a sentence in the trail, and until then whoever
issues certificates is warned."""

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from halal.audit.models import AuditEntry
from halal.checkin import services
from halal.checkin.models import DifferentPeople
from halal.clock import now
from halal.errors import NotFound
from halal.events.models import Event
from halal.extensions import db as database
from halal.organizations.models import Signatory
from halal.registrations.models import Registration
from tests.checkin import said
from tests.factories import Make


@pytest.fixture
def siti(make, hall):
    return make.registration(hall.event, name="Siti Aminah", phone="+6281234567890")


def issue_page(hall, kind="attendance") -> str:
    return hall.organizer.get(f"/kelola/kegiatan/{hall.event.slug}/sertifikat/terbitkan/{kind}").text


def warning(hall) -> str:
    found = re.search(r'<div class="notice notice--warn stack".*?</div>', issue_page(hall), re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found.group()).split()) if found else ""


def trail(hall, log_in) -> list[tuple[str, str]]:
    """(what, about) of the office's trail, latest first, as its owner reads it."""
    page = log_in("owner", hall.organizer.organization).get("/kelola/jejak").text
    rows = re.findall(r'<th scope="row">([^<]+)</th>\s*<td data-label="[^"]+">([^<]*)</td>', page)
    return [(what, about) for what, about in rows]


# -- one thing after the other: how it comes to be open, how it is settled -----------------------------------------


def a_walk_in_who_may_be_registered(hall, siti):
    hall.tablet().sync(said.walk_in(hall.session, "Siti Aminah"))
    ((guest, other),) = services.board(hall.event).duplicates
    return {"walk_in_id": guest.id, "into": other.id}


def an_unknown_code(hall, siti):
    hall.tablet().sync(said.check_in(hall.session, token_hash="0" * 64))
    ((op, _at, _where),) = services.board(hall.event).unknown
    return {"op_id": op.op_id}


def somebody_at_two_tablets(hall, siti):
    for _tablet in range(2):
        hall.tablet().sync(said.check_in(hall.session, siti))
    return {"session_id": hall.session.id, "registration_id": siti.id}


def something_in_quarantine(hall, siti):
    tablet = hall.tablet()
    services.revoke(hall.event, tablet.device.id, user_id=hall.organizer.user.id)
    tablet.sync(said.check_in(hall.session, siti))
    ((row, _whom, _tablet),) = services.board(hall.event).quarantined
    return {"row_id": row.id}


def a_check_in(hall, siti):
    hall.tablet().sync(said.check_in(hall.session, siti))
    return {"session_id": hall.session.id, "registration_id": siti.id}


SETTLED = [
    (a_walk_in_who_may_be_registered, "gabungkan", "Peserta langsung digabung dengan pendaftaran", "Siti Aminah"),
    (
        a_walk_in_who_may_be_registered,
        "dua-orang",
        "Peserta langsung dan pendaftar dinyatakan dua orang",
        "Siti Aminah",
    ),
    (an_unknown_code, "selesai", "Pindaian tak dikenal diselesaikan", "Kegiatan Uji"),
    (somebody_at_two_tablets, "satu-orang", "Kehadiran di beberapa tablet diselesaikan", "Siti Aminah"),
    (something_in_quarantine, "karantina/terima", "Kiriman tablet akhirnya dicatat", "Kegiatan Uji"),
    (something_in_quarantine, "karantina/abaikan", "Kiriman tablet tidak dicatat", "Kegiatan Uji"),
    (a_check_in, "batalkan", "Check-in dibatalkan", "Siti Aminah"),
]


@pytest.mark.parametrize(("open_it", "path", "sentence", "about"), SETTLED, ids=[row[1] for row in SETTLED])
def test_one_tap_settles_it_and_the_trail_says_who_did_what(db, hall, siti, log_in, open_it, path, sentence, about):
    fields = open_it(hall, siti)
    assert bool(services.unsettled(hall.event)) == (path != "batalkan")
    stranger = log_in("viewer", hall.organizer.organization)
    assert stranger.post(f"{hall.url}/{path}", data=fields).status_code == 403
    answer = hall.organizer.post(f"{hall.url}/{path}", data=fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, hall.url)
    assert not services.unsettled(hall.event)
    said_so = [(what, whom) for what, whom in trail(hall, log_in) if what == sentence]
    assert len(said_so) == 1
    assert said_so[0][1].startswith(about)
    hall.organizer.post(f"{hall.url}/{path}", data=fields)  # a nervous thumb
    assert [what for what, _whom in trail(hall, log_in)].count(sentence) == 1
    by_whom = db.session.scalars(select(AuditEntry.user_id).where(AuditEntry.action.startswith("checkin."))).all()
    assert set(by_whom) == {hall.organizer.user.id}


@pytest.mark.parametrize(("open_it", "path"), [row[:2] for row in SETTLED], ids=[row[1] for row in SETTLED])
def test_the_board_has_the_button(hall, siti, open_it, path):
    fields = open_it(hall, siti)
    page = hall.organizer.get(hall.url).text
    (form,) = re.findall(rf'<form[^>]* action="{hall.url}/{path}".*?</form>', page, re.DOTALL)
    for name, value in fields.items():
        assert f'name="{name}" value="{value}"' in form


def test_every_tablet_that_comes_and_goes_is_in_the_trail_by_its_name(hall, log_in):
    tablet = hall.tablet("Tablet 1")
    hall.organizer.post(f"{hall.url}/tablet/{tablet.device.id}/nama", data={"name": "Pintu timur"})
    hall.organizer.post(f"{hall.url}/tablet/tutup")
    hall.organizer.post(f"{hall.url}/tablet/{tablet.device.id}/cabut")
    assert trail(hall, log_in) == [
        ("Tablet dicabut", "Pintu timur"), ("Tablet ditutup: 1", hall.event.title),
        ("Nama tablet diganti", "Pintu timur"), ("Tablet dipasangkan", "Pintu timur"),
    ]  # fmt: skip


# -- two people ----------------------------------------------------------------------------------------------------


def test_who_is_not_the_same_stays_two_attendees_and_is_not_asked_about_again(db, hall, siti):
    fields = a_walk_in_who_may_be_registered(hall, siti)
    version = services.version(hall.event)
    hall.organizer.post(f"{hall.url}/dua-orang", data=fields)
    assert services.board(hall.event).duplicates == []
    assert services.version(hall.event) != version  # other desks that watch hear of it
    names = db.session.scalars(select(Registration.name).where(Registration.event_id == hall.event.id)).all()
    assert sorted(names) == ["Siti Aminah", "Siti Aminah"]
    hall.tablet().sync(said.walk_in(hall.session, "Siti Aminah"))
    assert len(services.board(hall.event).duplicates) == 2  # a third one may be either of them


def test_only_what_the_board_lists_can_be_told_apart(db, make, hall, siti):
    edi = make.registration(hall.event, name="Edi")
    fields = {"walk_in_id": siti.id, "into": edi.id}
    for bad in (fields, {**fields, "into": "x"}, {}):
        assert hall.organizer.post(f"{hall.url}/dua-orang", data=bad).status_code == 303
    assert db.session.scalars(select(DifferentPeople)).all() == []


def test_two_desks_that_say_so_at_once_say_it_once(busy_app):
    with busy_app.app_context():
        make = Make(database.session)
        event = make.event()
        user_id, other = make.user(event.organization).id, make.registration(event, name="Siti")
        place = services.open_place(event.organization_id, event.slug, said.DEVICE)
        services.record(place, said.read(event, said.walk_in(event.sessions[0], "Siti")), user_id=user_id)
        ((guest, _other),) = services.board(event).duplicates
        event_id, guest_id, other_id = event.id, guest.id, other.id
        database.session.commit()
    start, problems = threading.Barrier(4), []

    def say():
        with busy_app.app_context():
            start.wait()
            try:
                event = database.session.get_one(Event, event_id)
                services.tell_apart(event, guest_id, other_id, user_id=user_id)
                database.session.commit()
            except NotFound:
                pass  # the other one was quicker, and the list says so
            except Exception as problem:
                problems.append(problem)

    threads = [threading.Thread(target=say) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    with busy_app.app_context():
        assert len(database.session.scalars(select(DifferentPeople)).all()) == 1


# -- certificates --------------------------------------------------------------------------------------------------


def test_an_empty_desk_warns_of_nothing(hall, siti):
    a_check_in(hall, siti)
    assert warning(hall) == ""


@pytest.mark.parametrize(
    ("open_it", "words"),
    [
        (a_walk_in_who_may_be_registered, "Tamu yang mungkin sudah terdaftar: 1"),
        (an_unknown_code, "Masuk dengan kode tak dikenal: 1"),
        (somebody_at_two_tablets, "Tercatat di beberapa tablet: 1"),
        (something_in_quarantine, "Kiriman tablet yang belum dihitung: 1"),
        (lambda hall, _siti: hall.tablet().sync(unsent=12, last_dev_seq=12), "Di tablet, belum terkirim: 12"),
    ],
)
def test_an_open_desk_warns_with_the_number_and_a_link_and_forbids_nothing(hall, siti, open_it, words):
    hall.event.starts_at = now() - timedelta(hours=1)  # who came before the day only practiced
    hall.event.ends_at = now() + timedelta(hours=3)
    open_it(hall, siti)
    found = warning(hall)
    assert "Kehadiran belum tuntas." in found
    assert words in found
    assert found.count(": ") == 1  # and of nothing else
    assert f'href="{hall.url}">Tuntaskan di halaman Kehadiran' in issue_page(hall)
    assert "Kehadiran belum tuntas." not in issue_page(hall, "speaker")  # does not ask who came
    a_check_in(hall, Make(database.session).registration(hall.event, name="Hadir"))
    url = f"/kelola/kegiatan/{hall.event.slug}/sertifikat/terbitkan/attendance"
    answer = hall.organizer.post(
        url, data={"issued_on": "2025-05-15", "place": "Serang", "signatories": signatory(hall), "early": "y"}
    )
    assert answer.status_code == 303


def signatory(hall) -> int:
    one = Signatory(name="Dra. Aminah", title="Kepala", position=0)
    hall.organizer.organization.signatories.append(one)
    database.session.flush()
    return one.id


@pytest.mark.parametrize(
    ("registered", "typed"), [("Rizky Amelia", "Riski Amelia"), ("Nur Aʼini", "Nuraini"), ("Soetrisno", "Sutrisno")]
)
def test_a_walk_in_in_another_spelling_may_be_somebody_registered(make, hall, registered, typed):
    known = make.registration(hall.event, name=registered)
    make.registration(hall.event, name="Rizal Amelia")
    hall.tablet().sync(said.walk_in(hall.session, typed))
    ((guest, other),) = services.board(hall.event).duplicates
    assert (guest.name, other.id) == (typed, known.id)


def test_more_than_the_board_lists_is_counted(make, hall):
    names = [f"Peserta {n}" for n in range(40)]
    for name in names:
        make.registration(hall.event, name=name)
    hall.tablet().sync(*[said.walk_in(hall.session, name) for name in names])
    assert len(services.board(hall.event).duplicates) == 30
    assert services.unsettled(hall.event).duplicates == 40
