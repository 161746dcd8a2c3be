"""Passwords: Argon2id hashes (RFC 9106) with the library's recommended cost."""

import os
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10

# HALAL_TEST_CHEAP_HASHES is set by the tests alone: hashing must be slow in production and fast in a thousand tests.
_hasher = (
    PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    if os.environ.get("HALAL_TEST_CHEAP_HASHES")
    else PasswordHasher()
)


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Whether the password fits. Takes as long for an unknown user (stored None) as for a known one."""
    try:
        return _hasher.verify(stored or _nobody(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
