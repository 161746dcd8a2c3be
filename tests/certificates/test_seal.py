"""Seals: valid for any reader of PDFs, over every byte, last of all; and never called more than they are."""

import io
from datetime import timedelta
from functools import partial

import pikepdf
import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from halal import clock, files
from halal.certificates.cms import DIGEST, Signer, at_once
from halal.certificates.models import CertificateKind, Seal
from halal.certificates.seal import BsreSealer, SealKind
from halal.certificates.services import bundle, lookup, sealing
from halal.errors import DomainError
from tests.certificates import hall
from tests.certificates.test_design import words
from tests.portal.test_verify import upload


@pytest.fixture
def event(make):
    return hall.past_event(make, title="Sosialisasi Sertifikasi Halal", venue="Aula Dinas")


def issued(make, event, name="Siti Aminah"):
    hall.present(make, event, name)
    hall.issue_all(event)
    return lookup.valid(event, CertificateKind.ATTENDANCE)[0]


def validated(pdf: bytes, seal: Seal):
    """What pyHanko finds in the file's only signature, trusting the seal's own certificate and no network."""
    root = asn1.Certificate.load(x509.load_pem_x509_certificate(seal.chain.encode()).public_bytes(Encoding.DER))
    [signature] = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    context = ValidationContext(trust_roots=[root], allow_fetching=False)
    return signature, at_once(async_validate_pdf_signature(signature, context))


@pytest.mark.parametrize("algorithm", ["ecdsa", "rsa"])
def test_a_sealed_certificate_is_valid_and_covered_to_the_last_byte(make, db, event, algorithm):
    seal = sealing.create_test_seal(event.organization, algorithm)
    certificate = issued(make, event)
    pdf = bundle.content(certificate)  # which compares it with the SHA-256 of the row
    signature, status = validated(pdf, seal)
    assert status.bottom_line, status.pretty_print_details()
    assert (status.intact, status.valid, status.trusted) == (True, True, True)
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert status.modification_level is ModificationLevel.NONE
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.docmdp_level is MDPPerm.NO_CHANGES
    assert (certificate.snapshot["seal_kind"], certificate.snapshot["seal_by"]) == (SealKind.OFFICE, seal.subject)


def test_the_sealed_file_is_the_drawn_one_with_the_seal_behind_it(make, db, event):
    sealing.create_test_seal(event.organization)
    pdf = bundle.content(issued(make, event))
    end = pdf.index(b"%%EOF") + len(b"%%EOF")
    assert pdf[end:].count(b"%%EOF") == 1  # one increment, after everything else
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        with opened.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
        assert "credential.json" in opened.attachments
        assert str(opened.Root.Lang) == "id"


def test_tampering_is_noticed_wherever_it_is(make, db, event):
    seal = sealing.create_test_seal(event.organization)
    pdf = bundle.content(issued(make, event))
    signature, _status = validated(pdf, seal)
    first, length, second, rest = signature.byte_range
    for place in (first + 20, length // 3, length // 2, length - 5, second + rest // 2):
        changed = bytearray(pdf)
        changed[place] ^= 1
        try:
            _signature, status = validated(bytes(changed), seal)
        except Exception:
            continue
        assert not status.bottom_line, place


def test_another_certificate_is_not_trusted(make, db, event):
    sealing.create_test_seal(event.organization)
    pdf = bundle.content(issued(make, event))
    other = sealing.create_test_seal(hall.office(make))
    _signature, status = validated(pdf, other)
    assert status.intact
    assert not status.trusted
    assert not status.bottom_line


def test_a_replacement_is_sealed_too(make, db, event):
    certificate = issued(make, event)
    assert certificate.snapshot["seal_kind"] == ""
    seal = sealing.create_test_seal(event.organization)
    new = hall.replace(certificate, "Siti Aminah, S.E.", "", "gelar")
    assert validated(files.get(new.pdf_file), seal)[1].bottom_line


def key_and_certificate(key, days=30):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Dinas Contoh"),
                      x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Pemerintah Provinsi")])  # fmt: skip
    begin = clock.now() - timedelta(days=60)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else SHA256()
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    return key, builder.not_valid_before(begin).not_valid_after(clock.now() + timedelta(days=days)).sign(key, algorithm)


def p12(key, certificate, password=b"rahasia", others=None) -> bytes:
    lock = BestAvailableEncryption(password) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"segel", key, certificate, others, lock)


def pem(key, certificate) -> bytes:
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


@pytest.mark.parametrize("form", ["p12", "pem"])
def test_an_office_installs_its_own_certificate_as_pkcs12_or_pem(app, make, db, tmp_path, event, form):
    pair = key_and_certificate(ec.generate_private_key(ec.SECP256R1()))
    (tmp_path / "segel").write_bytes(p12(*pair) if form == "p12" else pem(*pair))
    words_ = ["signing", "install-seal", event.organization.slug, str(tmp_path / "segel"), "--password",
              "rahasia" if form == "p12" else ""]  # fmt: skip
    result = app.test_cli_runner().invoke(args=words_)
    assert result.exit_code == 0, result.output
    seal = sealing.of(event.organization)
    assert seal.subject == "Dinas Contoh, Pemerintah Provinsi"
    private = pair[0].private_numbers().private_value.to_bytes(32)
    assert private not in seal.private_key
    assert issued(make, event).snapshot["seal_by"] == seal.subject


@pytest.mark.parametrize(
    ("content", "password", "said"),
    [
        (lambda: p12(*key_and_certificate(ec.generate_private_key(ec.SECP256R1()))), "salah", "kata sandi"),
        (lambda: b"", "", "tidak dapat dibaca"),
        (lambda: b"-----BEGIN NOTHING-----", "", "tidak dapat dibaca"),
        (
            lambda: p12(*key_and_certificate(ec.generate_private_key(ec.SECP256R1()), days=-1)),
            "rahasia", "tidak berlaku",
        ),
        (lambda: p12(*key_and_certificate(rsa.generate_private_key(65537, 1024))), "rahasia", "2048"),
        (lambda: pem(*key_and_certificate(ed25519.Ed25519PrivateKey.generate())), "", "P-256"),
        (
            lambda: pem(ec.generate_private_key(ec.SECP256R1()),
                        key_and_certificate(ec.generate_private_key(ec.SECP256R1()))[1]),
            "", "bukan pasangan",
        ),
    ],
)  # fmt: skip
def test_a_seal_that_cannot_seal_is_refused_with_the_reason(app, make, db, content, password, said):
    office = hall.office(make)
    with app.test_request_context(), pytest.raises(DomainError, match=said):
        sealing.install(office, sealing.unpack(content(), password))
    assert sealing.of(office) is None


def test_a_new_seal_takes_the_place_of_the_old_one_and_a_removed_one_seals_no_more(app, make, db, event):
    first = sealing.create_test_seal(event.organization)
    second = sealing.create_test_seal(event.organization)
    assert first.private_key is None
    assert sealing.of(event.organization) is second
    result = app.test_cli_runner().invoke(args=["signing", "remove-seal", event.organization.slug])
    assert result.exit_code == 0, result.output
    assert issued(make, event).snapshot["seal_kind"] == ""
    again = app.test_cli_runner().invoke(args=["signing", "remove-seal", event.organization.slug])
    assert (again.exit_code, "Traceback" in again.output) == (1, False)


def test_nothing_is_issued_unsealed_when_the_seal_has_expired(make, db, event, monkeypatch):
    sealing.create_test_seal(event.organization)
    later = clock.now() + timedelta(days=800)
    monkeypatch.setattr(sealing.clock, "now", lambda: later)
    hall.present(make, event, "Siti")
    with pytest.raises(DomainError):
        hall.issue_all(event)
    assert lookup.valid(event, CertificateKind.ATTENDANCE) == []


def test_a_seal_of_the_office_is_never_called_a_certified_signature(client, make, db, event):
    seal = sealing.create_test_seal(event.organization)
    certificate = issued(make, event)
    page = client.get(f"/v/{certificate.code}").text
    assert f"bersegel {seal.subject}" in page
    assert "segel teknis kantor, bukan tanda tangan elektronik tersertifikasi" in page
    assert "BSrE" not in page
    assert "BSrE" not in words(bundle.content(certificate))


def test_the_page_says_when_there_is_no_seal_and_when_bsre_signed(client, make, db, event):
    certificate = issued(make, event)
    assert "tidak memakai segel digital" in client.get(f"/v/{certificate.code}").text
    certificate.snapshot = {**certificate.snapshot, "seal_kind": SealKind.BSRE, "seal_by": BsreSealer.subject}
    page = client.get(f"/v/{certificate.code}").text
    assert "sertifikat elektronik yang diterbitkan BSrE" in page
    assert "segel teknis" not in page


def test_bsre_does_not_pretend_to_sign():
    with pytest.raises(DomainError):
        BsreSealer().seal(b"%PDF")


def test_a_flipped_byte_of_a_sealed_file_is_told_on_the_page(client, make, db, event):
    sealing.create_test_seal(event.organization)
    certificate = issued(make, event)
    pdf = bundle.content(certificate)
    assert "Asli, tidak berubah" in upload(client, certificate.code, pdf).text
    for place in (30, len(pdf) // 2, len(pdf) - 30):
        changed = bytearray(pdf)
        changed[place] ^= 1
        assert "Berubah" in upload(client, certificate.code, bytes(changed)).text


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)])
def test_signatures_put_together_from_parts_are_those_that_pyhanko_makes(key):
    pair = key_and_certificate(key)
    signer = Signer([pair[1]], key)

    def made(by, digest: bytes) -> dict:
        return at_once(by(digest, DIGEST, use_pades=True)).native

    made(signer.async_sign, b"\1" * 32)  # the first one, which the others are made from
    ours = made(signer.async_sign, b"\2" * 32)
    theirs = made(partial(signers.Signer.async_sign, signer), b"\2" * 32)
    if isinstance(key, ec.EllipticCurvePrivateKey):  # its signatures differ each time
        ours["content"]["signer_infos"][0].pop("signature")
        theirs["content"]["signer_infos"][0].pop("signature")
    assert ours == theirs
