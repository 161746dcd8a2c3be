"""The schema by migrations: from nothing, equal to the models, and the last step taken back; on both databases."""

from datetime import date

import pytest
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from halal.certificates.models import Certificate, CertificateKind
from halal.checkin.models import Attendance
from halal.events.models import EventPerson, EventRole
from halal.extensions import db
from tests.conftest import make_app
from tests.factories import Make


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_migrations_build_the_models_and_the_last_one_can_be_taken_back(dialect, new_database, tmp_path):
    app = make_app(tmp_path, new_database(dialect))
    with app.app_context():
        upgrade()
        check()
        assert "registrations" in inspect(db.engine).get_table_names()
        with Session(db.engine) as session:
            make = Make(session)
            registration = make.registration()
            make.attendance(registration)
            made = registration.event.sessions[0].id
            session.commit()
        downgrade()
        upgrade()
        check()
        assert db.session.scalars(select(Attendance.session_id)).all() == [made]
        db.session.rollback()
        db.engine.dispose()


def test_a_number_that_a_certificate_named_before_the_migration_is_given_to_nobody(new_database, tmp_path):
    app = make_app(tmp_path, new_database("sqlite"))
    with app.app_context():
        upgrade(revision="a3d81c5e7f24")
        with Session(db.engine) as session:
            make = Make(session)
            event = make.event()
            make.add(Certificate(
                organization_id=event.organization_id, event=event, kind=CertificateKind.SPEAKER, year=2025, seq=1,
                number="1", recipient="Siti", issued_on=date(2025, 5, 15), pdf_file="x", pdf_sha256="0",
                snapshot={"subject": "person:41", "recipient": "Siti"},
            ))  # fmt: skip
            session.commit()
            event_id = event.id
        upgrade()
        with Session(db.engine) as session:
            person = EventPerson(event_id=event_id, name="Budi", role=EventRole.SPEAKER)
            session.add(person)
            session.commit()
            assert person.id == 42
        db.engine.dispose()


def test_a_migration_that_would_leave_references_to_nothing_changes_nothing(new_database, tmp_path):
    app = make_app(tmp_path, new_database("sqlite"))
    with app.app_context():
        upgrade()
        with db.engine.connect() as connection:
            sqlite = connection.connection.driver_connection
            sqlite.execute("PRAGMA foreign_keys=OFF")
            sqlite.execute("INSERT INTO event_people VALUES (1, 7, 'Siti', '', 'speaker', 0)")
            sqlite.execute("PRAGMA foreign_keys=ON")
        with pytest.raises(SystemExit):
            downgrade()
        with db.engine.connect() as connection:
            tables = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'awards'")
            assert "AUTOINCREMENT" in tables.scalar()
            with pytest.raises(IntegrityError):  # references are looked after again
                connection.exec_driver_sql("INSERT INTO event_people VALUES (2, 7, 'Wati', '', 'speaker', 0)")
        db.engine.dispose()
