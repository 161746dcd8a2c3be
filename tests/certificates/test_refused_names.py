"""Whatever stands in the place of a name: a sound page, or a reason that people can act on; the others go on."""

import io

import pikepdf
import pytest

from halal.certificates import press
from halal.certificates.layout import Unprintable
from halal.certificates.models import CertificateKind
from halal.certificates.services import planning
from tests.certificates import hall
from tests.certificates.test_press import snapshot

REFUSED = {
    "": "Isi nama", " ": "Isi nama", "\n\n": "Isi nama", "\u0301": "Isi nama", "محمد": "“م” “ح” “د” pada nama",
    "नमस्ते": "huruf Latin", "Budi 😀": "“😀” pada nama", "\u202eitiS": "U+202E pada nama", 
    "Siti\u200b": "U+200B pada nama",
    "Siti\x00": "U+0000 pada nama", "Siti\tAminah": "U+0009 pada nama", "Siti\ud83d": "U+D83D pada nama",
    "W" * 300: "terlalu panjang", "Siti " * 400: "terlalu panjang",
}  # fmt: skip
DRAWN = (
    "A\u0301BC",
    "Siti\u00a0Aminah",
    "Siti\u00adAminah",
    "  Siti   Aminah ",
    "ʾAlif Q\u0323adri",
    "-",
    "<b>&{{x}}",
    "(\\",
)


@pytest.fixture
def speaking(app):
    with app.test_request_context():
        yield


@pytest.mark.once
@pytest.mark.parametrize("design", ["attendance", "award"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_cannot_be_printed_is_refused_with_a_reason(speaking, design, name):
    with pytest.raises(Unprintable) as refused:
        press.certificate(snapshot(design, name))
    assert REFUSED[name] in str(refused.value.message)
    assert str(refused.value.message).isprintable()


@pytest.mark.once
@pytest.mark.parametrize("name", DRAWN)
def test_every_other_name_gives_one_sound_page(speaking, name):
    with pikepdf.open(io.BytesIO(press.certificate(snapshot("attendance", name)))) as document:
        assert len(document.pages) == 1
        assert document.check_pdf_syntax() == []


def test_a_number_that_cannot_be_printed_is_known_before(make):
    event = hall.past_event(make)
    hall.present(make, event, "Ali")
    hall.award(make, event, "Kota A", number="😀 1", issuer="MUI")
    hall.award(make, event, "Kota B", number="W" * 120, issuer="MUI")
    hall.award(make, event, "Kota C", number="12/MUI/2025", issuer="MUI")
    awards = planning.plan(event, hall.issue(CertificateKind.AWARD))
    assert [candidate.name for candidate in awards.ready] == ["Kota C"]
    event.organization.number_pattern = "😀{seq}/{year}"
    assert planning.plan(event, hall.issue()).ready == []


def test_those_who_cannot_be_printed_are_listed_before_and_after_and_the_others_go_on(make, db):
    event = hall.past_event(make)
    bad = [name for name in REFUSED if "\x00" not in name and "\ud83d" not in name and len(name) < 200]
    for name in (*bad, "Ali", "Budi"):
        hall.present(make, event, name)
    listed = planning.plan(event, hall.issue()).skipped_for(planning.Reason.UNPRINTABLE)
    assert sorted(skip.candidate.name for skip in listed) == sorted(bad)
    outcome = hall.issue_all(event)
    assert outcome.issued == 2
    assert {
        failure["name"]: REFUSED[failure["name"]] in failure["reason"] for failure in outcome.failed
    } == dict.fromkeys(bad, True)
