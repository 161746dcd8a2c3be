"""Identifiers: time-ordered ids for rows, unguessable tokens for links."""

import hashlib
import secrets
import time
import unicodedata
import uuid
from datetime import UTC, datetime

# Crockford's base 32, lower case: no i, l, o, u, so that a code survives being read aloud or typed.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def uuid7() -> uuid.UUID:
    """A UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, 74 random bits."""
    return _version7(time.time_ns() // 1_000_000, secrets.randbits(80))


def derived(moment: datetime, *parts: object) -> uuid.UUID:
    """A UUID of the same shape that is the same each time: the moment, and in place of chance a hash of the parts."""
    said = "\n".join(map(str, (moment, *parts)))
    return _version7(int(moment.timestamp() * 1000), int(hashlib.sha256(said.encode()).hexdigest()[:20], 16))


def _version7(milliseconds: int, rest: int) -> uuid.UUID:
    value = milliseconds << 80 | rest
    value &= ~(0xF << 76) & ~(0x3 << 62)
    value |= 0x7 << 76 | 0b10 << 62
    return uuid.UUID(int=value)


def moment_of(value: uuid.UUID) -> datetime:
    """When a UUID version 7 was made, by its own word."""
    return datetime.fromtimestamp((value.int >> 80) / 1000, UTC)


def token() -> str:
    """128 random bits as 22 URL-safe characters, for private links."""
    return secrets.token_urlsafe(16)


def token_hash(value: str) -> str:
    """SHA-256 of a token, hexadecimal: what is stored where the token itself must not be."""
    return hashlib.sha256(value.encode()).hexdigest()


CODE_LENGTH = 26


def code() -> str:
    """130 random bits as 26 characters a person can type (Crockford's base 32)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


def normalize_code(typed: str) -> str:
    """What a person typed, as `code()` would have written it: case, width, spaces, dashes and look-alikes forgiven."""
    cleaned = "".join(ch for ch in unicodedata.normalize("NFKC", typed).lower() if ch.isalnum())
    digits = "".join(str(unicodedata.decimal(ch, ch)) for ch in cleaned)
    return digits.replace("o", "0").replace("i", "1").replace("l", "1")


def strange_letters(code: str) -> list[str]:
    """The letters of a normalized code that `code()` never writes, each once, in capitals."""
    return [ch.upper() for ch in dict.fromkeys(code) if ch not in _ALPHABET]
