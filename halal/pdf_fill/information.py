"""What a document says about itself: title and subject, as information dictionary and as XMP; and its attachment."""

from collections.abc import Mapping
from hashlib import md5
from xml.sax.saxutils import escape

from halal.pdf import Attachment
from halal.pdf_fill.objects import stream, string
from halal.pdf_fill.shaping import CannotFill
from halal.pdf_fill.structure import dictionary


class Information:
    """The document's information. `sample` are the entries that will be replaced, with what the template says."""

    def __init__(self, info: Mapping, xmp, sample: Mapping[str, str], number: int):
        for key, value in sample.items():
            if key not in info or info[key].string != value:
                raise CannotFill(f"{key} is not what the template was given")
        self._number, self._begin = number, dictionary(info, *sample)
        self._xmp = xmp.number
        rest = b"".join(xmp.stream)
        self._pieces: list[bytes] = []
        self._keys = sorted(sample, key=lambda key: rest.find(_xml(sample[key])))
        for key in self._keys:
            before, found, rest = rest.partition(_xml(sample[key]))
            if not found or _xml(sample[key]) in rest:
                raise CannotFill(f"{key} is not once in the metadata")
            self._pieces.append(before)
        self._pieces.append(rest)
        self.own = {number, self._xmp}

    def fill(self, values: Mapping[str, str]) -> dict[int, bytes]:
        """The objects for these values of the sample's entries."""
        entries = b"".join(b"/%b %b" % (key.encode(), string(value)) for key, value in values.items())
        told = [self._pieces[0]]
        for key, piece in zip(self._keys, self._pieces[1:], strict=True):
            told += [_xml(values[key]), piece]
        # not packed, so that archives find the metadata without knowing PDF
        return {
            self._number: self._begin + entries + b">>",
            self._xmp: stream(b"".join(told), b"/Type /Metadata/Subtype /XML", level=0),
        }


def _xml(text: str) -> bytes:
    return b">" + escape(text).encode() + b"<"


def attached_file(attachment: Attachment, mime: str) -> bytes:
    """The stream of an embedded file. `mime` is a PDF name."""
    moment = attachment.moment.strftime("(D:%Y%m%d%H%M%SZ)").encode()
    checksum = md5(attachment.content, usedforsecurity=False).hexdigest().encode()
    return stream(
        attachment.content,
        b"/Type /EmbeddedFile/Subtype %b/Params <</CheckSum <%b>/Size %d/CreationDate %b/ModDate %b>>"
        % (mime.encode(), checksum, len(attachment.content), moment, moment),
    )
