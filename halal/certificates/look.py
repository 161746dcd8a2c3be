"""How an office's certificates look: orientation, color, language, words, stamp. Plain values; stored as versions."""

import re
from dataclasses import dataclass, fields

from flask_babel import lazy_gettext as _l

from halal.certificates import own, slots
from halal.errors import DomainError
from halal.text import clean_line

GREEN = "#14532f"
# Accents that read well in small type on paper, and in grayscale.
PALETTE = {
    GREEN: _l("leaf green"), "#1b3a6b": _l("navy blue"), "#7a1f2b": _l("maroon"), "#5b2a6e": _l("plum"),
    "#0f4f57": _l("teal"), "#5c3a1e": _l("brown"),
}  # fmt: skip
CONTRAST = 4.5  # WCAG 2.2, 1.4.3, for small type
PAPER = "#fffefb"  # the darkest paper of the designs
LANDSCAPE, PORTRAIT = "landscape", "portrait"
TITLE_MAX, LEAD_MAX, BODY_MAX = 60, 80, 200
BODY_SLOTS = ("office", "day", "place")


@dataclass(frozen=True)
class Look:
    """What an office chose. Empty texts stand for the words that the product brings, an empty `html` for its page;
    `version` 0 is nobody's choice."""

    orientation: str = LANDSCAPE
    accent: str = GREEN
    language: str = "id"
    title: str = ""
    lead: str = ""
    body: str = ""
    stamp: bool = False
    html: str = ""
    css: str = ""
    version: int = 0

    @classmethod
    def of(cls, values: dict) -> "Look":
        """From stored values; unknown ones, of another release, are left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


SHIPPED = Look()


def contrast(one: str, other: str) -> float:
    """How far two colors ("#rrggbb") stand apart, 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(color: str) -> float:
        channels = (int(color[n : n + 2], 16) / 255 for n in (1, 3, 5))
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def checked(look: Look) -> Look:
    """The look, tidied. Raises DomainError that names what is wrong."""
    accent = look.accent.strip().lower()
    if not re.fullmatch(r"#[0-9a-f]{6}", accent):
        raise DomainError(_l("Write the color as # and six digits or letters a to f, for instance #14532f."), "accent")
    if (found := contrast(accent, PAPER)) < CONTRAST:
        raise DomainError(
            _l(
                "This color is too pale to read on paper: contrast %(found)s, at least %(wanted)s is needed. Choose a "
                "darker one.",
                found=f"{found:.1f}",
                wanted=str(CONTRAST),
            ),
            "accent",
        )
    if look.orientation not in (LANDSCAPE, PORTRAIT) or look.language not in ("id", "en"):
        raise DomainError(_l("Choose one."), "orientation")
    texts = {name: clean_line(getattr(look, name)) for name in ("title", "lead", "body")}
    for name, most in (("title", TITLE_MAX), ("lead", LEAD_MAX), ("body", BODY_MAX)):
        if len(texts[name]) > most:
            raise DomainError(_l("At most %(max)s characters fit here.", max=most), name)
    slots.check(texts["body"], BODY_SLOTS, field="body")
    if look.html.strip():
        own.check(look.html, look.css)
    return Look(**{**vars(look), **texts, "accent": accent})
