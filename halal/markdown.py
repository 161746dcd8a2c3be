"""Markdown to HTML that is safe to show: no raw HTML, no scripts, pictures only from this site."""

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).enable("table")
_TAGS = {
    "p", "br", "hr", "em", "strong", "ul", "ol", "li", "h2", "h3", "h4", "blockquote", "code", "pre", "a", "img",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        return value if value.startswith("/") and not value.startswith("//") else None
    return value


def to_html(source: str | None) -> Markup:
    """The HTML of a Markdown text. Headings begin at level 2: the page's own h1 stands above them."""
    tokens = _parser.parse(source or "")
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(4, int(token.tag[1]) + 1)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    return Markup(  # noqa: S704 -- nh3 has just cleaned it
        nh3.clean(
            html,
            tags=_TAGS,
            attributes=_ATTRIBUTES,
            attribute_filter=_keep,
            url_schemes={"http", "https", "mailto"},
            link_rel="nofollow noopener",
        )
    )


def to_text(source: str | None, limit: int = 200) -> str:
    """The beginning of a Markdown text without its marks, cut between words: for lists, feeds and link previews."""
    lines = (
        "".join(" " if c.type in {"softbreak", "hardbreak"} else c.content for c in token.children or ())
        for token in _parser.parse(source or "")
        if token.type == "inline"
    )
    whole = " ".join(" ".join(lines).split())
    if len(whole) <= limit:
        return whole
    return whole[: limit - 1].rpartition(" ")[0].rstrip(",.;:–-") + "…"
