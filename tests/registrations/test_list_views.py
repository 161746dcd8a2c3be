"""The attendee list in the browser: reading, editing in place, cancelling and taking back, taking it away."""

import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from halal.accounts.models import Role
from halal.events.models import EventKind, EventRegion, EventSession
from halal.registrations import search
from halal.registrations.models import Registration, RegistrationStatus, Source

HTMX = {"HX-Request": "true"}


@pytest.fixture
def organizer(log_in):
    return log_in("organizer")


@pytest.fixture
def event(make, organizer):
    return make.event(organizer.organization, slug="acara", regions=[EventRegion(region_code="36.04")])


@pytest.fixture
def person(db, make, event):
    def add(name="Asep Awaludin", **values):
        registration = make.registration(event, name=name, **values)
        search.index([registration])
        db.session.commit()
        return registration

    return add


URL = "/kelola/kegiatan/acara/peserta"


def test_the_list_shows_who_is_registered(organizer, person):
    person(
        "H. Asep", business_name="Warung Asep", product="Keripik", region_code="36.04", phone="+6281234567890",
        nib="9120301234567",
    )  # fmt: skip
    page = organizer.get(URL).text
    for words in ("H. Asep", "Warung Asep", "Keripik", "Kab. Serang", "0812-3456-7890", "9120301234567", "1 peserta"):
        assert words in page


def test_names_are_text_never_markup(organizer, person):
    person('<script>alert("x")</script> O\'Neil')
    page = organizer.get(URL).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_htmx_gets_the_list_alone_and_the_address_to_show(organizer, person):
    person("Asep")
    person("Budi")
    answer = organizer.get(f"{URL}?q=asep&status=&region=&sort=", headers=HTMX)
    assert answer.text.strip().startswith("<section")
    assert "Asep" in answer.text
    assert "Budi" not in answer.text
    assert answer.headers["HX-Replace-Url"] == f"{URL}?q=asep"


def test_the_form_keeps_what_was_chosen(organizer, person):
    person("Asep", region_code="36.04")
    page = organizer.get(f"{URL}?q=as&status=confirmed&region=36.04&nib=missing&sort=-business").text
    assert 'value="as"' in page
    for chosen in ("confirmed", "36.04", "missing"):
        assert f'<option value="{chosen}" selected>' in page
    assert '<input type="hidden" name="sort" value="-business">' in page
    assert 'aria-sort="descending"' in page


def test_nobody_found_offers_the_whole_list(organizer, person):
    person("Asep")
    page = organizer.get(f"{URL}?q=zulkifli").text
    assert "Tidak ditemukan" in page
    assert f'href="{URL}"' in page


def test_pages_of_fifty(organizer, make, db, event):
    for n in range(51):
        make.registration(event, name=f"Peserta {n:02}")
    db.session.commit()
    first, second = organizer.get(URL).text, organizer.get(f"{URL}?page=2").text
    assert ("Peserta 49" in first, "Peserta 50" in first) == (True, False)
    assert ("Peserta 49" in second, "Peserta 50" in second) == (False, True)
    assert organizer.get(f"{URL}?page=zzz").status_code == 200
    assert "Peserta 50" in organizer.get(f"{URL}?page=-3&page=1").text or "Peserta 00" in first


def test_presence_is_shown_with_the_time_on_the_wall(organizer, make, db, person, event):
    make.attendance(person(), at=datetime(2025, 5, 15, 1, 5, tzinfo=UTC))
    db.session.commit()
    assert "Hadir 08.05" in organizer.get(URL).text


def test_viewers_see_the_list_and_change_nothing(app, make, db, organizer, person):
    registration = person()
    user = make.user(organizer.organization, Role.VIEWER)
    db.session.commit()
    viewer = app.test_client()
    with viewer.session_transaction() as session:
        session["_user_id"], session["_fresh"] = make.login_token(user), True
    page = viewer.get(URL).text
    assert registration.name in page
    assert registration.token not in page
    assert "/ubah" not in page.split('id="attendees"')[1]
    for action in ("ubah", "batal", "pulihkan", "beri-tempat"):
        assert viewer.post(f"{URL}/{registration.id}/{action}").status_code == 403


def test_another_events_registration_is_not_found_here(organizer, make, db, event):
    other = make.registration(make.event(organizer.organization))
    db.session.commit()
    for path in ("", "/ubah"):
        assert organizer.get(f"{URL}/{other.id}{path}").status_code == 404
    for action in ("ubah", "batal", "pulihkan", "beri-tempat"):
        assert organizer.post(f"{URL}/{other.id}/{action}").status_code == 404


def _form(organizer, registration, **changes):
    """What the edit form would send, with changes."""
    prefix = f"r{registration.id.hex[-12:]}-"
    given = {
        "name": registration.name, "phone": registration.phone or "", "business_name": registration.business_name,
        "product": registration.product, "nib": registration.nib or "", "region_code": registration.region_code or "",
        "email": registration.email or "", "address": registration.address, "note": registration.note, **changes,
    }  # fmt: skip
    return {prefix + name: value for name, value in given.items()}


def test_a_row_is_edited_in_place(organizer, db, person):
    registration = person("Asep", phone="+6281234567890")
    opened = organizer.get(f"{URL}/{registration.id}/ubah", headers=HTMX).text
    assert opened.strip().startswith("<tr")
    assert 'value="Asep"' in opened
    saved = organizer.post(
        f"{URL}/{registration.id}/ubah?q=asep", headers=HTMX,
        data=_form(organizer, registration, name="Asep Awaludin", phone="0813 1111 2222", region_code="36.04"),
    )  # fmt: skip
    assert (saved.status_code, saved.text.strip()[:3]) == (200, "<tr")
    assert "Asep Awaludin" in saved.text
    db.session.refresh(registration)
    assert (registration.phone, registration.region_code) == ("+6281311112222", "36.04")
    assert organizer.get(f"{URL}?q=awaludin", headers=HTMX).text.count("<tr") == 2


def test_editing_works_without_javascript(organizer, db, person):
    registration = person("Asep")
    assert "<html" in organizer.get(f"{URL}/{registration.id}/ubah?sort=-name").text
    answer = organizer.post(
        f"{URL}/{registration.id}/ubah?sort=-name", data=_form(organizer, registration, name="Budi")
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{URL}?sort=-name#r-{registration.id}")
    db.session.refresh(registration)
    assert registration.name == "Budi"


@pytest.mark.parametrize("headers", [HTMX, {}])
@pytest.mark.parametrize(
    ("changes", "words"),
    [({"phone": "belum ada"}, "bukan nomor telepon"), ({"nib": "123"}, "13"), ({"name": " "}, "nama")],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(organizer, db, person, headers, changes, words):
    registration = person("Asep", business_name="Warung")
    answer = organizer.post(
        f"{URL}/{registration.id}/ubah", headers=headers,
        data=_form(organizer, registration, business_name="Warung Baru", **changes),
    )  # fmt: skip
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Warung Baru"' in answer.text
    db.session.refresh(registration)
    assert registration.business_name == "Warung"


def test_nobody_becomes_somebody_who_is_registered_already(organizer, person):
    person("Budi", nib="9120301234567", dedupe_key="nib:9120301234567")
    asep = person("Asep")
    data = _form(organizer, asep, nib="9120301234567")
    answer = organizer.post(f"{URL}/{asep.id}/ubah", data=data, headers=HTMX)
    assert answer.status_code == 409
    assert "sudah terdaftar" in answer.text


def test_a_cancellation_can_be_taken_back_at_once(organizer, db, person):
    registration = person("Asep")
    answer = organizer.post(f"{URL}/{registration.id}/batal?q=asep")
    db.session.refresh(registration)
    assert registration.status == RegistrationStatus.CANCELLED
    page = organizer.get(answer.headers["Location"]).text
    assert "Dibatalkan: Asep" in page
    undo = f"{URL}/{registration.id}/pulihkan?q=asep"
    assert f'action="{undo}"' in page
    answer = organizer.post(undo)
    assert answer.headers["Location"] == f"{URL}?q=asep#r-{registration.id}"
    db.session.refresh(registration)
    assert (registration.status, registration.cancelled_at) == (RegistrationStatus.CONFIRMED, None)


def test_who_is_restored_to_a_full_event_waits(organizer, db, event, person):
    event.capacity = 1
    first = person("Asep", status=RegistrationStatus.CANCELLED)
    person("Budi")
    organizer.post(f"{URL}/{first.id}/pulihkan")
    db.session.refresh(first)
    assert first.status == RegistrationStatus.WAITING


def test_who_registered_again_in_the_meantime_is_not_restored(organizer, db, person):
    first = person("Asep", nib="9120301234567", status=RegistrationStatus.CANCELLED)
    person("Asep", nib="9120301234567", dedupe_key="nib:9120301234567")
    answer = organizer.post(f"{URL}/{first.id}/pulihkan")
    assert "sudah terdaftar" in organizer.get(answer.headers["Location"]).text
    db.session.refresh(first)
    assert first.status == RegistrationStatus.CANCELLED


def test_a_place_is_given_out_of_turn_only_where_one_is_free(organizer, db, event, person):
    event.capacity = 1
    taken, waiting = person("Asep"), person("Budi", status=RegistrationStatus.WAITING)
    answer = organizer.post(f"{URL}/{waiting.id}/beri-tempat")
    assert "Semua tempat terisi" in organizer.get(answer.headers["Location"]).text
    db.session.refresh(waiting)
    assert waiting.status == RegistrationStatus.WAITING
    event.capacity = 2
    db.session.commit()
    organizer.post(f"{URL}/{waiting.id}/beri-tempat")
    db.session.refresh(waiting)
    assert (waiting.status, taken.status) == (RegistrationStatus.CONFIRMED, RegistrationStatus.CONFIRMED)


def test_each_person_has_a_ticket_link_and_a_whatsapp_link(organizer, person):
    registration = person("Asep", phone="+6281234567890", nib="9120301234567")
    page = organizer.get(URL).text
    assert f'data-copy="http://localhost/t/{registration.token}"' in page
    link = page.split('href="https://wa.me/')[1].split('"')[0]
    assert link.startswith("6281234567890?text=")
    assert registration.token in link
    assert "9120301234567" not in link


def _sheet(answer):
    assert answer.status_code == 200
    rows = load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)
    return [tuple(v.isoformat() if isinstance(v, datetime) else v for v in row) for row in rows]


def test_the_download_holds_exactly_what_is_shown(organizer, make, db, event, person):
    event.sessions.append(EventSession(title="Siang", position=1))
    db.session.flush()
    person("Budi", region_code="36.73")
    asep = person(
        "Asep", business_name="Warung", product="Keripik", nib="0120301234567", region_code="36.04",
        address="Kp. Baru", phone="+6281234567890", email="asep@contoh.id", source=Source.PUBLIC,
        created_at=datetime(2025, 5, 1, 1, 0, tzinfo=UTC),
    )  # fmt: skip
    make.attendance(asep, session=event.sessions[1], at=datetime(2025, 5, 15, 5, 30, tzinfo=UTC))
    db.session.commit()
    heads, *rows = _sheet(organizer.get(f"{URL}/unduh?region=36.04"))
    assert heads == (
        "No", "Nama", "Usaha", "Produk", "NIB", "Kabupaten/kota", "Alamat", "Telepon", "E-mail", "Status",
        "Hadir: Acara", "Hadir: Siang", "Sumber", "Terdaftar",
        "ID pendaftaran",
    )  # fmt: skip
    assert rows == [
        (1, "Asep", "Warung", "Keripik", "0120301234567", "Kab. Serang", "Kp. Baru", "0812-3456-7890",
         "asep@contoh.id", "Terdaftar", None, "2025-05-15T12:30:00", "Halaman publik",
         "2025-05-01T08:00:00", str(asep.id)),
    ]  # fmt: skip
    everybody = _sheet(organizer.get(f"{URL}/unduh?sort=-name"))
    assert [row[1] for row in everybody[1:]] == ["Budi", "Asep"]


def test_marks_of_the_programs_bounds_are_filtered_by_and_stand_in_the_download(organizer, make, db, event, person):
    person("Dalam")
    person("Luar", outside="region deadline")
    assert 'name="outside"' not in organizer.get(URL).text
    event.program, event.kind = make.program(event.organization), EventKind.DRIVE_DAY
    db.session.commit()
    assert '<option value="quota" selected>Melebihi kuota</option>' in organizer.get(f"{URL}?outside=quota").text
    heads, row = _sheet(organizer.get(f"{URL}/unduh?outside=any"))
    assert row[heads.index("Nama")] == "Luar"
    assert row[heads.index("Di luar ketentuan program")] == "Di luar wilayah program, Lewat tenggat"


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+62", "-1", "@SUM(A1)", "https://x.example"])
def test_a_name_never_becomes_a_formula_in_the_download(organizer, person, name):
    person(name)
    book = load_workbook(io.BytesIO(organizer.get(f"{URL}/unduh").data))
    cell = book.active["B2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (name, "s", None)


def test_more_than_a_page_is_downloaded_whole(organizer, make, db, event):
    for n in range(60):
        make.registration(event, name=f"Peserta {n:02}")
    db.session.commit()
    assert len(_sheet(organizer.get(f"{URL}/unduh?page=2"))) == 61


def test_the_registration_itself_is_a_row_or_the_list_at_that_row(organizer, person):
    registration = person("Asep")
    assert organizer.get(f"{URL}/{registration.id}", headers=HTMX).text.strip().startswith("<tr")
    assert organizer.get(f"{URL}/{registration.id}").headers["Location"] == f"{URL}#r-{registration.id}"


def test_nothing_was_left_out_of_the_correction_form(person):
    from halal.registrations.forms import CorrectionForm
    from halal.registrations.services import Details

    assert set(CorrectionForm.FIELDS) == set(Details.__dataclass_fields__)
    assert isinstance(person(), Registration)
