"""Many certificates at once: a ZIP with readable names, or one PDF for the printer."""

import hashlib
import io
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime

import pikepdf
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from halal import files
from halal.certificates.models import Certificate
from halal.errors import Conflict

NAME_MAX = 200  # bytes: with number and ending it stays below the 255 that file systems take
_FORBIDDEN = '/\\:*?"<>|'
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}  # of Windows
_MERGED_AT_ONCE = 40


def content(certificate: Certificate) -> bytes:
    """The stored PDF, as it was issued. Raises Conflict when storage has lost or changed it."""
    try:
        pdf = files.get(certificate.pdf_file)
    except files.FileMissing:
        pdf = b""
    if hashlib.sha256(pdf).hexdigest() != certificate.pdf_sha256:
        raise Conflict(_l("The stored file of this certificate is damaged or gone. Tell those who run the system."))
    return pdf


def _safe(text: str) -> str:
    """The text without what a file name must not have on Windows, Linux or a Mac, or what nobody sees in it."""
    text = unicodedata.normalize("NFC", text)
    shown = "".join(ch if ch.isprintable() and ch not in _FORBIDDEN else " " for ch in text)
    return " ".join(shown.split()).lstrip(" .,-").rstrip(" ,-")  # a degree keeps its last dot: ".pdf" follows


def _cut(text: str) -> str:
    """As many whole words as fit."""
    while len(text.encode()) > NAME_MAX:
        text = text.rpartition(" ")[0] or text[: NAME_MAX // 4]
    return text.rstrip(" ,-")


def filename(certificate: Certificate) -> str:
    """ "Siti Aminah, S.E., M.M. - Keripik Barokah.pdf": for one certificate."""
    name = _cut(_safe(certificate.recipient))
    business = _safe(certificate.snapshot.get("detail", "").partition(",")[0])
    if business and len(f"{name} - {business}".encode()) <= NAME_MAX:
        name = f"{name} - {business}"
    if not any(ch.isalnum() for ch in name) or name.partition(".")[0].strip().upper() in _DEVICES:
        name = f"sertifikat {name}".rstrip(" .")
    return f"{name}.pdf"


def filenames(certificates: Sequence[Certificate]) -> list[str]:
    """A name for each: "001 Siti Aminah - Keripik Barokah.pdf". The number keeps namesakes apart and files in order."""
    digits = max(3, len(str(len(certificates))))
    return [f"{n:0{digits}} {filename(certificate)}" for n, certificate in enumerate(certificates, 1)]


class _Pipe(io.RawIOBase):
    """Something to write to that hands over what was written."""

    def __init__(self):
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def zip_parts(certificates: Sequence[tuple[str, str, str, datetime]]) -> Iterator[bytes]:
    """The bytes of a ZIP, one file at a time in memory. Each certificate is (name, file key, SHA-256, moment).

    A file that storage has lost does not spoil the others: a text in the ZIP names it.
    """
    pipe, lost = _Pipe(), []
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:  # PDFs are compressed already
        for name, key, sha256, moment in certificates:
            try:
                pdf = files.get(key)
            except files.FileMissing:
                pdf = b""
            if hashlib.sha256(pdf).hexdigest() != sha256:
                lost.append(name)
                continue
            archive.writestr(zipfile.ZipInfo(name, moment.timetuple()[:6]), pdf)
            yield pipe.take()
        if lost:
            archive.writestr(_("Missing.txt"), "\n".join(lost))
    yield pipe.take()


def entries(certificates: Sequence[Certificate]) -> list[tuple[str, str, str, datetime]]:
    """What zip_parts needs, free of the database."""
    names = filenames(certificates)
    return [(n, c.pdf_file, c.pdf_sha256, c.issued_at) for n, c in zip(names, certificates, strict=True)]


def one_pdf(certificates: Sequence[Certificate], title: str):
    """All in one PDF in a temporary file, in the order given: for the printer. The caller closes the file.

    Joined in portions, each written out before the next begins: the files are never in memory all at once, only what
    ties their pages together (about 0.3 MB a page).
    """
    with tempfile.TemporaryDirectory() as folder:
        portions = []
        for begin in range(0, len(certificates), _MERGED_AT_ONCE):
            path = f"{folder}/{begin}.pdf"
            _join((io.BytesIO(content(c)) for c in certificates[begin : begin + _MERGED_AT_ONCE]), path, title)
            portions.append(path)
        target = tempfile.TemporaryFile()  # noqa: SIM115 -- handed to the caller
        _join(portions, target, title)
    target.seek(0)
    return target


def _join(sources, target, title: str) -> None:
    with pikepdf.new() as joined:
        opened, pictures = [], {}
        for source in sources:
            opened.append(pikepdf.open(source))
            joined.pages.extend(opened[-1].pages)
        for page in joined.pages:
            _share(page, pictures)
        joined.docinfo["/Title"] = title
        joined.save(target, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        for source in opened:
            source.close()


def _share(page: pikepdf.Page, pictures: dict) -> None:
    """Let the page use the frame and the logo that an earlier page has brought: the file becomes half as large."""
    drawn = page.resources.get("/XObject", {})
    for name in list(drawn.keys()):
        key = hashlib.sha256(drawn[name].read_raw_bytes()).digest(), repr(drawn[name].stream_dict)
        drawn[name] = pictures.setdefault(key, drawn[name])
