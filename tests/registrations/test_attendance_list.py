"""The attendance list on paper: who is on it, the zig-zag, blank rows, the signature, long lists by a worker."""

import io
import re

import pikepdf
import pytest

from halal import jobs
from halal.events.models import EventSession
from halal.organizations.models import Signatory
from halal.registrations import attendance_list as lists
from halal.registrations.models import RegistrationStatus

URL = "/kelola/kegiatan/acara/peserta/daftar-hadir"


@pytest.fixture
def organizer(log_in):
    return log_in("organizer")


@pytest.fixture
def event(make, organizer):
    office = organizer.organization
    office.signatories += [
        Signatory(name="Dra. Hj. Aminah", title="Kepala Balai", nip="1972 0101", position=0),
        Signatory(name="Drs. Lama", title="Dahulu", position=1, active=False),
        Signatory(name="Ir. Kedua", title="Kepala Seksi", position=2),
    ]
    sessions = [EventSession(title="Pagi", position=0), EventSession(title="Siang", position=1)]
    return make.event(office, slug="acara", title="Sosialisasi Halal", venue="Aula Besar", sessions=sessions)


@pytest.fixture
def people(db, make, event):
    """Five with a place, one who waits, one who cancelled."""
    states = [RegistrationStatus.CONFIRMED] * 5 + [RegistrationStatus.WAITING, RegistrationStatus.CANCELLED]
    people = [
        make.registration(event, name=f"Peserta {letter}", status=status, phone="+6281234567890")
        for letter, status in zip("EDCBAXY", states, strict=True)
    ]
    db.session.commit()
    return people


def _pages(content: bytes) -> int:
    with pikepdf.open(io.BytesIO(content)) as document:
        return len(document.pages)


def _words(event, **arguments) -> str:
    """The text of the page that is drawn, without its marks."""
    from flask import render_template
    from flask_babel import force_locale

    from halal.registrations.attendees import everybody

    paper = lists.read_paper(arguments, event)
    with force_locale("id"):
        html = render_template(
            "registrations/attendance_list_pdf.html", event=event, office=event.organization, logo=None, paper=paper,
            people=[a.registration for a in everybody(event, paper.choice)],
        )  # fmt: skip
    return " ".join(re.sub(r"<[^>]+>", " ", html.split("<body>")[1]).split())


@pytest.fixture
def words(app, event):
    def draw(**arguments):
        with app.test_request_context():
            return _words(event, **arguments)

    return draw


def test_those_with_a_place_are_on_it_by_name(people, words):
    names = re.findall(r"Peserta [A-Z]", words())
    assert names == ["Peserta A", "Peserta B", "Peserta C", "Peserta D", "Peserta E"]
    assert re.findall(r"Peserta [A-Z]", words(sort="-name")) == names[::-1]


def test_who_is_chosen_in_the_list_is_on_it(people, words):
    assert re.findall(r"Peserta [A-Z]", words(status="waiting")) == ["Peserta X"]


def test_it_says_what_where_and_when(people, words):
    text = words()
    for fact in (
        event_fact for event_fact in ("Daftar hadir", "Sosialisasi Halal", "Aula Besar", "Kota Serang", "WIB")
    ):
        assert fact in text
    assert "Sesi" not in text
    assert "Siang" not in text


def test_a_session_is_named_when_it_is_chosen(event, people, words):
    assert ": Siang" in words(session=str(event.sessions[1].id))


def test_blank_rows_go_on_with_the_numbers(people, words):
    two = words(blank="2").split()
    assert two.count("6.") == 1  # as a word of its own: times have dots too
    assert "7." in two
    assert "8." not in two
    assert "6." not in words(blank="0").split()


@pytest.mark.parametrize(
    ("typed", "rows"), [("", 10), ("7", 7), ("50", 50), ("51", 50), ("-1", 10), ("x", 10), ("9" * 30, 10)]
)
def test_at_most_fifty_blank_rows(event, typed, rows):
    assert lists.read_paper({"blank": typed}, event).blank == rows


def test_signatures_go_in_zig_zag(app, event, people):
    from flask import render_template

    with app.test_request_context():
        html = render_template(
            "registrations/attendance_list_pdf.html", event=event, office=event.organization, logo=None, people=people,
            paper=lists.read_paper({"blank": "1"}, event),
        )  # fmt: skip
    assert re.findall(r'<td class="sign([^"]*)">(\d+)\.', html) == [
        (" sign--right" if n % 2 == 0 else "", str(n)) for n in range(1, 9)
    ]


def test_the_first_active_signatory_signs_unless_another_or_none_is_chosen(event, people, words):
    _first, former, second = event.organization.signatories
    assert "Kepala Balai Dra. Hj. Aminah NIP 1972 0101" in words()
    assert "Kepala Seksi Ir. Kedua" in words(signatory=str(second.id))
    assert "Dahulu" not in words(signatory=str(former.id))
    assert "Penanggung jawab" in words(signatory="-")


def test_names_on_paper_are_text(make, event, words):
    make.registration(event, name="<b>Asep</b>")
    assert "&lt;b&gt;Asep" in words()


def test_a_short_list_is_drawn_at_once(organizer, people):
    page = organizer.get(URL)
    assert "5 orang" in page.text
    assert f'method="get" action="{URL}.pdf"' in page.text
    answer = organizer.get(f"{URL}.pdf?blank=0")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert _pages(answer.data) == 1


def test_long_names_and_many_rows_take_more_pages_and_never_lose_the_end(organizer, make, db, event):
    for n in range(30):
        make.registration(event, name=f"{n:02} " + "Kusumawardhani" * 10, business_name="Koperasi " * 16)
    db.session.commit()
    assert _pages(organizer.get(f"{URL}.pdf?blank=50").data) >= 4


def test_a_long_list_is_drawn_by_a_worker(organizer, db, event, people, monkeypatch):
    monkeypatch.setattr(lists, "AT_ONCE", 4)
    assert f'method="post" action="{URL}"' in organizer.get(URL).text
    assert organizer.get(f"{URL}.pdf").status_code == 303
    assert organizer.get(f"{URL}/terakhir.pdf").status_code == 404
    assert organizer.post(URL, data={"blank": "0", "sort": "-name"}).status_code == 303
    waiting = organizer.get(f"{URL}/pekerjaan", headers={"HX-Request": "true"}).text
    assert "every 2s" in waiting
    assert jobs.run_waiting() == 1
    ready = organizer.get(f"{URL}/pekerjaan", headers={"HX-Request": "true"}).text
    assert "every 2s" not in ready
    assert f'href="{URL}/terakhir.pdf"' in ready
    assert _pages(organizer.get(f"{URL}/terakhir.pdf").data) == 1


def test_the_paper_is_that_of_the_user_who_asked(organizer, app, make, db, event, people, monkeypatch):
    from halal.accounts.models import Role

    monkeypatch.setattr(lists, "AT_ONCE", 4)
    organizer.post(URL)
    jobs.run_waiting()
    user = make.user(organizer.organization, Role.VIEWER)
    db.session.commit()
    colleague = app.test_client()
    with colleague.session_transaction() as session:
        session["_user_id"], session["_fresh"] = make.login_token(user), True
    assert colleague.get(f"{URL}/terakhir.pdf").status_code == 404
    assert colleague.get(f"{URL}/pekerjaan").status_code == 404


def test_a_list_too_long_for_paper_says_what_to_do(organizer, people, monkeypatch):
    monkeypatch.setattr(lists, "MOST", 3)
    page = organizer.get(URL)
    assert page.status_code == 200
    assert "Saring dulu" in page.text
    assert organizer.post(URL).status_code == 422


def test_the_choice_comes_along_from_the_list(organizer, people):
    page = organizer.get(f"{URL}?status=waiting&q=pes").text
    assert '<input type="hidden" name="status" value="waiting">' in page
    assert '<input type="hidden" name="q" value="pes">' in page
