import json

import pytest
from sqlalchemy import func, select

from halal.registrations.models import Import, Registration
from tests import spreadsheets as make_sheet

ROWS = [
    ["Nama", "No HP"],
    ["Siti", "081234567890"],
    ["Siti", "081234567890"],
    ["Budi", "12"],
    ["Ahmad", "081311112222"],
]


@pytest.fixture
def event(make, db):
    event = make.event(slug="sosialisasi-uji")
    make.registration(event, name="Ahmad", phone="+6281311112222")
    db.session.commit()
    return event


@pytest.fixture
def run(app, event, tmp_path):
    """run(content, *options): the command on a file with this content."""

    def run(content, *options, slug="sosialisasi-uji"):
        file = tmp_path / "peserta.csv"
        file.write_bytes(content)
        return app.test_cli_runner().invoke(args=["attendees", "import", slug, str(file), *options])

    return run


def registered(db) -> int:
    return db.session.scalar(select(func.count()).select_from(Registration))


def test_the_summary_is_one_json_object_and_the_good_rows_are_registered(run, db):
    result = run(make_sheet.csv(ROWS))
    assert result.exit_code == 0, result.output
    assert json.loads(result.output) == {
        "event": "sosialisasi-uji", "file": "peserta.csv", "dry_run": False, "rows": 4,
        "new": 1, "existing": 1, "possible_duplicates": 1, "errors": 1, "registered": 1, "waiting_list": 0,
    }  # fmt: skip
    assert registered(db) == 2


def test_a_second_run_registers_nobody_again(run, db):
    run(make_sheet.csv(ROWS))
    summary = json.loads(run(make_sheet.csv(ROWS)).output)
    assert (summary["new"], summary["existing"], summary["registered"]) == (0, 3, 0)
    assert registered(db) == 2


def test_a_dry_run_changes_nothing(run, db):
    summary = json.loads(run(make_sheet.csv(ROWS), "--dry-run").output)
    assert (summary["new"], summary["registered"], summary["dry_run"]) == (1, 0, True)
    assert registered(db) == 1
    assert db.session.scalar(select(func.count()).select_from(Import)) == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"MZ\x00\x01" * 50, "bukan berkas Excel"),
        (b"", "Berkas kosong"),
        (b"a;b\n1;2\n3;4\n", "Kolom nama tidak dikenali"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(run, db, content, words):
    result = run(content)
    assert result.exit_code != 0
    assert words in result.output
    assert "Traceback" not in result.output
    assert db.session.scalar(select(func.count()).select_from(Import)) == 0


def test_an_event_or_a_file_that_does_not_exist_is_said(run, app):
    result = run(b"Nama\nBudi\n", slug="tidak-ada")
    assert result.exit_code != 0
    assert "no event with the slug 'tidak-ada'" in result.output
    missing = app.test_cli_runner().invoke(args=["attendees", "import", "sosialisasi-uji", "/tidak/ada.xlsx"])
    assert missing.exit_code != 0
    assert "cannot be read" in missing.output


def test_a_cancelled_event_takes_nobody(run, event, db):
    event.status = "cancelled"
    db.session.commit()
    result = run(make_sheet.csv(ROWS))
    assert result.exit_code != 0
    assert "dibatalkan" in result.output
