"""The desk's news pages: writing, preview, pictures, publishing, and who may."""

import io
import re

import pytest
from PIL import Image

from halal import files
from halal.audit.models import AuditEntry
from halal.events.models import EventPerson, EventRole, EventStatus
from halal.news.covers import cover
from halal.news.models import Article, ArticleStatus


def a_photograph(place_hidden_in_it=False):
    bands = [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L").rotate(90)]
    exif = Image.Exif()
    if place_hidden_in_it:
        exif.get_ifd(0x8825)[2] = (6.0, 7.0, 12.0)
    out = io.BytesIO()
    Image.merge("RGB", bands).resize((2000, 1000)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def the_article(db):
    return db.session.scalars(db.select(Article)).one()


@pytest.fixture
def desk(log_in):
    return log_in("organizer")


def test_the_list_says_what_to_do_when_it_is_empty(desk):
    assert "Tulis berita" in desk.get("/kelola/berita").text


def test_the_list_filters_by_state_and_title(desk, make):
    make.article(desk.organization, title="Rapat di Banjar")
    make.article(desk.organization, title="Draf rahasia", status=ArticleStatus.DRAFT, published_at=None)
    make.article(title="Milik kantor lain")
    everything = desk.get("/kelola/berita").text
    assert "Rapat di Banjar" in everything
    assert "Draf rahasia" in everything
    assert "Milik kantor lain" not in everything
    assert "Rapat di Banjar" not in desk.get("/kelola/berita?status=draft").text
    assert "Draf rahasia" not in desk.get("/kelola/berita?q=rapat").text
    assert "Tidak ditemukan" in desk.get("/kelola/berita?q=entah").text


def test_a_draft_is_saved_and_then_published(desk, db):
    answer = desk.post("/kelola/berita/baru", data={"title": "Judul", "body": "Isi.", "action": "save"})
    article = the_article(db)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/kelola/berita/{article.id}"
    assert article.status is ArticleStatus.DRAFT
    assert article.author_id == desk.user.id
    desk.post(f"/kelola/berita/{article.id}", data={"title": "Judul", "body": "Isi baru.", "action": "publish"})
    assert article.status is ArticleStatus.PUBLISHED
    assert article.body == "Isi baru."
    actions = db.session.scalars(db.select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["article.created", "article.changed", "article.published"]


def test_an_article_is_withdrawn_and_its_draft_deleted(desk, make, db):
    article = make.article(desk.organization)
    assert desk.post(f"/kelola/berita/{article.id}/hapus").status_code == 409
    desk.post(f"/kelola/berita/{article.id}/status", data={"action": "unpublish"})
    assert article.status is ArticleStatus.DRAFT
    assert desk.post(f"/kelola/berita/{article.id}/hapus").status_code == 303
    assert db.session.scalar(db.select(db.func.count()).select_from(Article)) == 0


def test_publishing_without_text_keeps_what_was_typed_and_saves_nothing(desk, db):
    answer = desk.post(
        "/kelola/berita/baru", data={"title": "Judul panjang", "summary": "Ringkas.", "action": "publish"}
    )
    assert answer.status_code == 422
    assert "Judul panjang" in answer.text
    assert "Ringkas." in answer.text
    assert "Isi naskahnya" in answer.text
    assert db.session.scalar(db.select(db.func.count()).select_from(Article)) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "   "},
        {"title": "x" * 201},
        {"summary": "x" * 301},
        {"body": "x" * 60_001},
        {"event_id": "99999999"},
        {"event_id": "bukan angka"},
        {"cover_alt": "x" * 201},
    ],
)
def test_a_wrong_field_is_answered_with_the_whole_form(desk, wrong):
    answer = desk.post("/kelola/berita/baru", data={"title": "Judul", "body": "Isi yang sudah ditulis", **wrong})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert wrong.get("body", "Isi yang sudah ditulis") in answer.text


def test_under_htmx_a_wrong_form_comes_back_as_one_fragment(desk):
    answer = desk.post("/kelola/berita/baru", data={"title": ""}, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert answer.text.strip().startswith('<div class="editor" id="editor">')
    assert "<html" not in answer.text


def test_a_cover_is_stored_small_and_large_without_the_place_it_was_taken(desk, db):
    desk.post(
        "/kelola/berita/baru",
        data={
            "title": "Judul", "cover": (io.BytesIO(a_photograph(place_hidden_in_it=True)), "foto.jpg"),
            "cover_alt": "Peserta",
        },
    )  # fmt: skip
    picture = cover(the_article(db).cover_file)
    assert (picture.width, picture.height) == (1600, 800)
    assert not Image.open(io.BytesIO(files.get(picture.large))).getexif()
    assert Image.open(io.BytesIO(files.get(picture.small))).size == (720, 360)


def test_a_picture_survives_a_mistake_in_another_field(desk, db):
    answer = desk.post("/kelola/berita/baru", data={"title": "", "cover": (io.BytesIO(a_photograph()), "foto.jpg")})
    assert answer.status_code == 422
    key = re.search(r'name="cover_file" type="hidden" value="([^"]+)"', answer.text)[1]
    desk.post("/kelola/berita/baru", data={"title": "Judul", "cover_file": key, "cover_alt": "Peserta"})
    assert the_article(db).cover_file == key


@pytest.mark.parametrize("content", [b"MZ\x90\x00" + b"\0" * 500, b"<svg onload=alert(1)>", b"", a_photograph()[:400]])
def test_what_is_no_picture_is_refused_and_nothing_typed_is_lost(desk, db, content):
    answer = desk.post(
        "/kelola/berita/baru", data={"title": "Judul", "body": "Isi.", "cover": (io.BytesIO(content), "foto.jpg")}
    )
    assert answer.status_code == 422
    assert "Judul" in answer.text
    assert "field__error" in answer.text
    assert db.session.scalar(db.select(db.func.count()).select_from(Article)) == 0


def test_a_request_of_fifty_megabytes_is_refused_with_a_sentence(desk):
    head = b'--x\r\nContent-Disposition: form-data; name="cover"; filename="foto.jpg"\r\n\r\n'
    huge = head + b"\0" * 50_000_000 + b"\r\n--x--\r\n"
    answer = desk.post("/kelola/berita/baru", data=huge, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert "10 MB" in answer.text


def test_another_offices_picture_is_not_taken_over(desk, make, db):
    key = "public/news/999999/00000000000000000000000000-10x10.jpg"
    desk.post("/kelola/berita/baru", data={"title": "Judul", "cover_file": key, "cover_alt": "x"})
    assert the_article(db).cover_file is None


def test_a_removed_picture_is_gone_from_the_store(desk, db):
    desk.post(
        "/kelola/berita/baru",
        data={"title": "Judul", "cover": (io.BytesIO(a_photograph()), "foto.jpg"), "cover_alt": "Peserta"},
    )
    article = the_article(db)
    old = cover(article.cover_file)
    data = {"title": "Judul", "cover_file": article.cover_file, "cover_alt": "Peserta", "remove_cover": "y"}
    desk.post(f"/kelola/berita/{article.id}", data=data)
    assert article.cover_file is None
    for key in (old.large, old.small):
        with pytest.raises(files.FileMissing):
            files.get(key)


def test_the_preview_shows_markdown_and_saves_nothing(desk, db):
    answer = desk.post("/kelola/berita/pratinjau", data={"title": "Judul", "body": "**tebal**"})
    assert "<strong>tebal</strong>" in answer.text
    assert "<html" not in answer.text
    assert db.session.scalar(db.select(db.func.count()).select_from(Article)) == 0


def test_without_javascript_the_preview_button_shows_it_beside_the_form(desk, db):
    answer = desk.post("/kelola/berita/baru", data={"title": "Judul", "body": "**tebal**", "action": "preview"})
    assert answer.status_code == 200
    assert "<strong>tebal</strong>" in answer.text
    assert "**tebal**</textarea>" in answer.text
    assert 'class="editor__preview"' in answer.text
    assert db.session.scalar(db.select(db.func.count()).select_from(Article)) == 0


def test_an_old_copy_of_the_form_does_not_overwrite_silently(desk, make):
    article = make.article(desk.organization)
    page = desk.get(f"/kelola/berita/{article.id}").text
    seen = re.search(r'name="seen" type="hidden" value="([^"]+)"', page)[1]
    desk.post(f"/kelola/berita/{article.id}", data={"title": "Pertama", "body": "Isi.", "seen": seen})
    late = desk.post(f"/kelola/berita/{article.id}", data={"title": "Kedua", "body": "Isi saya.", "seen": seen})
    assert late.status_code == 409
    assert "Isi saya." in late.text
    assert article.title == "Pertama"
    seen = re.search(r'name="seen" type="hidden" value="([^"]+)"', late.text)[1]
    desk.post(f"/kelola/berita/{article.id}", data={"title": "Kedua", "body": "Isi saya.", "seen": seen})
    assert article.title == "Kedua"


def test_an_article_about_an_event_begins_with_its_facts(desk, make, db):
    event = make.event(desk.organization, title="Sosialisasi Serang", venue="Aula BPTSI", capacity=30)
    event.people.append(EventPerson(name="Agus Humaedi, S.H., M.H.", title="Satgas Halal", role=EventRole.SPEAKER))
    db.session.flush()
    assert f"/kelola/berita/baru?event={event.slug}" in desk.get(f"/kelola/kegiatan/{event.slug}/berita").text
    page = desk.get(f"/kelola/berita/baru?event={event.slug}").text
    for fact in ("Sosialisasi Serang", "Aula BPTSI", "Agus Humaedi, S.H., M.H., Satgas Halal", "30 peserta", "WIB"):
        assert fact in page
    assert "akan menyelenggarakan" in page
    assert f'<option selected value="{event.id}">' in page


def test_the_facts_are_indonesian_whatever_the_interface_speaks(desk, make):
    event = make.event(desk.organization, status=EventStatus.FINISHED)
    with desk.session_transaction() as session:
        session["locale"] = "en"
    assert "menyelenggarakan" in desk.get(f"/kelola/berita/baru?event={event.slug}").text


def test_another_offices_articles_and_events_do_not_exist(desk, make):
    article, event = make.article(), make.event()
    assert desk.get(f"/kelola/berita/{article.id}").status_code == 404
    assert desk.get("/kelola/berita/99999999999999999999").status_code == 404
    for path in ("", "/status", "/hapus"):
        assert desk.post(f"/kelola/berita/{article.id}{path}", data={"title": "Curi"}).status_code == 404
    assert desk.get(f"/kelola/kegiatan/{event.slug}/berita").status_code == 404
    assert desk.get(f"/kelola/berita/baru?event={event.slug}").status_code == 404
    assert desk.post("/kelola/berita/baru", data={"title": "Judul", "event_id": event.id}).status_code == 422


def test_a_viewer_reads_the_list_and_writes_nothing(log_in, make):
    viewer = log_in("viewer")
    article = make.article(viewer.organization)
    page = viewer.get("/kelola/berita")
    assert article.title in page.text
    assert "/kelola/berita/baru" not in page.text
    assert viewer.get("/kelola/berita/baru").status_code == 403
    assert viewer.post("/kelola/berita/baru", data={"title": "Judul"}).status_code == 403
    assert viewer.post(f"/kelola/berita/{article.id}/status").status_code == 403
