"""The page's drawing, cut into what stays and what is filled."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from halal.pdf_fill.objects import number
from halal.pdf_fill.reading import Found, PictureSlot, TextSlot
from halal.pdf_fill.shaping import CannotFill

_SHOWN = re.compile(rb"<([0-9a-f]*)>")


@dataclass(frozen=True)
class _Line:
    """Line `index` of a slot."""

    slot: str
    index: int


@dataclass(frozen=True)
class _MoreLines:
    """All lines of a slot after the first, each in a marked content of its own."""

    slot: str


@dataclass(frozen=True)
class _Moved:
    """A fixed text in a row of a stack: where it starts follows the row."""

    stack: int
    row: int
    x: float
    below: float


@dataclass(frozen=True)
class _Shift:
    """How far a centered stack is moved."""

    stack: int


@dataclass(frozen=True)
class _Code:
    """A QR code in the place of a picture."""

    slot: str


@dataclass
class Filled:
    """What is filled in: the lines of each slot as drawn, the marks of the further lines, the tops of the rows and the
    shift of each stack, and the drawn QR codes."""

    lines: Mapping[str, Sequence[bytes]]
    marks: Mapping[str, Sequence[int]]
    tops: Sequence[Sequence[float]]
    shifts: Sequence[float]
    codes: Mapping[str, bytes]


@dataclass
class Content:
    """A page's drawing. `fonts` are the slots' font resources, `marks` the slots' marked contents, `used` the glyphs
    that fixed texts take from each font, `shown` how WeasyPrint has drawn the slots' texts."""

    items: Sequence[bytes]
    found: Found
    fonts: dict[str, str] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    used: dict[str, set[int]] = field(default_factory=dict)
    shown: dict[str, list[bytes]] = field(default_factory=dict)

    def __post_init__(self):
        self._parts: dict[int, object] = {}  # at the item that it replaces
        self._gone: set[int] = set()
        for slot in self.found.texts.values():
            self._cut_text(slot)
        for number_, stack in enumerate(self.found.stacks):
            self._cut_stack(number_, stack)
        for picture in self.found.pictures.values():
            self._cut_picture(picture)
        self._collect_glyphs()
        self._pieces = list(self._merged())

    def write(self, filled: Filled) -> bytes:
        """The drawing with everything filled in."""
        return b"\n".join(piece if isinstance(piece, bytes) else _drawn(piece, filled) for piece in self._pieces)

    def _find(self, item: bytes) -> int:
        if self.items.count(item) != 1:
            raise CannotFill(f"{item.decode()} is not drawn once")
        return self.items.index(item)

    def _cut_text(self, slot: TextSlot) -> None:
        growing = any(row.slot is slot for stack in self.found.stacks for row in stack.rows)
        for index, start in enumerate(slot.starts):
            at = self._find(text_start(*start))
            begin, font, text, end, after = (self.items[at + n] for n in (-1, 1, 2, 3, 4))
            resource = font.split()[0][1:].decode()
            if (begin, end, after) != (b"BT", b"ET", b"EMC") or self.fonts.setdefault(slot.name, resource) != resource:
                raise CannotFill(f"slot {slot.name} is drawn in another way")
            self._parts[at - 1] = _Line(slot.name, index)
            self._gone |= {at, at + 1, at + 2, at + 3}
            self.shown.setdefault(slot.name, []).append(b"\n".join(self.items[at - 1 : at + 4]))
            if not text.endswith(b"TJ"):
                raise CannotFill(f"slot {slot.name} is shown in another way")
            if index == 0:
                self.marks[slot.name] = self._mark_before(at)
            if growing:
                self._parts[at + 4] = _MoreLines(slot.name)

    def _mark_before(self, at: int) -> int:
        """The number of the marked content that an item is in."""
        begin = max(n for n in range(at) if self.items[n] == b"BDC")
        return int(re.fullmatch(rb"<</MCID (\d+)>>", self.items[begin - 1])[1])

    def _cut_stack(self, number_: int, stack) -> None:
        for index, row in enumerate(stack.rows):
            for x, y in row.texts:
                self._parts[self._find(text_start(x, y))] = _Moved(number_, index, x, y - row.top)
        if stack.shift is not None:
            self._parts[self._find(_moved_by(stack.shift))] = _Shift(number_)

    def _cut_picture(self, slot: PictureSlot) -> None:
        at = self._find(f"1 0 0 1 {number(slot.x)} {number(slot.y)} cm".encode())
        begin = max(n for n in range(at) if self.items[n] == b"BDC")
        end = self.items.index(b"EMC", at)
        if self.items[begin - 2] != b"/Figure" or any(item in (b"BDC", b"BMC") for item in self.items[at:end]):
            raise CannotFill(f"picture {slot.name} is drawn in another way")
        self.marks[slot.name] = self._mark_before(at)
        self._parts[begin + 1] = _Code(slot.name)
        self._gone |= set(range(begin + 2, end))

    def _collect_glyphs(self) -> None:
        font = ""
        for at, item in enumerate(self.items):
            if at in self._gone:
                continue
            if item.endswith(b" Tf"):
                font = item.split()[0][1:].decode()
            elif item.endswith(b" TJ"):
                shown = b"".join(_SHOWN.findall(item))
                self.used.setdefault(font, set()).update(
                    int(shown[n : n + 4], 16) for n in range(0, len(shown), 4)
                )  # fmt: skip

    def _merged(self):
        run: list[bytes] = []
        for at, item in enumerate(self.items):
            part = self._parts.get(at)
            if isinstance(part, _MoreLines):
                run.append(item)
            if part is not None:
                yield b"\n".join(run)
                run = []
                yield part
            elif at not in self._gone:
                run.append(item)
        yield b"\n".join(run)


def text_start(x: float, y: float) -> bytes:
    """The operator that says where a text starts."""
    return f"1 0 0 -1 {number(x)} {number(y)} Tm".encode()


def _moved_by(shift: float) -> bytes:
    return f"1 0 0 1 0 {number(shift)} cm".encode()


def _drawn(part, filled: Filled) -> bytes:
    if isinstance(part, _Line):
        return filled.lines[part.slot][part.index]
    if isinstance(part, _MoreLines):
        marked = zip(filled.marks[part.slot], filled.lines[part.slot][1:], strict=True)
        return b"\n".join(b"/Span\n<</MCID %d>>\nBDC\n%b\nEMC" % (mark, line) for mark, line in marked)
    if isinstance(part, _Moved):
        return text_start(part.x, filled.tops[part.stack][part.row] + part.below)
    if isinstance(part, _Shift):
        return _moved_by(filled.shifts[part.stack])
    return filled.codes[part.slot]
