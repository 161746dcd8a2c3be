import stat
from pathlib import Path

import pytest
from sqlalchemy import func, select

from halal import files
from halal.accounts import passwords
from halal.accounts.models import Membership, Role, User
from halal.certificates.models import Award, Certificate
from halal.checkin.models import Attendance, CheckInOp, OpKind
from halal.cli import demo
from halal.cli.demo import offices
from halal.events.models import Event, EventRole, EventStatus
from halal.extensions import db as database
from halal.facilitation.models import Facilitation
from halal.news.models import Article
from halal.organizations.models import Organization
from halal.people.models import Business
from halal.programs.models import Program
from halal.registrations.models import Registration, RegistrationStatus, RegistrationWord
from tests import guard
from tests.conftest import make_app


@pytest.fixture(scope="module")
def demo_app(tmp_path_factory, new_database):
    """An application of its own: the demo is loaded once, and only looked at."""
    app = make_app(tmp_path_factory.mktemp("demo"), new_database())
    with app.app_context(), pytest.MonkeyPatch.context() as patch:
        guard.set_up(patch)
        database.create_all()
        guard.watched(demo.seed)()
        database.session.remove()
    yield app
    with app.app_context():
        database.engine.dispose()


@pytest.fixture
def loaded(demo_app):
    with demo_app.app_context():
        yield database


def _event(db, slug):
    return db.session.scalar(select(Event).where(Event.slug == slug))


def _count(db, model, *where):
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


def _rows(db):
    return {t.name: db.session.scalar(select(func.count()).select_from(t)) for t in db.metadata.sorted_tables}


def test_the_second_time_changes_nothing(demo_app, loaded):
    before, words = _rows(loaded), demo.describe_logins()
    result = demo_app.test_cli_runner().invoke(args=["seed", "demo"])
    assert result.exit_code == 0
    assert _rows(loaded) == before
    assert demo.describe_logins() == words


def test_three_offices_with_letterhead_and_signatories(loaded):
    offices = loaded.session.scalars(select(Organization)).all()
    assert {o.slug for o in offices} == {"bptsi-banten", "diskopukm-kalsel", "disperindagkop-bontang"}
    assert all(o.parent_name and o.address and 2 <= len(o.signatories) <= 3 for o in offices)


def test_serang_has_thirty_attendees_over_seven_regions_and_its_four_people(loaded):
    event = _event(loaded, "sosialisasi-halal-serang-2025")
    regions = loaded.session.scalars(select(Registration.region_code).where(Registration.event_id == event.id)).all()
    assert len(regions) == 30
    assert len(set(regions)) == 7
    assert "36.03" not in regions
    assert [p.role for p in event.people] == [
        EventRole.REPORT, EventRole.OPENING, EventRole.SUPPORT, EventRole.SPEAKER,
    ]  # fmt: skip
    assert event.status is EventStatus.FINISHED


def test_most_of_serang_were_checked_in_by_operations_of_a_tablet(loaded):
    event = _event(loaded, "sosialisasi-halal-serang-2025")
    present = loaded.session.scalar(
        select(func.count(func.distinct(Attendance.registration_id))).where(Attendance.event_id == event.id)
    )
    assert 24 <= present <= 30
    assert _count(loaded, CheckInOp, CheckInOp.event_id == event.id) == event.next_seq - 1
    assert _count(loaded, CheckInOp, CheckInOp.event_id == event.id, CheckInOp.kind == OpKind.WALK_IN) == 2
    moments = loaded.session.scalars(select(Attendance.at).where(Attendance.event_id == event.id)).all()
    assert {m.date() for m in moments} == {event.starts_at.date()}


def test_the_drive_has_a_thousand_registrations_over_six_regions_some_without_nib(loaded):
    event = _event(loaded, "1000-halal-self-declare-kalsel-2024")
    mine = Registration.event_id == event.id
    assert _count(loaded, Registration, mine, Registration.status == RegistrationStatus.CONFIRMED) == 1000
    assert loaded.session.scalar(select(func.count(func.distinct(Registration.region_code))).where(mine)) == 6
    assert _count(loaded, Registration, mine, Registration.nib.is_(None)) == 37
    assert 700 < _count(loaded, Attendance, Attendance.event_id == event.id) < 1000
    assert event.program.target == sum(q.quota for q in event.program.quotas) == 1000


def test_the_meeting_has_nine_partners(loaded):
    assert len(_event(loaded, "rakor-percepatan-halal-kalsel-2024").partners) == 9


def test_bontang_has_two_awards_of_an_outside_issuer_and_a_register_of_105(loaded):
    event = _event(loaded, "penghargaan-mui-bontang-2015")
    awards = loaded.session.scalars(select(Award).where(Award.event_id == event.id)).all()
    assert [a.recipient_kind for a in awards] == ["institution", "institution"]
    assert all("MUI" in a.issuer for a in awards)
    counts = dict(
        loaded.session.execute(
            select(Business.commodity, func.count())
            .join(Facilitation, Facilitation.business_id == Business.id)
            .join(Program, Program.id == Facilitation.program_id)
            .where(Program.organization_id == event.organization_id)
            .group_by(Business.commodity)
        ).all()
    )
    assert set(counts) == {"keripik", "aneka kue", "manisan", "depot air minum", "katering"}
    assert sum(counts.values()) == 105
    years = loaded.session.scalars(select(Facilitation.year)).all()
    assert (min(years), max(years)) == (2007, 2015)


def test_everybody_is_invented_and_can_be_found(loaded):
    assert _count(loaded, Registration, Registration.invented.is_(False)) == 0
    assert _count(loaded, Business, Business.invented.is_(False)) == 0
    assert _count(loaded, Registration, ~Registration.phone.startswith("+628120000")) == 0
    words = select(RegistrationWord.registration_id)
    assert _count(loaded, Registration, Registration.id.not_in(words)) == 0


def test_names_are_long_short_and_with_apostrophes(loaded):
    names = loaded.session.scalars(select(Registration.name)).all()
    assert max(map(len, names)) > 100
    assert any(" " not in name for name in names)
    assert any("'" in name for name in names)


def test_a_few_certificates_can_be_looked_at_and_the_others_can_be_issued(loaded):
    found = loaded.session.scalars(select(Certificate)).all()
    assert sorted(certificate.kind for certificate in found) == ["attendance"] * 2 + ["award"] * 2 + ["speaker"] * 2
    assert all(files.get(certificate.pdf_file).startswith(b"%PDF") for certificate in found)
    assert {c.issued_on.isoformat() for c in found if c.kind == "attendance"} == {"2025-05-16"}


def test_a_waiting_list_can_be_tried(loaded):
    event = _event(loaded, "bimbingan-halal-banjarmasin-contoh")
    waiting = _count(
        loaded, Registration, Registration.event_id == event.id, Registration.status == RegistrationStatus.WAITING
    )
    assert waiting == 4


def test_every_event_that_is_told_has_its_article(loaded):
    about = set(loaded.session.scalars(select(Event.slug).join(Article, Article.event_id == Event.id)))
    assert about == {
        "sosialisasi-halal-serang-2025", "rakor-percepatan-halal-kalsel-2024", "1000-halal-self-declare-kalsel-2024",
        "penghargaan-mui-bontang-2015",
    }  # fmt: skip


def test_log_ins_one_per_role_are_kept_for_the_owner_of_the_instance_alone(demo_app, loaded):
    file = Path(demo_app.instance_path) / "demo-logins.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    office = select(Organization.id).where(Organization.slug == "bptsi-banten")
    roles = loaded.session.scalars(select(Membership.role).where(Membership.organization_id.in_(office))).all()
    assert set(roles) == set(Role)
    for line in demo.describe_logins():
        email, password = line.split()[:2]
        user = loaded.session.scalar(select(User).where(User.email == email))
        assert passwords.verify(user.password_hash, password)
    assert len(demo.describe_logins()) == 6


def test_an_office_that_exists_is_left_alone(db, make):
    slugs = [plan["organization"]["slug"] for plan in offices.plans()]
    for slug in slugs:
        make.organization(slug=slug, name="Kantor Sungguhan")
    db.session.commit()
    assert demo.seed() == []
    assert _count(db, Event) == 0
    assert db.session.scalars(select(Organization.name)).all() == ["Kantor Sungguhan"] * 3


def test_a_database_in_use_gets_no_demo_by_itself(db, make):
    make.organization()
    demo.seed_if_empty()
    assert _count(db, Organization) == 1
