"""A filled certificate is the one that WeasyPrint renders for that person: to the eye, to a reader, to a machine."""

import io
import json
import logging
import random
import re
from collections import OrderedDict

import pikepdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops

from halal import qr
from halal.certificates import compose, credential, press, wording
from halal.certificates.models import CertificateKind
from halal.certificates.services import bundle, issuing, lookup
from tests.amounts import amount
from tests.certificates import hall

DPI = 150
LONG = "https://halal.contoh.go.id/v/0123456789abcdefghjkmnpqrs#" + ("eyJhbGciOiJFZERTQSJ9.c2VydGlmaWthdA_-" * 12)
LONG = LONG[:450]  # an address and a signed payload
NAMES = [
    "Adi", "Suharto", "Nurul 'Aini", "Nurul ‘Aini", "I Gusti Ngurah Agung Gdé", "Ngurah Agung Gdé",
    "Muʼmin Ḥasan Ṣāliḥ", "Agus Humaedi, S.H., M.H.", "Syarifudin Afifah, S.Fil.", "Çağla Øster Łukasz ßen",
    "AVATAR Yoga Toba", "W" * 26, "Ni Luh Putu Éva",
    "Prof. Dr. Ir. H. Raden Mas Muhammad Abdurrahman Kusumaningrat, S.T., M.T., M.M., Ph.D., IPU.",
    "Prof. Dr. Ir. H. Raden Mas Muhammad Abdurrahman Kusumaningrat Sastrawidjaja, S.T., M.T., M.M., Ph.D., IPU. ASEAN.",
    "Raden Mas Muhammad Abdurrahman Kusumaningrat, S.T., M.T., M.M., Ph.D., IPU., ASEAN Eng., CPA.",
    "Siti " * 23 + "Aminah", "Dewi Wulan Mega Widya " * 5, "H.M. (Cand.) “Kang” Asep – 2025/01 & Co. #1 @ 50%",
    "Forum Komunikasi\nPelaku Usaha Mikro\nMakanan Kemasan\nKota Bontang", "Dinas Koperasi\ndan UKM",
    "Kelompok Tani\nMaju\nJaya", "PT Sumber Pangan Nusantara Tbk.",
    "Koperasi Produsen Aneka Makanan dan Minuman Kemasan Sejahtera Bersama",
]  # fmt: skip
DETAILS = (
    "", "Keripik Barokah, Kab. Serang", "Warung Bu Haji ‘Aisyah – Cabang 2, Kota Tangerang Selatan",
    "Koperasi Produsen Aneka Makanan dan Minuman Kemasan Sejahtera Bersama Masyarakat, Kab. Hulu Sungai Selatan",
)  # fmt: skip
CITATIONS = (
    "kota peduli produk halal", "atas jasanya",
    "yang telah mendukung fasilitasi sertifikasi halal bagi pelaku usaha mikro dan kecil makanan kemasan di wilayahnya",
)  # fmt: skip
TITLES = (
    "Sosialisasi Sertifikasi Halal",
    "Rapat Koordinasi Percepatan Fasilitasi Sertifikasi Halal bagi Pelaku Usaha Mikro dan Kecil se-Provinsi Banten",
)


def names(count: int) -> list[str]:
    """The names above and others, one to five words with and without degrees."""
    chance = random.Random(count)
    words = (
        "Siti",
        "Muhammad",
        "Fitri",
        "Ńgurah",
        "Yúliana",
        "Taufik",
        "Wayan",
        "Aini",
        "Abdul",
        "Effendi",
        "Khoirunnisa",
    )
    degrees = ("", "", ", S.E.", ", S.T., M.T.", ", A.Md.Keb.", ", Lc., M.A.", ", S.Pd.I., M.Pd., Ph.D.")
    made = (" ".join(chance.sample(words, chance.randint(1, 5))) + chance.choice(degrees) for _ in range(count))
    return [*NAMES, *made][:count]


ALL = names(amount(60, 200))
DESIGNS = ("attendance", "speaker", "award")
PARTS = [(design, part) for part in range(2) for design in DESIGNS]


def snapshot(design: str, name: str, number: int = 7) -> dict:
    """What this person's certificate says; the number chooses the other texts."""
    code = "".join(random.Random(number).choices("0123456789abcdefghjkmnpqrstvwxyz", k=26))
    award = design == "award"
    return {
        **wording.PLAIN,
        "design": design, "lang": "id", "title": "Piagam penghargaan" if award else "Sertifikat",
        "issued": "2025-05-15", "lead": "diberikan kepada", "recipient": name,
        "detail": DETAILS[number % 4], "citation": f"sebagai {CITATIONS[number % 3]}" if award else "",
        "before": "" if award else "sebagai", "role": "" if award else ("Peserta", "Narasumber")[number % 2],
        "joint": "pada kegiatan", "event": TITLES[number % 2],
        "after": "yang diselenggarakan oleh UPTD Balai Pengembangan Teknologi pada Kamis, 15 Mei 2025 di Aula Dinas",
        "parent": "Dinas Perindustrian", "office": "UPTD BPTSI", "address": "Jalan Raya 1", "logo": None,
        "issuer": "UPTD BPTSI", "recorded_by": "", "number_label": "Nomor", "number": f"500/{number:03}/BPTSI/V/2025",
        "register": "1", "place_date": "Serang, 15 Mei 2025", "day": "Kamis, 15 Mei 2025", "place": "Aula, Kota Serang",
        "signatories": [vars(hall.HEAD)], "code": code, "url": f"https://halal.contoh.go.id/v/{code}",
        "check_label": "Periksa keasliannya di", "check_at": "halal.contoh.go.id/v/",
        "code_shown": wording.group_code(code), "subject": f"registration:{number}",
    }  # fmt: skip


def picture(pdf: bytes):
    document = pypdfium2.PdfDocument(pdf)
    try:
        assert len(document) == 1
        return document[0].render(scale=DPI / 72).to_pil().convert("RGB")
    finally:
        document.close()


def share_of_difference(one, other) -> float:
    """The share of pixels that differ by more than 8 levels."""
    assert one.size == other.size
    difference = ImageChops.difference(one, other).split()
    worst = ImageChops.lighter(ImageChops.lighter(difference[0], difference[1]), difference[2])
    return sum(worst.histogram()[9:]) / (one.width * one.height)


def letters(pdf: bytes) -> str:
    """The text as a reader takes it out. Whether spaced letters are words a reader guesses; tags() has the spaces."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join(document[0].get_textpage().get_text_range().split())
    finally:
        document.close()


def tags(pdf: pikepdf.Pdf):
    """The tree of tags: kind, words for those who cannot see, and what is drawn, as glyphs."""
    drawing = pdf.pages[0].Contents.read_bytes()
    drawn = {
        int(mark): b"".join(re.findall(rb"<([0-9a-f]+)>", content))
        for mark, content in re.findall(rb"<</MCID (\d+)>>\nBDC\n(.*?)\nEMC", drawing, re.DOTALL)
    }

    def tree(element):
        if isinstance(element, int):
            return drawn[element]
        return str(element.S), str(element.get("/Alt", "")), [tree(kid) for kid in element.get("/K", [])]

    return [tree(element) for element in pdf.Root.StructTreeRoot.K]


def marked(pdf: pikepdf.Pdf) -> list:
    """What the numbers of the drawing belong to, according to the other list of tags; it must say the same."""
    nums = pdf.Root.StructTreeRoot.ParentTree.Nums
    return [int(kid) for element in nums[1] for kid in element.K if isinstance(kid, int)]


def about(pdf: pikepdf.Pdf) -> dict:
    """All that the document says about itself."""
    root = pdf.Root
    files = {
        name: (spec.get_file().read_bytes(), str(spec.obj.AFRelationship), str(spec.get_file().mime_type))
        for name, spec in pdf.attachments.items()
    }
    return {
        "info": {key: str(value) for key, value in pdf.docinfo.items()}, "xmp": root.Metadata.read_bytes(),
        "lang": str(root.Lang), "marked": bool(root.MarkInfo.Marked), "files": files,
        "intent": str(root.OutputIntents[0].S), "outline": str(root.Outlines.First.Title),
        "title shown": bool(root.ViewerPreferences.DisplayDocTitle), "box": [float(n) for n in pdf.pages[0].MediaBox],
    }  # fmt: skip


def assert_filled_as_rendered(said: dict, **further) -> None:
    rendered, filled = compose.render(said, **further), press.certificate(said, **further)
    assert filled != rendered, "it was not filled"
    name = said["recipient"]
    assert share_of_difference(picture(rendered), picture(filled)) <= 0.001, name
    assert letters(filled) == letters(rendered), name
    with pikepdf.open(io.BytesIO(rendered)) as one, pikepdf.open(io.BytesIO(filled)) as other:
        assert tags(other) == tags(one), name
        assert marked(other) == list(range(len(marked(one)))), name
        assert about(other) == about(one), name


@pytest.fixture
def own_templates(monkeypatch):
    """No template from before, and none that stays."""
    monkeypatch.setattr(press, "_kept", OrderedDict())


@pytest.mark.once
@pytest.mark.parametrize(("design", "part"), PARTS)
def test_names_are_filled_as_weasyprint_renders_them(design, part):
    for number in range(PARTS.index((design, part)), len(ALL), len(PARTS)):
        assert_filled_as_rendered(snapshot(design, ALL[number], number))


@pytest.mark.once
@pytest.mark.parametrize("design", DESIGNS)
def test_a_page_with_logo_several_signatories_and_a_long_qr_code_is_filled_as_it_is_rendered(design):
    drawn = io.BytesIO()
    Image.new("RGB", (300, 200), "#14532f").save(drawn, "PNG")
    said = {**snapshot(design, "Nurul 'Aini, S.E."), "logo": "public/logo.png"}
    said["signatories"] = [vars(hall.HEAD), {"name": "Dra. Hj. Éva", "title": "Ketua", "nip": ""}]
    told = json.dumps({"signature": "eyJhbGciOiJFZERTQSJ9"}).encode()
    assert_filled_as_rendered(said, logo=(drawn.getvalue(), "image/png"), qr_text=LONG, told=told)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("text", ["https://halal.contoh.go.id/v/0123456789abcdefghjkmnpqrs", LONG])
def test_its_qr_code_is_read_from_a_picture_short_or_long(design, text):
    assert len(LONG) == 450
    filled = press.certificate(snapshot(design, "Siti"), qr_text=text)
    assert qr.read(picture(filled)) == [text]


def test_a_filled_certificate_is_an_accessible_archive_with_its_credential():
    said = snapshot("award", "Çağla Ṣāliḥ")
    with pikepdf.open(io.BytesIO(press.certificate(said))) as pdf:
        assert pdf.pdf_version == "1.7"
        assert pdf.check_pdf_syntax() == []
        root = pdf.Root
        with pdf.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
            assert meta["dc:title"] == str(pdf.docinfo["/Title"])
            assert "Çağla Ṣāliḥ" in meta["dc:title"]
        assert str(root.Lang) == "id"
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        assert str(root.OutputIntents[0].S) == "/GTS_PDFA1"
        assert root.OutputIntents[0].DestOutputProfile.N == 3
        assert len(bytes(pdf.trailer.ID[0])) == 16
        assert said["url"] in str(tags(pdf))
        spec = pdf.attachments["credential.json"]
        assert str(spec.obj.AFRelationship) == "/Data"
        assert next(iter(root.AF)).objgen == spec.obj.objgen
        assert spec.get_file().mime_type == "application/json"
        told = json.loads(spec.get_file().read_bytes())
        for key in ("number", "recipient", "role", "event", "issued", "issuer", "code", "url"):
            assert told[key] == said[key], key
        assert told["signature"] is None


def test_its_fonts_are_embedded_with_every_glyph_that_is_shown():
    said = snapshot("attendance", "Łukasz Ġorġ Þorn, Ph.D.")
    with pikepdf.open(io.BytesIO(press.certificate(said))) as pdf:
        page = pdf.pages[0]
        shown = re.findall(rb"/(\w+) [\d.]+ Tf\n(\[.*?\]) TJ", page.Contents.read_bytes(), re.DOTALL)
        assert {font.decode() for font, _text in shown} == {name[1:] for name in page.resources.Font.keys()}  # noqa: SIM118
        for name, font in page.resources.Font.items():
            inner = font.DescendantFonts[0]
            file = TTFont(io.BytesIO(inner.FontDescriptor.FontFile2.read_bytes()))
            glyphs = {
                int(text[n : n + 4], 16)
                for used, shows in shown if used == name[1:].encode()
                for text in re.findall(rb"<([0-9a-f]+)>", shows) for n in range(0, len(text), 4)
            }  # fmt: skip
            widths = _widths(inner.W)
            texts = set(re.findall(r"<([0-9a-f]{4})> <", font.ToUnicode.read_bytes().decode()))
            for glyph in glyphs:
                assert file["hmtx"][file.getGlyphName(glyph)][0] == widths[glyph]
                assert f"{glyph:04x}" in texts


def _widths(array) -> dict[int, int]:
    found = {}
    for first, run in zip(array[::2], array[1::2], strict=True):
        found |= {int(first) + n: int(width) for n, width in enumerate(run)}
    return found


def test_the_same_snapshot_gives_the_same_bytes_whoever_came_before(own_templates):
    siti = press.certificate(snapshot("speaker", "Siti"))
    press._kept.clear()
    press.certificate(
        snapshot("speaker", "Prof. Dr. Muhammad Abdurrahman Kusumaningrat, S.T., M.T., M.M., Ph.D., IPU.")
    )
    assert press.certificate(snapshot("speaker", "Siti")) == siti


@pytest.mark.parametrize("name", ["Q\u0323adri", "Siti\u00ad Aminah", "Nu’man ʾAlif"])
def test_a_name_that_is_set_in_another_way_is_rendered_alone_and_the_log_says_so(name, caplog):
    said = snapshot("attendance", name)
    with caplog.at_level(logging.WARNING, "halal.certificates.press"):
        assert press.certificate(said) == compose.render(said)
    assert "one by one" in caplog.text
    assert name not in caplog.text


def test_a_design_that_cannot_be_filled_is_rendered_and_asked_once_only(own_templates, monkeypatch, caplog):
    stretched = compose.style(snapshot("award", "Siti")) + ".name { word-spacing: 1pt }"
    monkeypatch.setattr(compose, "style", lambda _snapshot: stretched)
    for name in ("Siti", "Wati"):
        said = snapshot("award", name)
        assert press.certificate(said) == compose.render(said)
    assert caplog.text.count("the design award cannot be filled") == 1


def test_a_new_text_on_the_page_is_never_taken_from_somebody_elses_template():
    for event in ("Acara Pertama", "Acara Kedua"):
        assert event.replace(" ", "") in letters(press.certificate({**snapshot("attendance", "Siti"), "event": event}))
    for sign in ("Ketua Lama", "Ketua Baru"):
        said = {**snapshot("attendance", "Siti"), "signatories": [{"name": sign, "title": "Ketua", "nip": ""}]}
        assert sign.replace(" ", "") in letters(press.certificate(said))


def test_only_so_many_templates_are_kept(own_templates, monkeypatch):
    monkeypatch.setattr(press, "_KEPT", 2)
    for event in ("Satu", "Dua", "Tiga"):
        press.certificate({**snapshot("attendance", "Siti"), "event": event})
    assert len(press._kept) == 2


def test_what_is_issued_was_filled(make, db):
    event = hall.past_event(make)
    hall.present(make, event, "Siti Aminah")
    hall.issue_all(event)
    certificate = lookup.valid(event, CertificateKind.ATTENDANCE)[0]
    logo = issuing.load_logo(event.organization)
    qr = certificate.snapshot["qr"]
    told = credential.content(certificate.snapshot, qr.partition("#")[2])
    assert bundle.content(certificate) == press.certificate(certificate.snapshot, logo, qr, told)
    assert bundle.content(certificate) != compose.render(certificate.snapshot, logo, qr_text=qr, told=told)
