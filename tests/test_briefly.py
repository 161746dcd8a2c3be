"""Answers kept for a moment."""

from halal import briefly


def test_an_answer_is_kept_for_a_moment_only(monkeypatch):
    kept, asked = briefly.Briefly(), []

    def ask():
        asked.append(1)
        return len(asked)

    monkeypatch.setattr(briefly, "SECONDS", 60.0)
    assert [kept.get("a", ask), kept.get("a", ask), kept.get("b", ask)] == [1, 1, 2]
    monkeypatch.setattr(briefly, "SECONDS", 0.0)
    assert kept.get("a", ask) == 3


def test_only_so_many_answers_lie_in_memory(monkeypatch):
    monkeypatch.setattr(briefly, "SECONDS", 60.0)
    kept, asked = briefly.Briefly(most=2), []
    for key in ("a", "b", "c", "a"):
        kept.get(key, lambda key=key: asked.append(key))
    assert asked == ["a", "b", "c", "a"]
