import pytest

from halal import text
from halal.errors import DomainError
from halal.text import clean_name, clean_phone


@pytest.mark.parametrize(
    "name",
    [
        "\u3164", "Wati\u3164", "Wa\u200bti", "Wati\ufeff", "\u202eitaW", "Wa\u2066ti\u2069", "Wa\u00adti",
        "Wa\u200dti", "W\u0430ti Contohwati", "S\u0456ti", "\u0391ni Contoh", "\u2800Budi", "Wati\uffa0",
        "\U0001d416ati",
    ],
)  # fmt: skip
def test_clean_name_disguised_is_refused_in_words(name):
    with pytest.raises(DomainError) as refused:
        clean_name(name)
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    "name",
    ["Wati Contohwati, S.Pd.", "Ma’ruf", "José Nuñez", "محمد", "नमस्ते", "Анна", "Dewi 🌶️", "👩‍🍳 Siti", "D’Ärtagnan",
     "Siti (Сити)", "Nur Aʼini", "Ⅳ Budi"],
)  # fmt: skip
def test_clean_name_of_any_one_alphabet_is_kept(name):
    assert clean_name(name) == name


def test_clean_phone_that_is_good_writes_no_sentence_of_refusal(monkeypatch):
    monkeypatch.setattr(text, "_l", None)  # a sentence for each of ten thousand rows took a tenth of their check
    assert clean_phone("0812 3456 7890") == "+6281234567890"
    with pytest.raises(TypeError):
        clean_phone("0812")
