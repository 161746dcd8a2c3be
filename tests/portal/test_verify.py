"""The verification page: what is printed, whether it counts, whether a file was changed; and nothing to guess."""

import io

import pytest

from halal import clock
from halal.certificates.models import CertificateKind
from halal.certificates.services import bundle, ending, lookup
from halal.extensions import db as database
from halal.registrations.models import Registration
from tests.certificates import hall
from tests.conftest import make_app


@pytest.fixture
def certificate(make, db):
    event = hall.past_event(make, title="Sosialisasi Halal", venue="Aula Dinas")
    hall.present(make, event, "Nurul 'Aini, S.E.", business_name="Keripik Barokah", phone="+6281234567890",
                 email="nurul@rahasia.example", nib="1234567890123")  # fmt: skip
    hall.issue_all(event)
    return lookup.valid(event, CertificateKind.ATTENDANCE)[0]


def upload(client, code, content):
    answer = client.post(f"/v/{code}", data={"file": (io.BytesIO(content), "a.pdf")})
    answer.request.environ["wsgi.input"].close()  # the test client keeps large bodies in a file
    return answer


def test_it_shows_everything_that_is_printed_and_that_it_counts(client, certificate):
    page = client.get(f"/v/{certificate.code}")
    assert page.status_code == 200
    for part in ("Asli dan berlaku", "Nurul &#39;Aini, S.E.", "Keripik Barokah", "Peserta", "Sosialisasi Halal",
                 "Kamis, 15 Mei 2025", "Aula Dinas, Kota Serang", certificate.number, hall.HEAD.name, hall.HEAD.title,
                 hall.HEAD.nip, "UPTD Balai", "Serang, 15 Mei 2025", "localhost"):  # fmt: skip
        assert part in page.text, part


def test_it_shows_nothing_that_is_not_printed(client, certificate):
    text = client.get(f"/v/{certificate.code}").text
    for secret in ("81234567890", "0812", "rahasia.example", "1234567890123", str(certificate.registration_id)):
        assert secret not in text


def test_search_engines_and_caches_stay_out(client, certificate):
    for path in (f"/v/{certificate.code}", "/v/tidakada", f"/v/{certificate.code}/sertifikat.pdf"):
        headers = client.get(path).headers
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Cache-Control"] == "no-store"


def test_a_code_may_be_typed_in_any_way(client, certificate):
    code = certificate.code
    for typed in (code.upper(), f"{code[:5]} {code[5:]}", f"{code[:10]}-{code[10:]}", f" {code.replace('0', 'O')} "):
        answer = client.get("/v/", query_string={"code": typed})
        assert answer.headers["Location"] == f"/v/{code}"
    wide = "".join(chr(ord(ch) + 0xFEE0) for ch in code.upper())
    addresses = f"http://localhost/v/{code}", f"localhost/V/{code.upper()}#{'A' * 300}", f"/v/{code}/sertifikat.pdf"
    letters = wide, code.replace("1", "I"), code.replace("1", "l"), f"{code[:5]}_{code[5:9]}.{code[9:]}\u2060"
    for typed in (*addresses, *letters):
        assert client.get("/v/", query_string={"code": typed}).headers["Location"] == f"/v/{code}"
    assert client.get(f"/v/{code.upper()}").status_code == 200


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("0" * 26, "Tidak ada sertifikat dengan kode ini"),
        ("tidakada", "Kode ini belum lengkap"),
        ("k", "Kode ini belum lengkap"),
        ("' OR 1=1 --", "Kode ini belum lengkap"),
        ("x" * 27, "Kode ini terlalu panjang"),
        ("x" * 500, "Kode ini terlalu panjang"),
        ("u" * 26, "Kode ini salah ketik"),
        ("<script>ü", "Kode ini salah ketik"),
        ("é" * 30, "Kode ini salah ketik"),
        ("%7F%C2", "Kode ini"),
    ],
)
def test_a_code_that_no_certificate_has_is_a_404_that_says_why_with_the_form_to_type_again(
    client, certificate, code, answer
):
    page = client.get(f"/v/{code}")
    assert page.status_code == 404
    assert answer in page.text
    assert "bukan dari sini" not in page.text
    assert 'name="code"' in page.text
    assert "<script>" not in page.text


def test_half_a_code_is_incomplete_and_letters_that_no_code_has_are_named(client, certificate):
    code = certificate.code
    half = client.get("/v/", query_string={"code": code[:13]})
    assert "Kode yang diketik 13 karakter; kode lengkap 26 karakter." in half.text
    assert f'value="{code[:13]}"' in half.text
    strange = client.get("/v/", query_string={"code": f"u{code[1:12]}ñ{code[13:]}"}).text
    assert "Tidak ada kode yang memuat “U”, “Ñ”" in strange
    wrong = client.get("/v/", query_string={"code": "0" * 26}, follow_redirects=True).text
    assert "Tidak ada sertifikat dengan kode ini" in wrong
    assert "tanyakan kepada kantor" in wrong


@pytest.mark.parametrize("typed", ["", "   ", "!!!"])
def test_an_empty_form_is_shown_again(client, db, typed):
    assert client.get("/v/", query_string={"code": typed}).status_code in {200, 404}


def test_a_revoked_certificate_answers_with_date_and_reason(client, certificate, db):
    ending.revoke(certificate, "salah orang")
    db.session.commit()
    page = client.get(f"/v/{certificate.code}")
    assert page.status_code == 200
    assert "Dicabut" in page.text
    assert "salah orang" in page.text
    assert "Asli dan berlaku" not in page.text
    assert client.get(f"/v/{certificate.code}/sertifikat.pdf").status_code == 404


def test_a_replaced_certificate_names_its_successor(client, certificate, db):
    new = hall.replace(certificate, "Nurul 'Aini, S.E., M.M.", "", "gelar")
    db.session.commit()
    page = client.get(f"/v/{certificate.code}")
    assert "Diganti" in page.text
    assert f"/v/{new.code}" in page.text
    assert "M.M." in client.get(f"/v/{new.code}").text


def test_the_page_keeps_what_was_printed_when_the_event_is_renamed(client, certificate, db):
    certificate.event.title = "Judul Baru"
    db.session.commit()
    page = client.get(f"/v/{certificate.code}").text
    assert "Sosialisasi Halal" in page
    assert "Judul Baru" not in page


def test_an_uploaded_file_is_genuine_or_changed_by_a_single_byte(client, certificate):
    pdf = bundle.content(certificate)
    assert "Asli, tidak berubah" in upload(client, certificate.code, pdf).text
    flipped = bytearray(pdf)
    flipped[len(pdf) // 2] ^= 1
    for changed in (bytes(flipped), pdf + b"\n", b"%PDF-1.7 lain"):
        answer = upload(client, certificate.code, changed).text
        assert "Berubah" in answer
        assert "Asli, tidak berubah" not in answer


def test_a_genuine_file_of_a_revoked_certificate_says_both(client, certificate, db):
    pdf = bundle.content(certificate)
    ending.revoke(certificate, "salah orang")
    db.session.commit()
    answer = upload(client, certificate.code, pdf).text
    assert "Asli, tidak berubah" in answer
    assert "sudah tidak berlaku" in answer


def test_an_upload_without_file_or_too_large_is_told_so(client, certificate):
    assert upload(client, certificate.code, b"").status_code == 422
    assert client.post(f"/v/{certificate.code}").status_code == 422
    assert upload(client, certificate.code, b"x" * (5 * 1024 * 1024 + 1)).status_code == 422
    assert upload(client, "tidakada", b"x").status_code == 404


def test_whoever_has_the_code_downloads_the_issued_file(client, certificate):
    answer = client.get(f"/v/{certificate.code}/sertifikat.pdf")
    assert answer.data == bundle.content(certificate)
    assert "Nurul 'Aini, S.E. - Keripik Barokah.pdf" in answer.headers["Content-Disposition"]


def test_the_ticket_leads_its_owner_to_the_certificate(client, certificate, db):
    token = db.session.get(Registration, certificate.registration_id).token
    assert f"/v/{certificate.code}" in client.get(f"/t/{token}").text


def test_guessing_codes_is_slowed_down(new_database, tmp_path):
    app = make_app(tmp_path, new_database("sqlite"), RATELIMIT_ENABLED=True)
    with app.app_context():
        database.create_all()
        with clock.stopped_at(clock.now()):
            answers = [app.test_client().get(f"/v/{number}").status_code for number in range(61)]
        database.session.remove()
        database.engine.dispose()
    assert (answers[0], answers[-1]) == (404, 429)
