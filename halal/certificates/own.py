"""Designs that an office writes itself, in HTML and CSS with named slots: {{recipient}}.

Such a page is checked by a list of what is allowed, its slots are filled with escaped texts and nothing of it is ever
evaluated. What reads it, halal/pdf.py, reaches only the pictures in ALLOWED, whatever the check has overlooked.
"""

from collections.abc import Sequence
from html import unescape
from html.parser import HTMLParser

import tinycss2
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from halal import pdf, pdf_look, qr
from halal.certificates import fit, slots
from halal.certificates.layout import Layout, Unprintable
from halal.errors import DomainError

MAX_LENGTH = 12_000  # of each of the two: every certificate keeps its design
TEXTS = (
    "recipient", "detail", "citation", "before", "role", "joint", "title", "lead", "event", "after", "day", "place",
    "number", "number_label", "office", "parent", "address", "issuer", "place_date", "check_label", "check_at", "code",
    *(f"signatory_{n}_{part}" for n in (1, 2, 3) for part in ("name", "title", "nip")),
)  # fmt: skip
PICTURES = ("qr", "logo", "seal")
REQUIRED = ("recipient", "number", "qr")
ALLOWED = tuple(f"asset:{name}" for name in ("logo", "seal", "frame", "divider", "rosette"))
TAGS = frozenset((
    "div", "p", "span", "h1", "h2", "h3", "br", "hr", "b", "strong", "i", "em", "u", "small", "sup", "sub", "img",
    "header", "main", "footer", "section", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td", "ul",
    "ol", "li",
))  # fmt: skip
ATTRIBUTES = frozenset(("class", "id", "alt", "src", "style", "colspan", "rowspan", "lang"))
AT_RULES = frozenset(("page",))


def check(html: str, css: str) -> None:
    """Raises DomainError that says what is wrong, on the field "html" or "css"."""
    for field, typed in (("html", html), ("css", css)):
        if len(typed) > MAX_LENGTH:
            raise DomainError(_l("At most %(max)s characters fit here.", max=MAX_LENGTH), field)
    page = _Page()
    page.feed(html)
    page.close()
    slots.check(html, (*TEXTS, *PICTURES), field="html")
    for name in REQUIRED:
        if name not in page.slots:
            raise DomainError(
                _l("The slot %(name)s is missing. No certificate goes without it.", name="{{" + name + "}}"), "html"
            )
    _check_tokens(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), "css")


class _Page(HTMLParser):
    """Reads a page, refuses what is not allowed, and collects the slots that stand in its text."""

    def __init__(self):
        super().__init__(convert_charrefs=False)
        self.slots: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in TAGS:
            raise DomainError(_l("The tag <%(tag)s> is not allowed in a design.", tag=tag[:40]), "html")
        for name, value in attrs:
            value = value or ""
            if name not in ATTRIBUTES:
                raise DomainError(_l("The attribute %(name)s is not allowed in a design.", name=name[:40]), "html")
            if "{{" in value:
                raise DomainError(_l("Slots stand between tags, not in them: %(name)s.", name=value[:60]), "html")
            if name == "src":
                _check_address(value, "html")
            if name == "style":
                _check_tokens(tinycss2.parse_component_value_list(value), "html")

    def handle_endtag(self, tag):
        if tag not in TAGS:
            raise DomainError(_l("The tag <%(tag)s> is not allowed in a design.", tag=tag[:40]), "html")

    def handle_data(self, data):
        self.slots += slots.names(data)
        _check_letters(data, "html")

    def handle_charref(self, name):
        _check_letters(unescape(f"&#{name};"), "html")

    def handle_entityref(self, name):
        _check_letters(unescape(f"&{name};"), "html")


def _check_letters(text: str, field: str) -> None:
    """Every letter of the page's own words; those in the slots are checked for each person (layout.check_letters)."""
    if lacking := pdf.missing_letters("".join(text.split()), fit.TEXT):
        letters = " ".join(f"“{ch}”" for ch in lacking[:5])
        raise DomainError(_l("%(letters)s cannot be printed. Use Latin letters.", letters=letters), field)


def _check_address(address: str, field: str) -> None:
    if address.strip() not in ALLOWED:
        raise DomainError(
            _l(
                "The address %(address)s is not allowed. A design reaches the office's own pictures only: %(known)s.",
                address=address.strip()[:80] or "?",
                known=", ".join(ALLOWED),
            ),
            field,
        )


def _check_tokens(tokens, field: str) -> None:
    """Every address in a style sheet or declaration, however deep."""
    for token in tokens:
        if token.type == "error":
            raise DomainError(
                _l("The style sheet cannot be read in line %(line)s.", line=str(token.source_line)), field
            )
        if token.type == "at-rule" and token.lower_at_keyword not in AT_RULES:
            raise DomainError(_l("@%(rule)s is not allowed in a design.", rule=token.at_keyword[:40]), field)
        if token.type == "string":
            _check_letters(token.value, field)
        if token.type == "url":
            _check_address(token.value, field)
        if token.type == "function" and token.lower_name in ("url", "src", "image", "image-set"):
            _check_address("".join(part.value for part in token.arguments if part.type == "string"), field)
        for part in ("prelude", "content", "arguments"):
            _check_tokens(getattr(token, part, None) or (), field)


def page(snapshot: dict, layout: Layout, qr_label: str, title: str) -> str:
    """The page of one certificate. The lines of the name are those that fit, its size is var(--name-size)."""
    values = {name: escape(snapshot.get(name) or "") for name in TEXTS}
    values["recipient"] = Markup("<br>").join(layout.name)
    values["code"] = Markup("<br>").join(layout.lines["code"])
    for n, signer in enumerate(snapshot["signatories"], 1):
        values |= {f"signatory_{n}_{part}": escape(signer[part]) for part in ("name", "title", "nip")}
    for name in PICTURES:
        shown = name == "qr" or snapshot[name]
        alt = qr_label if name == "qr" else snapshot["office"]
        values[name] = (
            Markup('<img class="{0}" src="asset:{0}" alt="{1}">').format(name, alt) if shown else ""
        )  # fmt: skip
    return Markup(
        '<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="author" content="{issuer}"></head><body style="--name-size: {size}pt">{page}</body></html>'
    ).format(
        lang=snapshot["lang"], title=title, issuer=snapshot["issuer"], size=layout.name_size,
        page=Markup(slots.fill(snapshot["own_html"], values)),  # noqa: S704 -- checked, and its values are escaped
    )  # fmt: skip


def style(snapshot: dict) -> str:
    """The style sheet of an own design, after the fonts."""
    size = "210mm 297mm" if snapshot["orientation"] == "portrait" else "297mm 210mm"
    return (
        f"@page {{ size: {size}; margin: 0 }}\n* {{ margin: 0; padding: 0; box-sizing: border-box }}\n"
        "body { font-family: reading; font-size: 12pt; line-height: 1.4 }\n"
        f".qr {{ width: 28mm; height: 28mm; image-rendering: crisp-edges }}\n{snapshot['own_css']}\n"
        ".watermark { position: absolute; z-index: -1; left: 0; right: 0; top: 36%; padding: 0; text-align: center;"
        " font: 700 76pt jakarta; letter-spacing: .06em; color: #e9d9d4; transform: rotate(-24deg) }"
    )


def _paper(snapshot: dict) -> tuple[float, float]:
    """Width and height in points."""
    short, long = 210 / 25.4 * 72, 297 / 25.4 * 72
    return (short, long) if snapshot["orientation"] == "portrait" else (long, short)


def check_paper(pdf: bytes, snapshot: dict, code: str) -> None:
    """Raises Unprintable when the sheet is not one page on which name, number and a QR code that says `code` can be
    read. The page may carry codes of the office's own beside it."""
    pages, size = pdf_look.measure(pdf)
    if pages != 1:
        raise Unprintable(_l("The design takes %(pages)s pages with this text; it must fit one.", pages=pages))
    if not all(abs(is_ - due) < 1 for is_, due in zip(size, _paper(snapshot), strict=True)):
        raise Unprintable(_l("The sheet is not an A4 page any more. Leave the size of the page as it is."))
    sheet = pdf_look.first_page(pdf, 150)
    text = "".join(sheet.text.split()).casefold()
    for shown in (snapshot["recipient"], snapshot["number"]):
        if "".join(shown.split()).casefold() not in text:
            raise Unprintable(_l("“%(text)s” is not to be seen whole on the sheet.", text=shown))
    if code not in qr.read(sheet.picture):
        raise Unprintable(
            _l("The QR code cannot be read. Print it 28 mm wide or more, black on a light ground, nothing over it.")
        )


def name_size(pdf: bytes, name: Sequence[str]) -> float:
    """How large the name stands on the sheet, in points: its smallest line, since the page may set them as it likes."""
    return min(pdf_look.text_sizes(pdf, name), default=0.0)
