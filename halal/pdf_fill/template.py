"""A page that WeasyPrint renders once and that is then filled for each person."""

import math
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from halal import pdf, qr
from halal.pdf_fill import objects, reading
from halal.pdf_fill.content import Content, Filled, text_start
from halal.pdf_fill.fonts import read_fonts
from halal.pdf_fill.information import Information, attached_file
from halal.pdf_fill.objects import number
from halal.pdf_fill.shaping import PANGO, CannotFill, Line, Look
from halal.pdf_fill.structure import Structure, target

POINT = 96 / 72  # CSS pixels
# What names, places and numbers are made of, and the ligatures of an f: in every document, used or not, so that
# documents can share one cut of a font.
LETTERS = (*string.ascii_letters, *string.digits, *" .,:'-/()&", "fi", "ff", "fl", "ffi", "ffl")


@dataclass(frozen=True)
class Text:
    """What a slot says: its lines, and its size in points where that differs from what the style sheet says."""

    lines: tuple[str, ...]
    size: float | None = None


@dataclass(frozen=True)
class Code:
    """A QR code, and the words for those who cannot see it."""

    content: str
    alt: str


@dataclass(frozen=True)
class Values:
    """All that differs from one document to the next. `stacks` are the font sizes of the stacks in points; `info` are
    entries of the document's information ("Title", "Subject"). `attachment` takes the place of the template's, under
    the name that it has there."""

    texts: Mapping[str, Text]
    codes: Mapping[str, Code]
    stacks: Mapping[str, float]
    info: Mapping[str, str]
    attachment: pdf.Attachment | None = None


class Template:
    """One page, rendered once. `html` has slots (halal/pdf_fill/reading.py); `sample` says what stands in them there,
    `letters`, slot by slot, the texts whose glyphs are in every document: LETTERS for a slot that says something else
    each time. Other glyphs may follow, they only cost time.

    The template proves itself: the engine must draw the sample exactly as WeasyPrint did, glyph by glyph. Raises
    CannotFill when it does not, or when the page has something that the engine does not know.
    """

    def __init__(
        self,
        html: str,
        css: str,
        assets: Mapping[str, tuple[bytes, str]],
        sample: Values,
        letters: Mapping[str, Iterable[str]],
    ):
        failures: list[CannotFill] = []

        def take(document, rendered) -> None:
            try:
                self._take(document, rendered, sample, letters)
            except CannotFill as error:
                failures.append(error)

        self._row = lru_cache(maxsize=256)(self._new_row)
        attachments = [sample.attachment] if sample.attachment else []
        pdf.render(html, css, assets, attachments, pdf_variant="pdf/a-3a", finisher=take)
        if failures:
            raise failures[0]

    def fill(self, values: Values) -> bytes:
        """The document of one person. The same values give the same bytes. Raises CannotFill, also for values that are
        not those of this page: one missing, one too many, a text wider than its box."""
        self._check(values)
        texts, shifts, used = self._texts(values)
        own: dict[int, bytes] = {}
        for resource, lines in used.items():
            own |= self._fonts[resource].fill(lines)
        tags, marks = self._structure.fill(
            {slot: len(text.lines) for slot, text in values.texts.items()},
            {slot: code.alt for slot, code in values.codes.items()},
            self._free,
        )
        codes = {slot: _draw_code(self._found.pictures[slot], code) for slot, code in values.codes.items()}
        own[self._page_content] = objects.stream(self._content.write(Filled(texts, marks, shifts, codes)))
        own |= tags | self._information.fill(values.info)
        if values.attachment:
            own[self._file] = attached_file(values.attachment, self._file_type)
        return self._skeleton.document(own)

    def _check(self, values: Values) -> None:
        """Raises CannotFill unless these values fill what there is to fill, and nothing else."""
        sample = self._sample
        for given, wanted in (
            (values.texts, sample.texts), (values.codes, sample.codes), (values.stacks, sample.stacks),
            (values.info, sample.info),
        ):  # fmt: skip
            if given.keys() != wanted.keys():
                raise CannotFill(f"{sorted(given)} instead of {sorted(wanted)}")
        if (values.attachment is None) != (sample.attachment is None):
            raise CannotFill("an attachment more or less than the template has")
        sizes = [*values.stacks.values(), *(text.size for text in values.texts.values() if text.size is not None)]
        if not all(0 < size < math.inf for size in sizes):
            raise CannotFill("a text of no size")
        for slot, text in values.texts.items():
            # a style sheet that keeps lines whole makes one space of many, and none at the ends
            if not text.lines or any(line != " ".join(line.split()) or not line for line in text.lines):
                raise CannotFill(f"slot {slot} is empty, or has spaces that are not drawn")

    # Where texts stand, and how they are drawn

    def _texts(self, values: Values) -> tuple[dict, dict[str, float], dict[str, list[Line]]]:
        """All texts as drawn, the shift of each stack, and the lines that each font of a slot shows."""
        texts: dict[str | tuple[str, int], Sequence[bytes]] = {}
        shifts: dict[str, float] = {}
        used: dict[str, list[Line]] = {resource: [] for resource in self._own_fonts}
        counts = {slot: len(text.lines) for slot, text in values.texts.items()}
        for name, stack in self._found.stacks.items():
            em = values.stacks[name] * POINT
            shares: dict[str | None, float] = {None: em / stack.size}
            looks = {}
            for row in stack.rows:
                if row.slot:
                    size = values.texts[row.slot].size
                    look = row.block.look
                    looks[row.slot] = _scaled(look, stack, em) if size is None else look.sized(size * POINT)
                    shares[row.slot] = looks[row.slot].size / look.size
            tops, height = stack.place(shares, counts)
            shifts[name] = -height / 2
            top = stack.top if stack.shift is None else stack.top + shifts[name]
            if top < 0 or top + height > self._height:
                raise CannotFill(f"stack {name} is higher than the page")
            for index, (row, top) in enumerate(zip(stack.rows, tops, strict=True)):
                if row.slot:
                    first = top + (row.block.first - row.top) * shares[row.slot]
                    texts[row.slot] = self._slot(row.slot, values, looks[row.slot], first, used)
                else:
                    texts[name, index] = [
                        _draw(x, top + below, *shown) for x, below, *shown in self._row(name, index, em)
                    ]
        for slot, block in self._found.texts.items():
            if slot not in texts:
                if values.texts[slot].size is not None or counts[slot] != len(block.lines):
                    raise CannotFill(f"slot {slot} has another size or number of lines")
                texts[slot] = self._slot(slot, values, block.look, block.first, used)
        return texts, shifts, used

    def _slot(self, slot: str, values: Values, look: Look, first: float, used: dict[str, list[Line]]) -> list[bytes]:
        block, resource = self._found.texts[slot], self._content.fonts[slot][0]
        face, pitch = self._fonts[resource].face, block.pitch * look.size / block.look.size
        lines = [face.line(line, look) for line in values.texts[slot].lines]
        if any(line.width > block.room for line in lines):
            raise CannotFill(f"slot {slot} is wider than its box")
        used[resource] += lines
        return [
            _draw(_left(block, line.width), first + n * pitch, resource, look.size, face.show(line, look.size))
            for n, line in enumerate(lines)
        ]

    def _new_row(self, stack: str, index: int, em: float) -> list[tuple[float, float, str, float, bytes]]:
        """The texts of a fixed row: left end, distance below the top of the row, font, size, operator."""
        whole = self._found.stacks[stack]
        row, resources = whole.rows[index], self._content.fonts[stack, index]
        runs = row.block.lines[0]
        faces = [self._fonts[resource].face for resource in resources]
        looks = [_scaled(run.look, whole, em) for run in runs]
        lines = [face.line(run.text, look) for face, run, look in zip(faces, runs, looks, strict=True)]
        left, drawn = _left(row.block, sum(line.width for line in lines)), []
        for run, resource, face, look, line in zip(runs, resources, faces, looks, lines, strict=True):
            below = (run.y - row.top) * em / whole.size
            drawn.append((left, below, resource, look.size, face.show(line, look.size)))
            left += line.width
        return drawn

    # Reading what WeasyPrint has made

    def _take(self, document, rendered, sample: Values, letters: Mapping[str, Iterable[str]]) -> None:
        if len(document.pages) != 1:
            raise CannotFill("more than one page")
        self._found, self._sample = reading.read(document.pages[0]._page_box), sample
        self._height = document.pages[0].height
        for found, expected in (
            (self._found.texts, sample.texts), (self._found.pictures, sample.codes), (self._found.stacks, sample.stacks)
        ):  # fmt: skip
            if set(found) != set(expected):
                raise CannotFill(f"{sorted(found)} instead of {sorted(expected)}")
        everything = {thing.number: thing for thing in rendered.objects if thing.free == "n"}
        page = everything[rendered.pages["Kids"][0]]
        self._page_content = target(page["Contents"])
        self._content = Content([objects.plain(item) for item in everything[self._page_content].stream], self._found)
        growing = {row.slot for stack in self._found.stacks.values() for row in stack.rows if row.slot}
        self._structure = Structure(everything, rendered.catalog, page.number, self._content.marks, growing)
        self._fonts = read_fonts(document, everything, page, self._content)
        info = max(everything) + 1  # WeasyPrint adds it last of all
        xmp = everything[target(rendered.catalog["Metadata"])]
        self._information = Information(rendered.info, xmp, sample.info, info)
        self._own_fonts = {self._content.fonts[slot][0] for slot in self._found.texts}
        self._prove(sample)
        self._add_letters(letters)
        own = {self._page_content, *self._structure.own, *self._information.own}
        own |= {thing for resource in self._own_fonts for thing in self._fonts[resource].own}
        if sample.attachment:
            file = next(o for o in everything.values() if getattr(o, "extra", {}).get("Type") == "/EmbeddedFile")
            self._file, self._file_type = file.number, file.extra["Subtype"]
            own.add(self._file)
        self._free = info + 2
        shared = {n: thing.data for n, thing in everything.items() if n not in own}
        self._skeleton = objects.Skeleton(shared, rendered.catalog.number, info, holder=info + 1)

    def _prove(self, sample: Values) -> None:
        """Raises CannotFill unless everything is drawn as WeasyPrint has drawn it."""
        texts, _shifts, _used = self._texts(sample)
        for key, shown in self._content.shown.items():
            if texts[key] != shown:
                raise CannotFill(f"{key} is set in another way than WeasyPrint sets it")

    def _add_letters(self, letters: Mapping[str, Iterable[str]]) -> None:
        """Have these letters in all documents, and those of the fixed rows of stacks."""
        for slot, block in self._found.texts.items():
            self._fonts[self._content.fonts[slot][0]].add(letters[slot], block.look)
        for name, stack in self._found.stacks.items():
            for index, row in enumerate(stack.rows):
                if not row.slot:
                    for resource, run in zip(self._content.fonts[name, index], row.block.lines[0], strict=True):
                        self._fonts[resource].add([run.text], run.look)


def _scaled(look: Look, stack: reading.Stack, em: float) -> Look:
    """The look of a text in a stack of this size. Style sheets say sizes in em, with few digits: from these, sizes come
    out as WeasyPrint calculates them, to the last bit."""
    return look.sized(round(look.size / stack.size, 9) * em)


def _left(block: reading.Block, width: float) -> float:
    return block.left + (block.room - width) * block.align


def _draw(x: float, y: float, resource: str, size: float, shown: bytes) -> bytes:
    font = f"/{resource} {number(int(size * PANGO) / PANGO)} Tf".encode()
    return b"\n".join((b"BT", text_start(x, y), font, shown, b"ET"))


def _draw_code(slot: reading.Picture, code: Code) -> bytes:
    try:
        side, path = qr.operators(code.content)
    except (ValueError, RuntimeError):
        raise CannotFill("a text that no QR code holds") from None
    place = f"{number(slot.width / side)} 0 0 {number(slot.height / side)} {number(slot.x)} {number(slot.y)} cm"
    return b"q\n%b\n0 0 0 rg\n%bf\nQ" % (place.encode(), path)
