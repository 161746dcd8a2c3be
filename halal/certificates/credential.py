"""What a certificate says, for machines: the file `credential.json` inside its PDF."""

import json
from datetime import UTC, datetime

from halal.pdf import Attachment

NAME = "credential.json"
# What is printed, under the snapshot's own keys (halal/certificates/wording.py).
_PRINTED = (
    "title", "number", "recipient", "detail", "citation", "role", "event", "day", "place", "issuer", "issued",
    "signatories", "code", "url",
)  # fmt: skip


def content(snapshot: dict, signature: str | None = None) -> bytes:
    """The credential as JSON (UTF-8). `signature` is the office's signed statement of it, the one that the
    QR code holds (halal/certificates/statement.py); None when nobody has signed."""
    said = {key: snapshot.get(key, "") for key in _PRINTED}
    if snapshot["recorded_by"]:  # the office declares the issuer, and does not speak for it
        said |= {"recorded_by": snapshot["recorded_by"], "declared_issuer": said.pop("issuer")}
    return json.dumps({**said, "signature": signature}, ensure_ascii=False).encode()


def attachment(snapshot: dict, content_: bytes) -> Attachment:
    """The credential as a file in the certificate, dated by the day of issuing: the same snapshot, the same bytes."""
    day = datetime.fromisoformat(snapshot.get("issued") or "2000-01-01").replace(tzinfo=UTC)
    return Attachment(NAME, content_, day)
