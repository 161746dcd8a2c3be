"""Rows for tests, with as little said as the test needs."""

import itertools
from datetime import UTC, datetime, timedelta

from halal import ids, text
from halal.accounts import passwords
from halal.accounts.models import LoginSession, Membership, Role, User
from halal.checkin.models import Attendance, CheckInOp, OpKind
from halal.events.models import Event, EventKind, EventSession, EventStatus
from halal.extensions import db
from halal.news.models import Article, ArticleStatus
from halal.organizations.models import Organization
from halal.programs.models import Program
from halal.registrations import search
from halal.registrations.models import Registration, RegistrationStatus, Source

_count = itertools.count(1)


class Make:
    """`make.thing(…)` adds a row and flushes it."""

    PASSWORD = "rahasia-uji-123"

    def __init__(self, session):
        self.session = session

    def add(self, row):
        self.session.add(row)
        self.session.flush()
        return row

    def organization(self, **values):
        n = next(_count)
        defaults = {"slug": f"kantor-{n}", "name": f"Dinas Uji {n}", "short_name": f"Uji {n}", "region_code": "36"}
        return self.add(Organization(**{**defaults, **values}))

    def user(self, organization=None, role=Role.ORGANIZER, **values):
        n = next(_count)
        defaults = {
            "email": f"orang{n}@uji.example",
            "name": f"Orang Uji {n}",
            "email_confirmed_at": datetime.now(UTC),
            "password_hash": passwords.hash_password(self.PASSWORD),
        }
        user = self.add(User(**{**defaults, **values}))
        if organization is not None:
            self.add(Membership(user=user, organization=organization, role=role))
        return user

    def login_token(self, user):
        """What the cookie of a new log-in carries."""
        token = ids.token()
        self.add(
            LoginSession(
                user_id=user.id, token_hash=ids.token_hash(token), device="Firefox · Linux", network="127.0.0.…"
            )
        )
        return token

    def program(self, organization=None, **values):
        organization = organization or self.organization()
        return self.add(Program(**{"organization": organization, "title": f"Program Uji {next(_count)}", **values}))

    def event(self, organization=None, **values):
        n = next(_count)
        start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=7)
        defaults = {
            "organization": organization or self.organization(),
            "slug": f"kegiatan-{n}", "kind": EventKind.OUTREACH_SESSION, "status": EventStatus.PUBLISHED,
            "title": f"Kegiatan Uji {n}", "starts_at": start, "ends_at": start + timedelta(hours=4),
            "timezone": "Asia/Jakarta", "region_code": "36.73",
        }  # fmt: skip
        event = Event(**{**defaults, **values})
        if not event.sessions:
            event.sessions.append(EventSession(title="Acara", position=0))
        return self.add(event)

    def registration(self, event=None, **values):
        event = event or self.event()
        token = ids.token()
        name = values.get("name", f"Peserta Uji {next(_count)}")
        defaults = {
            "organization_id": event.organization_id, "event_id": event.id, "name": name,
            "name_key": text.name_key(name), "status": RegistrationStatus.CONFIRMED, "source": Source.DESK,
            "token": token, "token_hash": ids.token_hash(token),
        }  # fmt: skip
        registration = self.add(Registration(**{**defaults, **values}))
        if self.session is db.session:
            search.index([registration])
        return registration

    def attendance(self, registration, session=None, at=None):
        """Somebody is present, as check-in would have computed it."""
        event, number = registration.event, next(_count)
        session, at = session or event.sessions[0], at or event.starts_at
        op = CheckInOp(
            op_id=ids.uuid7(), event_id=event.id, seq=1_000_000 + number, kind=OpKind.CHECK_IN, session_id=session.id,
            registration_id=registration.id, payload_hash="-", client_at=at, sent_at=at,
        )  # fmt: skip
        self.add(op)
        return self.add(
            Attendance(session_id=session.id, registration_id=registration.id, event_id=event.id, op_id=op.op_id, at=at)
        )

    def article(self, organization=None, **values):
        n = next(_count)
        defaults = {
            "organization": organization or self.organization(), "slug": f"berita-{n}", "title": f"Berita Uji {n}",
            "body": "Isi berita.", "status": ArticleStatus.PUBLISHED, "published_at": datetime.now(UTC),
        }  # fmt: skip
        return self.add(Article(**{**defaults, **values}))
