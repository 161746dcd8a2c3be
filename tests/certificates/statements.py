"""Reading what a QR code says as anybody can: by a library for COSE and the published keys, nothing of ours."""

import base64

import cbor2
from cwt import COSE, COSEKey


def read(qr: str, published: dict) -> tuple[dict, str]:
    """The claims behind the address' `#`, and the office whose key signed them. Raises when nobody's did."""
    raw = base64.urlsafe_b64decode(qr.partition("#")[2] + "===")
    kid = cbor2.loads(cbor2.loads(raw).value[0]).get(4) or cbor2.loads(raw).value[1][4]
    jwk = next(key for key in published["keys"] if key["kid"] == kid.decode())
    key = COSEKey.from_jwk({**jwk, "alg": "EdDSA"})
    return cbor2.loads(COSE.new().decode(raw, key)), jwk["office"]
