"""What a certificate says. Everything printed becomes plain text in one dictionary, the certificate's snapshot.

Certificates are written in the language of their design, Bahasa Indonesia unless chosen otherwise, whatever the
organizer's screen speaks. The snapshot's keys:

    design lang title lead recipient detail before role joint event after citation   the middle
    parent office address logo                                        the letterhead; `logo` is a file's key
    issuer number_label number place_date signatories                 who issues, under which number, where and when
    recorded_by                                                       the office, where another institution issues
    code url check_label check_at code_shown                          the way to the verification page
    day place                                                         of the event, for the verification page
    issued                                                            the day of issuing, for machines
    orientation accent design_version seal                            how it looks; `seal` is the key of the stamp
    qr                                                                the QR code: url#statement (statement.py)
    seal_kind seal_by                                                 the PDF's seal, "" without one (seal.py)
    own_html own_css                                                  the office's own page, or nothing
    subject register                                                  not printed: whose it is; the office's own number,
                                                                      which a paper of another institution has not
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from halal import formats, regions
from halal import text as texts
from halal.certificates import slots as named
from halal.certificates import statement
from halal.certificates.look import SHIPPED, Look
from halal.certificates.models import Award, CertificateKind
from halal.events.models import Event, EventRole
from halal.organizations.models import Organization, Signatory

LANGUAGE = "id"
# What certificates issued before there was a choice of looks leave unsaid.
PLAIN = {
    "orientation": "landscape", "accent": "#14532f", "design_version": "0", "seal": None, "own_html": "", "own_css": "",
}  # fmt: skip
MAX_SIGNERS = 3
# An award's citation goes on from the recipient's name: "sebagai …" is added unless it has such a word already.
_LINKS = ("sebagai", "atas", "dalam", "karena", "yang", "untuk", "pada", "telah")


_ROLES = {
    None: _l("Participant"),
    EventRole.OPENING: _l("Opening speaker"),
    EventRole.REPORT: _l("Presenter of the report"),
    EventRole.SUPPORT: _l("Supporter of the event"),
    EventRole.SPEAKER: _l("Speaker"),
    EventRole.MODERATOR: _l("Moderator"),
    EventRole.COMMITTEE: _l("Committee"),
}


@dataclass(frozen=True)
class Signer:
    """Somebody who signs: as printed, not as a row that may change tomorrow."""

    name: str
    title: str
    nip: str = ""

    @classmethod
    def of(cls, signatory: Signatory) -> "Signer":
        return cls(signatory.name, signatory.title, signatory.nip)


@dataclass(frozen=True)
class Issue:
    """What all certificates of one issuing share. `base_url` has no slash at its end."""

    kind: CertificateKind
    issued_on: date
    place: str
    signers: tuple[Signer, ...]
    base_url: str
    look: Look = SHIPPED


def role_label(role: EventRole | None) -> str:
    """How a certificate calls what somebody did at an event."""
    return str(_ROLES[role])


def short_place(region_code: str) -> str:
    """The place as a letter's date line names it: "Serang" for Kota Serang and Kabupaten Serang."""
    region = regions.find(region_code)
    return region.name.removeprefix("Kabupaten ").removeprefix("Kota ") if region else ""


def event_place(event: Event) -> str:
    """ "Hotel Le Dian, Kota Serang"."""
    return ", ".join(part for part in (event.venue, event.region_label) if part)


def event_days(event: Event, language: str = LANGUAGE) -> str:
    """ "Kamis, 15 Mei 2025"; first and last day of an event that takes longer."""
    first, last = (formats.day(moment, event.timezone, language) for moment in (event.starts_at, event.last_moment))
    return first if first == last else _("%(first)s to %(last)s", first=first, last=last)


def group_code(code: str) -> str:
    """A code of 26 characters as five groups in capitals: easier to type from paper."""
    capitals = code.upper()
    return " ".join((capitals[:5], capitals[5:10], capitals[10:15], capitals[15:20], capitals[20:]))


def outside_issuer(organization: Organization, typed: str) -> str:
    """The institution in whose name a paper speaks, when it is another one than the office; otherwise nothing."""
    own = {texts.fold(name) for name in (organization.name, organization.short_name)}
    return "" if texts.fold(typed) in {"", *own} else typed


def recorded_by(snapshot: dict, office: str) -> str:
    """Which office recorded a certificate of another institution; nothing for one that the office issued itself.

    Certificates from before this was written down tell it by their signed statement, where there is one. `office` is
    the name of the office that keeps it.
    """
    if "recorded_by" in snapshot:
        return snapshot["recorded_by"]
    if signed := snapshot.get("qr", "").partition("#")[2]:
        is_other = statement.Claim.DECLARED_ISSUER in statement.read(signed)
    else:
        is_other = snapshot.get("subject", "").startswith("award:") and snapshot["issuer"] != office
    return office if is_other else ""


def _letterhead(organization: Organization, outside: str, look: Look) -> dict:
    if outside:
        return {
            "parent": "", "office": outside, "address": "", "logo": None, "issuer": outside, "seal": None,
            "recorded_by": organization.name, "own_html": "", "own_css": "", "check_label": _("Its record is at"),
        }  # fmt: skip
    lines = [" ".join(organization.address.split()), organization.website.removeprefix("https://").rstrip("/")]
    return {
        "parent": organization.parent_name, "office": organization.name,
        "address": " · ".join(line for line in lines if line),
        "logo": organization.logo_file, "issuer": organization.name,
        "seal": organization.seal_file if look.stamp else None, "recorded_by": "",
    }  # fmt: skip


def facts(event: Event, language: str) -> dict[str, str]:
    """What a certificate says of its event: title, days and place."""
    with force_locale(language):
        return {"event": event.title, "day": event_days(event, language), "place": event_place(event)}


def with_facts(snapshot: dict, event: Event) -> dict:
    """The snapshot as it would be with the event's title, days and place of today, also where a sentence holds them."""
    now, after = facts(event, snapshot["lang"]), snapshot["after"]
    for name, text in now.items():
        if snapshot[name]:
            after = after.replace(snapshot[name], text)
    return {**snapshot, **now, "after": after}


def common(event: Event, issue: Issue) -> dict:
    """The part of the snapshot that is the same for everybody."""
    look, is_award = issue.look, issue.kind is CertificateKind.AWARD
    with force_locale(look.language):
        days, place = event_days(event, look.language), event_place(event)
        return {
            "design": issue.kind.value, "lang": look.language, "orientation": look.orientation, "accent": look.accent,
            "design_version": str(look.version), "own_html": look.html.strip(), "own_css": look.css,
            "title": look.title or (_("Certificate of honor") if is_award else _("Certificate")),
            "issued": issue.issued_on.isoformat(),
            "lead": look.lead or _("is given to"), "event": event.title, "day": days, "place": place,
            "place_date": f"{issue.place}, {formats.date_only(issue.issued_on, locale=look.language)}",
            "check_label": _("Check that it is genuine at"),
            "check_at": f"{urlsplit(issue.base_url).netloc}/v/",
        }  # fmt: skip


def _body(look: Look, shared: dict, office: str, shipped: str) -> str:
    """The line below the event: the office's own words, or the shipped ones."""
    return named.fill(look.body, {**shared, "office": office}) if look.body else shipped


def for_person(event: Event, issue: Issue, name: str, detail: str, role: EventRole | None, shared: dict) -> dict:
    """The snapshot of an attendance or speaker certificate, still without number and code; `shared` is common's."""
    office = event.organization.name
    with force_locale(issue.look.language):
        held = _("held by %(office)s on %(day)s in %(place)s", office=office, day=shared["day"], place=shared["place"])
        return {
            **shared, **_letterhead(event.organization, "", issue.look),
            "recipient": name, "detail": detail, "citation": "", "before": _("as"), "role": role_label(role),
            "joint": _("at the event"), "after": _body(issue.look, shared, office, held),
            "signatories": [vars(signer) for signer in issue.signers],
        }  # fmt: skip


def for_award(event: Event, issue: Issue, award: Award, shared: dict) -> dict:
    """The snapshot of an award; `shared` is common's. An outside issuer has its own letterhead and signatory, and
    perhaps its own number, never the office's own page; the paper says which office recorded it."""
    signers: Sequence[Signer] = issue.signers
    outside = outside_issuer(event.organization, award.issuer)
    if award.issuer and award.signatory_name:
        signers = (Signer(award.signatory_name, award.signatory_title),)
    with force_locale(issue.look.language):
        citation = " ".join(award.citation.split())
        linked = citation.casefold().startswith(_LINKS)
        on = _("on %(day)s in %(place)s", day=shared["day"], place=shared["place"])
        after = _body(issue.look, shared, outside or event.organization.name, on)
        if outside:
            after = after.rstrip(".") + ". " + _("Recorded by %(office)s.", office=event.organization.name)
        return {
            **shared, **_letterhead(event.organization, outside, issue.look),
            "recipient": award.recipient,
            "detail": _("received by %(name)s", name=award.received_by) if award.received_by else "",
            "citation": citation if linked or not citation else _("as") + f" {citation}",
            "before": "", "role": "", "joint": _("presented at the event"),
            "after": after,
            "signatories": [vars(signer) for signer in signers],
        }  # fmt: skip


def printed_number(slots: dict, number: str, own_number: str) -> str:
    """The number that the paper shows: see complete."""
    return own_number or ("" if slots["recorded_by"] else number)


def complete(slots: dict, *, number: str, code: str, base_url: str, own_number: str = "") -> dict:
    """The snapshot with its number and code. `number` is the next of the office; `own_number`, typed for an award, is
    printed in its place. An outside issuer has its own or none."""
    with force_locale(slots["lang"]):
        return {
            **PLAIN, **slots,
            "number_label": _("Number"), "number": printed_number(slots, number, own_number),
            "register": "" if slots["recorded_by"] else number,
            "code": code, "url": f"{base_url}/v/{code}", "code_shown": group_code(code),
        }  # fmt: skip
