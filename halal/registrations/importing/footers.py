"""Rows under and between the people of a list that are none: totals, place and date, signatures, notes, group titles.

A row of the list itself shows that it is one: its number in the list, a phone, a NIB, an e-mail address. A row without
any of them is loose, and what it says decides. Once a signature begins, loose rows belong to it until the list goes on.
"""

import re
from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from halal import text
from halal.registrations.importing.cells import as_text, is_blank
from halal.registrations.importing.headings import COUNTER, FIELDS, meaning
from halal.sheets import Cell

_MONTH = (
    r"(jan(uari)?|[fp]eb(ruari)?|mar(et)?|apr(il)?|mei|jun[iy]?|jul[iy]?|agu?s?t?(ustus)?|sept?(ember)?|okt(ober)?"
    r"|no[vp](ember)?|des(ember)?)"
)
_PLACE_AND_DATE = re.compile(
    # "Serang, 12 Mei 2025", "Serang,      Mei 2025", "Serang, ……… 2025", "Serang, ………", "Serang, 12-05-2025"
    r"[^\W\d][\w .\-/]{2,30},\s*([\d._… ]{0,20}(tgl\.?|tanggal)?[\d._… ]{0,20}"
    rf"{_MONTH}?[ ._…]*(20\d\d|19\d\d|20[._…]+)"
    r"|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|[._…]{4,}.*)",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"(mengetahui|menyetujui|mengesahkan|disahkan|diketahui|disetujui|ditetapkan|dibuat oleh|yang membuat|hormat kami"
    r"|hormat saya|yang bertanda tangan|tanda tangan|t\.?t\.?d\b|nip\b|nrp\b|n\.i\.p\b|materai|meterai|stempel)",
    re.IGNORECASE,
)
_RANK = re.compile(
    r"(pembina|penata|pengatur|juru)( (utama|tingkat|tk\.?|muda|madya|satu|i|1))*[\s,(]*([iv]+\s?[/.]\s?[a-e])?\)?",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"((a\.?\s?n\.?|u\.?b\.?|plt\.?|plh\.?|pj\.?)\s+)?(kepala|kadis|kabid|kasi|kasubag|camat|lurah|kades|bupati"
    r"|wali ?kota|gubernur|sekretaris|sekda|ketua (panitia|pelaksana|tim|umum|lp3h|penyelenggara)|bendahara|pejabat"
    r"|kuasa pengguna|panitia|koordinator|notulis|penanggung jawab kegiatan|pelaksana kegiatan|petugas|ppk\b|pptk\b"
    r"|direktur)\b.*",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"(grand |sub ?-?)?(total|jumlah|jml|rata ?-? ?rata|banyaknya|terbilang)\b", re.IGNORECASE)
_NOTE = re.compile(
    r"(catatan|keterangan|ket|sumber|note|nb|n\.b|lampiran|dokumentasi|petunjuk)\.?\s*:|\*+\)?\s*\w|\*\)"
    r"|(halaman|hal|page|lembar)\.?\s*(ke-?)?\s*\d+|(lanjutan|dipindahkan|pindahan|jumlah pindahan|bersambung)\b"
    r"|(dicetak|printed|diunduh)\b",
    re.IGNORECASE,
)
_GROUP = re.compile(
    r"([A-Z]\.|[IVX]+\.|\d+\.)?\s*(kec(amatan)?|kel(urahan|ompok)?|desa|kab(upaten)?|kota|prov(insi)?|kategori|sesi|hari"
    r"|gelombang|angkatan|bagian|bidang|kelas|tim|group|grup|wilayah|zona|rombongan|meja|dapil|sektor|ukm|umkm|ikm"
    r"|instansi|daftar|peserta|undangan|narasumber|panitia|cadangan|tanggal|tgl)\b\.?\s*:?.*",
    re.IGNORECASE,
)
_DOTS = re.compile(r"[\s(\[]*[._…]{4,}[\s)\]]*|\(\s*\)")
NOTHING_TAKEN = _l("nothing of it is taken, not even a name")
_STRONG = ("phone", "nib", "email")


def sort_out(
    rows: Sequence[tuple[int, list[Cell]]], mapping: Sequence[str], headings: Sequence[str], part: set[int]
) -> tuple[list[tuple[int, list[Cell]]], list[tuple[list[int], object]]]:
    """(the rows that may be people, (numbers of rows, why not) for the others). `part` are the columns of the list."""
    sorter = _Sorter(mapping, part, rows)
    people: list[tuple[int, list[Cell]]] = []
    left: list[tuple[int, str]] = []
    signing = False
    for place, (number, cells) in enumerate(rows):
        words = sorter.words(cells)
        if _repeats(cells, headings, part):
            signing = False
            continue
        if not words:
            continue
        loose = sorter.is_loose(cells)
        signing = loose and (signing or sorter.begins_signature(place))
        if signing:
            _take_back_name(people, left, sorter, words)
            left.append((number, _("signature, place and date")))
        elif loose and (why := sorter.why_not(cells, words)):
            left.append((number, why))
        elif sorter.takes_nothing(cells):
            left.append((number, NOTHING_TAKEN))
        else:
            people.append((number, cells))
    return people, _grouped(left)


def _take_back_name(people: list, left: list, sorter: "_Sorter", words: list[str]) -> None:
    """The official's name stands above the rank and the NIP: it was taken for one of the people a row ago."""
    begins = re.match(r"nip\b|nrp\b", words[0], re.IGNORECASE) or _RANK.fullmatch(words[0])
    if begins and people and sorter.is_loose(people[-1][1]) and sorter.has_proof_of_rows:
        number, _cells = people.pop()
        left.append((number, _("signature, place and date")))


def _repeats(cells: Sequence[Cell], headings: Sequence[str], part: set[int]) -> bool:
    """Whether the row is the heading again, as on the second page of a printed list."""
    said = [c for c in part if c < len(cells) and not is_blank(cells[c])]
    return len(said) > 1 and all(as_text(cells[c]).casefold() == headings[c].casefold() for c in said)


def _grouped(left: list[tuple[int, str]]) -> list[tuple[list[int], object]]:
    grouped: dict[str, list[int]] = {}
    for number, why in left:
        grouped.setdefault(why, []).append(number)
    return [(numbers, why) for why, numbers in grouped.items()]


class _Sorter:
    """What is known of one list while its rows are looked at."""

    def __init__(self, mapping: Sequence[str], part: set[int], rows: Sequence[tuple[int, list[Cell]]]):
        self.mapping, self.part, self.rows = mapping, part, rows
        self.counter = next((c for c in sorted(part) if mapping[c] == COUNTER), None)
        self.name = next((c for c in sorted(part) if mapping[c] == "name"), None)
        numbered = sum(self._numbered(cells) for _number, cells in rows)
        if numbered * 4 < sum(self.name is not None and self._at(cells, self.name) != "" for _n, cells in rows):
            self.counter = None  # few rows are numbered, so that a row without a number says nothing
        self.strong = [c for c in part if mapping[c] in _STRONG]
        self.columns = sum(bool(mapping[c]) for c in part)

    @property
    def has_proof_of_rows(self) -> bool:
        """Whether rows of this list can show that they are rows."""
        return self.counter is not None or bool(self.strong)

    def _at(self, cells: Sequence[Cell], column: int) -> str:
        return as_text(cells[column]) if column < len(cells) else ""

    def _numbered(self, cells: Sequence[Cell]) -> bool:
        return self.counter is not None and bool(re.fullmatch(r"\(?\d+[.)]?", self._at(cells, self.counter)))

    def words(self, cells: Sequence[Cell]) -> list[str]:
        """The texts of a row in their order, without its number."""
        numbered = self._numbered(cells)
        texts = (self._at(cells, c) for c in sorted(self.part) if not (numbered and c == self.counter))
        return [said for said in texts if said]

    def is_loose(self, cells: Sequence[Cell]) -> bool:
        """Whether nothing but its words shows that a row belongs to the list."""
        if self._numbered(cells):
            return False
        return not any(_proves(as_text(cells[c])) for c in self.strong if c < len(cells))

    def begins_signature(self, place: int) -> bool:
        """Whether a signature begins with this loose row. An office alone ("Kepala Dinas …") is one when the list's
        rows are numbered, or when something else of a signature follows."""
        words = self.words(self.rows[place][1])
        if any(_signs(said) for said in words) and (_signs(words[0]) or _signs(words[-1])):
            return len(words) <= 3 or self.counter is not None
        if not _OFFICE.fullmatch(words[0]):
            return False
        following = [said for _n, cells in self.rows[place + 1 : place + 8] for said in self.words(cells)]
        return self.counter is not None or any(_signs(said) for said in following)

    def why_not(self, cells: Sequence[Cell], words: list[str]) -> str:
        """Why a loose row is nobody, or ""."""
        first = words[0]
        if _TOTAL.match(first):
            return _("total")
        if _NOTE.match(first):
            return _("note")
        alone = len(words) == 1
        if alone and self.columns > 1 and _GROUP.fullmatch(first) and meaning(first).field != "name":
            return _("title of a group")
        name = self._at(cells, self.name) if self.name is not None else ""
        if alone and not name and self.columns > 1 and self.name is not None:
            return _("title of a group") if re.search(r"[^\W\d_]", first) else _("total")
        if (
            self.columns > 1
            and name
            and not re.search(r"[^\W\d_]", name)
            and all(not re.search(r"[^\W\d_]", said) for said in words)
        ):
            return _("total")
        return ""

    def takes_nothing(self, cells: Sequence[Cell]) -> bool:
        return all(self._at(cells, c) == "" for c in self.part if self.mapping[c] in FIELDS)


def _proves(said: str) -> bool:
    """Whether a cell holds a phone, a NIB or an address of mail; the NIP of an official is none."""
    return "@" in said or (len(re.sub(r"\D", "", said)) >= 9 and not _signs(said))


def _signs(said: str) -> bool:
    return bool(
        _SIGNATURE.match(said) or _RANK.fullmatch(said) or _PLACE_AND_DATE.fullmatch(said) or _DOTS.fullmatch(said)
    )


def shown(numbers: Sequence[int]) -> str:
    """Numbers of rows in words of a list: "3, 5–9"."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return text.clean_line(", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in parts))
