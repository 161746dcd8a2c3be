"""Where WeasyPrint has put what will be filled: read from the boxes of a page that it has laid out.

    <p data-slot="name">…</p>       a block whose whole text is filled: lines parted by <br>, white-space: nowrap
    <img data-slot="code" …>        a picture that is replaced by a QR code
    <div data-stack="middle">…      a column of blocks that hold slots or one line of fixed text, all measures in em.
                                    The column may have another size than in the template, slots in it other sizes and
                                    more lines: what follows moves along, and with transform: translateY(-50%) the
                                    column stays centered

A slot that stands in no stack keeps its number of lines and its size. What cannot be told in these terms raises
CannotFill. All lengths are CSS pixels.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from halal.pdf_fill.shaping import CannotFill, Look

_NEAR = 0.01
_SIDES = {"left": 0.0, "start": 0.0, "center": 0.5, "right": 1.0, "end": 1.0}
_PLAIN = {
    "word_spacing": (0,), "text_decoration_line": ("none",), "white_space": ("nowrap", "pre"), "direction": ("ltr",),
    "text_indent": (0,), "font_feature_settings": ("normal",), "visibility": ("visible",),
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A text in one look, and where it starts."""

    text: str
    look: Look
    x: float
    y: float


@dataclass(frozen=True)
class Block:
    """Lines of text one under the other; `align` is the share of the free width that is left of a line."""

    left: float
    room: float
    align: float
    pitch: float
    lines: tuple[tuple[Run, ...], ...]

    @property
    def first(self) -> float:
        """The baseline of the first line."""
        return self.lines[0][0].y

    @property
    def look(self) -> Look:
        """How a slot's text looks."""
        return self.lines[0][0].look


@dataclass(frozen=True)
class Picture:
    """The box of a picture that is replaced."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Row:
    """One block of a stack: a slot when it has a name."""

    slot: str | None
    block: Block
    top: float
    height: float
    margin_top: float
    margin_bottom: float


@dataclass(frozen=True)
class Stack:
    """A column of blocks, of a size. `shift` is how far it was moved up to be centered, None when it was not."""

    size: float
    top: float
    height: float
    shift: float | None
    rows: tuple[Row, ...]

    def place(self, shares: Mapping[str | None, float], lines: Mapping[str, int]) -> tuple[list[float], float]:
        """The top of every row, and the height of all. `shares` are sizes as shares of the template's, of each slot and
        (under None) of all fixed texts; `lines` how many each slot has."""
        tops, place, above = [], self.top, None
        for row in self.rows:
            share = shares[row.slot]
            margin = row.margin_top * share
            place += margin if above is None else max(above, margin)
            tops.append(place)
            place += (row.height + (lines.get(row.slot, 1) - 1) * row.block.pitch) * share
            above = row.margin_bottom * share
        return tops, place + (above or 0.0) - self.top


@dataclass
class Found:
    """Everything that can be filled on a page. Slots of stacks are among the `texts` as well."""

    texts: dict[str, Block] = field(default_factory=dict)
    pictures: dict[str, Picture] = field(default_factory=dict)
    stacks: dict[str, Stack] = field(default_factory=dict)

    def add(self, name: str, thing: Block | Picture | Stack) -> None:
        kind = self.texts if isinstance(thing, Block) else self.stacks if isinstance(thing, Stack) else self.pictures
        if name in kind:
            raise CannotFill(f"two of the name {name}")
        kind[name] = thing


def read(page_box) -> Found:
    """The slots and stacks of a page. Raises CannotFill."""
    found = Found()
    _search(page_box, found)
    return found


def _search(box, found: Found) -> None:
    for child in _children(box):
        wanted = child.element.attrib if child.element is not None else {}
        if "data-stack" in wanted:
            stack = _stack(child)
            found.add(wanted["data-stack"], stack)
            for row in stack.rows:
                if row.slot:
                    found.add(row.slot, row.block)
        elif "data-slot" in wanted:
            found.add(wanted["data-slot"], _picture(child) if _is(child, "ReplacedBox") else _slot(child))
        else:
            _search(child, found)


def _children(box) -> Iterator:
    for child in getattr(box, "children", ()):
        yield getattr(child, "_box", child)  # WeasyPrint leaves a placeholder where a box is taken out of the flow


def _is(box, kind: str) -> bool:
    return any(base.__name__ == kind for base in type(box).__mro__)


def _picture(box) -> Picture:
    return Picture(box.content_box_x(), box.content_box_y(), box.width, box.height)


def _slot(box) -> Block:
    block = _block(box)
    if any(len(line) != 1 for line in block.lines) or box.style["text_transform"] != "none":
        raise CannotFill("a slot with more than plain text")
    if any(abs(line[0].y - block.first - n * block.pitch) > _NEAR for n, line in enumerate(block.lines)):
        raise CannotFill("a slot with uneven lines")
    return block


def _block(box) -> Block:
    if not _is(box, "BlockBox") or not all(_is(line, "LineBox") for line in _children(box)):
        raise CannotFill("a block with more than lines in it")
    lines = tuple(tuple(_runs(line)) for line in _children(box))
    align = _SIDES.get(box.style["text_align_all"])
    if align is None or not lines or not all(lines):
        raise CannotFill("a block with empty or justified lines")
    return Block(box.content_box_x(), box.width, align, next(_children(box)).height, lines)


def _runs(box) -> Iterator[Run]:
    """The texts in a line, which follow each other without gaps. Raises CannotFill when something else is drawn."""
    if _is(box, "TextBox"):
        yield Run(box.text, _look(box.style), box.position_x, box.position_y + box.baseline)
    elif box.element_tag != "br":
        if not _is(box, "LineBox") and not _is(box, "InlineBox"):
            raise CannotFill("something else than text in a line")
        _check_bare(box)
        for child in _children(box):
            yield from _runs(child)


def _look(style) -> Look:
    for key, allowed in _PLAIN.items():
        value = getattr(style[key], "value", style[key])
        if value not in allowed:
            raise CannotFill(f"a text with {key}: {value}")
    spacing = style["letter_spacing"]
    return Look(style["font_size"], 0.0 if spacing == "normal" else spacing, style["lang"])


def _check_bare(box) -> None:
    if getattr(box, "background", None) or getattr(box, "transformation_matrix", None):
        raise CannotFill("something is drawn behind a text")
    if any(box.style[f"border_{side}_width"] for side in ("top", "right", "bottom", "left")):
        raise CannotFill("a border is drawn around a text")


def _stack(box) -> Stack:
    rows = []
    for child in _children(box):
        if not _is(child, "BlockBox") or not child.is_in_normal_flow():
            raise CannotFill("a stack holds blocks in normal flow")
        _check_bare(child)
        slot = child.element.attrib.get("data-slot")
        block = _slot(child) if slot else _block(child)
        if len(block.lines) != 1:
            raise CannotFill("a stack with more than one line to a row in the template")
        top, height = child.border_box_y(), child.border_height()
        rows.append(Row(slot, block, top, height, child.margin_top, child.margin_bottom))
    matrix = box.transformation_matrix
    if matrix and (matrix.values[:5] != (1, 0, 0, 1, 0) or abs(matrix.values[5] + box.height / 2) > _NEAR):
        raise CannotFill("a stack is moved in another way than translateY(-50%)")
    shift = matrix.values[5] if matrix else None
    stack = Stack(box.style["font_size"], box.content_box_y(), box.height, shift, tuple(rows))
    tops, height = stack.place(dict.fromkeys((row.slot for row in rows), 1.0), {})
    if any(abs(top - row.top) > _NEAR for top, row in zip(tops, rows, strict=True)) or abs(height - box.height) > _NEAR:
        raise CannotFill("the rows of a stack do not follow each other")
    return stack
