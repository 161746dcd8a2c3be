"""One office with one of everything: for tests that walk all routes."""

from dataclasses import asdict

from halal import ids
from halal.accounts.models import Invitation, Role
from halal.accounts.services import members
from halal.certificates.look import Look
from halal.certificates.models import Award, Certificate, CertificateDesign, CertificateKind
from halal.checkin.models import Device
from halal.clock import now
from halal.jobs import Job
from halal.news.models import Article
from halal.registrations.models import BulkCancellation, Import, ImportRow, PrintedSheet


class World:
    """Rows of one office, and the values of any route's arguments among them."""

    def __init__(self, make):
        self.organization = office = make.organization()
        owner = make.user(office, Role.OWNER)
        self.program = make.program(office)
        self.event = event = make.event(office, program=self.program)
        self.registration = make.registration(event)
        self.article = make.add(Article(organization=office, event=event, slug=f"berita-{event.slug}", title="Berita"))
        self.invitation = make.add(
            Invitation(organization=office, email="a@b.example", role=Role.VIEWER, expires_at=now(),
                       token_hash=ids.token_hash(ids.token()), invited_by_id=owner.id)
        )  # fmt: skip
        self.certificate = make.add(
            Certificate(organization_id=office.id, event=event, kind=CertificateKind.ATTENDANCE, year=2025, seq=1,
                        number="1", recipient="Siti", issued_on=now().date(), snapshot={}, pdf_file="x", pdf_sha256="0",
                        registration_id=self.registration.id)
        )  # fmt: skip
        self.award = make.add(Award(event_id=event.id, recipient="Siti"))
        self.job = make.add(Job(organization_id=office.id, event_id=event.id, kind="nothing"))
        self.batch = make.add(
            Import(
                organization_id=office.id,
                event=event,
                filename="a.xlsx",
                columns=[{"heading": "Nama", "samples": []}],
                mapping={"columns": ["name"], "sheets": ["Lembar 1"], "sheet": 0, "header": 1},
            )
        )
        self.cancellation = make.add(BulkCancellation(event_id=event.id, at=now(), rows=[]))
        self.row = make.add(ImportRow(import_id=self.batch.id, number=1))
        self.device = make.add(
            Device(
                organization_id=office.id, event_id=event.id, name="Tablet 1", token_hash=ids.token_hash(ids.token())
            )
        )
        self.sheet = make.add(
            PrintedSheet(code=ids.code()[:16], event_id=event.id, session_id=event.sessions[0].id, print_hash="0",
                         page=1, pages=1, first=1, people=[str(self.registration.id)], blank=2)
        )  # fmt: skip
        self.design = make.add(
            CertificateDesign(organization_id=office.id, kind="award", version=7, look=asdict(Look(title="Piagam")))
        )
        self.membership = members(office)[0]

    def query(self, rule) -> dict:
        """What a route reads from behind the question mark: the tablet's API names its event there."""
        return {"event": self.event.slug} if rule.endpoint.startswith("checkin.") else {}

    def values(self, rule) -> dict:
        """What to put into a route's address; a KeyError here means: teach the world about a new argument."""
        values = {
            "slug": lambda: self.article.slug if rule.endpoint == "portal.article" else self.event.slug,
            "session_id": lambda: self.event.sessions[0].id,
            "registration_id": lambda: self.registration.id,
            "program_id": lambda: self.program.id,
            "article_id": lambda: self.article.id,
            "membership_id": lambda: self.membership.id,
            "invitation_id": lambda: self.invitation.id,
            "certificate_id": lambda: self.certificate.id,
            "award_id": lambda: self.award.id,
            "kind": lambda: "award",
            "version": lambda: self.design.version,
            "year": lambda: self.event.starts_at.year,
            "job_id": lambda: self.job.id,
            "import_id": lambda: self.batch.id,
            "cancellation_id": lambda: self.cancellation.id,
            "number": lambda: self.row.number,
            "token": lambda: self.registration.token,
            "code": lambda: self.certificate.code,
            "device_id": lambda: self.device.id,
            "pairing_code": lambda: "0123456789",
            "sheet_code": lambda: self.sheet.code,
            "key": lambda: "public/nothing.png",
            "filename": lambda: "app.css",
        }
        return {name: values[name]() for name in rule.arguments}
