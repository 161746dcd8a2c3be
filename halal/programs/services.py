"""What can be done with programs."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from halal import clock, regions
from halal.audit.services import record
from halal.errors import DomainError
from halal.extensions import db
from halal.meanwhile import hold, over_nobody
from halal.organizations.models import Organization
from halal.programs.details import PLAIN, ProgramDetails
from halal.programs.models import Program, ProgramPartner, ProgramQuota
from halal.text import clean_block, clean_line


def programs_of(organization_id: int) -> list[Program]:
    """An office's programs: running ones first, then the newest."""
    return list(
        db.session.scalars(
            select(Program)
            .where(Program.organization_id == organization_id)
            .order_by(Program.closed, Program.created_at.desc(), Program.id.desc())
            .options(selectinload(Program.quotas), selectinload(Program.events))
        )
    )


def create_program(organization: Organization, details: ProgramDetails, *, user_id: int | None = None) -> Program:
    """A new program of an office. Raises DomainError."""
    program = Program(organization_id=organization.id)
    _apply(program, details)
    db.session.add(program)
    db.session.flush()
    record("program.created", organization_id=organization.id, user_id=user_id, subject=f"program:{program.id}")
    return program


def shown(program: Program) -> dict:
    """What the form shows."""
    return {
        **{name: getattr(program, name) for name in (*PLAIN, "route")},
        "quotas": sorted((quota.region_code, quota.quota) for quota in program.quotas),
        "partners": [partner.name for partner in program.partners],
    }


def change_program(program: Program, details: ProgramDetails, *, seen: str = "", user_id: int | None = None) -> None:
    """Raises ChangedMeanwhile when it is not as `seen` any more, or DomainError; then nothing has changed."""
    hold(program)
    was_closed = program.closed
    with over_nobody(seen, shown, program):
        _apply(program, details)
    verb = "closed" if program.closed and not was_closed else "changed"
    record(f"program.{verb}", organization_id=program.organization_id, user_id=user_id, subject=f"program:{program.id}")


def _apply(program: Program, details: ProgramDetails) -> None:
    title = clean_line(details.title)
    if not title:
        raise DomainError(_l("Write the program's name."), "title")
    for name in ("starts_on", "deadline"):
        if (day := getattr(details, name)) and day.year not in clock.YEARS:
            raise DomainError(_l("Check the year of the date."), name)
    if details.starts_on and details.deadline and details.deadline < details.starts_on:
        raise DomainError(_l("The deadline is before the start. Check both dates."), "deadline")
    if any(regions.find(code) is None or regions.find(code).is_province for code in details.quotas):
        raise DomainError(_l("Choose a regency or city from the list."), "quotas")
    program.title = title
    program.description = clean_block(details.description)
    program.target, program.route, program.requires_nib = details.target, details.route, details.requires_nib
    program.starts_on, program.deadline = details.starts_on, details.deadline
    program.deadline_note = clean_line(details.deadline_note)
    program.closed, program.refuses_outside = details.closed, details.refuses_outside
    kept = {quota.region_code: quota for quota in program.quotas}
    program.quotas = [
        _quota(kept.get(code) or ProgramQuota(region_code=code), number) for code, number in details.quotas.items()
    ]
    names = {partner.name: partner for partner in program.partners}
    program.partners = [names.get(name) or ProgramPartner(name=name) for name in details.partners]
    for position, partner in enumerate(program.partners):
        partner.position = position


def _quota(row: ProgramQuota, number: int | None) -> ProgramQuota:
    row.quota = number
    return row
