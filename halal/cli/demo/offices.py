"""Offices with their letterhead, programs, events and articles, as the files in offices/ tell them."""

import tomllib
from pathlib import Path

from halal import clock
from halal.accounts.models import User
from halal.certificates.models import Award
from halal.cli.demo import arrivals, attendees, logins, register
from halal.cli.demo.inventing import Inventor
from halal.cli.demo.moments import moment
from halal.events.models import Event, EventPartner, EventPerson, EventRegion, EventSession, EventStatus
from halal.extensions import db
from halal.news.models import Article, ArticleStatus
from halal.organizations.models import Organization, Signatory
from halal.programs.models import Program, ProgramPartner, ProgramQuota

_HERE = Path(__file__).parent


def plans() -> list[dict]:
    """What each office is to have."""
    return [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((_HERE / "offices").glob("*.toml"))]


def load(plan: dict, hashes: dict[str, str]) -> Organization:
    """One office with everything it has. `hashes` are those of its log-ins' passwords."""
    organization = Organization(**plan["organization"])
    organization.signatories = [Signatory(position=n, **signatory) for n, signatory in enumerate(plan["signatories"])]
    db.session.add(organization)
    db.session.flush()
    users = logins.add(organization, plan["logins"], hashes)
    programs = {}
    for told in plan.get("programs", ()):
        programs[told["key"]] = _add_program(organization, told, plan["flavor"])
    events = {told["slug"]: _add_event(organization, told, plan["flavor"], programs, users) for told in plan["events"]}
    for told in plan.get("articles", ()):
        _add_article(organization, told, events[told["event"]], users[0])
    db.session.flush()
    return organization


def _add_program(organization: Organization, told: dict, flavor: str) -> Program:
    fields = ("title", "target", "route", "requires_nib", "starts_on", "deadline", "deadline_note")
    program = Program(
        organization=organization, description=told["description"].strip(),
        **{field: told[field] for field in fields if field in told},
    )  # fmt: skip
    quotas = told.get("quotas") or dict.fromkeys(told.get("regions", ()))
    program.quotas = [ProgramQuota(region_code=code, quota=quota) for code, quota in quotas.items()]
    program.partners = [ProgramPartner(name=name, position=n) for n, name in enumerate(told.get("partners", ()))]
    db.session.add(program)
    db.session.flush()
    if "register" in told:
        inventor = Inventor(told["key"], flavor, first_number=7000)
        register.fill(program, told["register"], told["register_years"], inventor)
    return program


def _add_event(organization: Organization, told: dict, flavor: str, programs: dict, users: list[User]) -> Event:
    zone = organization.timezone
    fields = ("slug", "kind", "title", "summary", "region_code", "venue", "address", "capacity", "requires_nib",
              "public_registration")  # fmt: skip
    event = Event(
        organization=organization, program=programs.get(told.get("program")), timezone=zone,
        starts_at=moment(told, "starts", zone), ends_at=moment(told, "ends", zone),
        description=told["description"].strip(), status=EventStatus.PUBLISHED,
        **{field: told[field] for field in fields if field in told},
    )  # fmt: skip
    event.created_at = min(clock.now(), event.starts_at) - attendees.LEAD_TIME
    event.sessions = [
        EventSession(title=s["title"], starts_at=moment(s, "starts", zone), ends_at=moment(s, "ends", zone), position=n)
        for n, s in enumerate(told.get("sessions") or [{**told, "title": "Acara"}])
    ]
    event.regions = [EventRegion(region_code=code) for code in told.get("regions", ())]
    event.people = [EventPerson(position=n, **person) for n, person in enumerate(told.get("people", ()))]
    event.partners = [EventPartner(name=name, position=n) for n, name in enumerate(told.get("partners", ()))]
    db.session.add(event)
    db.session.flush()
    db.session.add_all(Award(event_id=event.id, position=n, recipient_kind="institution", **award)
                       for n, award in enumerate(told.get("awards", ())))  # fmt: skip
    if plan := told.get("attendees"):
        present = attendees.add(event, plan, flavor, users[0].id)
        if "arrivals" in plan:
            arrivals.add(event, plan["arrivals"], present, users[-1].id)
    event.status = EventStatus(told["status"])
    return event


def _add_article(organization: Organization, told: dict, event: Event, author: User) -> None:
    published = moment(told, "published", organization.timezone)
    body = (_HERE / "articles" / f"{told['slug']}.md").read_text(encoding="utf-8").strip()
    db.session.add(
        Article(
            organization=organization, event=event, author_id=author.id, slug=told["slug"], title=told["title"],
            summary=told["summary"], body=body, status=ArticleStatus.PUBLISHED, published_at=published,
            created_at=published, updated_at=published,
        )
    )  # fmt: skip
