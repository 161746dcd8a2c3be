"""From an address to a program. Another office's program looks like one that does not exist."""

from flask import abort
from sqlalchemy import or_, select

from halal.extensions import db
from halal.programs.models import Program
from halal.web import current_organization, names_office


@names_office("program_id")
def office_of_program(program_id: int) -> int | None:
    """The office that runs the program with this id."""
    return db.session.scalar(select(Program.organization_id).where(Program.id == program_id))


def own_program(program_id: int) -> Program:
    """The program with this id if it belongs to the office that the user works in; 404 otherwise."""
    program = db.session.get(Program, program_id)
    if program is None or program.organization_id != current_organization.id:
        abort(404)
    return program


def open_programs(organization_id: int, also: int | None = None) -> list[Program]:
    """The office's programs that take new events, and the one that an event is in already."""
    return list(
        db.session.scalars(
            select(Program)
            .where(Program.organization_id == organization_id, or_(~Program.closed, Program.id == also))
            .order_by(Program.created_at.desc(), Program.id.desc())
        )
    )
