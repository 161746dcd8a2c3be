"""Texts as glyphs, exactly as Pango and WeasyPrint set them: the same advances, the same numbers in the PDF.

Lengths are CSS pixels; Pango counts in 1024ths of a pixel, PDF in 1000ths of the font's size.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import uharfbuzz

PANGO = 1024
_LATIN = ("LATIN", "FEMININE ORDINAL", "MASCULINE ORDINAL")
_SPACED = {"liga": False, "clig": False, "dlig": False}
_ANY_SCRIPT = {"Nd", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So"}


class CannotFill(Exception):
    """This page cannot be filled exactly as it would be rendered: render it instead. The message is for the log."""


@dataclass(frozen=True)
class Look:
    """How a text is set: its size and the extra space between letters in pixels, its language."""

    size: float
    spacing: float
    language: str

    def sized(self, size: float) -> "Look":
        """The same look in another size."""
        return Look(size, round(self.spacing / self.size, 9) * size, self.language)


@dataclass(frozen=True)
class Line:
    """A text in glyphs. `advances` are in 1024ths of a pixel, with kerning and spacing; `lead` is the part of the
    spacing that stands before each glyph but the first; `texts` are what the glyphs stand for when somebody copies the
    text; `width` is in pixels."""

    glyphs: tuple[int, ...]
    advances: tuple[int, ...]
    lead: int
    texts: tuple[str, ...]
    width: float


@lru_cache(maxsize=4_096)
def _script(ch: str) -> str:
    """ "Latn" for a Latin letter, "" for what goes with any script. Raises CannotFill for all that Pango may set in
    another way than we do: other scripts, marks apart from their letter, characters that cannot be seen."""
    kind, name = unicodedata.category(ch), unicodedata.name(ch, "")
    if kind[0] == "L" and name.startswith(_LATIN):
        return "Latn"
    if ch == " " or kind in _ANY_SCRIPT or (kind == "Lm" and name.startswith("MODIFIER LETTER")):
        return ""
    raise CannotFill(f"U+{ord(ch):04X} may be set in another way")


class Face:
    """A font file, in 1000 units a size: then WeasyPrint writes the same width for a glyph wherever it meets it."""

    def __init__(self, content: bytes):
        self.face = uharfbuzz.Face(content)
        if self.face.upem != 1000:
            raise CannotFill("a font with another unit than 1000ths of its size")
        self._own_size = uharfbuzz.Font(self.face)
        self._sized = lru_cache(maxsize=64)(self._new_size)
        self.width = lru_cache(maxsize=None)(self._own_size.get_glyph_h_advance)
        self.line = lru_cache(maxsize=512)(self._line)
        self.show = lru_cache(maxsize=512)(self._show)

    def _new_size(self, scale: int) -> uharfbuzz.Font:
        font = uharfbuzz.Font(self.face)
        font.scale = (scale, scale)
        return font

    def _line(self, text: str, look: Look) -> Line:
        """The glyphs of a text. Raises CannotFill for letters that Pango may set otherwise."""
        scripts = {_script(ch) for ch in text}
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.direction, buffer.language = "ltr", look.language
        buffer.script = "Latn" if "Latn" in scripts else "Zyyy"
        spacing = int(look.spacing * PANGO)
        uharfbuzz.shape(self._sized(int(look.size * PANGO)), buffer, _SPACED if spacing else None)
        infos, places = buffer.glyph_infos, buffer.glyph_positions
        glyphs = tuple(info.codepoint for info in infos)
        if not glyphs or 0 in glyphs or any(place.x_offset or place.y_offset for place in places):
            raise CannotFill("letters that the font lacks or that stand apart from their line")
        starts = [info.cluster for info in infos]
        texts = tuple(text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True))
        advances = [place.x_advance for place in places]
        lead = spacing // 2  # Pango puts half of the space before a letter, half behind it, none at the ends
        if spacing:
            last = len(advances) - 1
            advances = [a + (n and lead) + (n < last and spacing - lead) for n, a in enumerate(advances)]
        return Line(glyphs, tuple(advances), lead, texts, sum(advances) / PANGO + look.spacing)

    def _show(self, line: Line, size: float) -> bytes:
        """The operator that shows a line: TJ with WeasyPrint's own rounding of every distance."""
        size = int(size * PANGO) / PANGO
        shown, lead = "<", 0.0
        for glyph, advance in zip(line.glyphs, line.advances, strict=True):
            shown += f">{-lead}<{glyph:04x}" if lead else f"{glyph:04x}"
            kerning = self.width(glyph) + lead - advance * 1000 / PANGO / size
            if kerning:
                shown += f">{int(kerning)}<"
            lead = line.lead / size
        return f"[{shown[:-1] if shown.endswith('<') else shown + '>'}] TJ".encode()


@lru_cache(maxsize=16)
def kept_face(content: bytes) -> Face:
    """The face of a font file, the same for all templates. Raises CannotFill."""
    return Face(content)
