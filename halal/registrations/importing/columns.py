"""Which row of a sheet is the heading, and which column is which field.

Headings decide where they can be read; where they cannot, what stands in the column does. A column of NIKs is
recognized so that it can be left out: nobody needs it to register, and what is not kept cannot leak.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from halal import regions, text
from halal.errors import DomainError
from halal.registrations.importing.cells import as_text, digits_of, is_blank
from halal.sheets import Cell

FIELDS = ("name", "phone", "email", "business_name", "product", "nib", "region", "address", "note")
NIK, COUNTER = "nik", "number"  # recognized, never taken
_HEADING_ROWS = 40  # a letterhead, a title and blank rows may stand above the headings
_SAMPLE = 200  # rows of data that columns are judged by
_JUDGED = 80  # characters of each of their cells
_MOSTLY = 0.7

_NOT_A_BUSINESS = r"\b(skala|izin|ijin|modal|lama|tahun|omzet|omset|jumlah|status|tanggal|alamat|kode|jabatan|bank)\b"
_PATTERNS = (
    ("name", r"^(nama|name|peserta|attendee|participant|pemilik|pelaku usaha|pengusaha|undangan)$"),
    ("name", r"^(full ?name|(attendee|participant|owner)s? name|name of (the )?(attendee|participant|owner))$"),
    ("name", r"^nama (lengkap|peserta|pemilik|pendaftar|pelaku usaha|pengusaha|penanggung jawab|pengurus|undangan)\b"),
    ("name", r"^nama (dan|beserta|dengan|sesuai|berikut) "),
    (NIK, r"\b(nik|ktp|nomor induk kependudukan)\b"),
    ("nib", r"\b(nib|n i b|(nomor|no) induk berusaha|business identification number)\b"),
    ("email", r"\b(e ?mail|surel)\b"),
    ("phone", r"\b(hp|no ?hp|handphone|hand phone|telp|telepon|telpon|tlp|tlpn|wa|whats ?app|phone|mobile|ponsel)\b"),
    ("phone", r"^((no|nomor) )?(kontak|contact|contact number)$"),
    ("address", r"^(alamat|domisili)\b|\baddress\b"),
    ("region", r"\b(kab|kabupaten|kabkota|kota|regency|city|wilayah|daerah)\b"),
    ("product", r"\b(produk|product|products|komoditas|komoditi|(jenis|bidang) usaha)\b"),
    ("business_name", r"\b(usaha|ikm|umkm|ukm|instansi|perusahaan|toko|lembaga|organisasi|unit kerja|merek|merk)\b"),
    ("business_name", r"\b(business|company|organization|organisation|institution|brand)\b"),
    ("note", r"^(ket|keterangan|catatan|notes?|remarks?)\b"),
    (COUNTER, r"^(no|nomor|number|(no|nomor) urut|urut|num)$"),
)
# Words that headings are made of; a cell with any other word may be data.
_WORDS = """
nama lengkap peserta pemilik pelaku pengusaha pendaftar penanggung jawab pengurus undangan dan beserta dengan sesuai
berikut atau gelar ktp no nomor nmr urut hp nohp handphone hand phone telp telepon telpon tlp tlpn wa whatsapp whats
app ponsel mobile kontak aktif nib n i b nik induk berusaha kependudukan e mail email surel usaha ikm umkm ukm instansi
perusahaan toko lembaga organisasi unit kerja merek merk asal produk product products jenis bidang komoditas komoditi
kab kabupaten kabkota kota daerah wilayah regency city alamat domisili rumah tempat tinggal ket keterangan catatan full
name attendee attendees participant participants owner s of the business company organization organisation institution
brand number contact address note notes remark remarks bila ada jika opsional
"""
_HEADING_WORDS = frozenset(_WORDS.split())


def field_of(heading: Cell) -> str | None:
    """The field a heading names ("No. HP / WA" -> "phone"), or None."""
    if str(heading).strip() in {"#", "№"}:
        return COUNTER
    words = text.fold(str(heading))
    for name, pattern in _PATTERNS:
        if re.search(pattern, words) and not (name == "business_name" and re.search(_NOT_A_BUSINESS, words)):
            return name
    return None


@dataclass
class Layout:
    """Where the data is in a sheet. `header` is the number of the heading row (0: there is none), `first` of the
    first data row; `headings` one text a column; `mapping` the field of each column ("" for a column left out)."""

    header: int
    first: int
    headings: list[str]
    mapping: list[str] = field(default_factory=list)

    @property
    def has_name(self) -> bool:
        return "name" in self.mapping


def find_layout(rows: dict[int, list[Cell]], header: int | None = None) -> Layout:
    """The heading row and the fields of the columns; `header` says which row it is when a person chose one."""
    width = max((len(cells) for cells in rows.values()), default=0)
    rows = _sample(rows, header or 0)
    layout = _at(rows, header) if header is not None else _best(rows)
    layout.headings += [""] * (width - len(layout.headings))
    data = [cells for number, cells in rows.items() if number >= layout.first][:_SAMPLE]
    columns = [[cells[c] for cells in data if c < len(cells) and not is_blank(cells[c])] for c in range(width)]
    layout.mapping = _assign(layout, columns)
    return layout


def _sample(rows: dict[int, list[Cell]], begin: int) -> dict[int, list[Cell]]:
    """What a sheet is judged by: the rows from number `begin` on that may be headings, a few hundred below them, and
    of each cell how it begins. So it takes as long for the largest file as for a small one."""
    numbers = [number for number in rows if number >= begin][: _HEADING_ROWS + _SAMPLE + 2]
    brief = lambda cell: cell[:_JUDGED] if isinstance(cell, str) else cell  # noqa: E731
    return {number: [brief(cell) for cell in rows[number]] for number in numbers}


def _fields_in(cells: Sequence[Cell]) -> set[str]:
    """The fields named by cells that say nothing else: "Nama Usaha" is a heading, "Toko Dewi" may be somebody's."""
    plain = (cell for cell in cells if isinstance(cell, str) and not set(text.fold(cell).split()) - _HEADING_WORDS)
    return {name for cell in plain if (name := field_of(cell))} - {COUNTER}


def _at(rows: dict[int, list[Cell]], number: int) -> Layout:
    headings = [as_text(cell) for cell in rows.get(number, [])]
    return Layout(header=number, first=_after(rows, number), headings=headings)


def _best(rows: dict[int, list[Cell]]) -> Layout:
    best, found = Layout(header=0, first=min(rows, default=1), headings=[]), 0
    numbers = list(rows)[:_HEADING_ROWS]
    for number, following in zip(numbers, [*numbers[1:], 0], strict=True):
        fields = _fields_in(rows[number])
        # "Kontak" merged over "No HP" and "E-mail": the lower row says more, the upper fills its gaps.
        below = rows[following] if following == number + 1 else []
        both = _joined(rows[number], below)
        joined = _fields_in(both) if len(_fields_in(below)) and not _looks_like_data(below) else set()
        if len(joined) > max(len(fields), found) and len(joined) > len(_fields_in(below)):
            best, found = Layout(following, _after(rows, following), [as_text(cell) for cell in both]), len(joined)
        elif len(fields) > found and (len(fields) > 1 or "name" in fields or _several(rows[number])):
            best, found = _at(rows, number), len(fields)
    return best


def _joined(above: Sequence[Cell], below: Sequence[Cell]) -> list[Cell]:
    width = max(len(above), len(below))
    pad = lambda cells: [*cells, *[""] * (width - len(cells))]  # noqa: E731
    return [low if not is_blank(low) else high for high, low in zip(pad(above), pad(below), strict=True)]


def _several(cells: Sequence[Cell]) -> bool:
    return sum(not is_blank(cell) for cell in cells) > 1 and not _looks_like_data(cells)


def _looks_like_data(cells: Sequence[Cell]) -> bool:
    return any(len(digits_of(cell)) >= 9 for cell in cells)


def _after(rows: dict[int, list[Cell]], header: int) -> int:
    """The first row of data; a row that only counts the columns, as official tables have it, is none."""
    following = next((number for number in rows if number > header), header + 1)
    numbers = [digits_of(cell) for cell in rows.get(following, []) if not is_blank(cell)]
    if len(numbers) > 2 and numbers == [
        str(n) for n in range(int(numbers[0] or 0), int(numbers[0] or 0) + len(numbers))
    ]:
        return following + 1
    return following


def _share(values: list[Cell], test) -> float:
    return sum(bool(test(value)) for value in values) / len(values) if values else 0.0


def _is_phone(value: Cell) -> bool:
    digits = digits_of(value)
    if not 9 <= len(digits) <= 15 or not re.match(r"(0|62|8)", digits):
        return False
    try:
        return text.clean_phone(digits) is not None
    except DomainError:
        return False


_CONTENT = (
    ("nib", lambda value: len(digits_of(value)) == text.NIB_DIGITS and not _is_phone(value)),
    (NIK, lambda value: len(digits_of(value)) == 16),
    ("phone", _is_phone),
    ("email", lambda value: re.fullmatch(r"\S+@\S+\.\S+", as_text(value))),
    ("region", lambda value: regions.guess(as_text(value))),
)


def _by_content(values: list[Cell]) -> str | None:
    return next((name for name, test in _CONTENT if _share(values, test) >= _MOSTLY), None)


def _counts(values: list[Cell]) -> bool:
    return len(values) > 1 and [as_text(v).rstrip(".") for v in values] == [str(n + 1) for n in range(len(values))]


def _assign(layout: Layout, columns: list[list[Cell]]) -> list[str]:
    mapping = [""] * len(columns)
    named = [field_of(heading) if heading else None for heading in layout.headings]
    for column, name in enumerate(named):
        values = columns[column]
        content = _by_content(values)
        if (
            name in {NIK, "nib"}
            and {content} <= {NIK, "nib"}
            and re.search(r"\bnib\b", text.fold(layout.headings[column]))
        ):
            # "NIB/NIK", or NIKs under "NIB" here and there: the column is what most of its cells are
            name = content if "nik" in text.fold(layout.headings[column]).split() else name
        if name in {"nib", "phone"} and len(values) > 2 and not any(len(digits_of(v)) > 6 for v in values):
            name = None  # "NIB (ada/tidak)" holds no NIB
        if name == NIK or (name is None and content == NIK):
            mapping[column] = NIK
        elif name == COUNTER or (name is None and _counts(values)):
            mapping[column] = COUNTER
        elif name:
            mapping[column] = name
    _keep_fullest(mapping, columns)
    for column, values in enumerate(columns):
        if (
            not mapping[column]
            and named[column] is None
            and (content := _by_content(values))
            and content not in mapping
        ):
            mapping[column] = content
    if layout.header == 0 and "name" not in mapping:
        _guess_name(mapping, columns)
    return mapping


def _keep_fullest(mapping: list[str], columns: list[list[Cell]]) -> None:
    """Of two columns with the same heading the fuller one counts; with as much in both, the first."""
    for name in FIELDS:
        same = [column for column, mapped in enumerate(mapping) if mapped == name]
        if len(same) > 1:
            best = max(same, key=lambda column: (len(columns[column]), -column))
            for column in same:
                if column != best:
                    mapping[column] = ""


def _guess_name(mapping: list[str], columns: list[list[Cell]]) -> None:
    """Without headings, the first column of words is taken for the names; the page shows it for correction."""
    for column, values in enumerate(columns):
        if (
            not mapping[column]
            and _share(values, lambda v: isinstance(v, str) and re.search(r"[^\W\d_]{2}", v)) > _MOSTLY
        ):
            mapping[column] = "name"
            return
