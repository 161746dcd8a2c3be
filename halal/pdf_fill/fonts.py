"""The fonts that filled texts use: cut down for the documents, glyphs keeping the numbers of the font file."""

import contextlib
from collections.abc import Iterable, Mapping
from functools import lru_cache

import uharfbuzz

from halal.pdf_fill.content import Content
from halal.pdf_fill.objects import stream
from halal.pdf_fill.shaping import CannotFill, Face, Line, kept_face
from halal.pdf_fill.structure import dictionary, target

# A font in a PDF is drawn by glyph number; what finds and combines glyphs, and what names them, is not read.
_DROPPED = [
    int.from_bytes(tag) for tag in (b"BASE", b"DSIG", b"GDEF", b"GPOS", b"GSUB", b"JSTF", b"OS/2", b"STAT", b"cmap",
                                    b"name", b"post")
]  # fmt: skip
_FLAGS = uharfbuzz.SubsetFlags.RETAIN_GIDS | uharfbuzz.SubsetFlags.NO_HINTING
_MAP = (
    b"/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo\n"
    b"<< /Registry (Adobe)\n/Ordering (UCS)\n/Supplement 0\n>> def\n/CMapName /Adobe-Identity-UCS def\n"
    b"/CMapType 2 def\n1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n%b"
    b"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"
)


class SlotFont:
    """A font that slots of a template use, and its objects in each document.

    `fixed` are the glyphs of the texts that stay (width and text of each), `letters` what most fillings are made of:
    both are in every document, so that one cut of the font serves nearly all. Other glyphs are added where they occur.
    """

    def __init__(self, face: Face, fixed: Mapping[int, tuple[int, str]], numbers: tuple[int, int, int], about: bytes):
        self.face, self._fixed, self.own, self._about = face, fixed, numbers, about
        self._glyphs = dict(fixed)
        self._objects = lru_cache(maxsize=16)(self._made)

    def add(self, letters: Iterable[str], size: float, language: str) -> None:
        """Have the glyphs of these texts in every document."""
        for text in letters:
            with contextlib.suppress(CannotFill):
                self._glyphs |= self._further([(self.face.line(text, size, language), size)])

    def width(self, glyph: int, size: float) -> int:
        """The width that WeasyPrint would write for a glyph that a slot shows."""
        return self._fixed[glyph][0] if glyph in self._fixed else self.face.width(glyph, size)

    def fill(self, lines: Iterable[tuple[Line, float]]) -> tuple[dict[int, tuple[int, str]], dict[int, bytes]]:
        """The glyphs (width and text) of a document with these lines, each of a size, and the font's objects in it."""
        further = self._further(lines)
        return self._glyphs | further, self._objects(tuple(further.items()))

    def _further(self, lines: Iterable[tuple[Line, float]]) -> dict[int, tuple[int, str]]:
        found: dict[int, tuple[int, str]] = {}
        for line, size in lines:
            for glyph, text in zip(line.glyphs, line.texts, strict=True):
                known = self._glyphs.get(glyph) or found.get(glyph)
                if known is None:
                    found[glyph] = self.face.width(glyph, size), text
                elif known[1] != text:
                    raise CannotFill("one glyph stands for two letters")
        return found

    def _made(self, further: tuple[tuple[int, tuple[int, str]], ...]) -> dict[int, bytes]:
        glyphs = sorted((self._glyphs | dict(further)).items())
        file, to_unicode, cid_font = self.own
        return {
            file: _font_file(self.face, (glyph for glyph, _about in glyphs)),
            to_unicode: stream(_MAP % _characters([(glyph, text) for glyph, (_width, text) in glyphs])),
            cid_font: b"<<%b/W %b>>" % (self._about, _widths([(glyph, width) for glyph, (width, _text) in glyphs])),
        }


def read_fonts(document, everything: Mapping, page: Mapping, content: Content) -> dict[str, SlotFont]:
    """The fonts of a rendered page that its slots use, by the name of their resource. Raises CannotFill."""
    from weasyprint.text.fonts import get_hb_object_data

    found = {}
    resources = everything[target(everything[target(page["Resources"])]["Font"])]
    for resource in dict.fromkeys(content.fonts.values()):
        made_of = [font for font in document.fonts.values() if font.hash == resource]
        if len(made_of) != 1:
            raise CannotFill("a font in two variants")
        font = everything[target(resources[resource])]
        cid_font = everything[target(font["DescendantFonts"][0])]
        descriptor = everything[target(cid_font["FontDescriptor"])]
        if font["Encoding"] != "/Identity-H" or "FontFile2" not in descriptor:
            raise CannotFill("a font of another kind")
        about = made_of[0]
        found[resource] = SlotFont(
            kept_face(get_hb_object_data(about.hb_face)),
            {glyph: (about.widths[glyph], about.to_unicode[glyph]) for glyph in content.used.get(resource, ())},
            (target(descriptor["FontFile2"]), target(font["ToUnicode"]), cid_font.number),
            dictionary(cid_font, "W")[2:],
        )  # fmt: skip
    return found


def _font_file(face: Face, glyphs: Iterable[int]) -> bytes:
    wanted = uharfbuzz.SubsetInput()
    wanted.glyph_set.update(glyphs)
    wanted.drop_table_tag_set.update(_DROPPED)
    wanted.flags = _FLAGS
    content = uharfbuzz.subset(face.face, wanted).blob.data
    return stream(content, b"/Length1 %d" % len(content))


def _characters(texts: list[tuple[int, str]]) -> bytes:
    lines = [f"<{glyph:04x}> <{text.encode('utf-16-be').hex()}>" for glyph, text in texts]
    blocks = (lines[start : start + 100] for start in range(0, len(lines), 100))
    return "".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks).encode()


def _widths(widths: list[tuple[int, int]]) -> bytes:
    runs, last = [], None
    for glyph, width in widths:
        if last is None or glyph != last + 1:
            runs.append(f"{']' if runs else ''}{glyph} [{width}")
        else:
            runs.append(f" {width}")
        last = glyph
    return f"[{''.join(runs)}]]".encode()
