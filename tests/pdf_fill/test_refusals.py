"""What cannot be filled exactly is refused in words: never a broken file, never a page unlike WeasyPrint's."""

import dataclasses
import math

import pytest

from halal.pdf_fill import CannotFill, Code, Text
from tests.pdf_fill import page

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def template():
    return page.template()


def without(entries, key):
    return {name: value for name, value in entries.items() if name != key}


# -- Values ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "key"),
    [("texts", "name"), ("texts", "number"), ("codes", "qr"), ("stacks", "middle"), ("info", "Title"),
     ("info", "Subject")],
)  # fmt: skip
def test_a_slot_that_is_left_out_or_too_many_is_refused_by_name(template, part, key):
    said = page.values()
    given = getattr(said, part)
    with pytest.raises(CannotFill, match=r"\[.*\] instead of \[.*" + key):
        template.fill(dataclasses.replace(said, **{part: without(given, key)}))
    with pytest.raises(CannotFill, match="unknown"):
        template.fill(dataclasses.replace(said, **{part: {**given, "unknown": given[key]}}))


def test_an_attachment_more_or_less_than_the_template_has_is_refused(template):
    with pytest.raises(CannotFill, match="attachment"):
        template.fill(page.values(attachment=None))
    bare = page.template(sample=page.values(attachment=None))
    with pytest.raises(CannotFill, match="attachment"):
        bare.fill(page.values())


@pytest.mark.parametrize(
    "text",
    [
        "محمد", "שלום", "سیتی Siti", "नमस्ते", "สวัสดี", "Сити", "Σίτη", "鈴木",  # other scripts, also mixed in
        "Siti\u200dAminah", "Siti\u200eAminah", "\u202eitiS", "Siti\u00adAminah", "Siti\ufeff",  # not to be seen
        "Siti\u0301", "Q\u0323adri",  # a mark apart from its letter
        "Siti\tAminah", "Siti\nAminah", "Siti\x00", "Siti\x7f", "Siti\x85", "Siti\u2028Aminah", "Siti\u00a0Aminah",
        "Siti\ud83d", "\udc00", "Budi 😀", "\ue000", "\uffff",
        "ȸ", "Siti ⌘",  # the font has them not
    ],
)  # fmt: skip
def test_letters_that_may_be_set_otherwise_or_that_the_font_lacks_are_refused(template, text):
    for slot in ({"name": (text,)}, {"detail": (text,)}, {"name": ("Siti", text)}):
        with pytest.raises(CannotFill):
            template.fill(page.values(**slot))


@pytest.mark.parametrize("lines", [(), ("",), ("Siti", ""), (" ",), (" Siti",), ("Siti ",), ("Siti  Aminah",)])
def test_an_empty_text_and_spaces_that_a_page_does_not_show_are_refused(template, lines):
    with pytest.raises(CannotFill, match="slot name is empty, or has spaces"):
        template.fill(page.values(name=lines))


@pytest.mark.parametrize("name", ["W" * 60, "Siti Aminah " * 20 + "S.E.", "i" * 100_000])
def test_a_text_wider_than_its_box_is_refused_and_not_drawn_beside_it(template, name):
    with pytest.raises(CannotFill, match="slot name is wider than its box"):
        template.fill(page.values(name=(name,)))


@pytest.mark.parametrize("slot", ["number", "date"])
def test_also_outside_of_the_stack_a_text_keeps_to_its_box_its_size_and_its_lines(template, slot):
    for text in (Text(("5" * 200,)), Text(("500/001",), 12.0), Text(("500/", "001"))):
        with pytest.raises(CannotFill, match=f"slot {slot}"):
            template.fill(page.values(texts={**page.values().texts, slot: text}))


def test_a_stack_that_leaves_the_page_is_refused(template):
    with pytest.raises(CannotFill, match="higher than the page"):
        template.fill(page.values(name=("Siti",) * 40))
    with pytest.raises(CannotFill, match="higher than the page"):
        template.fill(page.values(stacks={"middle": 300.0}, name=("S",), size=5.0, detail=("S",)))


@pytest.mark.parametrize("size", [0, -1.0, math.inf, math.nan])
def test_a_size_that_is_none_is_refused(template, size):
    with pytest.raises(CannotFill, match="no size"):
        template.fill(page.values(size=size))
    with pytest.raises(CannotFill, match="no size"):
        template.fill(page.values(stacks={"middle": size}))


@pytest.mark.parametrize("text", ["Judul\x00", "Judul\x0b", "Judul\r\n", "Judul\ud800"])
def test_what_no_title_can_hold_is_refused(template, text):
    for info in ({"Title": text, "Subject": "x"}, {"Title": "x", "Subject": text}):
        with pytest.raises(CannotFill, match="no text holds"):
            template.fill(page.values(info=info))
    with pytest.raises(CannotFill, match="no text holds"):
        template.fill(page.values(codes={"qr": Code("kode", text)}))


@pytest.mark.parametrize("content", ["", "x" * 3_000, "\ud800"])
def test_what_no_qr_code_can_hold_is_refused(template, content):
    with pytest.raises(CannotFill, match="no QR code"):
        template.fill(page.values(codes={"qr": Code(content, "Kode QR")}))


def test_after_a_refusal_the_template_fills_as_before(template):
    before = template.fill(page.values())
    for name in ("محمد", "W" * 60, ""):
        with pytest.raises(CannotFill):
            template.fill(page.values(name=(name,)))
    assert template.fill(page.values()) == before


def test_a_refusal_names_no_person(template):
    for name in ("Siti Rahasia 😀", "Siti Rahasia " * 20 + ".", " Siti Rahasia"):
        with pytest.raises(CannotFill) as refused:
            template.fill(page.values(name=(name,)))
        assert "Rahasia" not in str(refused.value)


# -- Templates ---------------------------------------------------------------------------------------------------------


def changed(old: str, new: str) -> str:
    whole = page.html(page.values())
    assert whole.count(old) == 1
    return whole.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (' data-slot="date"', "", "instead of"),
        ('<p class="lead">', '<p class="lead" data-slot="lead">', "instead of"),
        ('data-slot="date"', 'data-slot="number"', "two of the name number"),
        ('data-slot="detail"', 'data-slot="name"', "two of the name name"),
        (' data-stack="middle"', "", "instead of"),
        (' data-slot="qr"', "", "instead of"),
        ("To Yv 1", "To <i>Yv</i> 1", "more than plain text"),
        ("To Yv 1", "To<br>Yv 1", "slot date has another size or number of lines"),
        ("To Yv 1", "To Yw 1", "is set in another way"),
        ("To Yv 1", "", "empty or justified"),
        ("To Yv 1", "<i style='display: block'>To Yv 1</i>", "more than lines"),
        ("diberikan kepada", "diberikan<br>kepada", "more than one line to a row"),
        ("diberikan kepada", "<i style='display: inline-block'>x</i>", "something else than text"),
        ("</body>", "<p>satu</p><p style='break-before: page'>dua</p></body>", "more than one page"),
        ("Judul contoh", "Judul lain", "Title is not what the template was given"),
    ],
)  # fmt: skip
def test_a_page_that_is_not_what_was_announced_is_refused(old, new, reason):
    with pytest.raises(CannotFill, match=reason):
        page.template(changed(old, new))


@pytest.mark.parametrize(
    ("css", "reason"),
    [
        (".name { word-spacing: 1pt }", "word_spacing"),
        (".name { text-transform: uppercase }", "more than plain text"),
        (".name { text-decoration: underline }", "text_decoration_line"),
        (".name { direction: rtl }", "direction"),
        (".name { white-space: normal }", "white_space"),
        (".date { text-indent: 1mm }", "text_indent"),
        (".date { visibility: hidden }", "visibility"),
        (".date { text-align: justify }", "justified"),
        (".name { border: 1pt solid }", "border"),
        (".name { background: #eee }", "behind"),
        (".middle { transform: rotate(2deg) }", "translateY"),
        (".name { position: relative; top: 2mm }", "do not follow each other"),
        (".name { font-feature-settings: 'smcp' }", "font_feature_settings"),
        (".name { font-kerning: none }", "set in another way"),
        (".name { text-align-last: right }", "set in another way"),
        (".name { opacity: 0.5 }", "is not drawn once"),
        (".middle { padding: 2mm }", "translateY"),
    ],
)
def test_a_look_that_the_engine_does_not_know_is_refused(css, reason):
    with pytest.raises(CannotFill, match=reason):
        page.template(css=css)
