"""Where WeasyPrint has put what will be filled: read from the boxes of a page that it has laid out.

    <p data-slot="name">…</p>       a block whose whole text is filled: lines parted by <br>, white-space: nowrap
    <img data-slot="code" …>        a picture that is replaced by a QR code
    <div data-stack>…</div>         a column of blocks, texts only. Slots in it may have more lines and other sizes than
                                    in the template (all their measures in em): what follows moves along, and with
                                    transform: translateY(-50%) the column stays centered

A slot that stands in no stack keeps its number of lines and its size. What cannot be told in these terms raises
CannotFill. All lengths are CSS pixels.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from halal.pdf_fill.shaping import CannotFill

_NEAR = 0.01
_SIDES = {"left": 0.0, "start": 0.0, "center": 0.5, "right": 1.0, "end": 1.0}


@dataclass(frozen=True)
class TextSlot:
    """A text that is filled. `first` is the baseline of the first line, `pitch` from line to line; `align` is the share
    of the free width that is left of a line."""

    name: str
    lines: tuple[str, ...]
    size: float
    language: str
    left: float
    room: float
    align: float
    first: float
    pitch: float
    starts: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class PictureSlot:
    """A picture that is replaced, and its box."""

    name: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Row:
    """One block of a stack: `slot` when it is one. `texts` are where its fixed texts start."""

    slot: TextSlot | None
    top: float
    height: float
    margin_top: float
    margin_bottom: float
    texts: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Stack:
    """A column of blocks. `shift` is how far it was moved up to be centered, None when it begins at its top."""

    top: float
    height: float
    shift: float | None
    rows: tuple[Row, ...]

    def place(self, filled: Mapping[str, tuple[int, float]]) -> tuple[list[float], float]:
        """The top of every row, and the height of all, when slots have (lines, size as a share of the template's)."""
        tops, place, above = [], self.top, None
        for row in self.rows:
            count, share = filled[row.slot.name] if row.slot else (1, 1.0)
            extra = (count - 1) * row.slot.pitch if row.slot else 0.0
            margin = row.margin_top * share
            place += margin if above is None else max(above, margin)
            tops.append(place)
            place += (row.height + extra) * share
            above = row.margin_bottom * share
        return tops, place + (above or 0.0) - self.top


@dataclass
class Found:
    """Everything that can be filled on a page."""

    texts: dict[str, TextSlot] = field(default_factory=dict)
    pictures: dict[str, PictureSlot] = field(default_factory=dict)
    stacks: list[Stack] = field(default_factory=list)


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
            found.stacks.append(stack)
            slots = [row.slot for row in stack.rows if row.slot]
        elif "data-slot" in wanted:
            slots = [_slot(child)]
        else:
            _search(child, found)
            continue
        for slot in slots:
            kind = found.texts if isinstance(slot, TextSlot) else found.pictures
            if kind.setdefault(slot.name, slot) is not slot:
                raise CannotFill(f"two slots {slot.name}")


def _children(box) -> Iterator:
    for child in getattr(box, "children", ()):
        yield getattr(child, "_box", child)  # WeasyPrint leaves a placeholder where a box is taken out of the flow


def _is(box, kind: str) -> bool:
    return any(base.__name__ == kind for base in type(box).__mro__)


def _slot(box) -> TextSlot | PictureSlot:
    name = box.element.attrib["data-slot"]
    if _is(box, "ReplacedBox"):
        return PictureSlot(name, box.content_box_x(), box.content_box_y(), box.width, box.height)
    if not _is(box, "BlockBox"):
        raise CannotFill(f"slot {name} is no block")
    _check_style(name, box.style)
    lines, texts = list(_children(box)), []
    for line in lines:
        inside = [child for child in _children(line) if child.element_tag != "br"]
        if not _is(line, "LineBox") or len(inside) != 1 or not _is(inside[0], "TextBox"):
            raise CannotFill(f"slot {name} has more than text in it")
        texts.append(inside[0])
    starts = tuple((text.position_x, text.position_y + text.baseline) for text in texts)
    pitch = lines[0].height
    if any(abs(y - starts[0][1] - n * pitch) > _NEAR for n, (_x, y) in enumerate(starts)):
        raise CannotFill(f"slot {name} has uneven lines")
    return TextSlot(
        name, tuple(text.text for text in texts), box.style["font_size"], box.style["lang"], box.content_box_x(),
        box.width, _SIDES[box.style["text_align_all"]], starts[0][1], pitch, starts,
    )  # fmt: skip


def _check_style(name: str, style) -> None:
    plain = {
        "letter_spacing": ("normal", 0), "word_spacing": (0,), "text_transform": ("none",), "text_indent": (0,),
        "text_decoration_line": ("none",), "white_space": ("nowrap", "pre"), "direction": ("ltr",),
        "text_align_all": tuple(_SIDES), "font_feature_settings": ("normal",), "visibility": ("visible",),
    }  # fmt: skip
    for key, allowed in plain.items():
        value = getattr(style[key], "value", style[key])
        if value not in allowed:
            raise CannotFill(f"slot {name} has {key}: {value}")


def _stack(box) -> Stack:
    rows = []
    for child in _children(box):
        if not _is(child, "BlockBox") or not child.is_in_normal_flow():
            raise CannotFill("a stack holds blocks in normal flow")
        slot = _slot(child) if "data-slot" in child.element.attrib else None
        if slot and len(slot.lines) != 1:
            raise CannotFill(f"slot {slot.name} has more than a line in the template")
        texts = tuple(_texts(child))
        top, height = child.border_box_y(), child.border_height()
        rows.append(Row(slot, top, height, child.margin_top, child.margin_bottom, () if slot else texts))
    matrix = box.transformation_matrix
    if matrix and (matrix.values[:5] != (1, 0, 0, 1, 0) or abs(matrix.values[5] + box.height / 2) > _NEAR):
        raise CannotFill("a stack is moved in another way than translateY(-50%)")
    stack = Stack(box.content_box_y(), box.height, matrix.values[5] if matrix else None, tuple(rows))
    tops, height = stack.place({row.slot.name: (1, 1.0) for row in rows if row.slot})
    if any(abs(top - row.top) > _NEAR for top, row in zip(tops, rows, strict=True)):
        raise CannotFill("the rows of a stack do not follow each other")
    if abs(height - box.height) > _NEAR:
        raise CannotFill("a stack has another height than its rows")
    return stack


def _texts(box) -> Iterator[tuple[float, float]]:
    """Where the texts in a box start; CannotFill when something else is drawn."""
    if _is(box, "TextBox"):
        if box.style["text_decoration_line"] != "none":
            raise CannotFill("a line is drawn in a stack")
        yield box.position_x, box.position_y + box.baseline
        return
    if _is(box, "ReplacedBox") or getattr(box, "background", None) or getattr(box, "transformation_matrix", None):
        raise CannotFill("something else than text is drawn in a stack")
    if any(box.style[f"border_{side}_width"] for side in ("top", "right", "bottom", "left")):
        raise CannotFill("a border is drawn in a stack")
    for child in _children(box):
        yield from _texts(child)
