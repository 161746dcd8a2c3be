"""flask certificates issue: the same rules, a summary for machines, files with readable names."""

import io
import json

import pytest
from pypdf import PdfReader

from tests.certificates import hall


@pytest.fixture
def event(make, db):
    event = hall.past_event(make, slug="sosialisasi")
    hall.present(make, event, "Siti Aminah", business_name="Warung")
    hall.present(make, event, "Budi 😀")
    make.registration(event, name="Absen")
    db.session.commit()
    return event


def run(app, *arguments):
    return app.test_cli_runner().invoke(args=["certificates", "issue", *arguments])


def test_it_issues_prints_a_summary_and_writes_the_files(app, event, tmp_path):
    result = run(app, "sosialisasi", "--kind", "attendance", "--out", str(tmp_path / "keluar"))
    assert result.exit_code == 0, result.output
    said = json.loads(result.output)
    assert (said["issued"], said["absent"], said["valid"], said["next_number"]) == (1, 1, 1, "500/002/BPTSI/V/2025")
    assert said["failed"][0]["name"] == "Budi 😀"
    files = list((tmp_path / "keluar").iterdir())
    assert [file.name for file in files] == ["001 Siti Aminah - Warung.pdf"]
    text = PdfReader(io.BytesIO(files[0].read_bytes())).pages[0].extract_text()
    assert "Siti Aminah" in text
    assert "Serang, 15 Mei 2025" in text


def test_a_second_time_issues_nothing(app, event):
    run(app, "sosialisasi", "--kind", "attendance")
    said = json.loads(run(app, "sosialisasi", "--kind", "attendance").output)
    assert (said["issued"], said["already_issued"], said["valid"]) == (0, 1, 1)


def test_date_place_and_signatory_can_be_said(app, event):
    result = run(app, "sosialisasi", "--kind", "attendance", "--date", "2025-06-02", "--place", "Pandeglang",
                 "--signatory", hall.HEAD.name)  # fmt: skip
    assert json.loads(result.output)["next_number"] == "500/002/BPTSI/VI/2025"


@pytest.mark.parametrize(
    "arguments",
    [
        ["tidak-ada", "--kind", "attendance"],
        ["sosialisasi"],
        ["sosialisasi", "--kind", "attendance", "--signatory", "Siapa"],
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(app, event, arguments):
    result = run(app, *arguments)
    assert result.exit_code != 0
    assert "Traceback" not in result.output
