"""Which rows of a sheet are the heading, which lists stand below it, and which column is which field.

Headings decide where they can be read (see headings); where they cannot, what stands in the column does, judged by a
sample. A column of NIKs is recognized so that it can be left out: nobody needs it to register, and what is not kept
cannot leak.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from halal import regions, text
from halal.errors import DomainError
from halal.registrations.importing import cells as cell
from halal.registrations.importing.cells import as_text, digits_of, is_blank
from halal.registrations.importing.headings import (
    COUNTER,
    FIELDS,
    KEY,
    NIK,
    PRESENT,
    SOMETHING_ELSE,
    Meaning,
    meaning,
    words_of,
)
from halal.sheets import Cell

TAKEN = (*FIELDS, PRESENT, KEY)
_HEADING_ROWS = 40  # a letterhead, a title and blank rows may stand above the headings
_SAMPLE = 200  # rows of data that columns are judged by
_JUDGED = 80  # characters of each of their cells
_MOSTLY = 0.7
_MADE_UP = re.compile(r"(kolom|column) \d+", re.IGNORECASE)  # what our own file writes over a column without heading


@dataclass
class Layout:
    """Where the data is in a sheet. `header` is the number of the heading row (0: there is none), `first` of the
    first data row; `headings` one text a column, `named` what each says; `lists` the lists that stand side by side: the
    field of each column ("" for a column left out); `parts` the columns of each."""

    header: int
    first: int
    headings: list[str]
    lists: list[list[str]] = field(default_factory=list)
    parts: list[set[int]] = field(default_factory=list)
    named: list[Meaning] = field(default_factory=list)

    @property
    def mapping(self) -> list[str]:
        return self.lists[0] if self.lists else []

    @property
    def has_name(self) -> bool:
        return "name" in self.mapping

    @property
    def fields(self) -> set[str]:
        return {name for name in self.mapping if name in FIELDS}


Rows = dict[int, list[Cell]]


def find_layout(rows: Rows, header: int | None = None) -> Layout:
    """The heading row and the fields of the columns; `header` says which row it is when a person chose one."""
    rows = without_made_up_headings(rows)
    width = max((len(cells) for cells in rows.values()), default=0)
    rows = _sample(rows, (header or 1) - 1)
    layout = _best(rows) if header is None else _at(rows, header, header and _above(rows, header))
    layout.headings += [""] * (width - len(layout.headings))
    layout.named += [meaning(heading) if heading else Meaning(None) for heading in layout.headings[len(layout.named) :]]
    columns = _columns(rows, layout.first, width)
    if layout.header == 0 and header is None and rows and not _begins_with_data(rows, columns):
        # a row of words that nobody knows is a heading rather than a person: which one holds names is asked
        layout = _at(rows, min(rows), None)
        layout.headings += [""] * (width - len(layout.headings))
        layout.named = [meaning(heading) if heading else Meaning(None) for heading in layout.headings]
        columns = _columns(rows, layout.first, width)
    layout.parts = _side_by_side(layout, columns)
    layout.lists = [_assign(layout, columns, part) for part in layout.parts]
    return layout


def _sample(rows: Rows, begin: int) -> Rows:
    """What a sheet is judged by: the rows from number `begin` on that may be headings, a few hundred below them, and
    of each cell how it begins. So it takes as long for the largest file as for a small one."""
    numbers = [number for number in rows if number >= begin][: _HEADING_ROWS + _SAMPLE + 2]
    brief = lambda value: value[:_JUDGED] if isinstance(value, str) else value  # noqa: E731
    return {number: [brief(value) for value in rows[number]] for number in numbers}


def without_made_up_headings(rows: Rows) -> Rows:
    """The rows without the "Kolom 1, Kolom 2, …, Alasan" that our own file of rows not taken wrote above a list whose
    heading was not recognized, and without the reasons in its last column."""
    first = min(rows, default=0)
    cells = [as_text(value) for value in rows.get(first, [])]
    if len(cells) < 2 or not all(_MADE_UP.fullmatch(value) for value in cells[:-1]):
        return rows
    own = 0 if _MADE_UP.fullmatch(cells[-1]) else 1
    width = len(cells) - own
    return {number: [*values[:width]] for number, values in rows.items() if number != first}


def _columns(rows: Rows, first: int, width: int) -> list[list[Cell]]:
    """A sample of what stands in each column."""
    data = [cells for number, cells in rows.items() if number >= first][:_SAMPLE]
    return [[cells[c] for cells in data if c < len(cells) and not is_blank(cells[c])] for c in range(width)]


def fields_in(cells: Sequence[Cell]) -> set[str]:
    """The fields named by cells that say nothing else: "Nama Usaha" is a heading, "Toko Dewi" may be somebody's."""
    found = {said.field for value in cells if isinstance(value, str) and (said := meaning(value)).plain}
    return found - {None, COUNTER, SOMETHING_ELSE}


def _at(rows: Rows, number: int, above: list[Cell] | None) -> Layout:
    low = rows.get(number, [])
    if above is None:
        headings = [as_text(value) for value in low]
        return Layout(header=number, first=_after(rows, number), headings=headings)
    both = _joined(above, low)
    return Layout(
        header=number, first=_after(rows, number), headings=[shown for shown, _said in both],
        named=[said for _shown, said in both],
    )  # fmt: skip


def _above(rows: Rows, number: int) -> list[Cell] | None:
    """The row above a heading when it groups its columns ("Peserta" over "Nama" and "No HP"); None for a title."""
    above = rows.get(number - 1)
    if above is None or looks_like_data(above):
        return None
    filled = [column for column, value in enumerate(above) if not is_blank(value)]
    if not any(column not in filled and not is_blank(value) for column, value in enumerate(rows.get(number, []))):
        return None  # nothing is written once above several columns
    return above if len(filled) > 1 or (filled and filled[0] > 0 and len(rows[number]) > 2) else None


def _best(rows: Rows) -> Layout:
    best, found = Layout(header=0, first=min(rows, default=1), headings=[]), 0
    for number in list(rows)[:_HEADING_ROWS]:
        cells = rows[number]
        if looks_like_data(cells):
            continue
        fields = fields_in(cells)
        above = _above(rows, number)
        if above is not None and fields and not looks_like_data(above):
            # "Kontak" merged over "No HP" and "E-mail": the lower row says more, the upper whose it is
            joined = {said.field for _shown, said in _joined(above, cells)} - {None, COUNTER, SOMETHING_ELSE}
            grouped = len(joined) > len(fields) or all(is_blank(v) or meaning(as_text(v)).plain for v in above)
            if grouped and len(joined) >= max(found, len(fields)):
                best, found = _at(rows, number, above), len(joined)
                continue
        if len(fields) > found and (len(fields) > 1 or "name" in fields or _several(cells)):
            best, found = _at(rows, number, None), len(fields)
    return _with_row_below(rows, best)


def _with_row_below(rows: Rows, layout: Layout) -> Layout:
    """The layout with a second row of headings that names no field by itself: "Jalan | Kelurahan" below "Alamat"."""
    number = layout.header
    low = rows.get(number + 1)
    if not number or low is None or number + 1 != layout.first:
        return layout
    filled = [(column, as_text(value)) for column, value in enumerate(low) if not is_blank(value)]
    name = next((c for c, heading in enumerate(layout.headings) if meaning(heading).field == "name"), None)
    below_nothing = any(column >= len(layout.headings) or not layout.headings[column] for column, _said in filled)
    if not below_nothing or name in dict(filled) or not all(meaning(said).plain for _column, said in filled):
        return layout
    return _at(rows, number + 1, rows[number])


def _joined(above: Sequence[Cell], below: Sequence[Cell]) -> list[tuple[str, Meaning]]:
    """(heading, meaning) of each column of two heading rows. What is written once above several columns counts for
    all of them; where both speak, the lower says what it is and the upper whose: "Nama" below "Pendamping"."""
    width, both, group = max(len(above), len(below)), [], ""
    for column in range(width):
        high = as_text(above[column]) if column < len(above) else ""
        low = as_text(below[column]) if column < len(below) else ""
        if high or not low:
            group = high
        shown = " ".join(part for part in (low, f"– {group}" if low and group else group) if part)
        both.append((shown, meaning(f"{low} {group}" if low else group)))
    return both


def _several(cells: Sequence[Cell]) -> bool:
    return sum(not is_blank(value) for value in cells) > 1


def looks_like_data(cells: Sequence[Cell]) -> bool:
    return any(len(digits_of(value)) >= 9 or re.fullmatch(r"\S+@\S+\.\S+", as_text(value)) for value in cells)


def _after(rows: Rows, header: int) -> int:
    """The first row of data; a row that only counts the columns, as official tables have it, is none."""
    following = next((number for number in rows if number > header), header + 1)
    numbers = [digits_of(value) for value in rows.get(following, []) if not is_blank(value)]
    begin = int(numbers[0] or 0) if numbers else 0
    letters = "".join(as_text(value).casefold() for value in rows.get(following, []))
    if len(numbers) > 2 and (
        numbers == [str(n) for n in range(begin, begin + len(numbers))]
        or (len(letters) == len(numbers) and letters in "abcdefghijklmnopqrstuvwxyz")
    ):
        return following + 1
    return following


def _share(values: list[Cell], test: Callable) -> float:
    return sum(bool(test(value)) for value in values) / len(values) if values else 0.0


def _is_phone(value: Cell) -> bool:
    digits = digits_of(value)
    if not 9 <= len(digits) <= 15 or not re.match(r"(0|62|8)", digits):
        return False
    try:
        return text.clean_phone(digits) is not None
    except DomainError:
        return False


def _is_region(value: Cell) -> bool:
    typed = as_text(value)
    return len(typed) <= 80 and bool(regions.guess(typed))


_CONTENT: tuple[tuple[str, Callable], ...] = (
    ("nib", lambda value: len(digits_of(value)) == text.NIB_DIGITS and not _is_phone(value)),
    (NIK, lambda value: len(digits_of(value)) == 16),
    ("phone", _is_phone),
    ("email", lambda value: re.fullmatch(r"\S+@\S+\.\S+", as_text(value))),
    ("region", _is_region),
)


def _by_content(values: list[Cell]) -> str | None:
    return next((name for name, test in _CONTENT if _share(values, test) >= _MOSTLY), None)


def _counts(values: list[Cell]) -> bool:
    numbers = [digits_of(value) for value in values]
    return len(values) > 1 and numbers == [str(n + 1) for n in range(len(values))]


def _begins_with_data(rows: Rows, columns: list[list[Cell]]) -> bool:
    """Whether the first row is already data: something in it is a phone, a number or a region as below it."""
    first = rows[min(rows)]
    tests = dict(_CONTENT)
    for column, value in enumerate(first):
        name = None if is_blank(value) else _by_content(columns[column])
        if (name and tests[name](value)) or (_counts(columns[column]) and digits_of(value)):
            return True
    return False


def _side_by_side(layout: Layout, columns: list[list[Cell]]) -> list[set[int]]:
    """The columns of each list: two lists may stand beside each other ("Nama | No HP | | Nama | No HP"), and a row
    may hold several people ("nama1 | nama2 | tim"), who share the columns that are there once."""

    def key(column: int) -> str:
        return " ".join(word for word in words_of(layout.headings[column]) if not word.isdigit())

    if len(apart := _split_at_gaps(layout, columns)) > 1:
        return apart
    names = [c for c, said in enumerate(layout.named) if said.field == "name" and columns[c]]
    same = [c for c in names if key(c) == key(names[0])]
    every = set(range(len(columns)))
    if len(same) < 2 or any(layout.named[c].rank > layout.named[names[0]].rank for c in names):
        return [every]
    numbered = all(re.search(r"\d", layout.headings[c]) for c in same[1:])
    repeated: dict[str, list[int]] = {}
    for column in every:
        if layout.headings[column]:
            repeated.setdefault(key(column), []).append(column)
    if numbered:
        shared = {c for those in repeated.values() if len(those) != len(same) for c in those}
        return [shared | {those[n] for those in repeated.values() if len(those) == len(same)} for n in range(len(same))]
    begins = [0]
    for before, name in pairwise(same):
        # the list begins after the gap, or with its number
        between = range(before + 1, name)
        gap = next((c for c in reversed(between) if not layout.headings[c] and not columns[c]), None)
        counter = next((c for c in reversed(between) if layout.named[c].field == COUNTER), None)
        begins.append(counter if counter is not None else gap + 1 if gap is not None else name)
    return [set(range(start, end)) for start, end in zip(begins, [*begins[1:], len(columns)], strict=True)]


def _split_at_gaps(layout: Layout, columns: list[list[Cell]]) -> list[set[int]]:
    """The parts of a sheet between empty columns, where a part is a list of its own: it has its own names, or counts
    its rows. The first is one with names."""
    begins = [0]
    asked = {*FIELDS, PRESENT}
    for column in range(1, len(columns) - 1):
        if layout.headings[column] or columns[column]:
            continue
        end = next(
            (c for c in range(column + 1, len(columns)) if not layout.headings[c] and not columns[c]), len(columns)
        )
        said = {layout.named[c].field for c in range(column + 1, end)}
        before = {layout.named[c].field for c in range(begins[-1], column)}
        if said & {"name", COUNTER} and len(said - {None}) > 1 and before & asked:
            begins.append(column)
    parts = [set(range(start, end)) for start, end in pairwise([*begins, len(columns)])]
    return sorted(parts, key=lambda part: not any(layout.named[c].field == "name" for c in part))


def _assign(layout: Layout, columns: list[list[Cell]], part: set[int]) -> list[str]:
    mapping = [""] * len(columns)
    rank: dict[int, float] = {}
    for column in sorted(part):
        said, values = layout.named[column], columns[column]
        name = said.field
        if (
            name in {"nib", "phone"}
            and len(values) > 2
            and not any(len(digits_of(v)) > 6 or _is_error(v) for v in values)
        ):
            name = SOMETHING_ELSE  # "NIB (ada/tidak)" holds no NIB
            if any(re.search(r"\d{7}", re.sub(r"[\s.\-]", "", as_text(v))) for v in values):
                name = said.field  # "WA: 0812 …"
        if name == PRESENT and not _says_who_came(said, values):
            name = SOMETHING_ELSE
        content = _by_content(values) if name is None else None
        if name == NIK or content == NIK:
            mapping[column] = NIK
        elif name == COUNTER or (name is None and _counts(values)):
            mapping[column] = COUNTER
        elif name in TAKEN:
            mapping[column], rank[column] = name, said.rank
        elif content:
            mapping[column], rank[column] = content, 0
    _keep_best(mapping, rank, columns)
    if layout.header == 0 and "name" not in mapping:
        _guess_name(mapping, columns)
    return mapping


def _says_who_came(said: Meaning, values: list[Cell]) -> bool:
    """Whether a column tells who came. One for signatures often holds the numbers of its boxes: 1, 2, 3."""
    if said.rank == 1 and all(digits_of(value) for value in values):
        return False
    return _share(values, lambda value: cell.is_present(value) is not None) >= _MOSTLY and not _counts(values)


def _is_error(value: Cell) -> bool:
    return bool(cell.error_of(value))


def _keep_best(mapping: list[str], rank: dict[int, float], columns: list[list[Cell]]) -> None:
    """Of two columns of one field the more exact heading counts, however empty its cells are; among equal headings the
    fuller, then the first. Only a column without any cell leaves its place to another. Of two that may both be the
    names, and of which neither is known, none is taken: a person is asked."""
    for name in TAKEN:
        same = [column for column, mapped in enumerate(mapping) if mapped == name]
        if len(same) < 2:
            continue
        best = max(same, key=lambda c: (bool(columns[c]), rank[c], len(columns[c]), -c))
        unsure = name == "name" and rank[best] <= 1 and sum(rank[c] == rank[best] for c in same) > 1
        for column in same:
            if column != best or unsure:
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
