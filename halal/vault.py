"""Secrets that the database keeps, such as private keys: encrypted with a key derived from HALAL_SECRET_KEY.

Whoever takes a copy of the database, without the secret, has nothing to sign with.
"""

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

_NONCE = 12


class Unreadable(ValueError):
    """The secret was locked with another HALAL_SECRET_KEY, for something else, or was changed."""


def lock(secret: bytes, what: str) -> bytes:
    """The secret, encrypted (AES-256-GCM). `what` names what it belongs to: it opens there only."""
    nonce = os.urandom(_NONCE)
    return nonce + _cipher(current_app.config["SECRET_KEY"]).encrypt(nonce, secret, what.encode())


def unlock(locked: bytes, what: str) -> bytes:
    """What `lock` was given. Raises Unreadable."""
    try:
        return _cipher(current_app.config["SECRET_KEY"]).decrypt(locked[:_NONCE], locked[_NONCE:], what.encode())
    except (InvalidTag, ValueError) as error:
        raise Unreadable(what) from error


@lru_cache(maxsize=4)
def _cipher(secret_key: str) -> AESGCM:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"serambi-halal vault 1").derive(secret_key.encode())
    return AESGCM(key)
