"""The house stays easy to read: no inline script, pinned requirements, documented variables."""

import json
import re
import subprocess

import pytest

from halal.checkin.views import tablet
from halal.config import ROOT

pytestmark = pytest.mark.once


def tracked(*patterns):
    names = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in names.stdout.splitlines()]


def test_the_service_worker_keeps_every_module_of_the_tablet():
    names = [*tablet._NAMED, *tablet._IMPORTED]
    imported = {
        found
        for name in names
        if name.startswith("checkin/")
        for found in re.findall(r'from "\./(\w+\.js)"', (ROOT / "static" / name).read_text())
    }
    assert {f"checkin/{name}" for name in imported} <= set(names)


def test_what_comes_from_npm_is_pinned_and_names_no_registry():
    folder = ROOT / "tests/js"
    pins = json.loads((folder / "package.json").read_text())["devDependencies"]
    assert [pin for pin in pins.values() if not re.fullmatch(r"\d+\.\d+\.\d+", pin)] == []
    assert "resolved" not in (folder / "package-lock.json").read_text()


def test_no_template_has_inline_script_or_style():
    # JSON-LD is data, which browsers never run
    pattern = re.compile(
        r"""<style|\sstyle=|\son(?:click|change|input|submit|load|error|focus|blur|toggle|(?:key|mouse|pointer|touch|before)\w+)=|hx-on|javascript:\S|<script(?![^>]*(?:\ssrc=|ld\+json))""",
        re.IGNORECASE,
    )
    guilty = [
        f"{p.relative_to(ROOT)}:{number}"
        for p in (ROOT / "templates").rglob("*.html")
        if not p.name.endswith("_pdf.html")
        for number, line in enumerate(p.read_text().splitlines(), 1)
        if pattern.search(line)
    ]
    assert guilty == []


def test_every_requirement_is_pinned_and_says_what_it_is_for():
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert re.fullmatch(r"[\w.\-\[\]]+==[\w.]+ +# .+", line), line


def test_every_variable_the_code_reads_is_documented():
    source = (ROOT / "halal/config.py").read_text()
    table = source.split('"""')[1]
    read = set(re.findall(r'"(HALAL_[A-Z_]+)"', source))
    assert read - set(re.findall(r"HALAL_[A-Z_]+", table)) == set()


def test_no_form_posts_without_a_token():
    missing = []
    for path in (ROOT / "templates").rglob("*.html"):
        for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL):
            for part in re.findall(r'{% include "([^"]+)" %}', form):
                form += (ROOT / "templates" / part).read_text()
            if re.search(r'method="post"', form, re.IGNORECASE) and not re.search(r"csrf|hidden_tag", form):
                missing.append(str(path.relative_to(ROOT)))
    assert missing == []


def test_every_test_that_the_documentation_names_is_there():
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs/offline-check-in.md").read_text())
    assert named
    assert [one for one in named if f"def {one[1] or 'test_'}" not in (ROOT / one[0]).read_text()] == []


def test_only_one_function_writes_the_name_of_a_download():
    named = re.compile(r"Content-Disposition|download_name")
    guilty = {str(p.relative_to(ROOT)) for p in tracked("halal/*.py") if named.search(p.read_text())}
    assert guilty == {"halal/headers.py"}
