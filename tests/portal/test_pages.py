"""The public pages: who sees what, in which words, and what programs read."""

import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from halal import clock
from halal.events.models import EventPerson, EventRegion, EventRole, EventSession, EventStatus
from halal.news.models import ArticleStatus
from halal.registrations.models import RegistrationStatus

ATOM = "{http://www.w3.org/2005/Atom}"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def in_days(days, hours=0):
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days, hours=hours)


def past(make, **values):
    return make.event(starts_at=in_days(-9), ends_at=in_days(-9, 3), status=EventStatus.FINISHED, **values)


# -- home ---------------------------------------------------------------------------------------------------


def test_home_says_what_the_site_is_for_when_there_is_nothing_yet(client):
    page = client.get("/").text
    assert "Jalan menuju sertifikat halal" in page
    assert "Belum ada kegiatan yang dijadwalkan" in page
    assert "/v/" in page


def test_home_shows_what_comes_next_and_the_latest_news(client, make):
    make.event(title="Minggu depan")
    make.event(title="Masih draf", status=EventStatus.DRAFT)
    make.event(title="Dibatalkan", status=EventStatus.CANCELLED)
    past(make, title="Sudah lewat")
    make.article(title="Kabar baru")
    make.article(title="Kabar draf", status=ArticleStatus.DRAFT)
    page = client.get("/").text
    assert "Minggu depan" in page
    assert "Kabar baru" in page
    for hidden in ("Masih draf", "Dibatalkan", "Sudah lewat", "Kabar draf"):
        assert hidden not in page


# -- events -------------------------------------------------------------------------------------------------


def titles(page):
    return re.findall(r'class="event-card__title"><a[^>]*>([^<]+)<', page)


def test_coming_events_stand_first_soonest_on_top_then_past_ones_latest_on_top(client, make):
    past(make, title="Lama")
    make.event(title="Kedua", starts_at=in_days(5), ends_at=None)
    make.event(title="Pertama", starts_at=in_days(2), ends_at=None)
    make.event(title="Baru lewat", starts_at=in_days(-2), ends_at=in_days(-2, 2))
    make.event(title="Sedang berlangsung", starts_at=in_days(0, -1), ends_at=in_days(0, 1))
    make.event(title="Draf", status=EventStatus.DRAFT)
    page = client.get("/kegiatan").text
    assert titles(page) == ["Sedang berlangsung", "Pertama", "Kedua", "Baru lewat", "Lama"]
    assert page.index("Akan datang") < page.index("Kedua") < page.index("Sudah berlangsung") < page.index("Baru lewat")


def test_events_are_found_by_place_by_invited_region_and_by_words(client, make):
    make.event(title="Di Kota Serang", region_code="36.73", venue="Aula BPTSI")
    make.event(title="Mengundang Lebak", region_code="36.71", regions=[EventRegion(region_code="36.02")])
    make.event(title="Di Banjarmasin", region_code="63.71")
    assert set(titles(client.get("/kegiatan?region=36").text)) == {"Di Kota Serang", "Mengundang Lebak"}
    assert titles(client.get("/kegiatan?region=36.02").text) == ["Mengundang Lebak"]
    assert titles(client.get("/kegiatan?region=63").text) == ["Di Banjarmasin"]
    assert titles(client.get("/kegiatan?q=AULA+serang").text) == ["Di Kota Serang"]
    assert titles(client.get("/kegiatan?q=100%25").text) == []
    assert len(titles(client.get("/kegiatan?region=99.99").text)) == 3


def test_only_regions_with_events_are_offered(client, make):
    make.event(region_code="36.73")
    make.event(region_code="63.71", status=EventStatus.DRAFT)
    page = client.get("/kegiatan").text
    assert '<option value="36.73">Kota Serang</option>' in page
    assert 'value="63' not in page


def test_long_lists_come_in_pages_and_keep_the_filter(client, make):
    office = make.organization()
    for _ in range(13):
        make.event(office, region_code="36.73")
    first = client.get("/kegiatan?region=36.73").text
    assert len(titles(first)) == 12
    assert "/kegiatan?region=36.73&amp;page=2" in first
    assert len(titles(client.get("/kegiatan?region=36.73&page=2").text)) == 1
    assert len(titles(client.get("/kegiatan?page=999").text)) == 1
    assert client.get("/kegiatan?page=-1").status_code == 200


@pytest.mark.parametrize(
    "query", ["<script>alert(1)</script>", "'; DROP TABLE events; --", "%", "_", "\\", "😀", "x" * 5000]
)
def test_any_search_is_answered_and_shown_as_text(client, make, query):
    make.event()
    answer = client.get("/kegiatan", query_string={"q": query})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


# -- one event ----------------------------------------------------------------------------------------------


def test_a_draft_does_not_exist_for_the_public(client, make):
    event = make.event(status=EventStatus.DRAFT)
    assert client.get(f"/kegiatan/{event.slug}").status_code == 404
    assert client.get(f"/kegiatan/{event.slug}/kalender.ics").status_code == 404
    assert client.get("/kegiatan/tidak-ada").status_code == 404


def test_an_event_page_has_what_a_participant_needs(client, make, db):
    event = make.event(
        title="Sosialisasi", venue="Aula BPTSI", address="Jl. Raya Jakarta", capacity=30, requires_nib=True,
        starts_at=datetime(2045, 5, 15, 1, tzinfo=UTC), ends_at=datetime(2045, 5, 15, 5, tzinfo=UTC),
        description="Bawa **kemasan**.",
        sessions=[
            EventSession(title="Pembukaan", starts_at=datetime(2045, 5, 15, 1, tzinfo=UTC), position=0),
            EventSession(title="Materi", position=1),
        ],
        people=[EventPerson(name="H. Asep Awaludin", title="Kepala Balai", role=EventRole.OPENING)],
        regions=[EventRegion(region_code="36.04")],
    )  # fmt: skip
    make.registration(event)
    make.registration(event, status=RegistrationStatus.CANCELLED)
    page = client.get(f"/kegiatan/{event.slug}").text
    for fact in (
        "Senin, 15 Mei 2045, 08.00–12.00 WIB", "Aula BPTSI, Jl. Raya Jakarta, Kota Serang", "<strong>kemasan</strong>",
        "Pembukaan", "08.00 WIB", "Materi", "H. Asep Awaludin", "Kepala Balai", "Kab. Serang",
        "Masih ada 29 dari 30 tempat", "13 angka", f"/kegiatan/{event.slug}/daftar", "https://wa.me/?text=Sosialisasi",
        "https://www.google.com/maps/search/",
    ):  # fmt: skip
        assert fact in page


STATES = {
    "open": ({}, "Daftar sekarang", True),
    "full with a waiting list": ({"capacity": 1}, "Masuk daftar tunggu", True),
    "full": ({"capacity": 1, "waiting_list": False}, "Semua tempat sudah terisi", False),
    "not open yet": ({"registration_opens_at": in_days(1)}, "Pendaftaran belum dibuka", False),
    "closed": ({"registration_closes_at": in_days(-1)}, "Pendaftaran sudah ditutup", False),
    "by invitation": ({"public_registration": False}, "Dengan undangan", False),
    "cancelled": (
        {"status": EventStatus.CANCELLED, "cancel_reason": "Gedung dipakai posko."},
        "Gedung dipakai posko.",
        False,
    ),
    "over": ({"starts_at": in_days(-2), "ends_at": in_days(-2, 2)}, "Kegiatan ini sudah selesai", False),
    "finished": ({"status": EventStatus.FINISHED}, "Kegiatan ini sudah selesai", False),
}


@pytest.mark.parametrize("state", STATES)
def test_the_page_says_whether_one_may_register_and_why_not(client, make, state):
    values, words, may = STATES[state]
    event = make.event(**values)
    make.registration(event)
    page = client.get(f"/kegiatan/{event.slug}").text
    assert words in page
    assert (f'href="/kegiatan/{event.slug}/daftar"' in page) is may


def test_a_finished_event_leads_to_its_news(client, make):
    event = past(make)
    make.article(event=event, title="Begini jalannya", slug="begini-jalannya")
    make.article(event=event, title="Masih ditulis", status=ArticleStatus.DRAFT)
    page = client.get(f"/kegiatan/{event.slug}").text
    assert 'href="/berita/begini-jalannya"' in page
    assert "Masih ditulis" not in page


def test_names_and_titles_are_shown_as_text(client, make):
    event = make.event(title="<script>alert(1)</script>", venue='"><img src=x onerror=alert(1)>',
                       summary="</script><script>alert(2)</script>")  # fmt: skip
    for path in ("/", "/kegiatan", f"/kegiatan/{event.slug}"):
        page = client.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_search_engines_read_the_event_as_data(client, make):
    event = make.event(title='Kegiatan "khusus" </script>', timezone="Asia/Makassar", region_code="63.71")
    page = client.get(f"/kegiatan/{event.slug}").text
    data = json.loads(re.search(r'<script type="application/ld\+json">(.+?)</script>', page, re.DOTALL)[1])
    assert data["@type"] == "Event"
    assert data["name"] == 'Kegiatan "khusus" </script>'
    assert data["startDate"].endswith("+08:00")
    assert data["url"] == f"http://localhost/kegiatan/{event.slug}"


def test_a_place_names_its_region_once(client, make):
    event = make.event(venue="Aula BPTSI", address="Jl. Raya Jakarta\nKota Serang")
    page = client.get(f"/kegiatan/{event.slug}")
    assert "Aula BPTSI, Jl. Raya Jakarta, Kota Serang<" in page.text
    assert "Kota Serang, Kota Serang" not in page.text


def test_messengers_get_absolute_addresses(client, make):
    article = make.article(title="Judul & kabar")
    page = client.get(f"/berita/{article.slug}").text
    assert f'<link rel="canonical" href="http://localhost/berita/{article.slug}">' in page
    assert '<meta property="og:title" content="Judul &amp; kabar">' in page
    assert re.search(r'og:image" content="http://localhost/static/img/share.png', page)


def test_the_calendar_entry_points_to_the_event_page(client, make):
    event = make.event()
    answer = client.get(f"/kegiatan/{event.slug}/kalender.ics")
    assert answer.mimetype == "text/calendar"
    assert f"URL:http://localhost/kegiatan/{event.slug}" in answer.text


# -- news ---------------------------------------------------------------------------------------------------


def test_an_article_is_public_from_publishing_to_withdrawing(client, make):
    article = make.article(status=ArticleStatus.DRAFT, published_at=None)
    assert client.get(f"/berita/{article.slug}").status_code == 404
    assert article.title not in client.get("/berita").text
    article.status, article.published_at = ArticleStatus.PUBLISHED, clock.now()
    make.session.flush()
    assert client.get(f"/berita/{article.slug}").status_code == 200
    assert article.title in client.get("/berita").text
    article.status = ArticleStatus.DRAFT
    make.session.flush()
    assert client.get(f"/berita/{article.slug}").status_code == 404
    assert article.slug not in client.get("/berita/umpan.xml").text
    assert article.slug not in client.get("/sitemap.xml").text


def test_an_article_names_its_office_date_and_event(client, make):
    office = make.organization(name="UPTD BPTSI")
    event = make.event(office, title="Sosialisasi Serang")
    article = make.article(
        office, event=event, body="**Tiga puluh** orang.", published_at=datetime(2025, 5, 15, 20, tzinfo=UTC),
        cover_file="public/news/1/00000000000000000000000000-1600x900.jpg", cover_alt="Peserta menulis",
    )  # fmt: skip
    page = client.get(f"/berita/{article.slug}").text
    for fact in ("UPTD BPTSI", "Jumat, 16 Mei 2025", "<strong>Tiga puluh</strong>", f'href="/kegiatan/{event.slug}"',
                 'width="1600" height="900" alt="Peserta menulis"'):  # fmt: skip
        assert fact in page


def test_an_article_about_a_draft_event_does_not_lead_to_it(client, make):
    event = make.event(status=EventStatus.DRAFT, title="Rahasia")
    article = make.article(event=event)
    assert "Rahasia" not in client.get(f"/berita/{article.slug}").text


def test_the_feed_is_well_formed_with_absolute_addresses(client, make):
    make.article(title="A & B <c> \x0b", summary="Ringkas & jelas")
    make.article(title="Kedua")
    answer = client.get("/berita/umpan.xml")
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.data)
    entries = feed.findall(f"{ATOM}entry")
    assert {entry.findtext(f"{ATOM}title").strip() for entry in entries} == {"A & B <c>", "Kedua"}
    links = [link.get("href") for link in feed.iter(f"{ATOM}link")]
    assert all(link.startswith("http://localhost/") for link in links)
    assert all(datetime.fromisoformat(e.findtext(f"{ATOM}updated")).tzinfo for e in entries)
    assert client.get("/berita/umpan.xml", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_an_empty_feed_is_well_formed_too(client):
    assert ElementTree.fromstring(client.get("/berita/umpan.xml").data).findtext(f"{ATOM}updated")


def test_the_sitemap_lists_what_is_public_and_nothing_else(client, make):
    shown, hidden = make.event(), make.event(status=EventStatus.DRAFT)
    article = make.article()
    places = {e.text for e in ElementTree.fromstring(client.get("/sitemap.xml").data).iter(f"{SITEMAP}loc")}
    assert {f"http://localhost/kegiatan/{shown.slug}", f"http://localhost/berita/{article.slug}"} <= places
    assert not any(hidden.slug in place for place in places)


def test_robots_keep_out_of_tickets_and_the_desk(client):
    rules = client.get("/robots.txt").text
    assert "Disallow: /t/" in rules
    assert "Disallow: /kelola/" in rules
    assert "Sitemap: http://localhost/sitemap.xml" in rules


def test_the_icon_is_found_where_old_browsers_look(client):
    assert "/static/img/favicon.svg" in client.get("/favicon.ico").headers["Location"]


def test_public_pages_need_no_javascript(client, make):
    event = make.event()
    page = client.get("/kegiatan").text
    assert "htmx" not in client.get("/").text.split("</head>")[0].replace("htmx-config", "")
    assert re.search(r'<form[^>]*method="get" action="/kegiatan"', page)
    assert f'href="/kegiatan/{event.slug}"' in page
    assert "js-only" not in client.get(f"/kegiatan/{event.slug}").text


def test_pages_stay_even_with_the_longest_names(client, make):
    office = make.organization(name="D" * 200, short_name="S" * 80)
    event = make.event(office, title="Z" * 200, venue="V" * 200, address="A" * 500, summary="R" * 300)
    article = make.article(office, event=event, title="B" * 200)
    for path in ("/", "/kegiatan", f"/kegiatan/{event.slug}", "/berita", f"/berita/{article.slug}"):
        assert client.get(path).status_code == 200
