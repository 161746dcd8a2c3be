"""Writing, publishing and withdrawing articles."""

from datetime import timedelta

import pytest

from halal import clock
from halal.errors import Conflict, DomainError
from halal.meanwhile import mark
from halal.news import services
from halal.news.models import ArticleStatus
from halal.news.services import Content


def written(make, title="Sosialisasi di Serang", body="Isi.", **values):
    return services.create(make.organization().id, Content(title=title, body=body, **values))


def test_a_new_article_is_a_draft_with_an_address_from_its_title(make):
    article = written(make, "Sosialisasi Halal, Serang 2025!")
    assert article.status is ArticleStatus.DRAFT
    assert article.slug == "sosialisasi-halal-serang-2025"


def test_two_articles_of_one_title_have_two_addresses(make):
    slugs = [written(make).slug for _ in range(3)]
    assert slugs == ["sosialisasi-di-serang", "sosialisasi-di-serang-2", "sosialisasi-di-serang-3"]


def test_the_address_follows_the_title_until_it_is_published(make, db):
    article = written(make, "Judul lama")
    services.change(article, Content(title="Judul baru", body="Isi."))
    assert article.slug == "judul-baru"
    services.publish(article)
    services.change(article, Content(title="Judul terakhir", body="Isi."))
    assert article.slug == "judul-baru"
    services.unpublish(article)
    services.change(article, Content(title="Sama sekali lain", body="Isi."))
    assert article.slug == "judul-baru"


def test_saving_again_keeps_the_address(make):
    written(make, "Sama")
    second = written(make, "Sama")
    services.change(second, Content(title="Sama", body="Lebih panjang."))
    assert second.slug == "sama-2"


def test_the_moment_of_publishing_is_kept_when_it_is_published_again(make, monkeypatch):
    article = written(make)
    services.publish(article)
    first = article.published_at
    services.unpublish(article)
    assert article.status is ArticleStatus.DRAFT
    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    services.publish(article)
    assert article.published_at == first


def test_an_article_without_text_is_not_published(make):
    article = written(make, body="  \n ")
    with pytest.raises(DomainError) as error:
        services.publish(article)
    assert error.value.field == "body"


def test_a_published_article_keeps_its_text(make):
    article = written(make)
    services.publish(article)
    with pytest.raises(DomainError):
        services.change(article, Content(title="Judul", body=""))


def test_a_draft_is_deleted_and_a_published_article_is_not(make, db):
    article = written(make)
    services.publish(article)
    with pytest.raises(Conflict):
        services.delete(article)
    services.unpublish(article)
    services.delete(article)
    db.session.flush()
    assert db.session.scalars(services.office_articles(article.organization_id)).all() == []


def test_a_picture_needs_a_description(make):
    with pytest.raises(DomainError) as error:
        written(make, cover_file="public/news/1/x.jpg")
    assert error.value.field == "cover_alt"


def test_an_article_is_about_an_event_of_its_own_office_only(make):
    own, other = make.organization(), make.organization()
    with pytest.raises(DomainError) as error:
        services.create(own.id, Content(title="Judul", event_id=make.event(other).id))
    assert error.value.field == "event_id"
    event = make.event(own)
    assert services.create(own.id, Content(title="Judul", event_id=event.id)).event_id == event.id


def test_saving_over_somebody_elses_change_is_noticed(make):
    article = written(make)
    seen = mark(services.shown(article))
    services.change(article, Content(title="Dari orang pertama", body="Isi."), seen)
    with pytest.raises(Conflict):
        services.change(article, Content(title="Dari orang kedua", body="Isi."), seen)
    assert article.title == "Dari orang pertama"


def test_search_finds_words_of_the_title_and_takes_signs_literally(make, db):
    office = make.organization()
    for title in ("Rapat 100% siap", "Rapat 100 orang", "Lain"):
        services.create(office.id, Content(title=title))
    found = db.session.scalars(services.office_articles(office.id, query="RAPAT 100%")).all()
    assert [article.title for article in found] == ["Rapat 100% siap"]


def test_control_characters_are_left_out(make):
    article = written(make, "Judul\x00 aneh\u202e", body="Isi\x00 berita.\r\nBaris dua.")
    assert article.title == "Judul aneh"
    assert article.body == "Isi berita.\nBaris dua."
