"""Identifiers: time-ordered ids for rows, unguessable tokens for links."""

import hashlib
import secrets
import time
import uuid

# Crockford's base 32, lower case: no i, l, o, u, so that a code survives being read aloud or typed.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def uuid7() -> uuid.UUID:
    """A UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, 74 random bits."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value &= ~(0xF << 76) & ~(0x3 << 62)
    value |= 0x7 << 76 | 0b10 << 62
    return uuid.UUID(int=value)


def token() -> str:
    """128 random bits as 22 URL-safe characters, for private links."""
    return secrets.token_urlsafe(16)


def token_hash(value: str) -> str:
    """SHA-256 of a token, hexadecimal: what is stored where the token itself must not be."""
    return hashlib.sha256(value.encode()).hexdigest()


def code() -> str:
    """130 random bits as 26 characters a person can type (Crockford's base 32)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(26))


def normalize_code(typed: str) -> str:
    """What a person typed, as `code()` would have written it: case, spaces, dashes and look-alikes forgiven."""
    cleaned = "".join(ch for ch in typed.lower() if ch.isalnum())
    return cleaned.replace("o", "0").replace("i", "1").replace("l", "1")
