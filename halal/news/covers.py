"""Cover pictures of articles: stored in two sizes, the large one's key in the article."""

import re
from base64 import b32encode
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select

from halal import files, pictures
from halal.extensions import db
from halal.news.models import Article

LARGE, SMALL = 1600, 720  # pixels, the longer side; small is for lists on phones
_KEY = re.compile(r"public/news/(?P<office>\d+)/[0-9a-z]{26}-(?P<width>\d+)x(?P<height>\d+)\.[a-z]+")


@dataclass(frozen=True)
class Cover:
    """Where a cover's two sizes are, and the width and height of the large one, so that pages keep its place free."""

    large: str
    small: str
    width: int
    height: int

    @property
    def small_width(self) -> int:
        return round(self.width * min(1, SMALL / max(self.width, self.height)))


def store(content: bytes, organization_id: int) -> str:
    """Keep an uploaded picture in both sizes; the key of the large one. Raises DomainError."""
    large, mime = pictures.accept(content, LARGE)
    small = pictures.smaller(large, mime, SMALL)
    width, height = pictures.size(large)
    code = b32encode(sha256(large).digest()).decode().lower()[:26]  # the same picture sent twice is one
    key = f"public/news/{organization_id}/{code}-{width}x{height}.{pictures.SUFFIXES[mime]}"
    files.put(key, large)
    files.put(_small(key), small)
    return key


def belongs(key: str | None, organization_id: int) -> bool:
    """Whether this is the key of a cover that this office uploaded."""
    named = _KEY.fullmatch(key or "")
    return named is not None and int(named["office"]) == organization_id


def is_stored(key: str) -> bool:
    """Whether the picture is still there: a colleague may have replaced it."""
    try:
        files.get(key)
    except files.FileMissing:
        return False
    return True


def cover(key: str | None) -> Cover | None:
    """The cover that has this key, or None."""
    named = _KEY.fullmatch(key or "")
    if named is None:
        return None
    return Cover(named[0], _small(named[0]), int(named["width"]), int(named["height"]))


def forget(key: str | None) -> None:
    """Remove a cover's files after the commit, unless an article still shows it."""
    if _KEY.fullmatch(key or "") and db.session.scalar(select(Article.id).where(Article.cover_file == key)) is None:
        files.delete_when_committed(key, _small(key))


def _small(key: str) -> str:
    name, _dot, suffix = key.rpartition(".")
    return f"{name}-small.{suffix}"
