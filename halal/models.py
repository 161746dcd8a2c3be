"""Every table of the product, in one import: for migrations and for create_app."""

from halal.accounts import models as accounts
from halal.audit import models as audit
from halal.certificates import models as certificates
from halal.checkin import models as checkin
from halal.events import models as events
from halal.facilitation import models as facilitation
from halal.jobs import Job
from halal.limits import Attempt
from halal.messages import models as messages
from halal.news import models as news
from halal.organizations import models as organizations
from halal.people import models as people
from halal.programs import models as programs
from halal.registrations import models as registrations

__all__ = [
    "Attempt", "Job", "accounts", "audit", "certificates", "checkin", "events", "facilitation", "messages", "news",
    "organizations", "people", "programs", "registrations",
]  # fmt: skip
