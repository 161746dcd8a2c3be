"""The page's drawing, cut into what stays and what is filled."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from halal.pdf_fill.objects import number
from halal.pdf_fill.reading import Found, Picture, Run
from halal.pdf_fill.shaping import CannotFill

_SHOWN = re.compile(rb"<([0-9a-f]*)>")
_FIXED = 5  # items of a text: BT, Tm, Tf, TJ, ET


@dataclass(frozen=True)
class _Text:
    """A text: line `index` of the slot, or text `index` of the fixed row of a stack (then `key` is (stack, row))."""

    key: str | tuple[str, int]
    index: int


@dataclass(frozen=True)
class _MoreLines:
    """All lines of a slot after the first, each in a marked content of its own."""

    slot: str


@dataclass(frozen=True)
class _Shift:
    """How far a centered stack is moved."""

    stack: str


@dataclass(frozen=True)
class _Code:
    """A QR code in the place of a picture."""

    slot: str


@dataclass(frozen=True)
class Filled:
    """What is filled in: texts as drawn, of each slot and each fixed row of a stack; the marks of the slots' further
    lines; how far each stack is moved; the drawn QR codes."""

    texts: Mapping[str | tuple[str, int], Sequence[bytes]]
    marks: Mapping[str, Sequence[int]]
    shifts: Mapping[str, float]
    codes: Mapping[str, bytes]


class Content:
    """A page's drawing. `fonts` and `shown` are, for each slot and each fixed row of a stack, the font resources of its
    texts and how WeasyPrint has drawn them; `marks` the slots' marked contents; `used` the glyphs that the remaining
    texts take from each font."""

    def __init__(self, items: Sequence[bytes], found: Found):
        self._items = items
        self._parts: dict[int, object] = {}  # at the item that it replaces
        self._gone: set[int] = set()
        self.fonts: dict[str | tuple[str, int], list[str]] = {}
        self.shown: dict[str | tuple[str, int], list[bytes]] = {}
        self.marks: dict[str, int] = {}
        for slot, block in found.texts.items():
            self.marks[slot] = self._mark_before(self._cut(slot, [line[0] for line in block.lines])[0])
        for name, stack in found.stacks.items():
            for index, row in enumerate(stack.rows):
                if row.slot:
                    after = self._find(text_start(row.block.lines[0][0].x, row.block.first)) + 4
                    self._parts[after] = _MoreLines(row.slot)
                else:
                    self._cut((name, index), row.block.lines[0])
            if stack.shift is not None:
                self._parts[self._find(_moved_by(stack.shift))] = _Shift(name)
        for slot, picture in found.pictures.items():
            self._cut_picture(slot, picture)
        self.used = self._glyphs()
        self._pieces = list(self._merged())

    def write(self, filled: Filled) -> bytes:
        """The drawing with everything filled in."""
        return b"\n".join(piece if isinstance(piece, bytes) else _drawn(piece, filled) for piece in self._pieces)

    def _find(self, item: bytes) -> int:
        if self._items.count(item) != 1:
            raise CannotFill(f"{item.decode()} is not drawn once")
        return self._items.index(item)

    def _cut(self, key: str | tuple[str, int], runs: Sequence[Run]) -> list[int]:
        """Take these texts out of what stays; where they began."""
        places = [self._find(text_start(run.x, run.y)) - 1 for run in runs]
        for index, at in enumerate(places):
            begin, _start, font, show, end, after = self._items[at : at + _FIXED + 1]
            if (begin, end, after) != (b"BT", b"ET", b"EMC") or not font.endswith(b" Tf") or not show.endswith(b" TJ"):
                raise CannotFill(f"{key} is drawn in another way")
            self.fonts.setdefault(key, []).append(font.split()[0][1:].decode())
            self.shown.setdefault(key, []).append(b"\n".join(self._items[at : at + _FIXED]))
            self._parts[at] = _Text(key, index)
            self._gone |= set(range(at, at + _FIXED))
        return places

    def _mark_before(self, at: int) -> int:
        """The number of the marked content that an item is in."""
        begin = max(n for n in range(at) if self._items[n] == b"BDC")
        return int(re.fullmatch(rb"<</MCID (\d+)>>", self._items[begin - 1])[1])

    def _cut_picture(self, slot: str, picture: Picture) -> None:
        at = self._find(f"1 0 0 1 {number(picture.x)} {number(picture.y)} cm".encode())
        begin = max(n for n in range(at) if self._items[n] == b"BDC")
        end = self._items.index(b"EMC", at)
        if self._items[begin - 2] != b"/Figure" or any(item in (b"BDC", b"BMC") for item in self._items[at:end]):
            raise CannotFill(f"picture {slot} is drawn in another way")
        self.marks[slot] = self._mark_before(at)
        self._parts[begin + 1] = _Code(slot)
        self._gone |= set(range(begin + 1, end))

    def _glyphs(self) -> dict[str, set[int]]:
        font, used = "", {}
        for at, item in enumerate(self._items):
            if item.endswith(b" Tf"):
                font = item.split()[0][1:].decode()
            elif item.endswith(b" TJ") and at not in self._gone:
                shown = b"".join(_SHOWN.findall(item))
                used.setdefault(font, set()).update(int(shown[n : n + 4], 16) for n in range(0, len(shown), 4))
        return used

    def _merged(self) -> Iterator:
        run: list[bytes] = []
        for at, item in enumerate(self._items):
            if at not in self._gone and not isinstance(self._parts.get(at), _Shift):
                run.append(item)
            if at in self._parts:
                yield b"\n".join(run)
                run = []
                yield self._parts[at]
        yield b"\n".join(run)


def text_start(x: float, y: float) -> bytes:
    """The operator that says where a text starts."""
    return f"1 0 0 -1 {number(x)} {number(y)} Tm".encode()


def _moved_by(shift: float) -> bytes:
    return f"1 0 0 1 0 {number(shift)} cm".encode()


def _drawn(part, filled: Filled) -> bytes:
    if isinstance(part, _Text):
        return filled.texts[part.key][part.index]
    if isinstance(part, _MoreLines):
        marked = zip(filled.marks[part.slot], filled.texts[part.slot][1:], strict=True)
        return b"\n".join(b"/Span\n<</MCID %d>>\nBDC\n%b\nEMC" % (mark, line) for mark, line in marked)
    if isinstance(part, _Shift):
        return _moved_by(filled.shifts[part.stack])
    return filled.codes[part.slot]
