"""The office's list of events."""

from datetime import timedelta

from halal import clock
from halal.events.models import EventStatus

LIST = "/kelola/kegiatan"


def some_events(make, office):
    past = {"starts_at": clock.now() - timedelta(days=9), "ends_at": clock.now() - timedelta(days=8)}
    return [
        make.event(office, title="Sosialisasi Serang", region_code="36.04", capacity=30),
        make.event(office, title="Rapat Bontang", region_code="64.74", venue="Gedung Taman Praja"),
        make.event(office, title="Yang Lampau", **past),
        make.event(office, title="Ditutup Cepat", status=EventStatus.FINISHED),
        make.event(office, title="Masih Draf", status=EventStatus.DRAFT),
        make.event(office, title="Batal Banjir", status=EventStatus.CANCELLED),
        make.event(title="Milik Kantor Lain"),
    ]


def shown(client, query: str = "") -> set[str]:
    page = client.get(f"{LIST}{query}").text
    titles = ("Sosialisasi Serang", "Rapat Bontang", "Yang Lampau", "Ditutup Cepat", "Masih Draf", "Batal Banjir",
              "Milik Kantor Lain")  # fmt: skip
    return {title for title in titles if f"{title}</a>" in page}


def test_the_list_has_its_parts(log_in, db, make):
    client = log_in("viewer")
    some_events(make, client.organization)
    db.session.commit()
    assert shown(client) == {"Sosialisasi Serang", "Rapat Bontang", "Batal Banjir"}
    assert shown(client, "?scope=past") == {"Yang Lampau", "Ditutup Cepat"}
    assert shown(client, "?scope=drafts") == {"Masih Draf"}
    assert len(shown(client, "?scope=all")) == 6
    assert shown(client, "?scope=nonsense&status=nonsense&page=99") == shown(client)


def test_words_are_found_in_title_venue_and_region(log_in, db, make):
    client = log_in("viewer")
    some_events(make, client.organization)
    db.session.commit()
    assert shown(client, "?q=sosialisasi+SERANG") == {"Sosialisasi Serang"}
    assert shown(client, "?q=kab.+serang") == {"Sosialisasi Serang"}
    assert shown(client, "?q=praja") == {"Rapat Bontang"}
    assert shown(client, "?q=kota+bontang") == {"Rapat Bontang"}
    assert shown(client, "?q=%25") == set()


def test_the_list_is_filtered_by_status(log_in, db, make):
    client = log_in("viewer")
    some_events(make, client.organization)
    db.session.commit()
    assert shown(client, "?status=cancelled") == {"Batal Banjir"}
    assert shown(client, "?scope=past&status=finished") == {"Ditutup Cepat"}


def test_the_list_counts_who_has_a_place(log_in, db, make):
    client = log_in("viewer")
    event = some_events(make, client.organization)[0]
    make.registration(event)
    make.registration(event)
    db.session.commit()
    assert ">2 / 30" in client.get(LIST).text


def test_an_empty_list_says_what_to_do(log_in):
    client = log_in("organizer")
    assert "Rencanakan kegiatan, terbitkan" in client.get(LIST).text
    nothing = client.get(f"{LIST}?q=zzz").text
    assert "Cari di semua kegiatan" in nothing
    assert "scope=all" in nothing


def test_htmx_gets_the_list_alone(log_in):
    part = log_in("organizer").get(f"{LIST}?q=zzz", headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div id="event-list"')


def test_pages_have_25_events(log_in, db, make):
    client = log_in("viewer")
    for number in range(27):
        make.event(client.organization, title=f"Kegiatan nomor {number:02}")
    db.session.commit()
    assert client.get(LIST).text.count("Kegiatan nomor") // 2 == 25
    assert client.get(f"{LIST}?page=2").text.count("Kegiatan nomor") // 2 == 2
