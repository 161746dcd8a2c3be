"""The seals of offices: installing, removing, and the sealer for an issuing."""

import uuid
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from halal import clock, ids, vault
from halal.audit import services as audit
from halal.certificates.models import Seal
from halal.certificates.seal import OfficeSealer, PrivateKey, check, subject_of
from halal.errors import DomainError
from halal.extensions import db
from halal.organizations.models import Organization

MAX_FILE = 256 * 1024  # bytes; a key and a chain of certificates take a few thousand
_TEST_DAYS = 365
Unpacked = tuple[PrivateKey, list[x509.Certificate]]
_NAME_MAX = 64  # what X.509 allows a common name


def of(organization: Organization) -> Seal | None:
    """The office's seal in use."""
    return db.session.scalar(_query(organization))


def valid_until(seal: Seal) -> datetime:
    """The moment until which the seal's certificate is valid."""
    return x509.load_pem_x509_certificate(seal.chain.encode()).not_valid_after_utc


def sealer(organization: Organization) -> OfficeSealer | None:
    """What seals the office's certificates, None when it has no seal. Raises DomainError when the seal cannot be used:
    nothing is issued without a seal that the office believes to be on it."""
    seal = of(organization)
    if seal is None:
        return None
    try:
        made = _sealer(seal.id, seal.chain, vault.unlock(seal.private_key, str(seal.id)))
    except vault.Unreadable:
        raise DomainError(
            _l("The key of the office's seal was locked with another HALAL_SECRET_KEY. Install the seal again.")
        ) from None
    check(made.chain[0], made.key, clock.now())
    return made


def unpack(content: bytes, password: str | None = None) -> Unpacked:
    """What a file holds, PKCS#12 or PEM with key and certificates. Passwords are made to be slow, so this comes before
    everything that is written. Raises DomainError."""
    if len(content) > MAX_FILE:
        raise DomainError(_l("This file is too large for a seal. Choose the .p12, .pfx or .pem file."), "file")
    return _read(content, password.encode() if password else None)


def install(organization: Organization, unpacked: Unpacked, user_id: int | None = None) -> Seal:
    """Seal the office's certificates with this from now on. Raises DomainError."""
    return _install(organization, *unpacked, user_id)


def create_test_seal(organization: Organization, algorithm: str = "ecdsa", user_id: int | None = None) -> Seal:
    """A seal with a certificate that nobody but the office itself vouches for: to try sealing out. `algorithm` is
    ecdsa (P-256) or rsa (3072 bits)."""
    key = ec.generate_private_key(ec.SECP256R1()) if algorithm == "ecdsa" else rsa.generate_private_key(65537, 3072)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, organization.name[:_NAME_MAX])])
    now = clock.now()
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=_TEST_DAYS))
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    return _install(organization, key, [certificate], user_id)


def remove(organization: Organization, user_id: int | None = None) -> None:
    """Seal nothing from now on; what was sealed stays so. The key is forgotten. Raises DomainError."""
    seal = _retire(organization)
    if seal is None:
        raise DomainError(_l("This office has no seal."))
    _record("certificate.seal_removed", seal, user_id)


def _query(organization: Organization):
    return select(Seal).where(Seal.organization_id == organization.id, Seal.retired_at.is_(None))


def _install(organization: Organization, key: PrivateKey, chain: list[x509.Certificate], user_id: int | None) -> Seal:
    check(chain[0], key, clock.now())
    _retire(organization)
    id_ = ids.uuid7()
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    seal = Seal(
        id=id_, organization_id=organization.id, subject=subject_of(chain[0]),
        chain="".join(one.public_bytes(Encoding.PEM).decode() for one in chain),
        private_key=vault.lock(plain, str(id_)),
    )  # fmt: skip
    db.session.add(seal)
    db.session.flush()
    _record("certificate.seal_installed", seal, user_id)
    return seal


def _retire(organization: Organization) -> Seal | None:
    seal = db.session.scalar(_query(organization).with_for_update())
    if seal is not None:
        seal.retired_at, seal.private_key = clock.now(), None
        db.session.flush()
    return seal


def _record(action: str, seal: Seal, user_id: int | None) -> None:
    audit.record(action, organization_id=seal.organization_id, user_id=user_id, subject=f"seal:{seal.id}")


def _read(content: bytes, password: bytes | None) -> Unpacked:
    try:
        if b"-----BEGIN" in content:
            key, found = load_pem_private_key(content, password), x509.load_pem_x509_certificates(content)
        else:
            key, own, others = pkcs12.load_key_and_certificates(content, password)
            found = [one for one in (own, *others) if one is not None]
    except (ValueError, TypeError):
        raise DomainError(
            _l("The seal cannot be read. It must be a PKCS#12 file (.p12, .pfx) or PEM; check the password too.")
        ) from None
    if key is None or not found:
        raise DomainError(_l("The file must have both a private key and its certificate."))
    own = [one for one in found if one.public_key() == key.public_key()]
    return key, own[:1] + [one for one in found if one not in own[:1]]


@lru_cache(maxsize=32)
def _sealer(_id: uuid.UUID, chain: str, key: bytes) -> OfficeSealer:
    return OfficeSealer(x509.load_pem_x509_certificates(chain.encode()), load_der_private_key(key, None))
