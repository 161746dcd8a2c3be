"""Signatures for PDFs (CMS, RFC 5652) in a fraction of pyHanko's time.

Of one key's signatures only two things differ from document to document: the document's digest among the signed
attributes, and the signature itself. So pyHanko makes a first one, and all others are put together from its parts.
"""

import asyncio
import os
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from asn1crypto import cms
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

_SEQUENCE, _SET, _OCTETS, _TAGGED = b"\x30", b"\x31", b"\x04", b"\xa0"
DIGEST = "sha256"
T = TypeVar("T")


def at_once(coroutine: Coroutine[None, None, T]) -> T:
    """The result of one of pyHanko's coroutines. It runs in a thread of its own: the caller's may have an event loop
    that runs already, and a second one cannot run there."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


class Signer(signers.Signer):
    """Signs PAdES signatures without timestamp: SHA-256 with ECDSA or RSA (PKCS#1 v1.5).

    `chain` has the signer's own certificate first. The key is used as it is: pyHanko's own signer would read and check
    it again for every document.
    """

    def __init__(self, chain: Sequence[x509.Certificate], key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        own, *others = (asn1.Certificate.load(one.public_bytes(Encoding.DER)) for one in chain)
        super().__init__(signing_cert=own, cert_registry=SimpleCertificateStore.from_certs(others))
        self._key = key
        self._mold: _Mold | None = None

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), SHA256())
        return self._key.sign(data, ec.ECDSA(SHA256()))

    async def async_sign(self, data_digest: bytes, digest_algorithm: str, **options) -> cms.ContentInfo:
        if self._mold is None:
            sample = os.urandom(32)
            self._mold = _Mold(await super().async_sign(sample, digest_algorithm, **options), sample)
        attributes = self._mold.attributes(data_digest)
        signature = await self.async_sign_raw(_der(_SET, attributes), digest_algorithm)
        return cms.ContentInfo.load(self._mold.filled(attributes, signature))


class _Mold:
    """The parts of a signature over `digest`, as bytes, in the order in which they stand in it."""

    def __init__(self, made: cms.ContentInfo, digest: bytes):
        signed = made["content"]
        [signer] = signed["signer_infos"]
        self._digest, self._attributes = digest, signer["signed_attrs"].untag().contents
        if self._attributes.count(digest) != 1 or len(signer["unsigned_attrs"]) or len(signed["crls"]):
            raise ValueError("a signature of a kind that has more to fill in")
        self._type = made["content_type"].dump()
        before = ("version", "digest_algorithms", "encap_content_info", "certificates")
        self._signed = b"".join(signed[name].dump() for name in before)
        self._signer = b"".join(signer[name].dump() for name in ("version", "sid", "digest_algorithm"))
        self._algorithm = signer["signature_algorithm"].dump()

    def attributes(self, digest: bytes) -> bytes:
        """The signed attributes for another digest."""
        return self._attributes.replace(self._digest, digest)

    def filled(self, attributes: bytes, signature: bytes) -> bytes:
        """The whole in DER."""
        signer = self._signer + _der(_TAGGED, attributes) + self._algorithm + _der(_OCTETS, signature)
        signed = self._signed + _der(_SET, _der(_SEQUENCE, signer))
        return _der(_SEQUENCE, self._type + _der(_TAGGED, _der(_SEQUENCE, signed)))


def _der(tag: bytes, content: bytes) -> bytes:
    length = len(content)
    if length < 128:
        return tag + bytes([length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8)
    return tag + bytes([128 + len(size)]) + size + content
