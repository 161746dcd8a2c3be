"""An event that is over, with people who were there: what certificates are issued for."""

from datetime import UTC, date, datetime

from halal import ids
from halal.certificates import work
from halal.certificates.models import Award, CertificateKind
from halal.certificates.services import ending, signing
from halal.certificates.wording import Issue, Signer
from halal.checkin.models import Attendance, CheckInOp, OpKind
from halal.events.models import EventPerson, EventRole
from halal.extensions import db
from halal.organizations.models import Signatory

DAY = date(2025, 5, 15)
HEAD = Signer("H. Dwi Nopriadi AW", "Kepala UPTD BPTSI", "19700101 199501 1 001")
BASE_URL = "https://halal.contoh.go.id"


def office(make, **values):
    defaults = {
        "name": "UPTD Balai Pengembangan Teknologi dan Sertifikasi Industri (BPTSI)", "short_name": "BPTSI",
        "parent_name": "Dinas Perindustrian dan Perdagangan Provinsi Banten",
        "number_pattern": "500/{seq:03}/BPTSI/{month:roman}/{year}",
    }  # fmt: skip
    organization = make.organization(**{**defaults, **values})
    make.add(Signatory(organization=organization, name=HEAD.name, title=HEAD.title, nip=HEAD.nip))
    return organization


def past_event(make, organization=None, **values):
    """Thursday, 15 May 2025 in Serang, 08.00 to 12.00 WIB."""
    return make.event(
        organization or office(make), region_code="36.73", starts_at=datetime(2025, 5, 15, 1, tzinfo=UTC),
        ends_at=datetime(2025, 5, 15, 5, tzinfo=UTC), **values,
    )  # fmt: skip


def present(make, event, name: str, **values):
    """Somebody who registered and was checked in."""
    registration = make.registration(event, name=name, **values)
    check_in(make, event, registration)
    return registration


def check_in(make, event, registration) -> None:
    session = event.sessions[0]
    op = make.add(
        CheckInOp(
            op_id=ids.uuid7(), event_id=event.id, seq=event.next_seq, kind=OpKind.CHECK_IN, session_id=session.id,
            registration_id=registration.id, payload_hash="0" * 64, client_at=event.starts_at, sent_at=event.starts_at,
        )
    )  # fmt: skip
    event.next_seq += 1
    make.add(Attendance(session_id=session.id, registration_id=registration.id, event_id=event.id, op_id=op.op_id,
                        at=event.starts_at))  # fmt: skip


def on_stage(make, event, name: str, role: EventRole = EventRole.SPEAKER, title: str = "") -> EventPerson:
    person = EventPerson(name=name, title=title, role=role, position=len(event.people))
    event.people.append(person)
    make.session.flush()
    return person


def award(make, event, recipient: str, **values) -> Award:
    defaults = {"citation": "kota peduli produk halal", "recipient_kind": "institution"}
    return make.add(Award(event_id=event.id, recipient=recipient, **{**defaults, **values}))


def issue(kind: CertificateKind = CertificateKind.ATTENDANCE, **values) -> Issue:
    defaults = {"issued_on": DAY, "place": "Serang", "signers": (HEAD,), "base_url": BASE_URL}
    return Issue(kind, **{**defaults, **values})


def issue_all(event, how: Issue | None = None, subjects=None) -> work.Outcome:
    """Issue as the job and the command do, batch after batch."""
    db.session.commit()
    outcome = work.Outcome()
    work.issue_all(event.id, how or issue(), subjects, None, outcome, lambda _left: db.session.commit())
    return outcome


def replace(certificate, name: str, detail: str, reason: str):
    """Replace a certificate as its page does: drawn first, issued afterwards."""
    signing.ensure(certificate.organization_id)
    draft = ending.draw_replacement(certificate, name, detail, reason, BASE_URL)
    return ending.replace(certificate, draft, reason)
