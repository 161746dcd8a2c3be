"""The demo: three offices, told after what was reported about them, with invented people.

It is loaded whole or not at all, in one transaction; an office that exists is left as it is. Certificates follow,
for they are issued as real ones are: drawn first, then numbered and stored.
"""

from sqlalchemy import select

from halal.cli.demo import certificates, logins, offices
from halal.events.models import Event
from halal.extensions import db, looking
from halal.organizations.models import Organization


def seed() -> list[Organization]:
    """Load what is missing, and commit. Returns the offices that were added: none the second time."""
    with looking():
        known = set(db.session.scalars(select(Organization.slug)))
        plans = [plan for plan in offices.plans() if plan["organization"]["slug"] not in known]
        hashes = logins.hashed([login for plan in plans for login in plan["logins"]])
    added = [offices.load(plan, hashes) for plan in plans]
    db.session.commit()
    for told in (event for plan in plans for event in plan["events"] if "certificates" in event):
        certificates.issue(
            db.session.scalars(select(Event).where(Event.slug == told["slug"])).one(), told["certificates"]
        )
    return added


def seed_if_empty() -> None:
    """Load the demo into a database that has no office yet."""
    if db.session.scalar(select(Organization.id).limit(1)) is None:
        seed()


def describe_logins() -> list[str]:
    """Lines to print: e-mail, password, role and office of each log-in."""
    return logins.describe()
