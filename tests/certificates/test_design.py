"""What comes out on paper: words, code, tags; read back from the PDF and from its picture."""

import io
import itertools
import subprocess

import pikepdf
import pytest
from PIL import Image
from pypdf import PdfReader

from halal import pdf as renderer
from halal import qr
from halal.certificates import compose, wording
from halal.certificates.models import CertificateKind
from halal.certificates.services import planning
from halal.events.models import EventRole
from tests.certificates import hall


def drawn(event, how, values: dict | None = None, code: str | None = None) -> tuple[dict, bytes]:
    """The snapshot and PDF of the first candidate."""
    candidate = planning.candidates(event, how.kind)[0]
    texts = wording.complete(
        planning.slots(event, how, candidate), number="500/007/BPTSI/V/2025", code="0" * 26, base_url=how.base_url
    )
    snapshot = {**texts, **(values or {})}
    return snapshot, compose.render(snapshot, qr_text=code)


def words(pdf: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def picture(pdf: bytes, dpi: int) -> Image.Image:
    png = subprocess.run(["pdftoppm", "-r", str(dpi), "-png", "-"], input=pdf, capture_output=True, check=True).stdout
    return Image.open(io.BytesIO(png))


def places(pdf: bytes) -> list[tuple[str, float, float, float, float]]:
    """Every word with its box in millimetres."""
    html = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    found = []
    for line in html.splitlines():
        if line.strip().startswith("<word"):
            parts = line.split('"')
            found.append((line.split(">")[1].split("<")[0], *(float(parts[i]) / 72 * 25.4 for i in (1, 3, 5, 7))))
    return found


@pytest.fixture
def event(make):
    return hall.past_event(make, title="Sosialisasi Sertifikasi Halal", venue="Aula Dinas")


def test_an_attendance_certificate_says_all_of_it(make, event):
    hall.present(make, event, "Nurul 'Aini", business_name="Keripik Barokah", region_code="36.04")
    snapshot, pdf = drawn(event, hall.issue())
    text = words(pdf)
    for part in ("SERTIFIKAT", "Nomor: 500/007/BPTSI/V/2025", "diberikan kepada", "Nurul 'Aini", "PESERTA",
                 "Keripik Barokah, Kab. Serang", "Sosialisasi Sertifikasi Halal", "Kamis, 15 Mei 2025",
                 "Aula Dinas, Kota Serang", "Serang, 15 Mei 2025", hall.HEAD.name, hall.HEAD.title,
                 f"NIP {hall.HEAD.nip}", "halal.contoh.go.id/v/", "DINAS PERINDUSTRIAN"):  # fmt: skip
        assert part in text, part
    assert snapshot["url"] == f"{hall.BASE_URL}/v/{'0' * 26}"


def test_the_qr_is_read_from_a_picture_at_150_dots_per_inch(make, event):
    hall.present(make, event, "Siti")
    for design, orientation in itertools.product(("attendance", "speaker", "award"), ("landscape", "portrait")):
        snapshot, pdf = drawn(event, hall.issue(), {"design": design, "orientation": orientation})
        assert qr.read(picture(pdf, 150)) == [snapshot["url"]], design


def test_only_our_own_fonts_draw_it(make, event):
    hall.present(make, event, "I Gusti Ngurah Agung Gdé Ḥasan Muʼmin Ṭāhir, S.E.")
    fonts = subprocess.run(["pdffonts", "-"], input=drawn(event, hall.issue())[1], capture_output=True, check=True)
    names = [line.split()[0].partition("+")[2] for line in fonts.stdout.decode().splitlines()[2:]]
    assert names
    assert all(name.startswith(("display", "reading", "jakarta")) for name in names), names


def test_no_certificate_claims_a_certified_signature(make, event):
    hall.present(make, event, "Siti")
    assert "BSrE" not in words(drawn(event, hall.issue())[1])


@pytest.mark.parametrize("role", list(EventRole))
def test_a_speaker_certificate_names_role_and_title(make, event, role):
    hall.on_stage(make, event, "Agus Humaedi, S.H., M.H.", role, "Ketua BPSH KAHMI Banten")
    snapshot, pdf = drawn(event, hall.issue(CertificateKind.SPEAKER))
    assert snapshot["role"].upper() in words(pdf)
    assert "Ketua BPSH KAHMI Banten" in words(pdf)


def test_an_award_of_an_outside_issuer_carries_its_name_signatory_and_number(make, event):
    hall.award(make, event, "Pemerintah Kota Bontang", received_by="Riza Pahlevi, S.E.", issuer="MUI Provinsi Kaltim",
               signatory_name="Drs. K.H. Hamri Haz", signatory_title="Ketua Umum", number="012/MUI/V/2015")  # fmt: skip
    candidate = planning.candidates(event, CertificateKind.AWARD)[0]
    how = hall.issue(CertificateKind.AWARD, signers=())
    snapshot = wording.complete(planning.slots(event, how, candidate), number="1", code="0" * 26,
                                base_url=how.base_url, own_number=candidate.award.number)  # fmt: skip
    text = words(compose.render(snapshot))
    for part in ("PIAGAM PENGHARGAAN", "MUI PROVINSI KALTIM", "Drs. K.H. Hamri Haz", "Nomor: 012/MUI/V/2015",
                 "diterima oleh Riza Pahlevi", "sebagai kota peduli produk halal"):  # fmt: skip
        assert part in text, part
    assert event.organization.name.upper() not in text


@pytest.mark.parametrize(
    ("typed", "printed"),
    [("kota peduli halal", "sebagai kota peduli halal"), ("atas jasanya", "atas jasanya"), ("", "")],
)
def test_a_citation_is_joined_to_the_name(make, event, typed, printed):
    row = hall.award(make, event, "Kota", citation=typed)
    how = hall.issue(CertificateKind.AWARD)
    assert wording.for_award(event, how, row, wording.common(event, how))["citation"] == printed


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "{{ 7*7 }}", '"Kutip" & Co', "<img src=asset:frame>", "{% x"]
)
def test_hostile_names_are_printed_as_they_are(make, event, name):
    hall.present(make, event, name)
    assert name in words(drawn(event, hall.issue())[1])


def test_nothing_but_our_own_pictures_can_be_fetched(make, event):
    with pytest.raises(renderer.AssetRefused):
        renderer.render('<img src="http://169.254.169.254/">', "")
    with pytest.raises(renderer.AssetRefused):
        renderer.render('<img src="asset:other">', "")


LONG = {
    "recipient": "Prof. Dr. Ir. H. Raden Mas Muhammad Abdurrahman Kusumaningrat Sastrawidjaja, S.T., M.T., Ph.D., IPU.",
    "detail": "Koperasi Produsen Aneka Makanan dan Minuman Kemasan Sejahtera Bersama, Kab. Hulu Sungai Selatan",
    "event": "Rapat Koordinasi Percepatan Fasilitasi Sertifikasi Halal bagi Pelaku Usaha Mikro dan Kecil se-Provinsi",
    "signatories": [{"name": "Prof. Dr. H. Muhammad Abdurrahman, S.T., M.M.",
                     "title": "Kepala Bidang Pembinaan dan Pengembangan Koperasi dan Usaha Kecil", "nip": "1"}] * 3,
}  # fmt: skip


@pytest.mark.parametrize("design", ["attendance", "speaker", "award"])
def test_the_longest_texts_stay_on_one_page_inside_the_frame_and_apart_from_the_signatures(make, event, design):
    hall.present(make, event, "Siti")
    _snapshot, pdf = drawn(event, hall.issue(), {**LONG, "design": design})
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    found = places(pdf)
    left = 42 if design == "speaker" else 18
    assert all(x0 > left and x1 < 280 and y0 > 15 and y1 < 197 for _word, x0, y0, x1, y1 in found)
    signing = min(y0 for word, _x0, y0, _x1, _y1 in found if word == "2025" and y0 > 135)
    middle = [y1 for word, _x0, _y0, _x1, y1 in found if word in {"diselenggarakan", "kegiatan", "Kemasan"}]
    assert max(middle) < signing
    names = sorted(y0 for word, _x0, y0, _x1, _y1 in found if word == "Kusumaningrat" or word.startswith("Sastra"))
    number = next(y1 for word, _x0, _y0, _x1, y1 in found if word.startswith("Nomor"))
    assert names[0] > number


def test_the_pdf_is_an_accessible_archive_in_indonesian(make, event):
    hall.present(make, event, "Siti Aminah")
    _snapshot, content = drawn(event, hall.issue())
    with pikepdf.open(io.BytesIO(content)) as pdf:
        with pdf.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
        assert str(pdf.Root.Lang) == "id"
        assert pdf.Root.MarkInfo.Marked
        assert "/StructTreeRoot" in pdf.Root
        assert "/OutputIntents" in pdf.Root
        assert "/ID" in pdf.trailer
        assert "Siti Aminah" in str(pdf.docinfo["/Title"])


def test_a_snapshot_is_all_that_a_page_needs(make, event):
    hall.present(make, event, "Siti")
    snapshot, pdf = drawn(event, hall.issue())
    event.title = "Judul baru"
    event.organization.name = "Kantor baru"
    assert words(compose.render(snapshot)) == words(pdf)
    assert all(isinstance(value, (str, list, type(None))) for value in snapshot.values())
