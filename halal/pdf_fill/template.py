"""A page that WeasyPrint renders once and that is then filled for each person."""

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from halal import pdf, qr
from halal.pdf_fill import objects, reading
from halal.pdf_fill.content import Content, Filled, text_start
from halal.pdf_fill.fonts import SlotFont, read_fonts
from halal.pdf_fill.information import Information, attached_file
from halal.pdf_fill.objects import number
from halal.pdf_fill.shaping import PANGO, CannotFill, Line, show
from halal.pdf_fill.structure import Structure, target

POINT = 96 / 72  # CSS pixels
# What names, places and numbers are made of, and the ligatures of an f: in every document, used or not, so that
# documents can share one cut of a font.
_LETTERS = (*string.ascii_letters, *string.digits, *" .,:'-/()&", "fi", "ff", "fl", "ffi", "ffl")


@dataclass(frozen=True)
class Text:
    """What a slot says: its lines, and its size in points where it differs from the template's."""

    lines: tuple[str, ...]
    size: float | None = None


@dataclass(frozen=True)
class Code:
    """A QR code, and the words for those who cannot see it."""

    content: str
    alt: str


@dataclass(frozen=True)
class Values:
    """All that differs from one document to the next. `info` are entries of the document's information ("Title",
    "Subject"). `attachment` takes the place of the template's, under the name that it has there."""

    texts: Mapping[str, Text]
    codes: Mapping[str, Code]
    info: Mapping[str, str]
    attachment: pdf.Attachment | None = None


@dataclass(frozen=True)
class _Set:
    """A slot's text in glyphs, with its size in pixels as Pango rounds it, and where each line starts."""

    lines: Sequence[Line]
    size: float
    starts: Sequence[tuple[float, float]]


class Template:
    """One page, rendered once. `html` has slots (halal/pdf_fill/reading.py); `sample` says what stands in them there.

    The template proves itself: the engine must draw the sample exactly as WeasyPrint did, glyph by glyph. Raises
    CannotFill when it does not, or when the page has something that the engine does not know.
    """

    def __init__(self, html: str, css: str, assets: Mapping[str, tuple[bytes, str]], sample: Values):
        failures: list[CannotFill] = []

        def take(document, rendered) -> None:
            try:
                self._take(document, rendered, sample)
            except CannotFill as error:
                failures.append(error)

        attachments = [sample.attachment] if sample.attachment else []
        pdf.render(html, css, assets, attachments, pdf_variant="pdf/a-3a", finisher=take)
        if failures:
            raise failures[0]

    def fill(self, values: Values) -> bytes:
        """The document of one person. The same values give the same bytes. Raises CannotFill."""
        tops, shifts = self._stacks(values.texts)
        texts = {slot.name: self._set(slot, values.texts[slot.name], tops) for slot in self._found.texts.values()}
        own: dict[int, bytes] = {}
        lines: dict[str, list[bytes]] = {}
        for resource, font in self._fonts.items():
            slots = {name: text for name, text in texts.items() if self._content.fonts[name] == resource}
            glyphs, new = font.fill((line, text.size) for text in slots.values() for line in text.lines)
            own |= new
            lines |= {name: list(_draw(text, resource, font, glyphs)) for name, text in slots.items()}
        tags, marks = self._structure.fill(
            {name: len(text.lines) for name, text in texts.items()},
            {name: code.alt for name, code in values.codes.items()},
            self._free,
        )
        codes = {name: _draw_code(self._found.pictures[name], code) for name, code in values.codes.items()}
        own[self._page_content] = objects.stream(
            self._content.write(Filled(lines, marks, tops, shifts, codes))
        )  # fmt: skip
        own |= tags | self._information.fill(values.info)
        if values.attachment:
            own[self._file] = attached_file(values.attachment, self._file_type)
        return self._skeleton.document(own)

    # Where things stand

    def _stacks(self, texts: Mapping[str, Text]) -> tuple[list[list[float]], list[float]]:
        all_tops, shifts = [], []
        for stack in self._found.stacks:
            slots = [row.slot for row in stack.rows if row.slot]
            tops, height = stack.place(
                {slot.name: (len(texts[slot.name].lines), _size(slot, texts[slot.name]) / slot.size) for slot in slots}
            )
            all_tops.append(tops)
            shifts.append(-height / 2)
        return all_tops, shifts

    def _set(self, slot: reading.TextSlot, text: Text, tops: list[list[float]]) -> _Set:
        size = _size(slot, text)
        share, first = size / slot.size, slot.first
        if slot.name in self._rows:
            stack, row = self._rows[slot.name]
            first = tops[stack][row] + (slot.first - self._found.stacks[stack].rows[row].top) * share
        elif share != 1 or len(text.lines) != len(slot.lines):
            raise CannotFill(f"slot {slot.name} has another size or number of lines")
        face = self._fonts[self._content.fonts[slot.name]].face
        lines = [face.line(line, size, slot.language) for line in text.lines]
        starts = [
            (slot.left + (slot.room - line.width) * slot.align, first + n * slot.pitch * share)
            for n, line in enumerate(lines)
        ]
        return _Set(lines, int(size * PANGO) / PANGO, starts)

    # Reading what WeasyPrint has made

    def _take(self, document, rendered, sample: Values) -> None:
        if len(document.pages) != 1:
            raise CannotFill("more than one page")
        self._found = reading.read(document.pages[0]._page_box)
        if set(self._found.texts) != set(sample.texts) or set(self._found.pictures) != set(sample.codes):
            raise CannotFill("other slots than expected")
        self._rows = {
            row.slot.name: (s, r)
            for s, stack in enumerate(self._found.stacks)
            for r, row in enumerate(stack.rows)
            if row.slot
        }
        everything = {thing.number: thing for thing in rendered.objects if thing.free == "n"}
        page = everything[rendered.pages["Kids"][0]]
        self._page_content = target(page["Contents"])
        self._content = Content([objects.plain(item) for item in everything[self._page_content].stream], self._found)
        self._structure = Structure(
            everything, rendered.catalog, page.number, self._content.marks, growing=set(self._rows)
        )  # fmt: skip
        self._fonts: dict[str, SlotFont] = read_fonts(document, everything, page, self._content)
        info = max(everything) + 1  # WeasyPrint adds it last of all
        xmp = everything[target(rendered.catalog["Metadata"])]
        self._information = Information(rendered.info, xmp, sample.info, info)
        own = {self._page_content, *self._structure.own, *self._information.own}
        own |= {number for font in self._fonts.values() for number in font.own}
        if sample.attachment:
            file = next(o for o in everything.values() if getattr(o, "extra", {}).get("Type") == "/EmbeddedFile")
            self._file, self._file_type = file.number, file.extra["Subtype"]
            own.add(self._file)
        self._free = info + 2
        self._prove(sample)
        shared = {n: thing.data for n, thing in everything.items() if n not in own}
        self._skeleton = objects.Skeleton(shared, rendered.catalog.number, info, holder=info + 1)

    def _prove(self, sample: Values) -> None:
        """Raises CannotFill unless every slot of the sample is drawn as WeasyPrint has drawn it."""
        tops, _shifts = self._stacks(sample.texts)
        for slot in self._found.texts.values():
            text = self._set(slot, Text(slot.lines), tops)
            resource = self._content.fonts[slot.name]
            font = self._fonts[resource]
            glyphs = {g: (font.width(g, text.size), "") for line in text.lines for g in line.glyphs}
            drawn = list(_draw(text, resource, font, glyphs))
            if sample.texts[slot.name].lines != slot.lines or drawn != self._content.shown[slot.name]:
                raise CannotFill(f"slot {slot.name} is set in another way than WeasyPrint sets it")
            font.add(_LETTERS, text.size, slot.language)


def _size(slot: reading.TextSlot, text: Text) -> float:
    return slot.size if text.size is None else text.size * POINT


def _draw(text: _Set, resource: str, font: SlotFont, glyphs: Mapping[int, tuple[int, str]]):
    """The lines of a slot, each as one text object."""
    sized = f"/{resource} {number(text.size)} Tf".encode()
    for line, start in zip(text.lines, text.starts, strict=True):
        yield b"\n".join((b"BT", text_start(*start), sized, show(line, text.size, glyphs, font.width), b"ET"))


def _draw_code(slot: reading.PictureSlot, code: Code) -> bytes:
    side, path = qr.operators(code.content)
    place = (
        f"1 0 0 1 {number(slot.x)} {number(slot.y)} cm\n{number(slot.width / side)} 0 0 {number(slot.height / side)}"
    )
    return b"q\n%b 0 0 cm\n0 0 0 rg\n%bf\nQ" % (place.encode(), path)
