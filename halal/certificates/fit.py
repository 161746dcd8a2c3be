"""How wide a text is in a font, which letters the font lacks, and where its lines break. Lengths in points."""

import unicodedata
from functools import cache, lru_cache

from fontTools.ttLib import TTFont

from halal.pdf import FONTS

DISPLAY = "certificate-display.ttf"
TEXT = "certificate-text.ttf"
ITALIC = "certificate-text-italic.ttf"
BOLD = "certificate-text-bold.ttf"
SANS = "certificate-sans.ttf"
SANS_BOLD = "certificate-sans-bold.ttf"

# Kerning and rounding may make a line a little wider than the sum of its letters.
_ALLOWANCE = 1.01


@cache
def _metrics(font: str) -> tuple[dict[int, float], float]:
    """Width of each character the font has, in ems; and the width taken for one it has only in parts."""
    with TTFont(FONTS / font, lazy=True) as file:
        em, advances = file["head"].unitsPerEm, file["hmtx"].metrics
        widths = {code: advances[glyph][0] / em for code, glyph in file.getBestCmap().items()}
    return widths, max(widths[ord("W")], widths[ord("M")])


@lru_cache(maxsize=2_000)
def ems(text: str, font: str) -> float:
    """How wide one line is, in ems; never less than what is drawn."""
    widths, widest = _metrics(font)
    return sum(0 if unicodedata.combining(ch) else widths.get(ord(ch), widest) for ch in text) * _ALLOWANCE


@lru_cache(maxsize=500)
def wrap(text: str, font: str, size: float, room: float) -> tuple[str, ...] | None:
    """The lines of a text, broken at spaces (and at its own line ends); None when one word alone is too wide."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if ems(longer, font) * size <= room:
                line = longer
            elif ems(word, font) * size > room:
                return None
            else:
                lines.append(line)
                line = word
        lines += [line] if line else []
    return tuple(lines)


@lru_cache(maxsize=500)
def even(text: str, font: str, count: int, degrees: bool = False) -> tuple[tuple[str, ...], float]:
    """The text in `count` lines about equally long, and the widest of them in ems; fewer lines for fewer words.

    Where lines break does not depend on the size. In a name with `degrees` a break after a comma is liked better, most
    of all after the first one, where the degrees begin. Line ends that somebody typed are kept, whatever the count.
    """
    typed = tuple(" ".join(line.split()) for line in text.splitlines() if line.strip())
    if len(typed) > 1:
        return typed, max(ems(line, font) for line in typed)
    words = text.split()
    lines = _even(tuple(words), font, min(count, len(words)), degrees)[1]
    return lines, max((ems(line, font) for line in lines), default=0.0)


@lru_cache(maxsize=2_000)
def _even(words: tuple[str, ...], font: str, count: int, degrees: bool) -> tuple[float, tuple[str, ...]]:
    """The best way to set words in lines: its cost (the widest line in ems, weighted) and the lines."""
    if count <= 1:
        line = " ".join(words)
        return ems(line, font), (line,) if words else ()
    best: tuple[float, tuple[str, ...]] | None = None
    for cut in range(1, len(words) - count + 2):
        head = " ".join(words[:cut])
        rest_cost, rest = _even(words[cut:], font, count - 1, degrees)
        cost = max(ems(head, font), rest_cost)
        if degrees and head.endswith(","):
            cost *= 0.82 if head.count(",") == 1 else 0.95
        if best is None or cost < best[0]:
            best = cost, (head, *rest)
    return best
