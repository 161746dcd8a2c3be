"""The demo: three offices, told after what was reported about them, with invented people.

It is loaded whole or not at all, in one transaction; an office that exists is left as it is.
"""

from sqlalchemy import select

from halal.cli.demo import logins, offices
from halal.extensions import db
from halal.organizations.models import Organization


def seed() -> list[Organization]:
    """Load what is missing, and commit. Returns the offices that were added: none the second time."""
    known = set(db.session.scalars(select(Organization.slug)))
    added = [offices.load(plan) for plan in offices.plans() if plan["organization"]["slug"] not in known]
    db.session.commit()
    return added


def seed_if_empty() -> None:
    """Load the demo into a database that has no office yet."""
    if db.session.scalar(select(Organization.id).limit(1)) is None:
        seed()


def describe_logins() -> list[str]:
    """Lines to print: e-mail, password, role and office of each log-in."""
    return logins.describe()
