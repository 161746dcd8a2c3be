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
