"""Taking numbers and storing certificates.

A certificate is drafted (number, code, PDF) and its file stored before the lock is taken, with the number that comes
next; then the office's number series is locked, and when it still stands where the drafts supposed, rows are written
and the series moves on, all in one transaction. So no lock is held while pages are rendered and files travel, numbers
have no gap, and whoever comes second drafts again. Files of drafts that were not issued go.
"""

import contextlib
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from halal import files, ids
from halal.audit import services as audit
from halal.certificates import artwork, compose, credential, press, statement, wording
from halal.certificates.models import Certificate, CertificateKind, NumberSeries
from halal.certificates.seal import Sealer
from halal.certificates.services import sealing, signing
from halal.certificates.services.planning import Candidate, slots
from halal.errors import Conflict, DomainError
from halal.events.models import Event
from halal.extensions import db
from halal.organizations.models import Organization
from halal.organizations.numbering import render_number

FIRST_MAX = 900_000  # leaves room below the six digits that a pattern can show


@dataclass(frozen=True)
class Draft:
    """A certificate that is drawn but not issued. One of an outside issuer has no number of the office's series."""

    id: uuid.UUID
    seq: int | None
    number: str | None
    position: int
    registration_id: uuid.UUID | None
    snapshot: dict
    pdf: bytes
    kid: str
    pdf_file: str  # where its file is stored before it is issued, and stays when it is


@dataclass(frozen=True)
class Tools:
    """What an office's certificates are made with."""

    logo: compose.Picture | None
    key: statement.Key
    sealer: Sealer | None


def tools(organization: Organization) -> Tools:
    """The office's tools; its key for signing must be there (signing.ensure). Raises DomainError when one cannot be
    used: then no certificate is issued without it."""
    return Tools(load_logo(organization), signing.signer(organization), sealing.sealer(organization))


def next_seq(organization_id: int, year: int) -> int:
    """The running number that comes next, as far as one can tell without a lock."""
    query = select(NumberSeries.next_seq).where(
        NumberSeries.organization_id == organization_id, NumberSeries.year == year
    )
    return db.session.scalar(query) or 1


def may_begin_at(organization_id: int, year: int) -> bool:
    """Whether the first number of a year can still be chosen: until the first certificate has one."""
    ours = Certificate.organization_id == organization_id, Certificate.year == year
    taken = select(Certificate.id).where(*ours, Certificate.seq.is_not(None))
    return db.session.scalar(taken.limit(1)) is None


def begin_at(event: Event, year: int, first: int, user_id: int | None = None) -> None:
    """Let the office's numbers of a year begin at `first`, for instance because paper certificates were numbered
    before. Raises DomainError: numbers do not jump once the year's first certificate exists, so they have no gap."""
    if not 1 <= first <= FIRST_MAX:
        raise DomainError(_l("The first number is between 1 and %(max)s.", max=FIRST_MAX), "first")
    series = take_turn(event, year)
    if not may_begin_at(event.organization_id, year):
        raise Conflict(
            _l(
                "Certificates of %(year)s have numbers already. The first number can no longer be changed.",
                year=str(year),
            )
        )
    series.next_seq = first
    db.session.flush()
    audit.record(
        "certificates.first_number", organization_id=event.organization_id, user_id=user_id,
        subject=f"event:{event.id}", year=year, first=first,
    )  # fmt: skip


def take_turn(event: Event, year: int) -> NumberSeries:
    """The office's number series, locked until the transaction ends; first the event, so that two issuings for one
    event under different years do not meet either. On SQLite the whole transaction is locked (BEGIN IMMEDIATE)."""
    db.session.execute(select(Event.id).where(Event.id == event.id).with_for_update(key_share=True))
    organization_id = event.organization_id
    query = (
        select(NumberSeries)
        .where(NumberSeries.organization_id == organization_id, NumberSeries.year == year)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if series := db.session.scalar(query):
        return series
    # Somebody else may begin the year in this moment: then theirs is the one.
    with contextlib.suppress(IntegrityError), db.session.begin_nested():
        db.session.add(NumberSeries(organization_id=organization_id, year=year, next_seq=1))
    return db.session.scalars(query).one()


def load_logo(organization: Organization) -> compose.Picture | None:
    """The office's logo as stored. None when it has none or its file is gone; who needs it then is not issued to
    (halal/certificates/artwork.py)."""
    return artwork.load(organization.logo_file) if organization.logo_file else None


def draft(
    event: Event, issue: wording.Issue, candidate: Candidate, seq: int, with_: Tools, shared: dict | None = None
) -> Draft:
    """Draw one certificate under this running number; `shared` as for planning.slots. Raises Unprintable."""
    number = render_number(event.organization.number_pattern, seq, issue.issued_on)
    own = candidate.award.number if candidate.award else ""
    texts = slots(event, issue, candidate, shared)
    snapshot = wording.complete(texts, number=number, code=ids.code(), base_url=issue.base_url, own_number=own)
    position = candidate.award and candidate.award.position
    return _drawn(
        event.organization_id, issue.issued_on, snapshot, seq, number, candidate.registration_id, with_, position
    )  # fmt: skip


def redraft(old: Certificate, name: str, detail: str, seq: int, base_url: str, with_: Tools) -> Draft:
    """Draw an issued certificate once more with another name, and with its event's title, days and place of today;
    everything else stays as it was printed."""
    number = render_number(old.event.organization.number_pattern, seq, old.issued_on)
    printed = old.snapshot["number"]
    as_of_today = wording.with_facts(old.snapshot, old.event)
    texts = {**as_of_today, "recipient": name, "detail": detail, "issued": old.issued_on.isoformat()}
    texts["recorded_by"] = wording.recorded_by(old.snapshot, old.event.organization.name)
    own = printed if printed != old.snapshot["register"] else ""  # goes with the award, not with the sheet
    snapshot = wording.complete(texts, number=number, code=ids.code(), base_url=base_url, own_number=own)
    return _drawn(
        old.organization_id, old.issued_on, snapshot, seq, number, old.registration_id, with_, old.position
    )  # fmt: skip


def _drawn(organization_id, issued_on, snapshot, seq, number, registration_id, with_: Tools, position) -> Draft:
    stamp = artwork.load(snapshot["seal"]) if snapshot["seal"] else None
    missing = {snapshot[name] for name, picture in (("logo", with_.logo), ("seal", stamp)) if not picture}
    artwork.check(snapshot, missing - {None})
    signed = statement.statement(snapshot, with_.key)
    snapshot = {
        **snapshot, "qr": f"{snapshot['url']}#{signed}",
        "seal_kind": with_.sealer.kind if with_.sealer else "", "seal_by": with_.sealer.subject if with_.sealer else "",
    }  # fmt: skip
    told = credential.content(snapshot, signed)
    pdf = press.certificate(snapshot, with_.logo, snapshot["qr"], told, seal=stamp)
    if with_.sealer:
        pdf = with_.sealer.seal(pdf)  # last of all: it covers every byte
    place = seq if position is None else position
    if snapshot["recorded_by"]:
        seq = number = None
    id_ = ids.uuid7()
    key = f"certificates/{organization_id}/{issued_on.year}/{id_}.pdf"
    return Draft(id_, seq, number, place, registration_id, snapshot, pdf, with_.key.kid, key)


def keep_files(drafts: Iterable[Draft]) -> None:
    """Store the files of drafts that are about to be issued. Raises StorageAway; then those that are
    stored go again, if storage still does that."""
    kept = []
    try:
        for one in drafts:
            kept.append(one.pdf_file)
            files.put(one.pdf_file, one.pdf)
    except files.StorageAway:
        with contextlib.suppress(files.StorageAway):
            for key in kept:
                files.delete(key)
        raise


def store(
    event: Event, kind: CertificateKind, issued_on, drafts: Iterable[Draft], user_id: int | None
) -> list[Certificate] | None:
    """Issue these drafts, whose files are stored: lock the series, write rows, move the series on. The files go again
    when the transaction is not committed.

    None when the numbers were taken in the meantime, somebody has a certificate by now or the key they are signed with
    is no longer in use: roll back and draft again. Raises Conflict when the office's pattern gives a number that exists
    already.
    """
    drafts = list(drafts)
    files.delete_unless_committed(*(one.pdf_file for one in drafts))
    series = take_turn(event, issued_on.year)
    numbers = [one.seq for one in drafts if one.seq is not None]
    if series.next_seq != (numbers or [series.next_seq])[0] or _any_issued(event, kind, drafts):
        return None
    if not signing.holds(event.organization_id, drafts[0].kid):
        return None
    _refuse_used_numbers(event.organization_id, drafts)
    issued = [
        Certificate(
            id=one.id, organization_id=event.organization_id, event_id=event.id,
            registration_id=one.registration_id, kind=kind, subject_key=one.snapshot["subject"],
            code=one.snapshot["code"], year=issued_on.year, seq=one.seq, number=one.number, position=one.position,
            recipient=" ".join(one.snapshot["recipient"].split()), issued_on=issued_on, snapshot=one.snapshot,
            pdf_file=one.pdf_file, pdf_sha256=hashlib.sha256(one.pdf).hexdigest(), issued_by_id=user_id,
        )
        for one in drafts
    ]  # fmt: skip
    db.session.add_all(issued)
    first = series.next_seq
    series.next_seq += len(numbers)
    db.session.flush()
    audit.record(
        "certificates.issued", organization_id=event.organization_id, user_id=user_id, subject=f"event:{event.id}",
        kind=kind.value, count=len(issued), first=first, last=series.next_seq - 1,
    )  # fmt: skip
    return issued


def drop_unissued(keys: Iterable[str]) -> None:
    """Delete those of these files that no certificate knows: what an issuing has stored that was killed before its
    commit, each with a person's name."""
    keys = list(keys)
    known = set(db.session.scalars(select(Certificate.pdf_file).where(Certificate.pdf_file.in_(keys))))
    files.delete_when_committed(*(key for key in keys if key not in known))


def _any_issued(event: Event, kind: CertificateKind, drafts: list[Draft]) -> bool:
    subjects = [one.snapshot["subject"] for one in drafts]
    taken = select(Certificate.id).where(
        Certificate.event_id == event.id, Certificate.kind == kind, Certificate.subject_key.in_(subjects)
    )
    return db.session.scalar(taken.limit(1)) is not None


def _refuse_used_numbers(organization_id: int, drafts: list[Draft]) -> None:
    numbers = [one.number for one in drafts if one.number is not None]
    used = db.session.scalar(
        select(Certificate.number)
        .where(Certificate.organization_id == organization_id, Certificate.number.in_(numbers))
        .limit(1)
    )
    if used is not None:
        raise Conflict(
            _l("The number %(number)s is used already. Change the pattern in the office's settings.", number=used)
        )
