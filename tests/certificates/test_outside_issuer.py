"""An award in the name of another institution: the office records it, and never vouches for it."""

import io
import json

import pikepdf
import pytest
from pypdf import PdfReader

from halal.certificates.models import CertificateKind
from halal.certificates.services import bundle, issuing, lookup
from halal.certificates.statement import Claim, read
from halal.certificates.wording import outside_issuer
from tests.certificates import hall

MUI = "Majelis Ulama Indonesia (MUI) Provinsi Kalimantan Timur"


@pytest.fixture
def event(make):
    return hall.past_event(make, hall.office(make, name="Dinas Contoh", short_name="Disperin"), title="Penghargaan")


def awarded(make, event, *numbers, issuer=MUI):
    for n, number in enumerate(numbers):
        hall.award(
            make, event, f"Kota {n}", issuer=issuer, signatory_name="K.H. Contoh", number=number, position=n,
        )  # fmt: skip
    hall.issue_all(event, hall.issue(CertificateKind.AWARD))
    return lookup.valid(event, CertificateKind.AWARD)


def text_of(certificate):
    return " ".join(PdfReader(io.BytesIO(bundle.content(certificate))).pages[0].extract_text().split())


def test_its_paper_has_its_own_number_or_none_and_the_offices_series_has_no_gap(make, db, event):
    hall.award(make, event, "Kota Sendiri", position=5)
    first, second, own = awarded(make, event, "012/MUI/2015", "")
    assert [one.snapshot["number"] for one in (first, second)] == ["012/MUI/2015", ""]
    assert [(one.number, one.seq, one.snapshot["register"]) for one in (first, second)] == [(None, None, "")] * 2
    assert own.number == "500/001/BPTSI/V/2025"
    assert issuing.next_seq(event.organization_id, 2025) == 2
    assert "Nomor: 012/MUI/2015" in text_of(first)
    assert "Nomor" not in text_of(second)
    assert "BPTSI" not in text_of(second)
    for one in (first, second):
        assert "Dicatat oleh Dinas Contoh." in text_of(one)
        assert "Periksa keaslian" not in text_of(one)
    assert "Dicatat oleh" not in text_of(own)


def test_the_page_says_who_recorded_it_and_what_is_only_declared(make, db, client, event):
    (certificate,) = awarded(make, event, "")
    page = client.get(f"/v/{certificate.code}").text
    assert f"Dicatat oleh Dinas Contoh, menurut piagam dari {MUI}." in page
    assert "hanya Majelis Ulama" in page
    for vouching in ("Asli dan berlaku", "Diterbitkan oleh", "verify--valid", "500/001"):
        assert vouching not in page


def test_the_signed_statement_and_the_credential_declare_the_issuer(make, db, event):
    (certificate,) = awarded(make, event, "")
    said = read(certificate.snapshot["qr"].partition("#")[2])
    assert said[Claim.DECLARED_ISSUER] == MUI
    assert Claim.NUMBER not in said
    with pikepdf.open(io.BytesIO(bundle.content(certificate))) as pdf:
        told = json.loads(pdf.attachments["credential.json"].get_file().read_bytes())
        assert pdf.open_metadata().get("dc:creator") == ["Dinas Contoh"]
    assert (told["recorded_by"], told["declared_issuer"]) == ("Dinas Contoh", MUI)
    assert "issuer" not in told


@pytest.mark.parametrize("signed", [True, False])
def test_the_page_of_one_from_before_is_honest_too(make, db, client, event, signed):
    hall.award(make, event, "Kota Sendiri", position=5)
    certificate, own = awarded(make, event, "")
    for one, number in ((certificate, "500/007/BPTSI/V/2025"), (own, own.number)):
        kept = {**one.snapshot, "number": number, "register": number}
        kept.pop("recorded_by")
        one.snapshot = kept if signed else {key: value for key, value in kept.items() if key != "qr"}
    db.session.commit()
    page = client.get(f"/v/{certificate.code}").text
    assert f"Dicatat oleh Dinas Contoh, menurut piagam dari {MUI}." in page
    assert "Asli dan berlaku" not in page
    assert "500/007" in page  # as it stands on that paper
    assert "Asli dan berlaku" in client.get(f"/v/{own.code}").text
    new = hall.replace(certificate, "Kota Baru", "", "nama")
    assert (new.number, new.snapshot["number"], new.snapshot["recorded_by"]) == (None, "", "Dinas Contoh")


def test_an_office_that_types_its_own_name_issues_itself(make, db, client, event):
    for typed in ("DINAS CONTOH", " disperin. ", "", "Dinas  Contoh"):
        assert outside_issuer(event.organization, typed) == ""
    assert outside_issuer(event.organization, "Dinas Contoh Lain") == "Dinas Contoh Lain"
    (certificate,) = awarded(make, event, "", issuer="DINAS CONTOH")
    assert certificate.number == "500/001/BPTSI/V/2025"
    assert certificate.snapshot["issuer"] == "Dinas Contoh"
    assert "Asli dan berlaku" in client.get(f"/v/{certificate.code}").text


def test_a_number_of_another_institution_is_listed_and_found(make, db, log_in, event):
    awarded(make, event, "012/MUI/2015", "")
    desk = log_in("organizer", event.organization)
    page = desk.get(f"/kelola/kegiatan/{event.slug}/sertifikat?q=012/MUI").text
    assert "Kota 0" in page
    assert "None" not in desk.get(f"/kelola/kegiatan/{event.slug}/sertifikat").text
