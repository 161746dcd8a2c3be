"""Creating and changing events by the form."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from halal.audit.models import AuditEntry
from halal.checkin.models import CheckInOp, OpKind
from halal.checkin.services import sessions_to_choose
from halal.clock import stopped_at
from halal.events import services
from halal.events.models import Event, EventPerson, EventRole, EventSession, EventStatus
from halal.meanwhile import mark
from halal.registrations.models import RegistrationStatus
from tests.events.forms import edit_fields, event_fields

NEW = "/kelola/kegiatan/baru"


def only_event(db) -> Event:
    return db.session.scalars(select(Event).order_by(Event.id.desc())).first()


def test_a_new_event_is_a_draft_with_an_address_from_title_and_year(log_in, db):
    client = log_in("organizer")
    answer = client.post(NEW, data=event_fields(title="Sosialisasi Halal, Serang"))
    event = only_event(db)
    assert (answer.status_code, answer.location) == (303, f"/kelola/kegiatan/{event.slug}")
    assert event.slug == "sosialisasi-halal-serang-2027"
    assert event.status is EventStatus.DRAFT
    assert event.organization_id == client.organization.id
    assert db.session.scalar(select(AuditEntry.action).where(AuditEntry.subject == f"event:{event.id}")) == (
        "event.created"
    )


@pytest.mark.parametrize(
    ("region", "zone", "hour_in_utc"),
    [("36.73", "Asia/Jakarta", 1), ("64.74", "Asia/Makassar", 0), ("91.71", "Asia/Jayapura", 23)],
)
def test_times_are_typed_by_the_clock_of_the_place(log_in, db, region, zone, hour_in_utc):
    log_in("organizer").post(NEW, data=event_fields(region_code=region))
    event = only_event(db)
    assert event.timezone == zone
    assert event.starts_at.hour == hour_in_utc
    assert event.ends_at - event.starts_at == timedelta(hours=4)


def test_a_zone_that_was_chosen_wins_over_the_place(log_in, db):
    log_in("organizer").post(NEW, data=event_fields(region_code="36.73", zone="Asia/Makassar"))
    assert only_event(db).starts_at == datetime(2027, 5, 13, 0, 0, tzinfo=UTC)


def test_everything_typed_comes_back_in_the_edit_form(log_in, db, make):
    client = log_in("organizer")
    program = make.program(client.organization, title="Seribu Halal")
    client.post(NEW, data=event_fields(**{
        "program_id": str(program.id), "summary": "Satu kalimat", "description": "# Judul", "venue": "Aula",
        "address": "Jl. Raya 1", "ends_on": "2027-05-14", "capacity": "1.000", "opens_on": "2027-05-01",
        "closes_on": "2027-05-12", "closes_time": "16:30", "invited": ["36.01", "36.04"], "other_regions": "Kota Bogor",
        "partners": "Bank Indonesia\n\nBank Kalsel\nBank Indonesia", "requires_nib": "y",
        "sessions-1-title": "Praktik", "sessions-1-day": "2027-05-14", "sessions-1-starts": "13:00",
        "sessions-1-ends": "15:00",
        "people-0-name": "Agus Humaedi, S.H., M.H.", "people-0-title": "Ketua", "people-0-role": "speaker",
    }))  # fmt: skip
    event = only_event(db)
    assert event.capacity == 1000
    assert [partner.name for partner in event.partners] == ["Bank Indonesia", "Bank Kalsel"]
    assert {row.region_code for row in event.regions} == {"36.01", "36.04", "32.71"}
    assert event.registration_closes_at == datetime(2027, 5, 12, 9, 30, tzinfo=UTC)
    assert [(s.title, s.starts_at and s.starts_at.hour) for s in event.sessions] == [
        ("Acara utama", None),
        ("Praktik", 6),
    ]
    page = client.get(f"/kelola/kegiatan/{event.slug}/ubah").text
    for typed in ("Seribu Halal", "Satu kalimat", "# Judul", "Aula", "Jl. Raya 1", 'value="2027-05-14"', 'value="1000"',
                  'value="16:30"', "Bank Kalsel", 'value="Agus Humaedi, S.H., M.H."', "Kota Bogor"):  # fmt: skip
        assert typed in page, typed


def test_blank_rows_are_no_input(log_in, db):
    blank = {f"people-{n}-{name}": "" for n in range(3) for name in ("id", "name", "title", "order")}
    log_in("organizer").post(NEW, data=event_fields(**blank, **{f"people-{n}-role": "speaker" for n in range(3)}))
    assert only_event(db).people == []


def test_people_stand_in_the_order_of_their_numbers(log_in, db):
    rows = [("Ketiga", ""), ("Kedua", "2"), ("Pertama", "1")]
    fields = {}
    for n, (name, order) in enumerate(rows):
        fields |= {f"people-{n}-name": name, f"people-{n}-role": "committee", f"people-{n}-order": order}
    log_in("organizer").post(NEW, data=event_fields(**fields))
    assert [person.name for person in only_event(db).people] == ["Pertama", "Kedua", "Ketiga"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": "  "}, "Isi judul kegiatan."),
        ({"title": "x" * 201}, "Paling banyak 200 karakter"),
        ({"starts_on": ""}, "Pilih tanggal."),
        ({"starts_on": "2027-02-30"}, "Tanggal ini tidak ada."),
        ({"starts_on": "0001-01-01"}, "Periksa tahunnya."),
        ({"opens_on": "0001-01-01"}, "Periksa tahunnya."),
        ({"starts_time": "25:00"}, "Tulis jam seperti 08.30."),
        ({"ends_time": "07:00"}, "Kegiatan selesai sebelum mulai."),
        ({"ends_on": "2027-08-13"}, "Kegiatan paling lama satu bulan."),
        ({"ends_on": "2027-05-14", "ends_time": ""}, "Isi jam selesai hari terakhir."),
        ({"region_code": ""}, "kabupaten"),
        ({"region_code": "36"}, "kabupaten"),
        ({"region_code": "99.99"}, "kabupaten"),
        ({"other_regions": "Serang"}, "“Serang” bisa berarti Kab. Serang atau Kota Serang"),
        ({"other_regions": "Atlantis"}, "“Atlantis” bukan kabupaten atau kota"),
        ({"capacity": "0"}, "Isi bilangan bulat mulai dari 1"),
        ({"capacity": "tiga puluh"}, "Isi bilangan bulat"),
        ({"capacity": "99999999999"}, "Isi bilangan bulat"),
        ({"kind": "pesta"}, "Pilih jenis dari daftar."),
        ({"program_id": "424242"}, "Pilih program milik kantor ini."),
        ({"opens_on": "2027-05-02", "closes_on": "2027-05-01"}, "Pendaftaran ditutup sebelum dibuka."),
        ({"opens_on": "2027-06-01"}, "Pendaftaran baru dibuka setelah kegiatan."),
        ({"closes_time": "10:00"}, "Pilih tanggalnya juga."),
        ({"sessions-0-title": ""}, "paling sedikit satu sesi"),
        ({"sessions-0-starts": "10:00", "sessions-0-ends": "09:00"}, "Sesi “Acara utama” selesai sebelum mulai."),
        ({"sessions-0-day": "2027-06-13", "sessions-0-starts": "09:00"}, "di luar hari kegiatan"),
        ({"sessions-0-ends": "09:00"}, "Isi jam mulai sesi."),
        ({"people-0-name": "12345", "people-0-role": "speaker"}, "Isi nama"),
        ({"people-0-title": "Kepala Dinas", "people-0-role": "speaker"}, "Isi nama, atau centang Hapus."),
        ({"people-0-name": "Budi", "people-0-role": "raja"}, "Pilih peran dari daftar."),
        ({"partners": "x" * 201}, "terlalu panjang"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words_and_nothing_typed_is_lost(log_in, db, changes, sentence):
    answer = log_in("organizer").post(NEW, data=event_fields(venue="Aula Besar", **changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Aula Besar" in answer.text
    assert db.session.scalar(select(Event.id)) is None


@pytest.mark.parametrize("key", ["sessions-99999999999-title", "sessions-²-title", "people-" + "9" * 5000 + "-name"])
def test_odd_row_numbers_are_ignored(log_in, db, key):
    assert log_in("organizer").post(NEW, data=event_fields(**{key: "x"})).status_code == 303
    assert len(only_event(db).sessions) == 1


def test_long_titles_and_names_and_markup_are_kept_and_escaped(log_in, db):
    title, name = ("Sosialisasi " * 20)[:200].strip(), ("Muhammad Abdul " * 10)[:150].strip()
    client = log_in("organizer")
    client.post(NEW, data=event_fields(
        title=title, venue="<b>Aula & Teras</b>", description="Halo\x00 <script>alert(1)</script> 🌙 السلام",
        **{"people-0-name": name, "people-0-role": "speaker"},
    ))  # fmt: skip
    event = only_event(db)
    assert event.title == title
    assert len(event.slug) <= 120
    assert event.people[0].name == name
    page = client.get(f"/kelola/kegiatan/{event.slug}").text
    assert "&lt;b&gt;Aula &amp; Teras&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert "السلام" in page


def test_two_events_of_one_title_get_two_addresses(log_in, db):
    client = log_in("organizer")
    for _ in range(3):
        client.post(NEW, data=event_fields(title="Rakor 2027"))
    slugs = db.session.scalars(select(Event.slug).order_by(Event.id)).all()
    assert slugs == ["rakor-2027", "rakor-2027-2", "rakor-2027-3"]


def test_an_address_that_is_taken_at_the_last_moment_gives_way_to_the_next(db, make, monkeypatch):
    """The look before the write may be too early; the constraint decides then."""
    first, office = make.event(slug="rakor-2027"), make.organization()
    event = Event(organization_id=office.id, kind=first.kind, title="Rakor", starts_at=datetime(2027, 1, 5, tzinfo=UTC),
                  timezone="Asia/Jakarta", region_code="36.73")  # fmt: skip
    scalar, looks = db.session.scalar, []

    def blind_at_first(statement, *args, **kwargs):
        looks.append(1)
        return None if len(looks) == 1 else scalar(statement, *args, **kwargs)

    monkeypatch.setattr(db.session, "scalar", blind_at_first)
    services.editing.add_with_slug(event)
    assert event.slug == "rakor-2027-2"
    assert event.id is not None


def test_more_rows_come_without_losing_what_was_typed(log_in, db):
    client = log_in("organizer")
    fields = event_fields(title="Belum disimpan", **{"sessions-1-title": "Kedua", "more": "sessions"})
    page = client.post(NEW, data=fields)
    assert page.status_code == 200
    assert 'value="Belum disimpan"' in page.text
    assert 'value="Kedua"' in page.text
    assert "sessions-4-title" in page.text
    assert "<html" in page.text
    part = client.post(NEW, data=fields, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith("<fieldset")
    assert 'id="sessions"' in part
    assert 'value="Kedua"' in part
    assert db.session.scalar(select(Event.id)) is None


def test_the_place_decides_zone_and_regions_offered(log_in):
    client = log_in("organizer")
    part = client.post(NEW, data=event_fields(region_code="64.74", more="place"), headers={"HX-Request": "true"}).text
    assert "Menurut tempat: WITA" in part
    assert "Kota Samarinda" in part
    office_first = client.get(NEW).text
    assert office_first.index("Banten") < office_first.index("Aceh")


def test_the_description_is_previewed_safely(log_in):
    part = log_in("organizer").post(
        NEW, data={"description": "**tebal** <script>", "more": "preview"}, headers={"HX-Request": "true"}
    )
    assert "<strong>tebal</strong>" in part.text
    assert "<script>" not in part.text


def test_a_changed_event_keeps_its_address_and_its_rows(log_in, db, make):
    client = log_in("organizer")
    event = make.event(client.organization, title="Lama")
    event.people = [EventPerson(name="Budi", role=EventRole.SPEAKER), EventPerson(name="Ani", role=EventRole.MODERATOR)]
    db.session.commit()
    slug, session_id, (budi, ani) = event.slug, event.sessions[0].id, [p.id for p in event.people]
    answer = client.post(f"/kelola/kegiatan/{slug}/ubah", data=edit_fields(event, **{
        "title": "Baru", "sessions-0-title": "Pembukaan", "sessions-1-title": "Penutup",
        "people-0-id": str(budi), "people-0-name": "Budi", "people-0-role": "speaker", "people-0-remove": "y",
        "people-1-id": str(ani), "people-1-name": "Ani, S.E.", "people-1-role": "moderator",
    }))  # fmt: skip
    assert answer.status_code == 303
    db.session.expire_all()
    assert (event.title, event.slug) == ("Baru", slug)
    assert [s.title for s in event.sessions] == ["Pembukaan", "Penutup"]
    assert event.sessions[0].id == session_id
    assert [(p.id, p.name) for p in event.people] == [(ani, "Ani, S.E.")]


def test_a_session_moves_with_its_event_unless_it_has_its_own_day(log_in, db, make):
    client = log_in("organizer")
    start = datetime(2027, 5, 13, 1, 0, tzinfo=UTC)
    morning = EventSession(title="Pagi", starts_at=start, ends_at=start + timedelta(hours=2))
    event = make.event(client.organization, starts_at=start, ends_at=start + timedelta(hours=4), sessions=[morning])
    db.session.commit()
    page = client.get(f"/kelola/kegiatan/{event.slug}/ubah").text
    assert 'id="sessions-0-day" name="sessions-0-day" type="date" value=""' in page
    client.post(f"/kelola/kegiatan/{event.slug}/ubah", data=edit_fields(
        event, starts_on="2027-06-01", **{"sessions-0-starts": "08:00", "sessions-0-ends": "10:00"}
    ))  # fmt: skip
    db.session.expire_all()
    assert event.sessions[0].starts_at == datetime(2027, 6, 1, 1, 0, tzinfo=UTC)


def test_capacity_cannot_sink_below_those_registered(log_in, db, make):
    client = log_in("organizer")
    event = make.event(client.organization, capacity=5)
    for _ in range(3):
        make.registration(event)
    make.registration(event, status=RegistrationStatus.CANCELLED)
    db.session.commit()
    refused = client.post(f"/kelola/kegiatan/{event.slug}/ubah", data=edit_fields(event, capacity="2"))
    assert refused.status_code == 422
    assert "Sudah ada 3 peserta terdaftar" in refused.text
    assert 'value="2"' in refused.text
    db.session.rollback()
    assert client.post(f"/kelola/kegiatan/{event.slug}/ubah", data=edit_fields(event, capacity="3")).status_code == 303
    db.session.expire_all()
    assert event.capacity == 3


def test_more_places_go_to_those_who_wait(log_in, db, make):
    client = log_in("organizer")
    event = make.event(client.organization, capacity=1)
    make.registration(event)
    first = make.registration(event, status=RegistrationStatus.WAITING)
    second = make.registration(event, status=RegistrationStatus.WAITING)
    db.session.commit()
    client.post(f"/kelola/kegiatan/{event.slug}/ubah", data=edit_fields(event, capacity="2"))
    db.session.expire_all()
    assert (first.status, second.status) == (RegistrationStatus.CONFIRMED, RegistrationStatus.WAITING)


def test_a_session_with_attendance_stays(log_in, db, make):
    client = log_in("organizer")
    event = make.event(
        client.organization, sessions=[EventSession(title="Pagi"), EventSession(title="Siang", position=1)]
    )
    attended, free = event.sessions
    make.add(CheckInOp(
        op_id=make.registration(event).id, event_id=event.id, seq=1, kind=OpKind.CHECK_IN, session_id=attended.id,
        payload_hash="0" * 64, client_at=datetime.now(UTC), sent_at=datetime.now(UTC),
    ))  # fmt: skip
    db.session.commit()
    url, fields = f"/kelola/kegiatan/{event.slug}/ubah", edit_fields(event)
    refused = client.post(url, data={**fields, "sessions-0-remove": "y"})
    assert refused.status_code == 422
    assert "Sesi “Pagi” sudah punya data kehadiran" in refused.text
    db.session.rollback()
    assert client.post(url, data={**fields, "sessions-1-remove": "y"}).status_code == 303
    db.session.expire_all()
    assert [s.id for s in event.sessions] == [attended.id] != [free.id]


def test_the_last_session_stays(log_in, db, make):
    client = log_in("organizer")
    event = make.event(client.organization)
    db.session.commit()
    refused = client.post(f"/kelola/kegiatan/{event.slug}/ubah", data=edit_fields(event, **{"sessions-0-remove": "y"}))
    assert refused.status_code == 422
    assert "paling sedikit satu sesi" in refused.text


def test_the_second_of_two_editors_is_told_and_may_save_again(log_in, db, make):
    client = log_in("organizer")
    event = make.event(client.organization, title="Awal")
    db.session.commit()
    url, opened = f"/kelola/kegiatan/{event.slug}/ubah", edit_fields(event)
    assert client.post(url, data={**opened, "title": "Dari Ani"}).status_code == 303
    second = client.post(url, data={**opened, "title": "Dari Budi"})
    assert second.status_code == 409
    assert "Orang lain menyimpan perubahan" in second.text
    assert 'value="Dari Budi"' in second.text
    db.session.expire_all()
    assert event.title == "Dari Ani"
    seen = mark(services.shown(event))
    assert f'name="seen" type="hidden" value="{seen}"' in second.text
    assert client.post(url, data={**opened, "title": "Dari Budi", "seen": seen}).status_code == 303
    db.session.expire_all()
    assert event.title == "Dari Budi"


def test_a_check_in_meanwhile_is_no_conflict(log_in, db, make):
    client = log_in("organizer")
    event = make.event(client.organization)
    db.session.commit()
    fields = edit_fields(event)
    event.next_seq += 1
    db.session.commit()
    assert client.post(f"/kelola/kegiatan/{event.slug}/ubah", data=fields).status_code == 303


def test_another_office_s_event_is_not_there(log_in, db, make):
    client, event = log_in("owner"), make.event()
    db.session.commit()
    for path in ("", "/ubah"):
        assert client.get(f"/kelola/kegiatan/{event.slug}{path}").status_code == 404
    for path in ("/ubah", "/salin", "/status"):
        assert client.post(f"/kelola/kegiatan/{event.slug}{path}", data=edit_fields(event)).status_code == 404


def test_an_event_cannot_join_another_office_s_program(log_in, db, make):
    program = make.program()
    client = log_in("organizer")
    answer = client.post(NEW, data=event_fields(program_id=str(program.id)))
    assert answer.status_code == 422


def test_a_closed_program_is_offered_only_where_it_is_chosen_already(log_in, db, make):
    client = log_in("organizer")
    closed = make.program(client.organization, title="Program Tutup", closed=True)
    event = make.event(client.organization, program=closed)
    db.session.commit()
    assert "Program Tutup" not in client.get(NEW).text
    assert "Program Tutup" in client.get(f"/kelola/kegiatan/{event.slug}/ubah").text


def test_a_city_s_office_begins_with_its_own_city(log_in, make):
    client = log_in("organizer", make.organization(region_code="64.74"))
    page = client.get(NEW).text
    assert '<option selected value="64.74">Kota Bontang</option>' in page
    assert "Menurut tempat: WITA" in page


def test_a_day_and_a_clock_make_one_moment():
    from halal.events.forms import moment

    assert moment(date(2027, 5, 13), time(8, 0), "Asia/Makassar") == datetime(2027, 5, 13, 0, 0, tzinfo=UTC)
    assert moment(None, time(8, 0), "Asia/Makassar") is None


def typed_night(**changes) -> dict:
    night = {"starts_time": "16:00", "ends_time": "22:00", "sessions-0-starts": "20:00", "sessions-0-ends": "01:00"}
    return event_fields(**{**night, **changes})


def test_a_session_and_an_event_may_pass_midnight(log_in, db):
    client = log_in("organizer")
    for ends_time, hour, minute in (("22:00", 15, 0), ("01:30", 18, 30)):
        assert client.post(NEW, data=typed_night(ends_time=ends_time)).status_code == 303
        event = only_event(db)
        assert event.ends_at == datetime(2027, 5, 13, hour, minute, tzinfo=UTC)
        (session,) = event.sessions
        assert (session.starts_at, session.ends_at) == (
            datetime(2027, 5, 13, 13, tzinfo=UTC), datetime(2027, 5, 13, 18, tzinfo=UTC)
        )  # fmt: skip
    page = client.get(f"/kelola/kegiatan/{event.slug}/ubah").text
    assert 'value="01.00"' in page or 'value="01:00"' in page  # as it was typed, and means the same again
    assert client.get(f"/kelola/kegiatan/{event.slug}").status_code == 200


@pytest.mark.parametrize("ends", ["07:00", "12:59", "13:00"])
def test_an_end_far_before_the_start_is_a_mistake_and_no_night(log_in, db, ends):
    answer = log_in("organizer").post(NEW, data=typed_night(**{"sessions-0-starts": "20:00", "sessions-0-ends": ends}))
    assert (answer.status_code == 303) is (ends == "07:00")  # eleven hours are a night, seventeen are not


def test_after_midnight_the_evening_session_is_still_todays(db, make):
    event = make.event(status=EventStatus.PUBLISHED)
    event.starts_at, event.ends_at = datetime(2027, 5, 13, 9, tzinfo=UTC), datetime(2027, 5, 13, 15, tzinfo=UTC)
    event.sessions[0].starts_at, event.sessions[0].ends_at = event.ends_at, datetime(2027, 5, 13, 18, tzinfo=UTC)
    db.session.flush()
    with stopped_at(datetime(2027, 5, 13, 17, 30, tzinfo=UTC)):  # half past midnight in Jakarta
        assert sessions_to_choose(event.organization_id)["today"] == [event]
