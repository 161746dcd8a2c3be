"""Name badges: ten on a sheet, each with the QR code of its ticket; drawn by a worker."""

import io
import re
import subprocess

import pypdfium2
import pytest
from pypdf import PdfReader

from halal import jobs, qr
from halal.certificates import badges
from halal.errors import DomainError
from halal.registrations import letters
from halal.registrations.models import RegistrationStatus
from tests.certificates import hall

LONG = "Prof. Dr. Ir. H. Raden Mas Muhammad Abdurrahman Kusumaningrat Sastrawidjaja, S.T., M.T., Ph.D., IPU."


@pytest.fixture
def desk(log_in, make):
    return log_in("organizer", hall.office(make))


@pytest.fixture
def event(make, desk):
    return hall.past_event(make, desk.organization, title="Sosialisasi Halal")


def codes(content: bytes, page: int = 0) -> list[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        return qr.read(document[page].render(scale=150 / 72).to_pil())
    finally:
        document.close()


def test_each_has_name_business_and_the_code_of_its_own_ticket(make, db, event):
    people = [make.registration(event, name=f"Peserta {n:02}", business_name="Warung") for n in range(12)]
    make.registration(event, name="Menunggu", status=RegistrationStatus.WAITING)
    make.registration(event, name="Batal", status=RegistrationStatus.CANCELLED)
    content = badges.render(event, badges.people(event))
    pages = PdfReader(io.BytesIO(content)).pages
    assert len(pages) == 2
    text = " ".join(page.extract_text() for page in pages)
    assert all(person.name in text for person in people)
    assert "Menunggu" not in text
    assert "Batal" not in text
    assert sorted(codes(content) + codes(content, 1)) == sorted(letters.ticket_url(person) for person in people)


@pytest.mark.parametrize(
    "name", ["Adi", LONG, "W" * 80, "<b>Siti</b>", "Nurul 'Aini", "Ngurah Agung Gdé", "محمد", "\u0301"]
)
def test_any_name_keeps_inside_its_badge(make, db, event, name):
    lines, size = badges._name(name)
    assert size >= 7
    assert all(badges.fit.ems(line, badges.fit.SANS_BOLD) * size <= badges._TEXT * badges.MM + 0.01 for line in lines)
    make.registration(event, name=name)
    assert len(PdfReader(io.BytesIO(badges.render(event, badges.people(event)))).pages) == 1


@pytest.mark.parametrize("business", ["", "Warung", "Koperasi Produsen Aneka Makanan dan Minuman Kemasan Sejahtera"])
@pytest.mark.parametrize("name", ["ADI", "SITI AMINAH KUSUMAWARDHANI", "RADEN MAS MUHAMMAD ABDURRAHMAN " * 3])
def test_name_and_business_stand_in_the_middle_between_title_and_office(make, db, event, name, business):
    make.registration(event, name=name, business_name=business)
    content = badges.render(event, badges.people(event))
    line = ["pdftotext", "-bbox", "-", "-"]
    boxes = subprocess.run(line, input=content, capture_output=True, check=True).stdout.decode()
    tops, bottoms = [], []
    for top, bottom, word in re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]*)<', boxes):
        if word in f"{name} {business}".split():
            tops.append(float(top) / badges.MM - badges.TOP)
            bottoms.append(float(bottom) / badges.MM - badges.TOP)
    assert (min(tops) + max(bottoms)) / 2 == pytest.approx(31.5, abs=1)
    assert (min(tops) > 14, max(bottoms) < 48) == (True, True)


def test_a_worker_draws_them_and_the_page_offers_the_file(make, db, desk, event):
    path = f"/kelola/kegiatan/{event.slug}/kartu-nama"
    assert desk.post(path).status_code == 422
    assert desk.get(f"{path}.pdf").status_code == 303
    make.registration(event, name="Siti")
    db.session.commit()
    assert path in desk.get(f"/kelola/kegiatan/{event.slug}/peserta").text
    assert desk.post(path).status_code == 303
    with pytest.raises(DomainError):
        badges.start(event, desk.user.id)
    assert "hx-trigger" in desk.get(path, headers={"HX-Request": "true"}).text
    jobs.run_waiting()
    assert "1 kartu" in desk.get(path).text
    assert desk.get(f"{path}.pdf").data[:5] == b"%PDF-"


def test_many_are_drawn_in_portions_while_the_progress_moves(make, db, desk, event, monkeypatch):
    people = [make.registration(event, name=f"Peserta {n:02}") for n in range(25)]
    job = badges.start(event, desk.user.id)
    db.session.commit()
    monkeypatch.setattr(badges, "PORTION", 10)
    seen, tell = [], jobs.progress

    def listen(job, done, total=None):
        seen.append((done, total))
        tell(job, done, total)

    monkeypatch.setattr(jobs, "progress", listen)
    jobs.run_waiting()
    assert seen == [(10, 25), (20, 25), (25, 25)]
    content = badges.stored(job)
    found = [text for page in range(3) for text in codes(content, page)]
    assert sorted(found) == sorted(letters.ticket_url(person) for person in people)


def test_badges_hold_private_links_and_are_for_those_who_manage(make, db, log_in, desk, event):
    path = f"/kelola/kegiatan/{event.slug}/kartu-nama"
    viewer, stranger = log_in("viewer", desk.organization), log_in("owner")
    for where in (path, f"{path}.pdf"):
        assert viewer.get(where).status_code == 403
        assert stranger.get(where).status_code == 404


def test_letters_that_no_font_has_are_named_before_badges_and_lists_are_printed(make, db, desk, event):
    make.registration(event, name="Siti Contoh", business_name="Kedai 😋")
    db.session.commit()
    answer = desk.post(f"/kelola/kegiatan/{event.slug}/kartu-nama", follow_redirects=True)
    assert "Kedai 😋 (“😋”)" in answer.text
    assert "Kedai 😋 (“😋”)" in desk.get(f"/kelola/kegiatan/{event.slug}/peserta/daftar-hadir").text
    assert desk.get(f"/kelola/kegiatan/{event.slug}/peserta/daftar-hadir.pdf").status_code != 200
