"""Provinces, regencies and cities by Kemendagri code (halal/data/regions.csv says where they come from)."""

import csv
from dataclasses import dataclass
from functools import cache
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


@cache
def _by_words() -> dict[str, list[Region]]:
    found: dict[str, list[Region]] = {}
    for region in regencies():
        full = region.name.casefold()
        bare = full.removeprefix("kabupaten ").removeprefix("kota ")
        short = full.replace("kabupaten ", "kab ", 1)
        for words in {full, bare, short}:
            found.setdefault(words, []).append(region)
    return found


def guess(text: str, among: list[str] | None = None) -> list[Region]:
    """Regions that a cell like "Kab. Serang", "kota serang", "36.04" or "Serang" may mean.

    `among` are codes to prefer (the event's regions). One result is a certain answer; several mean that
    somebody has to choose (26 names are both a regency's and a city's); none that the text is no region.
    """
    typed = " ".join(text.casefold().replace(".", " ").split()) if not find(text.strip()) else text.strip()
    if region := find(typed):
        return [] if region.is_province else [region]
    candidates = _by_words().get(typed.removeprefix("kabupaten ") if typed not in _by_words() else typed, [])
    preferred = [r for r in candidates if among and r.code in among]
    return preferred or candidates
