"""What a certificate will look like, before there is one."""

import dataclasses
import io
from datetime import date
from types import SimpleNamespace

from flask_babel import force_locale
from flask_babel import gettext as _

from halal import clock, pdf_look, regions
from halal.certificates import artwork, compose, wording
from halal.certificates.look import Look
from halal.certificates.models import Award, CertificateKind
from halal.certificates.services.planning import Candidate, slots
from halal.events.models import Event, EventRole
from halal.organizations.models import Organization
from halal.organizations.numbering import render_number

_NOWHERE = "0" * 26  # no certificate has it: real codes are random


def sample(
    event: Event, issue: wording.Issue, candidate: Candidate | None, number: str, logo: compose.Picture | None
) -> bytes:
    """A PDF of the design with this candidate, or with an invented one; watermarked. Raises Unprintable."""
    with force_locale(issue.look.language):
        watermark = _("PREVIEW")
        role = EventRole.SPEAKER if issue.kind is CertificateKind.SPEAKER else None
        candidate = candidate or Candidate("", _("Name of the recipient"), "", role=role)
    texts = slots(event, signed(issue), candidate)
    texts["signatories"] = texts["signatories"] or [vars(_nobody())]
    own = candidate.award.number if candidate.award else ""
    snapshot = wording.complete(texts, number=number, code=_NOWHERE, base_url=issue.base_url, own_number=own)
    seal = artwork.load(snapshot["seal"]) if snapshot["seal"] else None
    return compose.render(snapshot, logo, watermark, seal=seal)


NAME = "Dr. Hj. Siti Nur Aminah Wulandari, S.E., M.M."
LONGEST = (
    "Prof. Dr. Ir. H. Raden Mas Muhammad Abdurrahman Kusumaningrat Sastrawidjaja Adiwinata, S.T., M.T., M.Sc., Ph.D."
)


def invented(
    organization: Organization, kind: CertificateKind, look: Look, issue_day: date, base_url: str, name: str = NAME
) -> bytes:
    """The look on a certificate of an invented event, with a name as long as names are. Raises Unprintable."""
    with force_locale(look.language):
        event = SimpleNamespace(
            organization=organization, title=_("Outreach on Halal Certification for Small Businesses"),
            venue=_("Town hall"), region_label=regions.label(organization.region_code), timezone=organization.timezone,
            starts_at=clock.now(), last_moment=clock.now(),
        )  # fmt: skip
        signers = tuple(wording.Signer.of(s) for s in organization.signatories if s.active)[:1]
        issue = wording.Issue(kind, issue_day, wording.short_place(organization.region_code), signers, base_url, look)
        award = None
        if kind is CertificateKind.AWARD:
            award = Award(recipient=name, received_by="", citation=_("pioneer of halal products"), number="", issuer="")
        role = EventRole.SPEAKER if kind is CertificateKind.SPEAKER else None
        candidate = Candidate("", name, _("Barokah Crisps"), role=role, award=award)
    number = render_number(organization.number_pattern, 7, issue_day)
    return sample(event, issue, candidate, number, artwork.load(organization.logo_file or ""))


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
    image, out = pdf_look.picture(pdf, width), io.BytesIO()
    image.convert("RGB").quantize(128).save(out, "PNG")
    return out.getvalue()
