"""Texts as glyphs, exactly as Pango and WeasyPrint set them: the same advances, the same numbers in the PDF.

Lengths are CSS pixels; Pango counts in 1024ths of a pixel, PDF in 1000ths of the font's size.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import uharfbuzz

PANGO = 1024
_LATIN = ("LATIN", "FEMININE ORDINAL", "MASCULINE ORDINAL")
_ANY_SCRIPT = {"Nd", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So"}


class CannotFill(Exception):
    """This page cannot be filled exactly as it would be rendered: render it instead. The message is for the log."""


@dataclass(frozen=True)
class Line:
    """One line in glyphs. `advances` are in 1024ths of a pixel, with kerning; `texts` are what each glyph stands for
    when somebody copies the text; `width` is in pixels."""

    glyphs: tuple[int, ...]
    advances: tuple[int, ...]
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
    """A font file. Faces are made once and kept; the shaping of a size is kept as well."""

    def __init__(self, content: bytes):
        self.content = content
        self.face = uharfbuzz.Face(content)
        self._sized = lru_cache(maxsize=256)(self._new_size)
        self.width = lru_cache(maxsize=4_096)(self._width)

    def _new_size(self, units: int) -> uharfbuzz.Font:
        font = uharfbuzz.Font(self.face)
        font.scale = (units, units)
        return font

    def line(self, text: str, size: float, language: str) -> Line:
        """The glyphs of a line at this size in pixels. Raises CannotFill for letters that Pango may set otherwise."""
        scripts = {_script(ch) for ch in text}
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.direction, buffer.language = "ltr", language
        buffer.script = "Latn" if "Latn" in scripts else "Zyyy"
        font = self._sized(int(size * PANGO))
        uharfbuzz.shape(font, buffer)
        infos, places = buffer.glyph_infos, buffer.glyph_positions
        glyphs = tuple(info.codepoint for info in infos)
        if not glyphs or 0 in glyphs or any(place.x_offset or place.y_offset for place in places):
            raise CannotFill("letters that the font lacks or that stand apart from their line")
        starts = [info.cluster for info in infos]
        texts = tuple(text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True))
        advances = tuple(place.x_advance for place in places)
        return Line(glyphs, advances, texts, sum(advances) / PANGO)

    def _width(self, glyph: int, size: float) -> int:
        """What the PDF says about the width of a glyph, as WeasyPrint rounds it at the size it first meets it."""
        units = int(size * PANGO)
        return round(self._sized(units).get_glyph_h_advance(glyph) * 1000 / PANGO / (units / PANGO))


@lru_cache(maxsize=16)
def kept_face(content: bytes) -> Face:
    """The face of a font file, the same for all templates."""
    return Face(content)


def show(
    line: Line, size: float, glyphs: Mapping[int, tuple[int, str]], rendered: Callable[[int, float], int]
) -> bytes:
    """The operator that shows a line: TJ with WeasyPrint's own rounding of every distance.

    `glyphs` is what the document says about them (width, text), `rendered` the width that WeasyPrint would write: where
    rounding makes a difference, the distance makes up for it, and every glyph stands where WeasyPrint puts it.
    """
    shown = ""
    for glyph, advance in zip(line.glyphs, line.advances, strict=True):
        width = rendered(glyph, size)
        kerning = width - advance * 1000 / PANGO / size
        moved = int(kerning) + glyphs[glyph][0] - width
        shown += f"{glyph:04x}>{moved}<" if kerning or moved else f"{glyph:04x}"
    return f"[<{shown}>] TJ".replace("<>", "").encode()
