"""Every action that is recorded anywhere has words in the log."""

import ast

from halal.audit.words import AREAS, SENTENCES
from halal.config import ROOT


def recorded() -> set[str]:
    """The actions in the code: written out, or put together of a beginning and a verb that callers give."""
    found = set()
    for path in (ROOT / "halal").rglob("*.py"):
        tree = ast.parse(path.read_text())
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for call in calls:
            if name_of(call) in {"record", "note"} and call.args:
                found |= texts(call.args[0])
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                if name_of(call) == "record" and call.args and isinstance(call.args[0], ast.JoinedStr):
                    beginning = call.args[0].values[0].value
                    given = [one for other in calls if name_of(other) == function.name for one in other.args[:2]]
                    found |= {f"{beginning}{verb}" for one in given for verb in texts(one)}
                elif name_of(call) == "record" and call.args and isinstance(call.args[0], ast.Name):
                    given = [one for other in calls if name_of(other) == function.name for one in other.args[:1]]
                    found |= {text for one in given for text in texts(one)}
    return found


def name_of(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def texts(node: ast.expr) -> set[str]:
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)} if (
        not isinstance(node, ast.JoinedStr)
    ) else set()  # fmt: skip


def test_every_action_has_words_and_an_area_to_filter_by():
    actions = {action for action in recorded() if "." in action}
    assert {"award.added", "organization.changed", "certificates.issued", "event.created"} <= actions
    assert actions - set(SENTENCES) == set()
    assert {action for action in SENTENCES if not action.startswith(tuple(AREAS))} == set()
