"""Markdown becomes HTML that cannot hurt a reader."""

import re

import pytest

from halal import markdown

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[tautan](javascript:alert(1))",
    "[tautan](JaVaScRiPt&colon;alert(1))",
    "[tautan](data:text/html,<script>alert(1)</script>)",
    "[tautan](vbscript:msgbox)",
    "![x](javascript:alert(1))",
    '![x](https://jahat.example/pelacak.gif "onload=alert(1)")',
    "![x](//jahat.example/pelacak.gif)",
    '[x](https://a.example "a\\" onmouseover=\\"alert(1)")',
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<iframe src=//jahat.example></iframe>",
    '<https://a.example/" onclick="alert(1)>',
    "```\n</code></pre><script>alert(1)</script>\n```",
    "<a href='x' style='position:fixed'>x</a>",
    "# <b onclick=alert(1)>judul</b>",
    "| a |\n| --- |\n| <script>alert(1)</script> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_runs_comes_through(attack):
    html = str(markdown.to_html(attack))
    tags = re.findall(r"<[^>]*>", html)
    assert not [tag for tag in tags if re.match(r"</?(script|style|iframe|svg|object|embed|form|b)\b", tag)]
    assert not [tag for tag in tags if re.search(r"\s(on\w+|style)\s*=", re.sub(r'="[^"]*"', '=""', tag))]
    assert not re.search(r"(href|src)=\"\s*(javascript|data|vbscript):", html, re.IGNORECASE)
    assert not re.search(r"src=\"(https?:)?//", html)


def test_links_carry_no_recommendation():
    assert 'rel="nofollow noopener"' in markdown.to_html("[x](https://a.example)")


def test_headings_begin_below_the_page_title():
    assert markdown.to_html("# Satu\n## Dua") == "<h2>Satu</h2>\n<h3>Dua</h3>\n"


def test_the_plain_beginning_has_no_marks_and_ends_between_words():
    source = "## Judul\n\nSebanyak **30 pelaku usaha**, semua\ndatang. [Tautan](https://a.example) `kode`"
    assert markdown.to_text(source) == "Judul Sebanyak 30 pelaku usaha, semua datang. Tautan kode"
    assert markdown.to_text("satu dua tiga, empat", 16) == "satu dua tiga…"
    assert markdown.to_text(None) == ""
