"""Commands of the documentation, typed as they stand there, on an installation that is not ready for them."""

import os
import re
import shlex
import subprocess
import sys

import pytest
from sqlalchemy import text

from halal.config import ROOT
from halal.extensions import db as database
from tests.conftest import make_app

pytestmark = pytest.mark.once

SECTION = (ROOT / "README.md").read_text().partition("\n## Commands\n")[2].partition("\n## ")[0]
DOCUMENTED = [
    shlex.split(line.split("#")[0].replace("[", "").replace("]", "").replace("attendance|speaker|award", "award"))[3:]
    for line in SECTION.splitlines()
    if line.startswith("    flask ")
]
UNREACHABLE = "postgresql://user:secret@127.0.0.1:9/name"


def test_commands_of_the_documentation_are_found():
    assert ["serve"] in DOCUMENTED
    assert ["users", "create", "EMAIL", "…"] in DOCUMENTED
    assert len(DOCUMENTED) >= 10


def run(app, words):
    """(exit code, what a person reads); a traceback would be an exception of the result."""
    result = app.test_cli_runner().invoke(args=words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output.strip()


@pytest.fixture
def unreachable(tmp_path):
    return make_app(tmp_path, UNREACHABLE)


@pytest.fixture
def empty(tmp_path, new_database):
    app = make_app(tmp_path, new_database("sqlite"))
    yield app
    with app.app_context():
        database.engine.dispose()


@pytest.mark.parametrize("words", DOCUMENTED, ids=" ".join)
def test_command_with_unreachable_database_says_so_in_one_sentence(unreachable, words, monkeypatch):
    monkeypatch.chdir(ROOT)
    code, said = run(unreachable, words)
    assert code != 0
    reason = said.splitlines()[-1]
    assert reason.startswith("Error: ")
    assert "secret" not in reason
    if code == 1:  # 2: click refuses a placeholder that is no value
        assert len(said.splitlines()) == 1


@pytest.mark.parametrize("words", [w for w in DOCUMENTED if w[0] not in ("serve", "db")], ids=" ".join)
def test_command_before_the_first_start_says_what_comes_first(empty, words):
    code, said = run(empty, words)
    assert code != 0
    if code == 1 and "is not a" not in said:
        assert "db upgrade" in said
        assert len(said.splitlines()) == 1


COMPLETE = (
    ["users", "create", "a@uji.example", "--name", "A", "--organization", "x"],
    ["offices", "create", "dinas-uji", "--name", "Dinas Uji", "--region", "36"],
    ["attendees", "import", "kegiatan", "README.md", "--dry-run"],
)


@pytest.mark.parametrize("words", COMPLETE, ids=" ".join)
def test_complete_command_before_the_first_start_names_the_upgrade(empty, words):
    code, said = run(empty, words)
    assert (code, len(said.splitlines())) == (1, 1)
    assert "The database has no tables yet" in said


@pytest.mark.parametrize("words", COMPLETE, ids=" ".join)
def test_complete_command_with_unreachable_database_names_the_variable(unreachable, words):
    code, said = run(unreachable, words)
    assert (code, len(said.splitlines())) == (1, 1)
    assert "HALAL_DATABASE_URL" in said


def test_command_on_the_tables_of_a_newer_version_says_so(empty):
    with empty.app_context(), database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('ffffffffffff')"))
    for words in (COMPLETE[0], ["db", "upgrade"], ["serve"], ["worker"]):
        code, said = run(empty, words)
        assert code == 1
        assert "newer version" in said, words


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["offices", "create", "SLUG", "--name", "Dinas", "--region", "36"], "'SLUG' is not a short name"),
        (["offices", "create", "dinas", "--name", "…", "--region", "36"], "'…' is not a name"),
        (["offices", "create", "dinas", "--name", "Dinas", "--region", "99"], "regions.csv"),
        (["offices", "create", "dinas", "--name", "Dinas", "--region", "Serang"], "36.73 (Kota Serang)"),
        (["offices", "create", "dinas", "--name", "Dinas", "--region", "Tangrang"], "Kabupaten Tangerang"),
        (["users", "create", "EMAIL", "--name", "A", "--organization", "x"], "'EMAIL' is not an e-mail address"),
        (["users", "create", "a@uji.example", "--name", "A", "--organization", "SLUG"], "slug 'SLUG'"),
        (["attendees", "import", "SLUG", "FILE"], "slug 'SLUG'"),
        (["certificates", "issue", "SLUG", "--kind", "award"], "slug 'SLUG'"),
        (["signing", "rotate", "SLUG"], "slug 'SLUG'"),
    ],
)
def test_placeholder_or_bad_region_gets_one_sentence(app, db, words, sentence):
    code, said = run(app, words)
    assert (code, len(said.splitlines())) == (1, 1)
    assert sentence in said


@pytest.mark.parametrize(
    ("typed", "code"),
    [("36", "36"), ("36.73", "36.73"), ("Banten", "36"), ("Kota Serang", "36.73"), ("kab. serang", "36.04"),
     ("Provinsi Jawa Barat", "32"), ("DKI Jakarta", "31"), ("D.I. Yogyakarta", "34"), ("NTB", "52")],
)  # fmt: skip
def test_office_is_created_in_the_region_of_a_name(app, db, typed, code):
    from halal.organizations.models import Organization

    assert run(app, ["offices", "create", "dinas-uji", "--name", "Dinas Uji", "--region", typed])[0] == 0
    assert db.session.query(Organization.region_code).filter_by(slug="dinas-uji").scalar() == code


def test_flask_finds_the_product_from_any_folder(tmp_path):
    """What `make` writes beside the installed packages does it; here the same by PYTHONPATH, as the test's own."""
    recipe = re.search(r'echo "\$\(CURDIR\)" > .*serambi-halal\.pth', (ROOT / "Makefile").read_text())
    assert recipe
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HALAL_")}
    settings = {"HALAL_INSTANCE": str(tmp_path / "instance"), "PYTHONPATH": str(ROOT)}
    line = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "app",
        "offices",
        "create",
        "dinas",
        "--name",
        "A",
        "--region",
        "36",
    ]
    done = subprocess.run(line, cwd=tmp_path, env=kept | settings, capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stdout) == (1, "")
    assert "The database has no tables yet" in done.stderr
