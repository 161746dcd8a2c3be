"""The schema by migrations: from nothing, equal to the models, and the last step taken back; on both databases."""

import pytest
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import inspect

from halal.extensions import db
from tests.conftest import make_app


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_migrations_build_the_models_and_the_last_one_can_be_taken_back(dialect, new_database, tmp_path):
    app = make_app(tmp_path, new_database(dialect))
    with app.app_context():
        upgrade()
        check()
        assert "registrations" in inspect(db.engine).get_table_names()
        downgrade()
        upgrade()
        check()
        db.engine.dispose()
