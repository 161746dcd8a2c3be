"""What the QR code of a certificate says besides its address: what is printed, signed by the office.

It stands behind the address' `#`, which browsers keep to themselves, so no server ever logs it. It is a COSE_Sign1
(RFC 9052) with EdDSA over Ed25519 (RFC 8032), its payload a CBOR map with the small numbers below as keys, all of it
in base64url without padding. static/verify/statement.js reads it in a browser.
"""

import base64
from dataclasses import dataclass
from enum import IntEnum

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cwt import COSE, COSEKey

MAX_LENGTH = 400  # with the address in front still a QR code that reads at 28 mm


class Claim(IntEnum):
    """The keys of the payload. Numbers are never used again for something else."""

    CODE = 1
    NUMBER = 2
    RECIPIENT = 3
    TITLE = 4
    ROLE = 5
    EVENT = 6
    DAY = 7
    PLACE_DATE = 8
    DECLARED_ISSUER = 9  # another institution, by the word of the office that signs, which vouches for nothing
    SIGNATORIES = 10


# What goes first when it would be too long. Who is certified, under which number and code, when and by whom never goes.
_EXPENDABLE = (Claim.TITLE, Claim.ROLE, Claim.DAY, Claim.SIGNATORIES, Claim.EVENT)
_ROOM = MAX_LENGTH * 3 // 4  # bytes
_AROUND = 72  # bytes of a COSE_Sign1 besides key id and payload: tags, lengths, algorithm, signature


@dataclass(frozen=True)
class Key:
    """A key of the office that signs. `kid` is what it is published under."""

    kid: str
    private: COSEKey

    @classmethod
    def of(cls, kid: str, private: Ed25519PrivateKey) -> "Key":
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return cls(kid, COSEKey.from_pem(pem, kid=kid))


def claims(snapshot: dict) -> dict[int, str | list[str]]:
    """What is said about a certificate: as printed, and nothing that is not. The owner of the key is published with the
    key, so an issuer is named only when it is another one: then the owner has recorded, and the issuer is declared."""
    said = {
        Claim.CODE: snapshot["code"], Claim.NUMBER: snapshot["number"],
        Claim.RECIPIENT: " ".join(snapshot["recipient"].split()), Claim.TITLE: snapshot["title"],
        Claim.ROLE: snapshot["role"], Claim.EVENT: snapshot["event"], Claim.DAY: snapshot["day"],
        Claim.PLACE_DATE: snapshot["place_date"], Claim.DECLARED_ISSUER: snapshot["issuer"],
        Claim.SIGNATORIES: [signer["name"] for signer in snapshot["signatories"]],
    }  # fmt: skip
    if not snapshot["recorded_by"]:
        del said[Claim.DECLARED_ISSUER]
    return {int(claim): value for claim, value in said.items() if value}


def statement(snapshot: dict, key: Key) -> str:
    """The signed statement: the same snapshot and key give the same text, at most about MAX_LENGTH characters."""
    said = claims(snapshot)
    payload = cbor2.dumps(said)
    for claim in _EXPENDABLE:
        if len(payload) + len(key.kid) + _AROUND <= _ROOM:
            break
        said.pop(claim, None)
        payload = cbor2.dumps(said)
    signed = COSE.new(alg_auto_inclusion=True, kid_auto_inclusion=True).encode_and_sign(payload, key.private)
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


def read(signed: str) -> dict[int, str | list[str]]:
    """What a statement says, whoever signed it: nothing is verified."""
    message = cbor2.loads(base64.urlsafe_b64decode(signed + "=" * (-len(signed) % 4)))
    _protected, _open, payload, _signature = message.value
    return cbor2.loads(payload)
