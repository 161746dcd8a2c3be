"""The fonts that filled texts use: cut down for the documents, glyphs keeping the numbers of the font file."""

import contextlib
import itertools
from collections.abc import Iterable, Mapping
from functools import lru_cache

import uharfbuzz

from halal.pdf_fill.content import Content
from halal.pdf_fill.objects import stream
from halal.pdf_fill.shaping import CannotFill, Face, Line, Look, kept_face
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

    `fixed` are the glyphs of the texts that stay, with the text that each stands for; `add` takes what most fillings
    are made of. Both are in every document, so that one cut of the font serves nearly all; other glyphs are added where
    they occur. `own` are the numbers of its objects: font file, map to Unicode, CIDFont.
    """

    def __init__(self, face: Face, fixed: Mapping[int, str], own: tuple[int, int, int], about: bytes):
        self.face, self.own, self._about = face, own, about
        self._texts = dict(fixed)
        self._objects = lru_cache(maxsize=16)(self._made)

    def add(self, texts: Iterable[str], look: Look) -> None:
        """Have the glyphs of these texts in every document; what the font lacks is left out."""
        for text in texts:
            with contextlib.suppress(CannotFill):
                self._texts |= self._further([self.face.line(text, look)])

    def fill(self, lines: Iterable[Line]) -> dict[int, bytes]:
        """The font's objects in a document with these lines."""
        return self._objects(tuple(self._further(lines).items()))

    def _further(self, lines: Iterable[Line]) -> dict[int, str]:
        found: dict[int, str] = {}
        for line in lines:
            for glyph, text in zip(line.glyphs, line.texts, strict=True):
                if (self._texts.get(glyph) or found.setdefault(glyph, text)) != text:
                    raise CannotFill("one glyph stands for two letters")
        return found

    def _made(self, further: tuple[tuple[int, str], ...]) -> dict[int, bytes]:
        texts = sorted((self._texts | dict(further)).items())
        widths = [(glyph, self.face.width(glyph)) for glyph, _text in texts]
        file, to_unicode, cid_font = self.own
        return {
            file: _font_file(self.face, (glyph for glyph, _text in texts)),
            to_unicode: stream(_MAP % _characters(texts), level=9),
            cid_font: b"<<%b/W %b>>" % (self._about, _widths(widths)),
        }


def read_fonts(document, everything: Mapping, page: Mapping, content: Content) -> dict[str, SlotFont]:
    """The fonts of a rendered page that filled texts use, by the name of their resource. Raises CannotFill."""
    from weasyprint.text.fonts import get_hb_object_data

    found = {}
    resources = everything[target(everything[target(page["Resources"])]["Font"])]
    for resource in dict.fromkeys(itertools.chain.from_iterable(content.fonts.values())):
        made_of = [font for font in document.fonts.values() if font.hash == resource]
        if len(made_of) != 1:
            raise CannotFill("a font in two variants")
        font = everything[target(resources[resource])]
        cid_font = everything[target(font["DescendantFonts"][0])]
        descriptor = everything[target(cid_font["FontDescriptor"])]
        if font["Encoding"] != "/Identity-H" or "FontFile2" not in descriptor:
            raise CannotFill("a font of another kind")
        about = made_of[0]
        face = kept_face(get_hb_object_data(about.hb_face))
        if any(face.width(glyph) != width for glyph, width in about.widths.items()):
            raise CannotFill("a font of other widths")
        found[resource] = SlotFont(
            face,
            {glyph: about.to_unicode[glyph] for glyph in content.used.get(resource, ())},
            (target(descriptor["FontFile2"]), target(font["ToUnicode"]), cid_font.number),
            dictionary(cid_font, "W")[2:],
        )
    return found


def _font_file(face: Face, glyphs: Iterable[int]) -> bytes:
    wanted = uharfbuzz.SubsetInput()
    wanted.glyph_set.update(glyphs)
    wanted.drop_table_tag_set.update(_DROPPED)
    wanted.flags = _FLAGS
    content = uharfbuzz.subset(face.face, wanted).blob.data
    return stream(content, b"/Length1 %d" % len(content), 9)


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
