"""Registering on a phone without an account: what is asked, what is refused and how, nothing typed is lost."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from halal.events.models import EventStatus
from halal.messages.models import Mail
from halal.registrations.models import Consent, Registration, RegistrationStatus

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
NIB = "1234567890123"
GOOD = {"name": "Siti Aminah", "phone": "0812-3456 7890", "region_code": "36.04", "consent": "y"}


def address(event):
    return f"/kegiatan/{event.slug}/daftar"


def send(client, event, **fields):
    return client.post(address(event), data={**GOOD, **fields})


def registered(db, event):
    return db.session.scalars(select(Registration).where(Registration.event_id == event.id)).all()


def words(answer):
    """What a person reads on the page."""
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def test_a_short_form_gives_a_place_and_a_ticket(db, client, make):
    event = make.event(capacity=3)
    answer = send(client, event, business_name="Keripik Siti", nib="1234 5678 90123", product="Keripik")
    [registration] = registered(db, event)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/t/{registration.token}"
    assert (registration.phone, registration.nib) == ("+6281234567890", NIB)
    assert registration.status == RegistrationStatus.CONFIRMED
    assert registration.source == "public"


def test_the_form_says_what_the_data_is_for_and_keeps_the_consent_with_its_version(db, client, make):
    event = make.event(make.organization(name="UPTD Uji", phone="0254 123456"))
    page = words(client.get(address(event)))
    assert "UU No. 27 Tahun 2022" in page
    assert "UPTD Uji memakai nama" in page
    assert "0254 123456" in page
    send(client, event, photos="y")
    consents = db.session.scalars(select(Consent).order_by(Consent.purpose)).all()
    assert [(c.purpose, c.text_version, c.channel) for c in consents] == [
        ("photos", "2026-11/id", "public"),
        ("registration", "2026-11/id", "public"),
    ]


def test_photos_are_a_choice_of_their_own(db, client, make):
    send(client, make.event())
    assert db.session.scalars(select(Consent.purpose)).all() == ["registration"]


def test_without_consent_nobody_is_registered(db, client, make):
    event = make.event()
    answer = client.post(address(event), data={k: v for k, v in GOOD.items() if k != "consent"})
    assert answer.status_code == 422
    assert "Centang persetujuan" in words(answer)
    assert registered(db, event) == []


def test_a_given_e_mail_gets_the_ticket(db, client, make):
    event = make.event(title="Sosialisasi Halal")
    send(client, event, email="siti@uji.example", nib=NIB)
    [registration] = registered(db, event)
    mail = db.session.scalar(select(Mail))
    assert mail.recipient == "siti@uji.example"
    assert mail.subject == "Pendaftaran: Sosialisasi Halal"
    assert f"http://localhost/t/{registration.token}" in mail.body
    assert NIB not in mail.body


def test_the_same_form_sent_twice_gives_one_registration_and_the_same_ticket(db, client, make):
    event = make.event()
    form = client.get(address(event)).text
    submission_id = re.search(r'name="submission_id"[^>]*value="([^"]+)"', form)[1]
    first, second = (send(client, event, submission_id=submission_id) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(registered(db, event)) == 1


def test_each_form_has_a_number_of_its_own(client, make):
    event = make.event()
    numbers = {
        re.search(r'name="submission_id"[^>]*value="([^"]+)"', client.get(address(event)).text)[1] for _ in range(2)
    }
    assert len(numbers) == 2


def test_a_full_event_says_so_and_waits_only_for_those_who_ask(db, client, make):
    event = make.event(capacity=1)
    send(client, event, name="Satu", phone="")
    assert "Semua tempat sudah terisi" in words(client.get(address(event)))
    answer = send(client, event)
    assert answer.status_code == 422
    assert "Semua tempat sudah terisi" in words(answer)
    assert 'value="Siti Aminah"' in answer.text
    assert len(registered(db, event)) == 1
    ticket = client.post(address(event), data={**GOOD, "waiting": "1"}, follow_redirects=True)
    assert "Daftar tunggu, nomor 1" in words(ticket)
    assert "<svg" in ticket.text
    assert 'class="qr"' not in ticket.text


def test_a_full_event_without_a_waiting_list_has_no_form(client, make):
    event = make.event(capacity=1, waiting_list=False)
    send(client, event, name="Satu", phone="")
    page = client.get(address(event))
    assert "Semua tempat sudah terisi" in words(page)
    assert 'name="phone"' not in page.text


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"registration_opens_at": NOW + DAY}, "Pendaftaran belum dibuka"),
        ({"registration_closes_at": NOW - DAY}, "Pendaftaran sudah ditutup"),
        ({"status": EventStatus.CANCELLED}, "Dibatalkan"),
        ({"status": EventStatus.FINISHED}, "Kegiatan ini sudah selesai"),
        ({"starts_at": NOW - 2 * DAY, "ends_at": NOW - DAY}, "Kegiatan ini sudah selesai"),
        ({"public_registration": False}, "didaftarkan oleh penyelenggara"),
    ],
)
def test_an_event_that_takes_nobody_says_why(db, client, make, values, sentence):
    event = make.event(**values)
    page = client.get(address(event))
    assert page.status_code == 200
    assert 'name="phone"' not in page.text
    answer = send(client, event)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert registered(db, event) == []


def test_a_draft_is_not_there(client, make):
    event = make.event(status=EventStatus.DRAFT)
    assert client.get(address(event)).status_code == 404
    assert send(client, event).status_code == 404


@pytest.mark.parametrize("second", [{}, {"phone": "", "name": "Orang Lain"}, {"nib": "", "phone": "+62 812 3456 7890"}])
def test_who_is_registered_is_told_so_without_getting_at_the_ticket(db, client, make, second):
    event = make.event()
    send(client, event, nib=NIB, email="siti@uji.example")
    answer = send(client, event, **{"nib": NIB, **second})
    [registration] = registered(db, event)
    assert answer.status_code == 422
    assert "sudah terdaftar" in words(answer)
    assert registration.token not in answer.text
    assert "siti@uji.example" not in answer.text
    assert "Location" not in answer.headers


def test_a_machine_that_fills_in_everything_is_not_registered(db, client, make):
    event = make.event()
    answer = send(client, event, website="https://spam.example")
    assert answer.status_code == 422
    assert 'value="Siti Aminah"' in answer.text  # a person whose browser did it loses nothing
    assert registered(db, event) == []


def test_a_form_whose_session_expired_is_kept_and_sent_again(app, db, client, make, monkeypatch):
    event = make.event()
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    monkeypatch.setitem(app.config, "WTF_CSRF_CHECK_DEFAULT", True)
    typed = {**GOOD, "name": 'Siti "Keripik" <b>', "csrf_token": "lama", "submission_id": "nomor-form", "photos": "y"}
    kept = client.post(address(event), data=typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert kept.status_code == 400
    assert registered(db, event) == []
    fields = {
        html.unescape(name): html.unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', kept.text)
    }
    assert fields["name"] == typed["name"]
    again = client.post(address(event), data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert again.status_code == 303
    [registration] = registered(db, event)
    assert registration.name == typed["name"]
    assert registration.submission_id == "nomor-form"


def test_another_site_cannot_send_the_form(app, db, client, make, monkeypatch):
    event = make.event()
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    monkeypatch.setitem(app.config, "WTF_CSRF_CHECK_DEFAULT", True)
    answer = client.post(address(event), data=GOOD, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400
    assert "Siti Aminah" not in answer.text
    assert registered(db, event) == []


def test_the_list_of_regions_is_short_and_knows_an_elsewhere(db, client, make):
    event = make.event(region_code="36.73")
    page = client.get(address(event)).text
    assert "Kab. Serang" in page
    assert "Kab. Aceh Selatan" not in page
    send(client, event, region_code="-")
    assert registered(db, event)[0].region_code is None


ACCEPTED_NAMES = ["X", "Á" * 150, 'O\'Neil "Ani" D’Cruz', "<script>alert(1)</script>", "Ani 🌸", "نور حياتي", "M."]
REFUSED_NAMES = ["", "   ", "A" * 151, "12345", "🌸", "\x00", "\u200b\u202e", "-"]


@pytest.mark.parametrize("name", ACCEPTED_NAMES)
def test_a_name_is_kept_exactly_as_typed(db, client, make, name):
    event = make.event()
    answer = client.post(address(event), data={**GOOD, "name": name}, follow_redirects=True)
    assert answer.status_code == 200
    assert registered(db, event)[0].name == name
    assert name in words(answer) or name.startswith("<")
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("name", REFUSED_NAMES)
def test_what_is_no_name_is_refused_in_words(db, client, make, name):
    event = make.event()
    answer = send(client, event, name=name)
    assert answer.status_code == 422
    assert "nama" in words(answer).lower()
    assert 'value="0812-3456 7890"' in answer.text
    assert registered(db, event) == []


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0812-3456 7890", "+6281234567890"),
        ("+62 812 3456 7890", "+6281234567890"),
        ("6281234567890", "+6281234567890"),
        ("81234567890", "+6281234567890"),
        ("(0254) 123-4567", "+622541234567"),
        ("", None),
        ("  ", None),
    ],
)
def test_a_phone_number_is_understood_as_people_write_it(db, client, make, typed, stored):
    event = make.event()
    assert send(client, event, phone=typed).status_code == 303
    assert registered(db, event)[0].phone == stored


@pytest.mark.parametrize("typed", ["belum ada", "0812", "08123456789012345", "+62", "-", "\x00", "0812x3456", "٠٨١٢"])
def test_what_is_no_phone_number_is_refused_in_words_and_kept(db, client, make, typed):
    event = make.event()
    answer = send(client, event, phone=typed)
    assert answer.status_code == 422
    assert "bukan nomor telepon" in words(answer)
    if typed.isprintable():
        assert html.escape(typed) in answer.text
    assert 'value="Siti Aminah"' in answer.text
    assert registered(db, event) == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("123456789012", "NIB harus 13 angka; yang Anda isi 12"),
        ("12345678901234", "NIB harus 13 angka; yang Anda isi 14"),
        ("1234567890123456", "NIK"),
        ("12345678901AB", "angka"),
        ("\x00" * 13, "angka"),
        ("１２３４５６７８９０１２３", "angka"),
    ],
)
def test_what_is_no_nib_is_refused_in_words(db, client, make, typed, sentence):
    event = make.event()
    answer = send(client, event, nib=typed)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'value="Siti Aminah"' in answer.text
    assert registered(db, event) == []


def test_a_needed_nib_that_is_missing_is_asked_for(client, make):
    answer = send(client, make.event(requires_nib=True), nib="")
    assert answer.status_code == 422
    assert "memerlukan NIB" in words(answer)


@pytest.mark.parametrize("code", ["", "99.99", "36", "x" * 5000, "36.04\x00", "' OR 1=1"])
def test_a_region_that_does_not_exist_is_refused(db, client, make, code):
    event = make.event()
    answer = send(client, event, region_code=code)
    if code.startswith("36.04"):  # an invisible character is no reason to refuse
        assert registered(db, event)[0].region_code == "36.04"
        return
    assert answer.status_code == 422
    assert "Pilih kabupaten/kota dari daftar" in words(answer)
    assert registered(db, event) == []


@pytest.mark.parametrize("field", ["business_name", "product", "email", "name"])
def test_a_text_that_is_far_too_long_is_refused_and_kept(db, client, make, field):
    event = make.event()
    answer = send(client, event, **{field: "a" * 20_000})
    assert answer.status_code == 422
    assert "a" * 20_000 in answer.text
    assert registered(db, event) == []


@pytest.mark.parametrize("field", ["business_name", "product", "submission_id", "consent_version", "waiting", "email"])
def test_null_bytes_do_no_harm(db, client, make, field):
    event = make.event()
    assert send(client, event, **{field: "a\x00b"}).status_code in {303, 422}
    assert send(client, event, name="Dewi", phone="", **{field: "\x00"}).status_code in {303, 422}


@pytest.mark.parametrize("path", ["/kegiatan/a%00b", "/kegiatan/a%00b/daftar", "/kegiatan?q=a%00b", "/berita/%00"])
def test_an_address_with_a_null_byte_leads_nowhere(client, path):
    assert client.get(path).status_code == 404


def test_everything_wrong_is_said_at_once(client, make):
    answer = send(client, make.event(), name="", phone="belum ada", nib="1", region_code="", email="siti@", consent="")
    assert answer.status_code == 422
    summary = answer.text[answer.text.index("error-summary") :]
    summary = summary[: summary.index("</ul>")]
    assert summary.count("<li>") == 6
