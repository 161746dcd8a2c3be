"""A page that an office wrote may ask for more than there is: it gets a sentence, and nobody else notices."""

import pytest
from sqlalchemy import select, text

from halal import pdf
from halal.accounts.models import Role
from halal.certificates.models import CertificateDesign
from halal.extensions import db as database
from tests.certificates.test_own import PAGE, STYLE
from tests.factories import Make

PATH = "/kelola/sertifikat/desain?kind=attendance"


@pytest.fixture
def desk(log_in):
    return log_in("organizer")


def form(html: str = PAGE, css: str = STYLE, **more) -> dict:
    return {"orientation": "landscape", "accent": "#14532f", "language": "id", "html": html, "css": css, **more}


@pytest.mark.once
@pytest.mark.parametrize(
    ("html", "css", "said"),
    [
        (PAGE + "<table><tr><td colspan=9999999 rowspan=999999>x</td></tr></table>", STYLE, "tidak dapat digambar"),
        ("<table><tr><td>" * 400 + PAGE, STYLE, "tidak dapat digambar"),
        (PAGE, "p { font-size: 1e30px; width: 99999999999px; page-break-before: always }", "tidak dapat digambar"),
        (PAGE, STYLE + "@page { size: 99999mm 99999mm }", "bukan A4"),
        (PAGE, STYLE + "@page { size: A5 landscape }", "bukan A4"),
    ],
    ids=["table", "depth", "sizes", "sheet", "A5"],
)
def test_a_page_beyond_all_measure_is_refused_in_words_and_not_kept(desk, db, monkeypatch, html, css, said):
    if "colspan" in html:  # it would take all the time that there is
        monkeypatch.setattr(pdf, "_WRITER_SECONDS", 2)
    preview = desk.post(PATH, data=form(html, css, preview="1"))
    assert preview.status_code == 200
    assert said in preview.text
    kept = desk.post(PATH, data=form(html, css))
    assert kept.status_code == 422
    assert said in kept.text
    assert db.session.scalar(select(CertificateDesign)) is None


@pytest.mark.parametrize("more", [{"preview": "1"}, {}], ids=["tried", "kept"])
def test_while_a_page_is_drawn_others_write(busy_app, monkeypatch, more):
    with busy_app.app_context():
        make = Make(database.session)
        user = make.user(make.organization(), Role.ORGANIZER)
        organizer = make.login_token(user)
        database.session.commit()
    client = busy_app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = organizer, True

    def drawn(*given, **options) -> bytes:
        with database.engine.connect() as other:
            if other.dialect.name == "sqlite":
                other.exec_driver_sql("PRAGMA busy_timeout = 100")
            other.execute(text("UPDATE organizations SET name = name"))
            other.commit()
        return original(*given, **options)

    original = pdf.render_apart
    monkeypatch.setattr(pdf, "render_apart", drawn)
    assert client.post(PATH, data=form(**more)).status_code == (200 if more else 303)
    with busy_app.app_context():
        assert (database.session.scalar(select(CertificateDesign)) is None) == bool(more)
