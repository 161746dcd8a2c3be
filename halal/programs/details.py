"""What the form asks and the services take."""

from dataclasses import dataclass, field
from datetime import date

from halal.programs.models import Route

PLAIN = (
    "title", "description", "target", "requires_nib", "starts_on", "deadline", "deadline_note", "closed",
    "refuses_outside",
)  # fmt: skip


@dataclass
class ProgramDetails:
    """What an office says about a program. `quotas` maps a regency's or city's code to a number, or None."""

    title: str
    description: str = ""
    target: int | None = None
    route: Route | None = None
    requires_nib: bool = False
    starts_on: date | None = None
    deadline: date | None = None
    deadline_note: str = ""
    closed: bool = False
    refuses_outside: bool = False
    quotas: dict[str, int | None] = field(default_factory=dict)
    partners: list[str] = field(default_factory=list)
