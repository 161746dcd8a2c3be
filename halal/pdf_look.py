"""Looking at a finished PDF by PDFium: as a picture, and what is written where.

PDFium is not made for threads: called by two at once it fails, and now and then takes the process along. All of it is
done here, by one thread at a time; nothing of PDFium leaves this module, for what is let go is cleared away later.
"""

import ctypes
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Sheet:
    """The first page of a document."""

    text: str
    picture: Image.Image


@contextmanager
def _opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    with _one_at_a_time, closing(pypdfium2.PdfDocument(pdf)) as document:
        yield document


def _picture(page: pypdfium2.PdfPage, scale: float) -> Image.Image:
    with closing(page.render(scale=scale)) as bitmap:
        return bitmap.to_pil().copy()


def measure(pdf: bytes) -> tuple[int, tuple[float, float]]:
    """How many pages there are, and the width and height of the first in points. Nothing is drawn: a page may say that
    it is as large as a field, and its picture would take all the memory."""
    with _opened(pdf) as document, closing(document[0]) as page:
        return len(document), page.get_size()


def first_page(pdf: bytes, resolution: float) -> Sheet:
    """The first page, drawn with this many dots to the inch; `measure` says whether it is of a usual size."""
    with _opened(pdf) as document, closing(document[0]) as page, closing(page.get_textpage()) as text:
        return Sheet(text.get_text_bounded(), _picture(page, resolution / 72))


def picture(pdf: bytes, width: int) -> Image.Image:
    """The first page, this many pixels wide."""
    with _opened(pdf) as document, closing(document[0]) as page:
        return _picture(page, width / page.get_width())


def text_sizes(pdf: bytes, lines: Sequence[str]) -> list[float]:
    """How large each of these lines stands on the first page, in points; those that are not there are left out."""
    sizes = []
    with _opened(pdf) as document, closing(document[0]) as page, closing(page.get_textpage()) as text:
        for line in lines:
            with closing(text.search(line, match_case=False)) as search:
                at = search.get_next()
            if at is not None:
                matrix = pdfium.FS_MATRIX()
                pdfium.FPDFText_GetMatrix(text, at[0], ctypes.byref(matrix))
                sizes.append(round(pdfium.FPDFText_GetFontSize(text, at[0]) * abs(matrix.a or matrix.b), 1))
    return sizes
