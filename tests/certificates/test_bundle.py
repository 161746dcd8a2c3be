"""All at once: a ZIP that people can read, one PDF for the printer; damage is noticed."""

import io
import tracemalloc
import zipfile

import pytest
from pypdf import PdfReader

from halal import files
from halal.certificates.models import Certificate, CertificateKind
from halal.certificates.services import bundle, lookup
from halal.errors import Conflict
from tests.certificates import hall


@pytest.fixture
def event(make):
    return hall.past_event(make)


def issued(event):
    hall.issue_all(event)
    return lookup.valid(event, CertificateKind.ATTENDANCE)


def test_names_in_the_zip_are_readable_and_namesakes_do_not_collide(make, db, event):
    hall.present(make, event, "Siti Aminah", business_name="Keripik Barokah")
    hall.present(make, event, "Siti Aminah", business_name="Keripik Barokah")
    hall.present(make, event, "Nurul 'Aini")
    certificates = issued(event)
    with zipfile.ZipFile(io.BytesIO(b"".join(bundle.zip_parts(bundle.entries(certificates))))) as archive:
        assert archive.namelist() == [
            "001 Nurul 'Aini.pdf", "002 Siti Aminah - Keripik Barokah.pdf", "003 Siti Aminah - Keripik Barokah.pdf",
        ]  # fmt: skip
        assert archive.testzip() is None
        assert archive.read("001 Nurul 'Aini.pdf") == bundle.content(certificates[0])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "etc passwd.pdf"),
        ('C:\\a:b*?"<>|', "C a b.pdf"),
        ("Siti Aminah, S.E., M.M.", "Siti Aminah, S.E., M.M..pdf"),
        ("Agus, S.H., ", "Agus, S.H..pdf"),
        (".-Siti -,", "Siti.pdf"),
        ("Gdé", "Gdé.pdf"),
        ("Gde\u0301", "Gdé.pdf"),
        ("Siti\u202efdp.exe", "Siti fdp.exe.pdf"),
        ("Siti\u200bAminah\u2028\ud800x", "Siti Aminah x.pdf"),
        ("\u0000", "sertifikat.pdf"),
        ("...", "sertifikat.pdf"),
        ("Aux", "sertifikat Aux.pdf"),
        ("con. Jaya", "sertifikat con. Jaya.pdf"),
        ("Conny", "Conny.pdf"),
        ("Siti " * 60, "Siti " * 39 + "Siti.pdf"),
        ("Ṣāliḥ " * 60, ("Ṣāliḥ " * 18).strip() + ".pdf"),
        ("Ẅ" * 300, "Ẅ" * 50 + ".pdf"),
    ],
)
def test_names_of_files_are_readable_and_safe_everywhere(name, expected):
    made = bundle.filename(Certificate(recipient=name, snapshot={}))
    assert made == expected
    assert len(f"10000 {made}".encode()) < 255


def test_a_business_is_named_when_there_is_room_and_keeps_its_dots():
    def named(name, detail):
        return bundle.filename(Certificate(recipient=name, snapshot={"detail": detail}))

    assert named("Agus, S.H.", "CV. Barokah Tbk., Kab. Serang") == "Agus, S.H. - CV. Barokah Tbk..pdf"
    assert named("Agus", "Warung: Bu/Haji, Kab. Serang") == "Agus - Warung Bu Haji.pdf"
    assert named("Agus", "W" * 300) == "Agus.pdf"


def test_namesakes_and_names_that_differ_in_case_alone_stay_apart_and_in_order():
    people = [Certificate(recipient=name, snapshot={}) for name in ("Siti, S.E.", "SITI, S.E.", "Siti, S.E.") * 400]
    names = bundle.filenames(people)
    assert len({name.casefold() for name in names}) == 1200
    assert names == sorted(names)
    assert names[:2] == ["0001 Siti, S.E..pdf", "0002 SITI, S.E..pdf"]


def test_a_lost_file_is_named_and_does_not_spoil_the_others(make, db, event):
    hall.present(make, event, "Ali")
    hall.present(make, event, "Budi")
    certificates = issued(event)
    files.delete(certificates[0].pdf_file)
    with zipfile.ZipFile(io.BytesIO(b"".join(bundle.zip_parts(bundle.entries(certificates))))) as archive:
        assert archive.namelist() == ["002 Budi.pdf", "Tidak disertakan.txt"]
        assert archive.read("Tidak disertakan.txt") == b"001 Ali.pdf"


def test_a_file_changed_in_storage_is_never_handed_out(make, db, event):
    hall.present(make, event, "Ali")
    certificate = issued(event)[0]
    files.put(certificate.pdf_file, bundle.content(certificate) + b" ")
    with pytest.raises(Conflict):
        bundle.content(certificate)


def test_the_printout_has_every_page_in_the_order_of_handing_over(make, db, event, monkeypatch):
    monkeypatch.setattr(bundle, "_MERGED_AT_ONCE", 2)
    for name in ("Citra", "Ali", "Budi"):
        hall.present(make, event, name)
    with bundle.one_pdf(issued(event), "Cetak") as joined:
        reader = PdfReader(joined)
        assert reader.metadata.title == "Cetak"
        pages = [page.extract_text() for page in reader.pages]
    assert [name for page in pages for name in ("Ali", "Budi", "Citra") if name in page] == ["Ali", "Budi", "Citra"]


def test_a_thousand_are_handed_out_in_little_memory(make, db, event):
    hall.present(make, event, "Ali")
    one = issued(event)[0]
    size = len(bundle.content(one))
    tracemalloc.start()
    total = sum(len(part) for part in bundle.zip_parts(bundle.entries([one] * 1000)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total > 1000 * size
    assert peak < 40 * size
