"""flask certificates: issuing from the command line, by the same rules as the desk."""

import json
from datetime import date, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from halal import formats
from halal.certificates import work
from halal.certificates.models import CertificateKind
from halal.certificates.services import bundle, designs, issuing, lookup, planning
from halal.certificates.wording import MAX_SIGNERS, Issue, Signer, short_place
from halal.checkin import services as checkin
from halal.errors import DomainError
from halal.events.models import Event
from halal.extensions import db, read_only
from halal.organizations.numbering import render_number

group = AppGroup("certificates", help="Certificates of an event.")


@group.command("issue")
@click.argument("slug", metavar="EVENT-SLUG")
@click.option("--kind", type=click.Choice([k.value for k in CertificateKind]), required=True)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for the PDFs of all that are valid."
)
@click.option(
    "--date", "on", type=click.DateTime(["%Y-%m-%d"]), help="Date on the certificates; the event's when not given."
)
@click.option("--place", help="Place beside the date; the event's when not given.")
@click.option(
    "--signatory", "names", multiple=True, help="Name of who signs, up to three; the office's first when not given."
)
@click.option("--early", is_flag=True, help="Issue although the event is not over, or some sessions have nobody.")
def issue(
    slug: str, kind: str, out: Path | None, on: datetime | None, place: str | None, names: tuple[str, ...], early: bool
) -> None:
    """Issue certificates to everybody who is ready; prints a JSON summary."""
    event = db.session.scalar(select(Event).where(Event.slug == slug))
    if event is None:
        raise click.ClickException(f"There is no event with the slug {slug!r}.")
    wanted = Issue(
        CertificateKind(kind), on.date() if on else _day_of(event), place or short_place(event.region_code),
        _signers(event, names), current_app.config["HALAL"].base_url,
        designs.current(event.organization, CertificateKind(kind)),
    )  # fmt: skip
    if not early and (reasons := planning.early(event, wanted.kind)):
        raise click.ClickException(f"{' '.join(reasons)} Add --early to issue all the same.")
    before = planning.plan(event, wanted)
    outcome, event_id = work.Outcome(), event.id
    db.session.rollback()
    try:
        work.issue_all(event_id, wanted, None, None, outcome, lambda _left: db.session.commit())
    except DomainError as error:
        raise click.ClickException(str(error.message)) from None
    db.session.commit()
    with read_only():  # copying a thousand files keeps nobody waiting
        summary = _summary(db.session.get_one(Event, event_id), wanted, before, outcome, out)
        db.session.rollback()
    click.echo(json.dumps(summary, ensure_ascii=False))


def _day_of(event: Event) -> date:
    return formats.local(event.last_moment, event.timezone).date()


def _signers(event: Event, names: tuple[str, ...]) -> tuple[Signer, ...]:
    active = [s for s in event.organization.signatories if s.active]
    unknown = [name for name in names if name not in {s.name for s in active}]
    if unknown or len(names) > MAX_SIGNERS:
        raise click.ClickException(
            f"Signatories are up to three of: {'; '.join(s.name for s in active) or 'nobody yet'}."
        )
    chosen = [s for s in active if s.name in names] or active[:1]
    return tuple(Signer.of(s) for s in chosen)


def _summary(event: Event, wanted: Issue, before: planning.Plan, outcome: work.Outcome, out: Path | None) -> dict:
    certificates = lookup.valid(event, wanted.kind)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, certificate in zip(bundle.filenames(certificates), certificates, strict=True):
            (out / name).write_bytes(bundle.content(certificate))
    seq = issuing.next_seq(event.organization_id, wanted.issued_on.year)
    return {
        "event": event.slug,
        "kind": wanted.kind.value,
        "issued": outcome.issued,
        "already_issued": len(before.skipped_for(planning.Reason.ISSUED)),
        "absent": len(before.skipped_for(planning.Reason.ABSENT)),
        "revoked": len(before.skipped_for(planning.Reason.REVOKED)),
        "failed": [{"name": f["name"], "reason": f["reason"]} for f in outcome.failed],
        "valid": len(certificates),
        "next_number": render_number(event.organization.number_pattern, seq, wanted.issued_on),
        "unsettled": vars(checkin.unsettled(event)) if wanted.kind is CertificateKind.ATTENDANCE else {},
        "out": str(out) if out else None,
    }
