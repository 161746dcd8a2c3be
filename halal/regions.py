"""Provinces, regencies and cities by Kemendagri code (halal/data/regions.csv says where they come from)."""

import csv
import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path


@dataclass(frozen=True)
class Region:
    """A province (code "36") or a regency or city ("36.04"). `label` is how a list prints it: Kab. or Kota is kept."""

    code: str
    province_code: str
    name: str
    timezone: str

    @property
    def is_province(self) -> bool:
        return self.code == self.province_code

    @property
    def label(self) -> str:
        return self.name.replace("Kabupaten ", "Kab. ", 1)


@cache
def all_regions() -> dict[str, Region]:
    """Every region by its code, in the file's order (by code)."""
    with (Path(__file__).parent / "data" / "regions.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: Region(**row) for row in csv.DictReader(file)}


def find(code: str | None) -> Region | None:
    """The region with this code, or None."""
    return all_regions().get(code or "")


def label(code: str | None) -> str:
    """ "Kab. Serang" for "36.04"; an empty text for an unknown or missing code."""
    region = find(code)
    return region.label if region else ""


def provinces() -> list[Region]:
    return [region for region in all_regions().values() if region.is_province]


def regencies(province_code: str | None = None) -> list[Region]:
    """Regencies and cities of one province, or of all."""
    return [r for r in all_regions().values() if not r.is_province and province_code in (None, r.province_code)]


_REGENCY, _CITY = "Kabupaten ", "Kota "
_ADMINISTRATIVE = "Administrasi "
# What people write for the two kinds; "Adm." belongs to those of Jakarta.
_KINDS = {
    "kabupaten": _REGENCY, "kab": _REGENCY, "kabup": _REGENCY, "pemkab": _REGENCY, "regency": _REGENCY, "kb": _REGENCY,
    "kota": _CITY, "kotamadya": _CITY, "kodya": _CITY, "kotif": _CITY, "pemkot": _CITY, "city": _CITY, "kt": _CITY,
}  # fmt: skip
_EITHER = {"kabkota", "kotakab", "kabkot", "kotkab"}
_FILLERS = {
    "atau",
    "dan",
    "or",
    "madya",
    "dati",
    "tingkat",
    "ii",
    "dt",
    "adm",
    "administrasi",
    "administratif",
    "prov",
    "provinsi",
    "propinsi",
    "pemerintah",
    "daerah",
    "pemda",
    "di",
}
# Short words within a name, tried when the name is not found as it stands.
_SHORT = {
    "tj": "tanjung", "tg": "tanjung", "tjg": "tanjung", "sel": "selatan", "ut": "utara", "utr": "utara", "bar": "barat",
    "brt": "barat", "tim": "timur", "tmr": "timur", "teng": "tengah", "tgh": "tengah", "p": "pematang", "bd": "bandar",
    "jak": "jakarta", "tgr": "tangerang", "pdg": "padang", "sby": "surabaya", "bdg": "bandung", "tng": "tangerang",
}  # fmt: skip
_NO_REGION = {"kec", "kecamatan", "kel", "kelurahan", "desa", "ds", "rt", "rw", "jl", "jln", "jalan", "dusun", "kp"}


def _words(text: str) -> list[str]:
    return re.sub(r"[\W_]+", " ", text.casefold()).split()


def _key(words: list[str]) -> str:
    """Words without their spaces: "Bukit Tinggi", "Bukittinggi" and "Bukit-Tinggi" are one."""
    return "".join("kepulauan" if word == "kep" else "dan" if word == "&" else word for word in words)


def _kind(region: Region) -> str:
    return _REGENCY if region.name.startswith(_REGENCY) else _CITY


@cache
def _other_names() -> list[tuple[str, str]]:
    """(code, name): abbreviations, former names and spellings of provinces, regencies and cities."""
    with (Path(__file__).parent / "data" / "region_names.csv").open(encoding="utf-8", newline="") as file:
        return [(row["code"], row["name"]) for row in csv.DictReader(file)]


@cache
def _by_key() -> dict[str, list[Region]]:
    """Regencies and cities by their bare names, also without "Kepulauan" where that leaves no other."""
    found: dict[str, list[Region]] = {}
    for region in regencies():
        bare = region.name.removeprefix(_REGENCY).removeprefix(_CITY).removeprefix(_ADMINISTRATIVE)
        found.setdefault(_key(_words(bare)), []).append(region)
    for code, name in _other_names():
        region = all_regions()[code]
        words = _words(name)
        if not region.is_province and words[0] not in _KINDS and region not in found.get(_key(words), ()):
            found.setdefault(_key(words), []).append(region)
    for key, those in list(found.items()):
        short = key.removeprefix("kepulauan").removesuffix("kepulauan")
        if short != key and short not in found:
            found[short] = those
    return found


@cache
def _by_full_key() -> dict[str, Region]:
    """Names that only count with their kind: "Kab. Pontianak" was Mempawah, "Pontianak" is the city."""
    return {
        _key(_words(name)): all_regions()[code] for code, name in _other_names() if _words(name)[0] in _KINDS
    }  # fmt: skip


@cache
def _provinces_by_key() -> dict[str, Region]:
    found = {_key(_words(province.name)): province for province in provinces()}
    found |= {_key(_words(name)): all_regions()[code] for code, name in _other_names() if len(code) == 2}
    return found


def guess(text: str, among: list[str] | None = None) -> list[Region]:
    """Regions that a cell like "Kab. Serang", "Kodya Bandung", "Kota Cilegon - Banten", "36.04" or "Serang" may mean.

    `among` are codes to prefer (the event's regions). One result is a certain answer; several mean that
    somebody has to choose (26 names are both a regency's and a city's; "Kabupaten/Kota Serang" always asks); none that
    the text is no region.
    """
    return list(_guess(text, tuple(among or ())))


@lru_cache(maxsize=4096)
def _guess(text: str, among: tuple[str, ...]) -> list[Region]:
    if region := find(text.strip()):
        return [] if region.is_province else [region]
    if found := _named(_words(text), among):
        return found
    found: list[Region] = []
    for part in re.split(r"[,;()\n]|\s[-–—|]\s|(?<=[a-z])\s*/\s*(?=[a-z])", text, flags=re.IGNORECASE):
        words = _words(part)
        if set(words) <= {*_KINDS, *_EITHER}:
            continue
        named = _named(words, among)
        # "Serang, Kota Serang" narrows, "Lebak / Pandeglang" names two
        found = [region for region in named if region in found] or [*found, *named]
    return found


def is_generic(text: str) -> bool:
    """Whether a text names the heading's two kinds at once ("Kab./Kota Serang"), so that it says neither."""
    return _kinds_of(_words(text))[0] == {_REGENCY, _CITY}


def similar(text: str) -> list[Region]:
    """Regions whose names are almost this text, for a question: "Tanah Bambu" -> Kab. Tanah Bumbu."""
    kinds, words = _kinds_of(_words(text))
    near = difflib.get_close_matches(_key(words), _by_key(), n=2, cutoff=0.84)
    found = [region for key in near for region in _by_key()[key] if not kinds or _kind(region) in kinds]
    return list(dict.fromkeys(found))


def _kinds_of(words: list[str]) -> tuple[set[str], list[str]]:
    """(the kinds that are named, the words without them). They stand before the name or behind it."""
    kinds, rest = set(), list(words)
    while rest and (rest[0] in _KINDS or rest[0] in _EITHER or rest[0] in _FILLERS):
        word = rest.pop(0)
        kinds |= {_REGENCY, _CITY} if word in _EITHER else {_KINDS[word]} if word in _KINDS else set()
    while not kinds and len(rest) > 1 and (rest[-1] in _KINDS or rest[-1] in _FILLERS):
        word = rest.pop()
        kinds |= {_KINDS[word]} if word in _KINDS else set()
    return kinds, rest


def _named(words: list[str], among: Sequence[str]) -> list[Region]:
    if not words or words[0] in _NO_REGION:
        return []
    return _found(words, among) or _found([_SHORT.get(word, word) for word in words], among)


def _found(words: list[str], among: Sequence[str]) -> list[Region]:
    if region := _by_full_key().get(_key(words)):
        return [region]
    for name, province in _without_province(words):
        kinds, rest = _kinds_of(name)
        found = (
            _of_kind(kinds, rest)
            or _kept_kind(name)
            or _of_kind({*kinds} - {_CITY}, name[name.index("kota") :] if "kota" in name else [])
        )
        found = [region for region in found if province is None or region.province_code == province.code]
        if found:
            preferred = [r for r in found if among and r.code in among] if kinds != {_REGENCY, _CITY} else []
            return preferred or found
    return []


def _of_kind(kinds: set[str], words: list[str]) -> list[Region]:
    found = _by_key().get(_key(words), []) if words else []
    return [region for region in found if not kinds or _kind(region) in kinds]


def _kept_kind(words: list[str]) -> list[Region]:
    """A name that begins like a kind: Kotabaru, Kotawaringin and Kotamobagu; "Kabserang" without its space."""
    key = _key(words)
    if key in _by_key():
        return _by_key()[key]
    for word, kind in _KINDS.items():
        if len(word) > 2 and key.startswith(word) and (found := _of_kind({kind}, [key.removeprefix(word)])):
            return found
    return []


def _without_province(words: list[str]) -> Iterator[tuple[list[str], Region | None]]:
    """The words as they are, then without a province's name at their end or beginning, and that province."""
    yield words, None
    rest = [word for word in words if word != "indonesia"]
    if len(rest) < len(words):
        yield rest, None
    for length in range(1, len(rest)):
        for name, place in ((rest[:-length], rest[-length:]), (rest[length:], rest[:length])):
            kept = [word for word in place if word not in {"prov", "provinsi", "propinsi"}]
            if province := _provinces_by_key().get(_key(kept)):
                yield [word for word in name if word not in {"prov", "provinsi", "propinsi"}], province


def named(text: str) -> list[Region]:
    """Provinces, regencies and cities that a name may mean; several when it does not tell them apart."""
    words = _words(text)
    if words and words[0] in {"prov", "provinsi", "propinsi"}:
        province = _provinces_by_key().get(_key(words[1:]))
        return [province] if province else []
    province = _provinces_by_key().get(_key(words))
    return [province, *guess(text)] if province else guess(text)
