"""The ticket: one person's private page, with all an attendee can do about a registration."""

import html
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from halal import qr
from halal.certificates.models import Certificate, CertificateKind, CertificateStatus
from halal.events.models import EventStatus
from halal.registrations import letters, services
from halal.registrations.models import Consent, Registration, RegistrationStatus, Source
from halal.registrations.services import Details
from tests.certificates import hall

NIB = "1234567890123"
CHANGED = {"name": "Siti Aminah, S.E.", "phone": "081299998888", "region_code": "36.73"}


@pytest.fixture
def register(db):
    def register(event, name="Siti Aminah", **details):
        cleaned = services.clean(Details(name=name, **details), event)
        registration = services.register(event, cleaned, source=Source.PUBLIC)
        db.session.commit()
        return registration

    return register


def words(answer):
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def test_a_ticket_shows_who_is_expected_where_and_when(client, make, register):
    start = datetime(2030, 5, 15, 1, 0, tzinfo=UTC)
    event = make.event(
        title="Sosialisasi Halal", venue="Aula", starts_at=start, ends_at=start + timedelta(hours=4),
        timezone="Asia/Makassar", region_code="64.74",
    )  # fmt: skip
    page = words(client.get(f"/t/{register(event).token}"))
    for text in ("Siti Aminah", "Sosialisasi Halal", "Aula", "Kota Bontang", "Rabu, 15 Mei 2030", "09.00–13.00 WITA"):
        assert text in page


def test_the_qr_code_is_the_tickets_own_address(client, make, register):
    registration = register(make.event(), phone="081234567890", nib=NIB)
    address = letters.ticket_url(registration)
    assert address == f"http://localhost/t/{registration.token}"
    page = client.get(f"/t/{registration.token}").text
    assert re.search(r'<path[^>]* d="([^"]+)"', qr.svg(address))[1] in page
    assert qr.read(Image.open(io.BytesIO(qr.png(address)))) == [address]


def test_a_ticket_is_for_one_persons_eyes(client, make, register):
    token = register(make.event()).token
    for path in (f"/t/{token}", f"/t/{token}/ubah", f"/t/{token}/kalender.ics"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert "noindex" in headers["X-Robots-Tag"]


@pytest.mark.parametrize("token", ["tidakadatidakadatidaka", "x", "a%00b" * 5, "é" * 20, "..", "' OR 1=1 --aaaaaaaa"])
def test_a_ticket_that_does_not_exist_is_not_found(client, make, token):
    for rest in ("", "/ubah", "/kalender.ics"):
        assert client.get(f"/t/{token}{rest}").status_code == 404
    assert client.post(f"/t/{token}/batal").status_code == 404


def test_a_ticket_of_another_event_is_its_own_ticket(client, make, register):
    one, other = register(make.event(title="Kegiatan A")), register(make.event(title="Kegiatan B"))
    assert "Kegiatan B" not in client.get(f"/t/{one.token}").text
    assert "Kegiatan B" in client.get(f"/t/{other.token}").text


def test_a_ticket_goes_to_the_persons_own_whatsapp_without_nib(client, make, register):
    registration = register(make.event(title="Sosialisasi"), phone="081234567890", nib=NIB)
    page = client.get(f"/t/{registration.token}").text
    link = html.unescape(re.search(r'href="(https://wa\.me/[^"]+)"', page)[1])
    assert link.startswith("https://wa.me/6281234567890?text=Sosialisasi%0A")
    assert f"%2Ft%2F{registration.token}" in link
    assert NIB not in page


def test_data_can_be_corrected_and_the_ticket_stays(db, client, make, register):
    registration = register(make.event(), phone="081234567890", address="Jl. Mawar", note="kursi roda")
    token = registration.token
    form = client.get(f"/t/{token}/ubah").text
    assert 'value="Siti Aminah"' in form
    assert 'value="0812-3456-7890"' in form
    assert client.post(f"/t/{token}/ubah", data=CHANGED).status_code == 303
    db.session.expire_all()
    assert (registration.name, registration.phone) == ("Siti Aminah, S.E.", "+6281299998888")
    assert (registration.token, registration.address, registration.note) == (token, "Jl. Mawar", "kursi roda")


def test_a_wrong_correction_is_refused_and_kept(client, make, register):
    token = register(make.event()).token
    answer = client.post(f"/t/{token}/ubah", data={**CHANGED, "phone": "belum ada"})
    assert answer.status_code == 422
    assert "bukan nomor telepon" in words(answer)
    assert 'value="Siti Aminah, S.E."' in answer.text


def test_nobody_becomes_somebody_else(client, make, register):
    event = make.event()
    register(event, "Dewi", nib=NIB)
    answer = client.post(f"/t/{register(event).token}/ubah", data={**CHANGED, "nib": NIB})
    assert answer.status_code == 409
    assert "NIB ini sudah terdaftar" in words(answer)


def test_the_consent_to_photos_can_be_given_and_withdrawn(db, client, make, register):
    token = register(make.event()).token
    client.post(f"/t/{token}/ubah", data={**CHANGED, "photos": "y"})
    consent = db.session.scalar(select(Consent))
    assert (consent.purpose, consent.withdrawn_at) == ("photos", None)
    assert re.search(r'<input[^>]*checked[^>]*name="photos"', client.get(f"/t/{token}/ubah").text)
    client.post(f"/t/{token}/ubah", data=CHANGED)
    db.session.expire_all()
    assert consent.withdrawn_at is not None


def test_cancelling_gives_the_place_to_the_next_in_line(db, client, make, register):
    event = make.event(capacity=1)
    first, second = register(event), register(event, "Dewi")
    assert "Daftar tunggu, nomor 1" in words(client.get(f"/t/{second.token}"))
    answer = client.post(f"/t/{first.token}/batal", follow_redirects=True)
    assert "Pendaftaran ini sudah dibatalkan" in words(answer)
    assert 'class="qr"' not in answer.text
    assert 'class="qr"' in client.get(f"/t/{second.token}").text


def test_a_cancelled_ticket_stays_so_and_a_second_tap_says_the_same(db, client, make, register):
    token = register(make.event()).token
    client.post(f"/t/{token}/batal")
    assert client.get(f"/t/{token}/ubah").location == f"/t/{token}"
    again = client.post(f"/t/{token}/batal", follow_redirects=True)
    assert again.status_code == 200
    assert "Pendaftaran ini sudah dibatalkan" in words(again)


@pytest.mark.parametrize("values", [{"starts_at": datetime.now(UTC) - timedelta(minutes=1)},
                                    {"status": EventStatus.FINISHED}])  # fmt: skip
def test_once_the_event_begins_the_attendee_changes_nothing(db, client, make, register, values):
    event = make.event()
    registration = register(event)
    for name, value in values.items():
        setattr(event, name, value)
    db.session.commit()
    token = registration.token
    assert "/ubah" not in client.get(f"/t/{token}").text
    for method, rest in (("GET", "ubah"), ("POST", "ubah"), ("POST", "batal")):
        late = client.open(f"/t/{token}/{rest}", method=method, data=CHANGED)
        assert late.location == f"/t/{token}"
        assert words(client.get(late.location)).count("Data tidak dapat diubah lagi") == 2
    db.session.expire_all()
    assert registration.status == RegistrationStatus.CONFIRMED


def test_a_cancelled_event_is_said_on_the_ticket_with_its_reason(db, client, make, register):
    event = make.event()
    token = register(event).token
    event.status, event.cancel_reason = EventStatus.CANCELLED, "Narasumber berhalangan."
    db.session.commit()
    page = client.get(f"/t/{token}")
    assert "Narasumber berhalangan." in words(page)
    assert 'class="qr"' not in page.text


def test_the_calendar_entry_is_what_calendars_read(client, make, register):
    start = datetime(2030, 5, 15, 1, 0, tzinfo=UTC)
    event = make.event(
        title="Sosialisasi; halal, " + "panjang sekali é" * 8, venue="Aula, lantai 2", address="Jl. Mawar\r\nNo. 5",
        starts_at=start, ends_at=start + timedelta(hours=4),
    )  # fmt: skip
    registration = register(event)
    answer = client.get(f"/t/{registration.token}/kalender.ics")
    assert answer.mimetype == "text/calendar"
    lines = answer.data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    unfolded = answer.data.replace(b"\r\n ", b"").decode().split("\r\n")
    assert "DTSTART:20300515T010000Z" in unfolded
    assert "DTEND:20300515T050000Z" in unfolded
    assert f"SUMMARY:Sosialisasi\\; halal\\, {'panjang sekali é' * 8}" in unfolded
    assert "LOCATION:Aula\\, lantai 2\\, Jl. Mawar\\, No. 5\\, Kota Serang" in unfolded
    assert f"URL:http://localhost/t/{registration.token}" in unfolded
    assert "Siti" not in answer.text


def test_certificates_that_are_valid_are_listed(db, client, make, register):
    event = make.event()
    registration = register(event)
    for seq, status in enumerate((CertificateStatus.VALID, CertificateStatus.REVOKED), 1):
        make.add(Certificate(
            organization_id=event.organization_id, event_id=event.id, registration_id=registration.id,
            kind=CertificateKind.ATTENDANCE, status=status, year=2030, seq=seq, number=f"00{seq}/SERT/V/2030",
            recipient="Siti Aminah", issued_on=date(2030, 5, 16), snapshot={}, pdf_file="x", pdf_sha256="x",
        ))  # fmt: skip
    db.session.commit()
    page = client.get(f"/t/{registration.token}").text
    assert "001/SERT/V/2030" in page
    assert "002/SERT/V/2030" not in page


def test_a_ticket_that_moved_up_may_come_to_the_event(db, client, make, register):
    event = make.event(capacity=1)
    register(event)
    waiting = register(event, "Dewi", email="dewi@uji.example")
    event.capacity = 2
    services.promote_waiting(event)
    db.session.commit()
    assert "Terdaftar" in words(client.get(f"/t/{waiting.token}"))
    assert db.session.scalar(select(Registration.status).where(Registration.id == waiting.id)) == "confirmed"


def test_after_the_event_the_ticket_thanks_and_is_no_entrance_ticket(client, make, db):
    event = hall.past_event(make, venue="Aula Contoh")
    event.organization.phone = "0254 200123"
    siti = hall.present(make, event, "Siti")
    away = make.registration(event)
    db.session.commit()
    page = client.get(f"/t/{siti.token}").text
    assert "Terima kasih atas kehadiran" in page
    for part in ("Tunjukkan", "kalender.ics"):
        assert part not in page
    for part in (f"/kegiatan/{event.slug}", "0254 200123", "google.com/maps"):
        assert part in page
    assert "Terima kasih sudah mendaftar" in client.get(f"/t/{away.token}").text
