"""What a filled page is: the one that WeasyPrint renders, sound as a file, the same whoever asks."""

import io
import random
from concurrent.futures import ThreadPoolExecutor

import pikepdf
import pypdfium2
import pytest
from PIL import ImageChops

from halal import qr
from halal.pdf_fill import Code, Text
from tests.pdf_fill import page

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def template():
    return page.template()


def look(pdf: bytes):
    document = pypdfium2.PdfDocument(pdf)
    try:
        assert len(document) == 1
        return document[0].render(scale=2).to_pil().convert("RGB")
    finally:
        document.close()


def differing(one: bytes, other: bytes) -> int:
    """How many pixels differ by more than 8 levels."""
    return sum(ImageChops.difference(look(one), look(other)).convert("L").histogram()[9:])


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(document[0].get_textpage().get_text_range().split())
    finally:
        document.close()


OTHERS = [
    {"name": ("Adi",)},
    {"name": ("Nurul 'Aini",), "size": 14.0},
    {"name": ("Prof. Dr. Ir. Muhammad", "Abdurrahman, S.T., M.T."), "size": 16.5},
    {"name": ("Satu", "Dua", "Tiga"), "detail": ("Koperasi Produsen", "Kota Serang")},
    {"name": ("Çağla Øster Łukasz",), "size": 19.0},
    {"name": ("<b>A & B</b>",), "detail": ("{{name}} \\(x\\) 100%",)},
    {"stacks": {"middle": 8.0}, "name": ("Kecil",), "size": 12.0},
]


@pytest.mark.parametrize("other", OTHERS)
def test_it_equals_the_page_that_weasyprint_renders(template, other):
    said = page.values(**other)
    filled, rendered = template.fill(said), page.rendered(said)
    assert filled != rendered
    assert words(filled) == words(rendered)
    assert differing(filled, rendered) == 0


@pytest.mark.parametrize(
    "css",
    [".name { font-style: italic }", ".name { font-weight: 900 }", ".name { letter-spacing: 0.1em }",
     ".name { overflow: hidden }", ".date { padding: 2mm }", ".date { vertical-align: super }",
     ".number { color: #14532f }", ".lead { text-transform: uppercase }", ".lead { font-variant: small-caps }",
     ".name { margin: 1em 0 0.4em }", ".middle { text-align: right }", ".middle { transform: none; top: 20mm }"],
)  # fmt: skip
def test_a_look_that_is_not_refused_is_drawn_as_weasyprint_draws_it(css):
    said = page.values(name=("Nurul AV Toba",), size=18.0)
    assert differing(page.template(css=css).fill(said), page.rendered(said, css)) == 0


@pytest.mark.parametrize("text", ["Siti (1)", "a\\b", "(", "Ṣāliḥ – “q”", "😀", "&amp; <x>", "]]>", "%%EOF endobj"])
def test_title_subject_and_words_for_the_picture_come_back_as_they_were(template, text):
    said = page.values(info={"Title": text, "Subject": f"2 {text}"}, codes={"qr": Code("kode", text)})
    with pikepdf.open(io.BytesIO(template.fill(said))) as document:
        assert document.check_pdf_syntax() == []
        assert (str(document.docinfo["/Title"]), str(document.docinfo["/Subject"])) == (text, f"2 {text}")
        with document.open_metadata() as meta:
            assert (meta["dc:title"], meta["dc:description"]) == (text, f"2 {text}")
        assert text in [str(one.get("/Alt")) for one in document.objects if isinstance(one, pikepdf.Dictionary)]


def test_a_letter_that_no_sample_had_is_drawn_and_can_be_copied(template):
    filled = template.fill(page.values(name=("Žofia Þór § Ł",)))
    assert "Žofia Þór § Ł" in words(filled)
    assert words(template.fill(page.values())) == words(page.rendered(page.values()))  # and nothing stays of it


@pytest.mark.parametrize("text", ["1", "https://uji.example/" + "x" * 2_000])
def test_the_code_is_read_whatever_its_length(template, text):
    said = page.values(codes={"qr": Code(text, "Kode QR")})
    picture = pypdfium2.PdfDocument(template.fill(said))[0].render(scale=8).to_pil()
    assert qr.read(picture) == [text]


def test_everybody_gets_the_same_bytes_for_the_same_values_also_at_the_same_time(template):
    names = [f"Peserta {n} {letter}" for n, letter in enumerate("ÀÈÌÒÙÑÇØŁĐ")]
    alone = [page.template().fill(page.values(name=(name,))) for name in names[:2]]
    with ThreadPoolExecutor(4) as pool:
        once, again = (list(pool.map(lambda name: template.fill(page.values(name=(name,))), names)) for _ in range(2))
    assert once == again
    assert once[:2] == alone
    assert len(set(once)) == len(names)


def test_a_page_without_attachment_can_be_filled():
    said = page.values(attachment=None)
    with pikepdf.open(io.BytesIO(page.template(sample=said).fill(said))) as document:
        assert dict(document.attachments) == {}
        assert document.check_pdf_syntax() == []


def test_a_file_larger_than_sixteen_megabytes_is_sound(template):
    big = bytes(range(256)) * 80_000
    attachment = page.Attachment("data.json", big, page.values().attachment.moment)
    filled = template.fill(page.values(attachment=attachment))
    padded = template.fill(page.values(attachment=page.Attachment("data.json", noise(18), attachment.moment)))
    assert len(padded) > 1 << 24
    for pdf, content in ((filled, big), (padded, noise(18))):
        with pikepdf.open(io.BytesIO(pdf)) as document:
            assert document.check_pdf_syntax() == []
            assert document.attachments["data.json"].get_file().read_bytes() == content


def noise(megabytes: int) -> bytes:
    """What cannot be packed, the same each time."""
    return random.Random(megabytes).randbytes(megabytes << 20)


def test_a_slot_can_have_its_own_size_beside_the_others(template):
    small, large = (template.fill(page.values(size=size)) for size in (12.0, 30.0))
    assert words(small) == words(large)
    assert look(small) != look(large)
    texts = {**page.values().texts, "detail": Text(("Keripik",), 7.0)}
    assert "Keripik" in words(template.fill(page.values(texts=texts)))
