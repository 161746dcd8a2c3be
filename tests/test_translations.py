"""Every text of the interface has its Indonesian words, and the placeholders agree."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from halal.config import ROOT

pytestmark = pytest.mark.once

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2), "_l": None, "lazy_gettext": None}
PLACEHOLDER = re.compile(r"%\((\w+)\)")


def messages_in_use(singular_only=False):
    """Each message with a place where it is used; `singular_only` leaves out those that have a plural."""
    found = {}
    for folder, pattern, method in (("halal", "**.py", "python"), ("templates", "**.html", "jinja2")):
        for name, line, message, _comments, _context in extract_from_dir(
            ROOT / folder, method_map=[(pattern, method)], keywords=KEYWORDS
        ):
            if singular_only and not isinstance(message, str):
                continue
            found.setdefault(message if isinstance(message, str) else message[0], f"{folder}/{name}:{line}")
    return found


@pytest.fixture(scope="module")
def catalogue():
    path = Path(ROOT) / "halal/translations/id/LC_MESSAGES/messages.po"
    with path.open("rb") as file:
        return read_po(file, locale="id")


def test_every_message_in_use_is_translated(catalogue):
    untranslated = {}
    for message, place in messages_in_use().items():
        entry = catalogue.get(message)
        if message and (entry is None or not entry.string or entry.fuzzy):
            untranslated[message] = place
    assert untranslated == {}


def test_no_message_hides_in_an_f_string_where_it_is_not_found():
    hidden = [
        f"{path}:{call.lineno}"
        for path in (ROOT / "halal").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in KEYWORDS
    ]
    assert hidden == []


def test_no_translation_is_left_over(catalogue):
    used = messages_in_use()
    left_over = [m.id for m in catalogue if m.id and (m.id if isinstance(m.id, str) else m.id[0]) not in used]
    assert left_over == []


def test_translations_keep_the_placeholders_of_their_message(catalogue):
    wrong = []
    for message in catalogue:
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[1]
        target = message.string if isinstance(message.string, str) else message.string[0]
        if set(PLACEHOLDER.findall(source)) != set(PLACEHOLDER.findall(target)):
            wrong.append(source)
    assert wrong == []


def test_what_the_script_for_tablets_tells_people_to_press_is_what_they_see(catalogue):
    script = (Path(ROOT) / "docs/tablets.md").read_text()
    shown = "\n".join(str(message.string) for message in catalogue)
    labels = [part for label in re.findall(r"\*+([^*]+)\*+", script) for part in label.split(" → ")]
    assert len(labels) > 15
    assert [label for label in labels if label.rstrip(" 0123456789") not in shown] == []


def test_plurals_have_the_one_form_that_indonesian_has(catalogue):
    plurals = [m for m in catalogue if not isinstance(m.id, str)]
    assert plurals
    assert [m.id for m in plurals if not m.string[0] or len({*m.string}) != 1] == []
