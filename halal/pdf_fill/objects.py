"""A PDF as a list of objects: most stay as they are, some are written anew for every document."""

import unicodedata
import zlib
from collections.abc import Mapping
from hashlib import md5

from halal.pdf_fill.shaping import CannotFill

HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"


def number(value: float) -> str:
    """As WeasyPrint writes a number."""
    return str(int(value)) if float(value).is_integer() else f"{value:f}".rstrip("0")


def plain(item) -> bytes:
    """An item of a stream of WeasyPrint's as bytes."""
    return item if isinstance(item, bytes) else item.data if hasattr(item, "data") else str(item).encode()


def string(text: str) -> bytes:
    """A text string; UTF-16 where it is not plain ASCII. Raises CannotFill for what no text can hold: half of a
    character, control characters."""
    if any(unicodedata.category(ch) in ("Cc", "Cs") for ch in text):
        raise CannotFill("a character that no text holds")
    if text.isascii():
        return b"(" + text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode() + b")"
    return b"<" + ("\ufeff" + text).encode("utf-16-be").hex().encode() + b">"


def stream(content: bytes, entries: bytes = b"", level: int = 1) -> bytes:
    """A stream with these further entries in its dictionary, packed fast (1) to tightly (9), or not at all (0)."""
    if level:
        content, entries = zlib.compress(content, level), entries + b"/Filter /FlateDecode"
    return b"<<%b/Length %d>>\nstream\n%b\nendstream" % (entries, len(content), content)


def array(items) -> bytes:
    return b"[" + b" ".join(items) + b"]"


def reference(number_: int) -> bytes:
    return b"%d 0 R" % number_


class Skeleton:
    """The objects that all documents share, written once. The others follow them in the file, document by document.

    `holder` is the number for the object stream that holds the small ones among the shared.
    """

    def __init__(self, shared: Mapping[int, bytes], root: int, info: int, holder: int):
        self._about = b"/Type /XRef/W [1 4 2]/Root %d 0 R/Info %d 0 R" % (root, info)
        streams = {number_: body for number_, body in shared.items() if body.endswith(b"endstream")}
        small = {number_: body for number_, body in shared.items() if number_ not in streams}
        self._entries = {0: _entry(0, 0, 0xFFFF)}
        self._entries |= {number_: _entry(2, holder, index) for index, number_ in enumerate(small)}
        self._shared = HEADER + b"".join(self._place({**streams, holder: _object_stream(small)}, HEADER, self._entries))
        self._digest = md5(self._shared, usedforsecurity=False)

    @staticmethod
    def _place(bodies: Mapping[int, bytes], after: bytes, entries: dict[int, bytes]) -> list[bytes]:
        """The objects as they stand in the file; where each of them stands goes to the entries."""
        place, written = len(after), []
        for number_, body in bodies.items():
            entries[number_] = _entry(1, place, 0)
            written.append(b"%d 0 obj\n%b\nendobj\n" % (number_, body))
            place += len(written[-1])
        return written

    def document(self, own: Mapping[int, bytes]) -> bytes:
        """A whole PDF with these objects of its own; together with the shared ones they number 1 to the last."""
        entries = dict(self._entries)
        begin = b"".join([self._shared, *self._place(own, self._shared, entries)])
        count = len(entries)
        entries[count] = _entry(1, len(begin), 0)
        digest = self._digest.copy()
        digest.update(begin[len(self._shared) :])
        identifier = digest.hexdigest().encode()
        table = stream(
            b"".join([entries[number_] for number_ in range(count + 1)]),
            b"%b/Size %d/ID [<%b> <%b>]" % (self._about, count + 1, identifier, identifier),
        )
        return b"%b%d 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF\n" % (begin, count, table, len(begin))


def _object_stream(bodies: Mapping[int, bytes]) -> bytes:
    index, place = [], 0
    for number_, body in bodies.items():
        index.append(b"%d %d" % (number_, place))
        place += len(body) + 1
    begin = b" ".join(index) + b"\n"
    return stream(begin + b"\n".join(bodies.values()), b"/Type /ObjStm/N %d/First %d" % (len(bodies), len(begin)), 9)


def _entry(kind: int, place: int, index: int) -> bytes:
    """One entry of the table of objects: kind 1 stands at a place in the file, kind 2 in an object stream."""
    return bytes((kind,)) + place.to_bytes(4) + index.to_bytes(2)
