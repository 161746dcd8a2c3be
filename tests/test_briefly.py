"""Answers kept for a moment."""

import threading

import pytest

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


def test_an_answer_that_is_dear_and_not_urgent_is_kept_longer(monkeypatch):
    monkeypatch.setattr(briefly, "SECONDS", 60.0)
    kept = briefly.Briefly(times=3)
    kept._answers["a"] = (briefly.time.monotonic() - 170.0, "old")
    assert kept.get("a", lambda: "new") == "old"
    kept._answers["a"] = (briefly.time.monotonic() - 190.0, "old")
    assert kept.get("a", lambda: "new") == "new"


def test_only_so_many_answers_lie_in_memory(monkeypatch):
    monkeypatch.setattr(briefly, "SECONDS", 60.0)
    kept, asked = briefly.Briefly(most=2), []
    for key in ("a", "b", "c", "a"):
        kept.get(key, lambda key=key: asked.append(key))
    assert asked == ["a", "b", "c", "a"]


@pytest.fixture
def slow(monkeypatch):
    """(an answer that is too old, a thread that asks anew and is not answered yet, a function that lets it be)"""
    monkeypatch.setattr(briefly, "SECONDS", 60.0)
    kept, asked, answered = briefly.Briefly(), threading.Event(), threading.Event()
    kept._answers["a"] = (briefly.time.monotonic() - 61.0, "old")

    def ask():
        asked.set()
        answered.wait(10)
        return "new"

    thread = threading.Thread(target=kept.get, args=("a", ask))
    thread.start()
    assert asked.wait(10)

    def finish():
        answered.set()
        thread.join(10)

    yield kept, finish
    finish()


def test_while_one_asks_anew_the_others_take_the_old_answer(slow):
    kept, finish = slow
    assert kept.get("a", lambda: "asked twice") == "old"
    finish()
    assert kept.get("a", lambda: "asked twice") == "new"


def test_an_answer_that_is_twice_too_old_is_nobodys(slow):
    kept, _finish = slow
    kept._answers["a"] = (briefly.time.monotonic() - 121.0, "very old")
    assert kept.get("a", lambda: "asked twice") == "asked twice"


def test_whoever_fails_to_ask_leaves_the_question_to_the_next(monkeypatch):
    monkeypatch.setattr(briefly, "SECONDS", 60.0)
    kept = briefly.Briefly()
    kept._answers["a"] = (briefly.time.monotonic() - 61.0, "old")
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: "new") == "new"
