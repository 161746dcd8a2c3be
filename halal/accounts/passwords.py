"""Passwords: Argon2id hashes (RFC 9106) with the library's recommended cost, and what no password may be."""

import os
import re
from collections.abc import Iterable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import lazy_gettext as _l
from zxcvbn import zxcvbn

from halal.errors import DomainError
from halal.text import fold

MIN_LENGTH = 10
LOOKED_AT = 40  # characters; looking at more takes long, and what is longer is not weak
ENOUGH = 3  # zxcvbn's score for more than 10^8 guesses
# Words of Indonesian passwords and of this product; English ones are known to zxcvbn.
COMMON_WORDS = (
    "halal",
    "serambi",
    "sertifikat",
    "sertifikasi",
    "dinas",
    "kantor",
    "admin",
    "petugas",
    "panitia",
    "kegiatan",
    "password",
    "passwd",
    "sandi",
    "katasandi",
    "kunci",
    "rahasia",
    "masuk",
    "akun",
    "bismillah",
    "alhamdulillah",
    "assalamualaikum",
    "insyaallah",
    "allah",
    "muhammad",
    "indonesia",
    "merdeka",
    "pancasila",
    "garuda",
    "jakarta",
    "bandung",
    "surabaya",
    "banten",
    "ramadhan",
    "ramadan",
    "sayang",
    "sayangku",
    "cinta",
    "cintaku",
    "kamu",
    "aku",
    "januari",
    "februari",
    "maret",
    "april",
    "juni",
    "juli",
    "agustus",
    "september",
    "oktober",
    "november",
    "desember",
    "senin",
    "selasa",
    "rabu",
    "kamis",
    "jumat",
    "sabtu",
    "minggu",
    "qwerty",
    "abcdef",
    "asdfgh",
)
_LEET = str.maketrans("01345@$!7", "oieasasit")

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


def check(password: str, own: Iterable[str]) -> None:
    """Raises DomainError for a password that is too short, that very many people have, or that is made of words about
    its owner: `own` are names, e-mail, offices. Spaces around it do not count."""
    if len(password.strip()) < MIN_LENGTH:
        raise DomainError(_l("A password needs at least %(count)s characters.", count=MIN_LENGTH), "password")
    if len(set(password)) > 1 and len(password) > LOOKED_AT:
        return
    words = _words(own)
    if _is_made_of(password, words):
        message = _l(
            "This password is made of your name, your e-mail, your office or a word everybody knows. "
            "Take three or four other words that do not belong together."
        )
        raise DomainError(message, "password")
    if zxcvbn(password[:LOOKED_AT], user_inputs=list(words))["score"] < ENOUGH:
        message = _l(
            "This password is easy to guess: many people have one like it. "
            "Take three or four words that do not belong together."
        )
        raise DomainError(message, "password")


def _words(own: Iterable[str]) -> set[str]:
    words = {word for text in own for word in re.split(r"[\W\d_]+", fold(text)) if len(word) >= 3}
    joined = {"".join(fold(text).split()) for text in own}
    return words | {word for word in joined if len(word) >= 3} | set(COMMON_WORDS)


def _is_made_of(password: str, words: set[str]) -> bool:
    """Whether fewer than four letters are left when the words are taken out, as they are or with digits for letters."""
    for spelled in (fold(password), fold(password.casefold().translate(_LEET))):
        left = re.sub(r"[\W\d_]+", "", spelled) if spelled == fold(password) else re.sub(r"[\W_]+", "", spelled)
        for word in sorted(words, key=len, reverse=True):
            left = left.replace(word, " ")
        if len(left.replace(" ", "")) < 4:
            return True
    return False
