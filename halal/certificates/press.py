"""Certificates in numbers: each kind of page is rendered once, then filled for everybody (halal/pdf_fill).

What comes out equals what compose.render makes for that person alone. A page that cannot be filled exactly is rendered
alone, which is slow but never wrong.
"""

import itertools
import json
import logging
import threading
from collections import OrderedDict
from datetime import UTC, datetime

from halal.certificates import compose, credential
from halal.certificates.compose import Picture
from halal.certificates.layout import BASE_MAX, Layout, arrange
from halal.pdf import Attachment
from halal.pdf_fill import LETTERS, CannotFill, Code, Template, Text, Values

log = logging.getLogger(__name__)

_KEPT = 12  # templates, about 0.2 MB each
_kept: OrderedDict[tuple, Template | CannotFill] = OrderedDict()
_lock = threading.Lock()
_rendered = itertools.count(1)
# Stands in every slot of a template: kerned pairs and a ligature, so that the template proves how texts are set.
_SAMPLE, _NAME_SIZE = "Wáyan Tauffik, S.T., M.AV.", 30.0
_SHARED = ("event", "after")  # slots only because their lines and size follow the rest of the middle
_GROWING = ("name", "detail", "citation", *_SHARED)  # in the middle, where one line more only moves the others


def certificate(
    snapshot: dict,
    logo: Picture | None = None,
    qr_text: str | None = None,
    told: bytes | None = None,
    seal: Picture | None = None,
) -> bytes:
    """The certificate of this snapshot as a tagged PDF/A-3a. The same arguments give the same bytes.

    `qr_text` and `told` are the content of the QR code and the credential, where they are more than the address and
    what is printed. Raises Unprintable.
    """
    if snapshot["own_html"]:  # has no slots that could be filled without its page being checked
        return compose.render(snapshot, logo, qr_text=qr_text, told=told, seal=seal)
    layout = arrange(snapshot)
    said = compose.values(snapshot, layout, qr_text, told)
    try:
        return _template(snapshot, layout, said, logo, seal).fill(said)
    except CannotFill as reason:
        log.warning("%d certificates were rendered one by one so far, the last because of: %s", next(_rendered), reason)
        return compose.render(snapshot, logo, qr_text=qr_text, told=told, seal=seal)


def _template(snapshot: dict, layout: Layout, said: Values, logo: Picture | None, seal) -> Template:
    """The template of this kind of page; it depends on nothing that differs from person to person."""
    page = {key: value for key, value in snapshot.items() if key not in compose.PERSONAL}
    lines = {slot: 1 if slot in _GROWING else len(text.lines) for slot, text in said.texts.items()}
    key = json.dumps([page, lines]), logo, seal
    with _lock:
        found = _kept.pop(key, None) or _new_template(snapshot, layout, lines, logo, seal)
        _kept[key] = found  # the last one used is thrown away last
        if len(_kept) > _KEPT:
            _kept.popitem(last=False)
    if isinstance(found, CannotFill):
        raise found
    return found


def _new_template(snapshot: dict, layout: Layout, lines: dict[str, int], logo, seal) -> Template | CannotFill:
    texts = {slot: Text((_SAMPLE,) * count) for slot, count in lines.items()}
    texts["name"] = Text((_SAMPLE,), _NAME_SIZE)
    letters = {slot: (snapshot[slot],) if slot in _SHARED else LETTERS for slot in lines}
    sample = Values(
        texts, {"qr": Code("sample", "picture of a sample")}, {"middle": BASE_MAX},
        {"Title": "title of a sample", "Subject": "subject of a sample"},
        Attachment(credential.NAME, b"{}", datetime(2000, 1, 1, tzinfo=UTC)),
    )  # fmt: skip
    page, pictures = compose.html(snapshot, layout, sample), compose.pictures(snapshot, sample, logo, seal)
    try:
        return Template(page, compose.style(snapshot), pictures, sample, letters)
    except CannotFill as reason:
        log.warning("the design %s cannot be filled: %s", snapshot["design"], reason)
        return reason
