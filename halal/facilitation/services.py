"""The businesses an office knows, and which of them belong to a program."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased, joinedload

from halal import text
from halal.events.models import FOR_BUSINESSES, Event
from halal.extensions import db
from halal.facilitation.models import Facilitation, Stage
from halal.facilitation.numbers import businesses_of
from halal.organizations.models import Organization
from halal.people.models import Business, Person
from halal.people.same_business import FIRST
from halal.programs.models import Program
from halal.registrations.models import Registration

SHORTEST_QUERY = 2
NO_COMMODITY = "-"


@dataclass(frozen=True)
class Choice:
    """What somebody wants to see. Empty fields leave no business out. `year` and `stage` are those of the register,
    of the chosen program where one is chosen."""

    query: str = ""
    program_id: int | None = None
    commodity: str = ""
    year: int | None = None
    stage: Stage | None = None

    @property
    def narrows(self) -> bool:
        return bool(self.words or self.program_id or self.commodity or self.year or self.stage)

    @property
    def words(self) -> list[str]:
        typed = text.fold(self.query)
        return typed.split() if len(typed.replace(" ", "")) >= SHORTEST_QUERY else []


@dataclass(frozen=True)
class Options:
    """What can be chosen: programs, commodities and years that this office really has."""

    programs: list[tuple[int, str]]
    commodities: list[str]
    years: list[int]


def options(organization: Organization) -> Options:
    """The choices of this office, in three queries."""
    mine = Business.organization_id == organization.id
    return Options(
        programs=[tuple(row) for row in db.session.execute(
            select(Program.id, Program.title).where(Program.organization_id == organization.id).order_by(Program.title)
        )],
        commodities=list(db.session.scalars(
            select(Business.commodity).where(mine, Business.commodity != "").distinct().order_by(Business.commodity)
        )),
        years=list(db.session.scalars(
            select(Facilitation.year).join(Facilitation.business).where(mine, Facilitation.year.is_not(None))
            .distinct().order_by(Facilitation.year.desc())
        )),
    )  # fmt: skip


def choose(arguments: Mapping[str, str], available: Options) -> Choice:
    """The choice that an address makes; what it says wrongly, or about another office, is as if it were not said."""

    def one_of(name: str, values):
        return next((value for value in values if str(value) == arguments.get(name)), None)

    return Choice(
        query=" ".join(arguments.get("q", "").split())[:100],
        program_id=one_of("program", [program_id for program_id, _title in available.programs]),
        commodity=one_of("commodity", [*available.commodities, NO_COMMODITY]) or "",
        year=one_of("year", available.years),
        stage=one_of("stage", Stage),
    )


def find(organization: Organization, choice: Choice) -> Select:
    """The businesses of the choice with their owners, (Business, Person or None), by name."""
    return (
        select(Business, Person)
        .outerjoin(Person, Person.id == Business.owner_id)
        .where(*_conditions(organization, choice))
        .order_by(Business.name_key, Business.id)
    )


def count(organization: Organization, choice: Choice) -> int:
    """How many businesses the choice has."""
    query = select(func.count()).select_from(Business).outerjoin(Person, Person.id == Business.owner_id)
    return db.session.scalar(query.where(*_conditions(organization, choice)))


def count_by_commodity(organization: Organization, choice: Choice) -> list[tuple[str, int]]:
    """How many businesses of the choice each commodity has, most first; "" for those without. Sums to `count`."""
    rows = db.session.execute(
        select(Business.commodity, func.count())
        .outerjoin(Person, Person.id == Business.owner_id)
        .where(*_conditions(organization, choice))
        .group_by(Business.commodity)
    )
    return sorted((tuple(row) for row in rows), key=lambda row: (row[0] == "", -row[1], row[0]))


def facilitations_of(businesses: Iterable[Business]) -> dict[int, list[Facilitation]]:
    """What the registers say about these businesses, with the program, by the business's id; latest first."""
    found: dict[int, list[Facilitation]] = {}
    rows = db.session.execute(
        select(FIRST, Facilitation)
        .join(Facilitation, Facilitation.business_id == Business.id)
        .where(FIRST.in_([business.id for business in businesses]))
        .options(joinedload(Facilitation.program))
        .order_by(Facilitation.year.desc(), Facilitation.id.desc())
    )
    for first, row in rows:
        found.setdefault(first, []).append(row)
    return found


def _conditions(organization: Organization, choice: Choice) -> list[ColumnElement[bool]]:
    mine = Business.organization_id == organization.id
    found = [mine, Business.same_as_id.is_(None), not_(_is_institution()), *map(_has_word, choice.words)]
    if choice.commodity:
        found.append(Business.commodity == ("" if choice.commodity == NO_COMMODITY else choice.commodity))
    if choice.program_id:
        members = businesses_of([choice.program_id]).subquery()
        found.append(Business.id.in_(select(members.c.business_id)))
    if choice.year or choice.stage:
        found.append(_in_register(choice))
    return found


def _is_institution() -> ColumnElement[bool]:
    """That all the office knows of it is somebody who stood for it at a meeting or a ceremony."""
    came = select(Registration.id).join(Event, Event.id == Registration.event_id)
    came = came.where(Registration.business_id.in_(_records()))
    return and_(
        Business.nib.is_(None),
        came.where(Event.kind.not_in(FOR_BUSINESSES)).exists(),
        ~came.where(Event.kind.in_(FOR_BUSINESSES)).exists(),
        ~exists().where(Facilitation.business_id.in_(_records())),
    )


def _records() -> ScalarSelect:
    """All records of the same business; Business is the first of them."""
    record = aliased(Business)
    same = or_(record.id == Business.id, record.same_as_id == Business.id)
    return select(record.id).where(same).correlate(Business).scalar_subquery()


def _in_register(choice: Choice) -> ColumnElement[bool]:
    said = [Facilitation.business_id.in_(_records())]
    if choice.program_id:
        said.append(Facilitation.program_id == choice.program_id)
    if choice.year:
        said.append(Facilitation.year == choice.year)
    if choice.stage:
        said.append(Facilitation.stage == choice.stage)
    return exists().where(*said)


def _has_word(word: str) -> ColumnElement[bool]:
    """That the business's name, its owner's name, or a word of its product begins with this, or that its NIB does."""
    named = [
        column.startswith(word, autoescape=True) | column.contains(f" {word}", autoescape=True)
        for column in (Business.name_key, Person.name_key, func.lower(Business.product))
    ]
    return or_(*named, Business.nib.startswith(word, autoescape=True))
