"""What a certificate will look like, before there is one."""

import dataclasses
import io

import pypdfium2
from flask_babel import force_locale
from flask_babel import gettext as _

from halal.certificates import compose, wording
from halal.certificates.models import CertificateKind
from halal.certificates.services.planning import Candidate, slots
from halal.events.models import Event, EventRole

_NOWHERE = "0" * 26  # no certificate has it: real codes are random


def sample(
    event: Event, issue: wording.Issue, candidate: Candidate | None, number: str, logo: compose.Picture | None
) -> bytes:
    """A PDF of the design with this candidate, or with an invented one; watermarked. Raises Unprintable."""
    with force_locale(wording.LANGUAGE):
        watermark = _("PREVIEW")
        role = EventRole.SPEAKER if issue.kind is CertificateKind.SPEAKER else None
        candidate = candidate or Candidate("", _("Name of the recipient"), "", role=role)
    texts = slots(event, signed(issue), candidate)
    texts["signatories"] = texts["signatories"] or [vars(_nobody())]
    own = candidate.award.number if candidate.award else ""
    snapshot = wording.complete(texts, number=number, code=_NOWHERE, base_url=issue.base_url, own_number=own)
    return compose.render(snapshot, logo, watermark)


def signed(issue: wording.Issue) -> wording.Issue:
    """The same issue with signatories that a design can show, while the choice is not made or goes too far.

    Awards may have an outside issuer's signatory, so nobody stands in for theirs.
    """
    if issue.signers or issue.kind is CertificateKind.AWARD:
        return dataclasses.replace(issue, signers=issue.signers[: wording.MAX_SIGNERS])
    return dataclasses.replace(issue, signers=(_nobody(),))


def _nobody() -> wording.Signer:
    with force_locale(wording.LANGUAGE):
        return wording.Signer(_("Name of the signatory"), _("Title of the signatory"))


def picture(pdf: bytes, width: int = 1400) -> bytes:
    """The first page as PNG."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0]
        image = page.render(scale=width / page.get_width()).to_pil()
    finally:
        document.close()
    out = io.BytesIO()
    image.convert("RGB").quantize(128).save(out, "PNG")
    return out.getvalue()
