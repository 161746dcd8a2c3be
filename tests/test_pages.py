"""Every page: one heading of the first level, and a name and a language of its own."""

import pytest
import tinyhtml5

from tests.test_access import address, ask, rules
from tests.world import World

pytestmark = pytest.mark.once
HTML = "{http://www.w3.org/1999/xhtml}"


def in_sight(element):
    """The elements of a page that a reader without JavaScript comes to."""
    if element.get("hidden") is None and element.tag != f"{HTML}template":
        yield element
        for child in element:
            yield from in_sight(child)


def pages(app, client, world):
    """(address, tree) of every whole page."""
    for _endpoint, method, rule, _who in rules(app):
        if method != "GET":
            continue
        path = address(app, world, rule)
        answer = ask(client, method, path)
        if answer.status_code == 200 and answer.mimetype == "text/html" and "<html" in answer.text:
            yield path, tinyhtml5.parse(answer.text)


@pytest.mark.parametrize("role", ["owner", None])
def test_every_page_has_one_heading_of_the_first_level_and_a_title(app, client, log_in, make, db, role):
    world = World(make)
    db.session.commit()
    visitor = log_in(role, world.organization) if role else client
    looked_at, wrong = 0, {}
    for path, page in pages(app, visitor, world):
        looked_at += 1
        headings = ["".join(h.itertext()).strip() for h in in_sight(page) if h.tag == f"{HTML}h1"]
        title = "".join(page.find(f".//{HTML}title").itertext()).strip()
        if len(headings) != 1 or not headings[0] or not title or page.get("lang") != "id":
            wrong[path] = (headings, title)
    assert wrong == {}
    assert looked_at > (50 if role else 8)


def test_the_pages_of_an_event_can_be_told_apart_in_the_tabs_of_a_browser(log_in, make, db):
    world = World(make)
    db.session.commit()
    visitor, titles = log_in("owner", world.organization), set()
    for ending in ("", "/peserta", "/kehadiran", "/sertifikat", "/berita", "/laporan"):
        page = tinyhtml5.parse(visitor.get(f"/kelola/kegiatan/{world.event.slug}{ending}").text)
        titles.add("".join(page.find(f".//{HTML}title").itertext()))
    assert len(titles) == 6
    assert all(world.event.title in title for title in titles)
