"""The register of facilitated businesses: how many of each commodity and year is told, who they are is invented."""

import random
from itertools import cycle

from halal.cli.demo.inventing import Inventor
from halal.extensions import db
from halal.facilitation.models import Facilitation, Stage
from halal.people.models import Business, Person, Scale
from halal.programs.models import Program
from halal.text import name_key

# What the business is called, and what it makes.
_COMMODITIES = {
    "keripik": ("Keripik {}", ("keripik pisang", "keripik singkong", "keripik rumput laut", "keripik tempe")),
    "aneka kue": ("Kue {}", ("kue kering", "kue basah", "bolu", "kue lapis", "roti manis")),
    "manisan": ("Manisan {}", ("manisan salak", "manisan mangga", "manisan rumput laut")),
    "depot air minum": ("Depot Air {}", ("air minum isi ulang",)),
    "katering": ("Katering {}", ("nasi kotak", "tumpeng", "prasmanan")),
}


def fill(program: Program, commodities: dict[str, int], years: dict[str, int], inventor: Inventor) -> None:
    """One facilitated business for each that the counts name; both counts have the same sum."""
    dice = random.Random(f"{program.title} register")  # noqa: S311 - to be repeated, not to be secret
    kinds = [name for name, count in commodities.items() for _n in range(count)]
    dice.shuffle(kinds)
    in_years = [int(year) for year, count in years.items() for _n in range(count)]
    names: set[str] = set()
    products = {kind: cycle(_COMMODITIES[kind][1]) for kind in commodities}
    for kind, year in zip(kinds, in_years, strict=True):
        owner, phone, name = inventor.owner_of(_COMMODITIES[kind][0])
        while name in names:
            owner, phone, name = inventor.owner_of(_COMMODITIES[kind][0])
        names.add(name)
        business = _business(program, owner, phone, name, kind, next(products[kind]), dice)
        stage = _stage(year, int(max(years)), dice)
        db.session.add(Facilitation(program=program, business=business, year=year, stage=stage))
    db.session.flush()


def _business(
    program: Program, owner: str, phone: str, name: str, kind: str, product: str, dice: random.Random
) -> Business:
    region = program.organization.region_code
    person = Person(
        organization_id=program.organization_id, name=owner, name_key=name_key(owner), phone=phone, region_code=region,
        invented=True,
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    return Business(
        organization_id=program.organization_id, owner_id=person.id, name=name, name_key=name_key(name),
        commodity=kind, product=product, region_code=region, invented=True,
        scale=dice.choices((Scale.MICRO, Scale.SMALL), (3, 1))[0],
    )  # fmt: skip


def _stage(year: int, latest: int, dice: random.Random) -> Stage:
    """Those of the latest year are still on their way, some of them."""
    if year < latest:
        return Stage.CERTIFIED
    return dice.choices((Stage.CERTIFIED, Stage.SUBMITTED, Stage.STUCK), (8, 4, 1))[0]
