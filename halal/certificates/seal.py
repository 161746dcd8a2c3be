"""Seals: signatures inside the PDF (PAdES, ETSI EN 319 142), which any PDF reader shows and checks.

A seal with a certificate of the office's own is a technical seal: it shows that nothing was changed and who holds the
key. It is no certified electronic signature (tanda tangan elektronik tersertifikasi, PP 71/2019 Pasal 60): only a
provider recognized by the state, for government offices BSrE, gives those. Nothing here calls one the other.
"""

import io
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from flask_babel import lazy_gettext as _l

from halal.errors import DomainError

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
FIELD = "Segel"
_SUBJECT_MAX = 200
_RSA_MIN_BITS = 2048


class SealKind(StrEnum):
    OFFICE = "office"
    BSRE = "bsre"


class Sealer(Protocol):
    """Bytes of a PDF in, bytes of the sealed PDF out: everything that was there stands unchanged at its beginning.

    `kind` decides what may be said about the seal, `subject` is who seals. Raises DomainError when it cannot.
    """

    kind: SealKind
    subject: str

    def seal(self, pdf: bytes) -> bytes: ...


def subject_of(certificate: x509.Certificate) -> str:
    """Who a certificate names: common name and organization, each once."""
    names = [
        str(part.value)
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
        for part in certificate.subject.get_attributes_for_oid(oid)
    ]
    return ", ".join(dict.fromkeys(names))[:_SUBJECT_MAX] or certificate.serial_number.to_bytes(20).hex()


def check(certificate: x509.Certificate, key: object, at: datetime) -> None:
    """Whether documents can be sealed with these. Raises DomainError with what is wrong."""
    strong = isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1)
    if not strong and not (isinstance(key, rsa.RSAPrivateKey) and key.key_size >= _RSA_MIN_BITS):
        raise DomainError(_l("The seal's key must be ECDSA P-256, or RSA of at least 2048 bits."))
    if key.public_key() != certificate.public_key():
        raise DomainError(_l("The seal's key does not belong to its certificate."))
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise DomainError(
            _l("The certificate of the office's seal is not valid today. Install a new one, or remove the seal.")
        )


@dataclass
class OfficeSealer:
    """Seals with a certificate and key that this installation holds. `chain` has the office's certificate first.

    Whatever does not depend on the document is made once: keys are read and checked when the sealer is made, and
    there is room for the largest signature, so that none is made to measure it. No network is used.
    """

    chain: list[x509.Certificate]
    key: PrivateKey = field(repr=False)
    kind: SealKind = SealKind.OFFICE

    @property
    def subject(self) -> str:
        return subject_of(self.chain[0])

    def seal(self, pdf: bytes) -> bytes:
        """The PDF certified: no change at all is allowed after this signature (DocMDP 1), which covers all bytes."""
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

        from halal.certificates.cms import at_once

        sealed = io.BytesIO(pdf)
        signer, room = self._pdf_signer
        at_once(signer.async_sign_pdf(IncrementalPdfFileWriter(sealed), in_place=True, bytes_reserved=room))
        return sealed.getvalue()

    @cached_property
    def _pdf_signer(self):
        # Imported on first use, as WeasyPrint is: most requests seal nothing.
        from pyhanko.sign import fields, signers

        from halal.certificates.cms import DIGEST, Signer

        metadata = signers.PdfSignatureMetadata(
            field_name=FIELD, md_algorithm=DIGEST, certify=True, docmdp_permissions=fields.MDPPerm.NO_CHANGES,
            subfilter=fields.SigSeedSubFilter.PADES, name=self.subject,
        )  # fmt: skip
        room = sum(len(certificate.public_bytes(Encoding.DER)) for certificate in self.chain) + 2048
        return signers.PdfSigner(metadata, Signer(self.chain, self.key)), 2 * room


class BsreSealer:
    """Balai Sertifikasi Elektronik's place: signatures by its e-Sign service, made with the certificate of the official
    who signs.

    It is not connected. The service is reachable for registered offices only, over an address, user name and client
    certificate that BSrE issues, with a passphrase that the official types for every signing; so it cannot be part of
    this product before an office has them. Whoever connects it answers with the signed PDF here; kind BSRE is what lets
    the verification page say that a document was signed with a BSrE certificate.
    """

    kind = SealKind.BSRE
    subject = "Balai Sertifikasi Elektronik (BSrE)"

    def seal(self, pdf: bytes) -> bytes:
        raise DomainError(_l("Signing by BSrE is not set up for this office."))
