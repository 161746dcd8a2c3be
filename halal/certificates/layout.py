"""Where and how large the texts of a certificate stand: everything fits its box, or nobody prints it.

Sizes are found by measuring (halal/certificates/fit.py), so a long name costs no second rendering. Boxes are in
millimetres, type in points.
"""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from halal import pdf
from halal.certificates import fit
from halal.errors import DomainError

MM = 72 / 25.4
NAME_MIN, BASE_MAX, BASE_MIN = 17.0, 13.0, 7.5
SIGNER_GAP, SIGNER_TEXT, NUMBER, PLACE, TITLE_MIN, SPACED = 5.0, 26.0, 9.5, 9.0, 17.0, 0.1
PARENT, PARENT_SPACED, ADDRESS = 8.5, 0.05, 7.5
LETTERHEAD = {"landscape": 22.0, "portrait": 28.0}


class Unprintable(DomainError):
    """A text cannot be printed as it is; the message says which and why."""


@dataclass(frozen=True)
class Box:
    """The room of one design: widths of name, running text and signatures, height of the middle, largest name, widths
    of the office's name and of the title, largest title."""

    name: float
    text: float
    middle: float
    signatures: float
    name_max: float
    office: float
    title: float
    title_max: float


BOXES = {
    ("attendance", "landscape"): Box(226, 196, 70, 165, 40, 156, 240, 32),
    ("speaker", "landscape"): Box(222, 200, 74, 184, 40, 156, 222, 33),
    ("award", "landscape"): Box(214, 190, 66, 153, 36, 156, 206, 31),
    ("attendance", "portrait"): Box(162, 156, 92, 165, 36, 126, 166, 30),
    ("speaker", "portrait"): Box(154, 152, 92, 153, 36, 116, 154, 30),
    ("award", "portrait"): Box(150, 146, 92, 153, 34, 116, 154, 28),
}


def box_of(slots: dict) -> Box:
    """The room of this certificate's design."""
    return BOXES[slots["design"], slots.get("orientation", "landscape")]


# Which font prints which text; `signatories` are checked apart.
FONTS = {
    "parent": fit.SANS, "office": fit.SANS_BOLD, "address": fit.SANS, "title": fit.DISPLAY, "number": fit.SANS,
    "lead": fit.ITALIC, "recipient": fit.DISPLAY, "detail": fit.TEXT, "citation": fit.TEXT, "before": fit.ITALIC,
    "role": fit.BOLD, "joint": fit.ITALIC, "event": fit.BOLD, "after": fit.TEXT, "place_date": fit.SANS,
    "check_label": fit.SANS, "check_at": fit.SANS_BOLD,
}  # fmt: skip
_WORDS = {
    "recipient": _l("the name"), "detail": _l("the business or title"), "citation": _l("the citation"),
    "event": _l("the title of the event"), "after": _l("the place of the event"),
    "office": _l("the name of the office"), "parent": _l("the letterhead"), "address": _l("the letterhead"),
    "number": _l("the number"),
    "title": _l("the title"), "lead": _l("the lead-in"),
    "place_date": _l("the place"), "signatory": _l("the signatory"),
}  # fmt: skip


@dataclass(frozen=True)
class Layout:
    """The measures found for one certificate, and the lines of its texts; `signers` are (title, name) in lines.

    Which slots of the middle have how many lines and how large the name is may differ from person to person; a change
    of `base` sets the whole middle anew.
    """

    name: tuple[str, ...]
    name_size: float
    base: float
    office: tuple[str, ...]
    office_size: float
    title_size: float
    signers: list[tuple]
    signer_size: float
    lines: dict[str, tuple[str, ...]]


def check_letters(slots: dict) -> None:
    """Raises Unprintable for the first text with letters that its font lacks: an emoji, another script."""
    texts = [(key, slots.get(key) or "", font) for key, font in FONTS.items()]
    for signer in slots["signatories"]:
        texts += [("signatory", signer["name"], fit.SANS_BOLD), ("signatory", signer["title"], fit.SANS)]
    for key, text, font in texts:
        if lacking := pdf.missing_letters(text, font):
            raise Unprintable(
                _l(
                    "%(letters)s in %(what)s cannot be printed. Write it in Latin letters.",
                    letters=pdf.name_letters(lacking),
                    what=_WORDS.get(key, key),
                )
            )


def arrange(slots: dict) -> Layout:
    """Measures for these texts. Raises Unprintable when a letter is missing or the texts do not fit."""
    check_letters(slots)
    if not fit.ems(" ".join(slots["recipient"].split()), fit.DISPLAY):  # empty, or marks that stand on no letter
        raise Unprintable(_l("Write the name as it should appear on the certificate."))
    box = box_of(slots)
    signers, signer_size = _signers(slots["signatories"], box)
    office, office_size = _office(slots["office"], box)
    title_size = _title(slots["title"], box)
    number = _number(f"{slots.get('number_label', '')}: {slots['number']}", box) if slots["number"] else ()
    if not slots.get("own_html"):  # where an office's own page prints these is its own affair
        _check_letterhead(slots, len(office) * office_size, box)
        if fit.ems(slots["place_date"], fit.SANS) * PLACE > box.signatures * MM:
            raise Unprintable(_l("The place is too long for one line. Shorten it."))
    base = BASE_MAX
    while base >= BASE_MIN:
        for name, size in _names(slots["recipient"], box, base):
            if _height(slots, box, base, len(name), size) <= box.middle * MM:
                lines = {key: _block(slots[key], font, em * base, box.text * MM) for key, font, em, _h in _PARAGRAPHS}
                lines |= {"number": number, "code": _code(slots.get("code_shown", ""))}
                return Layout(name, size, base, office, office_size, title_size, signers, signer_size, lines)
        base -= 0.5
    raise Unprintable(_l("The name and the texts are too long for one page. Shorten them."))


def full_size(slots: dict) -> float:
    """The size in points that this page would give a short name, all other texts being the same."""
    return arrange({**slots, "recipient": "A"}).name_size


def _names(text: str, box: Box, base: float) -> list[tuple[tuple[str, ...], float]]:
    """Ways to set the name, the best first: one line while it is large, then two, three, four."""
    scale = base / BASE_MAX
    ways = []
    for count, largest, least in ((1, box.name_max, 25.0), (2, 31.0, 22.0), (3, 27.0, 19.0), (4, 24.0, NAME_MIN)):
        lines, widest = fit.even(text, fit.DISPLAY, count, degrees=True)
        if len(lines) < count:
            continue  # a single word would be set at the smaller size of two lines
        size = min(largest * scale, box.name * MM / widest)
        if size >= max(least * scale, NAME_MIN):
            ways.append((lines, round(size - 0.05, 1)))
    return ways


# The running texts of the middle: slot, font, size and line height in ems, as the style sheet sets them.
_PARAGRAPHS = (
    ("detail", fit.TEXT, 1.0, 1.35),
    ("citation", fit.TEXT, 1.2, 1.4),
    ("event", fit.BOLD, 1.4, 1.25),
    ("after", fit.TEXT, 1.0, 1.45),
)
_SMALL = 1.1 * 1.35 + 1.05 * 1.4  # ems taken by the lead and the line of the role
_GAPS = 2.0  # ems between the paragraphs


def _height(slots: dict, box: Box, base: float, name_lines: int, name_size: float) -> float:
    if fit.ems(slots["lead"], fit.ITALIC) * 1.1 * base > box.text * MM:
        return float("inf")
    total = (name_lines * 1.18 + 0.25) * name_size + (_SMALL + _GAPS) * base
    for key, font, size, line_height in _PARAGRAPHS:
        if slots[key]:
            lines = fit.wrap(slots[key], font, size * base, box.text * MM)
            total += (len(lines) if lines else 99) * size * base * line_height
    return total


def _title(text: str, box: Box) -> float:
    """The size of the title, in one line of spaced capitals."""
    ems = fit.ems(text.upper(), fit.DISPLAY) + SPACED * len(text)
    size = min(box.title_max, round(box.title * MM / ems - 0.05, 1))
    if size < TITLE_MIN:
        raise Unprintable(_l("The title is too long for one line. Shorten it in the design."))
    return size


def _office(name: str, box: Box) -> tuple[tuple[str, ...], float]:
    for count, largest, least in ((1, 13.0, 12.0), (2, 12.0, 8.0)):
        lines, widest = fit.even(name.upper(), fit.SANS_BOLD, count)
        size = min(largest, box.office * MM / widest)
        if size >= least:
            return lines, round(size - 0.05, 1)
    raise Unprintable(_l("The name of the office is too long for the letterhead."))


def _check_letterhead(slots: dict, office: float, box: Box) -> None:
    """Whether what stands above and below the name of the office (so many points of it) breaks into lines that fit."""
    parent = fit.wrap(slots["parent"].upper(), fit.SANS, PARENT * (1 + PARENT_SPACED), box.office * MM)
    address = fit.wrap(slots["address"], fit.SANS, ADDRESS, box.office * MM)
    if None not in (parent, address):
        height = (len(parent) * PARENT + office + len(address) * ADDRESS) * 1.25
        if height <= LETTERHEAD[slots.get("orientation", "landscape")] * MM:
            return
    raise Unprintable(_l("The letterhead is too long. Shorten the address or the parent institution in the settings."))


def _number(text: str, box: Box) -> tuple[str, ...]:
    lines = _block(text, fit.SANS, NUMBER, box.text * MM)
    if lines is None or len(lines) > 2:
        raise Unprintable(_l("The number is too long for one page. Shorten it."))
    return lines


def _code(shown: str) -> tuple[str, ...]:
    """The code's groups, three on the first line."""
    groups = shown.split()
    return " ".join(groups[:3]), " ".join(groups[3:])


def _signers(signers: list[dict], box: Box) -> tuple[list[tuple], float]:
    """Lines of titles and names, at the largest size that leaves room for the signatures themselves."""
    if not signers:
        raise Unprintable(_l("Nobody signs. Choose one to three signatories."))
    room = (min(84.0, (box.signatures + SIGNER_GAP) / len(signers) - SIGNER_GAP) - 1) * MM
    for size in (9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5):
        titles = [_block(s["title"], fit.SANS, size, room) for s in signers]
        names = [_block(s["name"], fit.SANS_BOLD, size * 1.06, room, degrees=True) for s in signers]
        if None in titles or None in names:
            continue
        rows = max(len(t) for t in titles) + 1.1 * max(len(n) for n in names) + 1.2
        if rows * size * 1.28 <= SIGNER_TEXT * MM:
            return list(zip(titles, names, strict=True)), size
    raise Unprintable(_l("A signatory's name or title is too long. Shorten it in the office's settings."))


def _block(text: str, font: str, size: float, room: float, degrees: bool = False) -> tuple[str, ...] | None:
    """The text in as few lines as the room allows, about equally long; None when a word does not fit."""
    lines = fit.wrap(text, font, size, room)
    if not lines or len(lines) == 1:
        return lines
    even, widest = fit.even(text, font, len(lines), degrees)
    return even if widest * size <= room else lines
