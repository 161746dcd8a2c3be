"""HTML to PDF by WeasyPrint. A page can reach the product's own fonts and the pictures handed to it, nothing else."""

import io
import json
import logging
import threading
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

from flask_babel import lazy_gettext as _l

from halal import apart
from halal.config import ROOT
from halal.errors import DomainError
from halal.pdf_writer import REFUSED

FONTS = ROOT / "static" / "fonts"
NAMED_AT_ONCE = 10  # texts with letters that cannot be printed
_STYLES_KEPT = 8
_kept = threading.local()
_WRITER = Path(__file__).with_name("pdf_writer.py")
_WRITER_MEMORY = 1536 * 1024 * 1024
_WRITER_SECONDS = 10
_MOST = 8 * 1024 * 1024  # bytes of a document that was drawn apart
log = logging.getLogger(__name__)


@cache
def _letters(font: str) -> frozenset[int]:
    """The characters that a bundled font has."""
    from fontTools.ttLib import TTFont  # takes a while, and most requests print nothing

    with TTFont(FONTS / font, lazy=True) as file:
        return frozenset(file.getBestCmap())


@lru_cache(maxsize=500)
def missing_letters(text: str, font: str) -> tuple[str, ...]:
    """The characters of a text that the font lacks, each once, in order: they would be boxes on paper."""
    return tuple(ch for ch in dict.fromkeys(text) if ord(ch) not in _letters(font) and ch != "\n")


def name_letters(letters: Sequence[str]) -> str:
    """How letters that cannot be printed are named: “😋”, or U+200D where nothing is seen."""
    return " ".join(f"“{ch}”" if ch.isprintable() else f"U+{ord(ch):04X}" for ch in letters[:5])


def refuse_missing_letters(texts: Iterable[str], font: str) -> None:
    """Raises DomainError that names the first of these texts with letters that the font lacks."""
    wrong = [f"{text} ({name_letters(lacking)})" for text in texts if text and (lacking := missing_letters(text, font))]
    if wrong:
        more = ", …" if len(wrong) > NAMED_AT_ONCE else ""
        listed = ", ".join(wrong[:NAMED_AT_ONCE]) + more
        raise DomainError(_l("Letters that cannot be printed: %(texts)s. Write them in Latin letters.", texts=listed))


class AssetRefused(RuntimeError):
    """A document asked for something it was not given."""


class CannotDraw(RuntimeError):
    """A document takes more time or memory than any page should, or the renderer breaks on it."""


@dataclass(frozen=True)
class Attachment:
    """A file inside a PDF. `moment` (UTC) is when it was made; `relationship` to the document as in PDF 2.0, 7.11.3."""

    name: str
    content: bytes
    moment: datetime
    relationship: str = "Data"


class Layout:
    """A document whose pages are settled and which is not written yet. `ids`: those of the elements that begin on each
    page."""

    def __init__(self, document):
        self._document = document
        self.ids = [frozenset(page.anchors) for page in document.pages]

    def write(self, attachments: Sequence[Attachment] = (), **options) -> bytes:
        files = [
            _weasyprint()[0].Attachment(
                file_obj=io.BytesIO(file.content), name=file.name, created=file.moment, modified=file.moment,
                relationship=file.relationship,
            )
            for file in attachments
        ]  # fmt: skip
        with _refusing():
            return self._document.write_pdf(attachments=files, **options)


def lay_out(html: str, css: str, assets: Mapping[str, tuple[bytes, str]] | None = None, **options) -> Layout:
    """The HTML, set on pages. `assets` maps a name to (content, MIME type); the document says `asset:name`.

    Fonts are `font:file` from static/fonts. Any other address ends it with AssetRefused. `options` are WeasyPrint's.
    """
    weasyprint, fetcher_class = _weasyprint()
    with _refusing():
        style, font_config = _style(css)
        document = weasyprint.HTML(string=html, url_fetcher=fetcher_class(dict(assets or {})), base_url="asset:")
        return Layout(document.render(stylesheets=[style], font_config=font_config, **options))


def render(
    html: str,
    css: str,
    assets: Mapping[str, tuple[bytes, str]] | None = None,
    attachments: Sequence[Attachment] = (),
    finisher=None,
    **options,
) -> bytes:
    """A PDF of the HTML; `options` for instance pdf_variant="pdf/a-3a", `finisher` as WeasyPrint's write_pdf has it."""
    return lay_out(html, css, assets, **options).write(attachments, finisher=finisher, **options)


def render_apart(html: str, css: str, assets: Mapping[str, tuple[bytes, str]], **options) -> bytes:
    """The same, of what a person wrote: in a process of its own with limited memory and time (see pdf_writer), for half
    a second more. Raises CannotDraw, AssetRefused."""
    given = {name: (b64encode(content).decode(), mime) for name, (content, mime) in assets.items()}
    asked = json.dumps({"html": html, "css": css, "assets": given, "options": options})
    try:
        ended = apart.run(
            _WRITER, _WRITER_MEMORY, _WRITER_SECONDS, given=asked.encode(), seconds=2 * _WRITER_SECONDS, most=_MOST
        )  # fmt: skip
    except apart.TooMuch as error:
        log.warning("a document could not be drawn: too much %s", error)
        raise CannotDraw(str(error)) from None
    if ended.code == REFUSED:
        raise AssetRefused(ended.answer.decode())
    if ended.code != 0:
        log.warning("a document could not be drawn: exit code %s", ended.code)
        raise CannotDraw("limits")
    return ended.answer


@contextmanager
def _refusing():
    try:
        yield
    except _weasyprint()[1].fatal as error:
        raise AssetRefused(str(error)) from None


def _style(css: str):
    """The style sheet, read, with the fonts it names: kept for each thread, because every set of fonts made anew
    costs time, and a quarter of a megabyte that the font library never gives back. It can fetch fonts only; pictures
    come from the document."""
    kept = _kept.__dict__.setdefault("styles", {})
    if css not in kept:
        weasyprint, fetcher_class = _weasyprint()
        font_config = weasyprint.text.fonts.FontConfiguration()
        style = weasyprint.CSS(string=css, url_fetcher=fetcher_class({}), font_config=font_config, base_url="asset:")
        while len(kept) >= _STYLES_KEPT:
            kept.pop(next(iter(kept)))
        kept[css] = style, font_config
    return kept[css]


@cache
def _weasyprint():
    # Imported on first use: it takes longer than everything else together, and most requests make no PDF.
    import weasyprint
    import weasyprint.text.fonts
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class ProjectFetcher(URLFetcher):
        fatal = FatalURLFetchingError

        def __init__(self, assets: dict[str, tuple[bytes, str]]):
            super().__init__(allowed_protocols=(), allow_redirects=False)
            self._assets = assets

        def fetch(self, url, headers=None):
            scheme, _, name = url.partition(":")
            if scheme == "data" and name.startswith(("image/png;base64,", "image/svg+xml;base64,")):
                self._allowed_protocols = ("data",)
                return super().fetch(url, headers)
            if scheme == "font" and (FONTS / name).is_file() and Path(name).name == name:
                return URLFetcherResponse(url, (FONTS / name).read_bytes(), {"Content-Type": "font/ttf"})
            if scheme == "asset" and name in self._assets:
                content, mime = self._assets[name]
                return URLFetcherResponse(url, content, {"Content-Type": mime})
            raise FatalURLFetchingError(f"a document may not fetch {url[:100]}")

    return weasyprint, ProjectFetcher
