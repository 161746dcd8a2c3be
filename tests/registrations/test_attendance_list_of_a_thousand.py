"""A thousand people on the attendance list, read back from paper: all in order, nothing cut, a code a sheet."""

import io
import random
import re
import subprocess
from itertools import pairwise

import pypdfium2
import pytest
from sqlalchemy import select

from halal import jobs, qr
from halal.registrations import attendance_list as lists
from halal.registrations import printed
from halal.registrations.models import PrintedSheet

pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]
PEOPLE, BLANK = 1_000, 15
MM = 72 / 25.4
EDGES = [edge * MM for edge in (12, 21, 63, 95, 137, 163, 198)]  # of the columns, as the style sheet makes them
BOTTOM = (297 - 25) * MM  # here the margin begins
NAMES = ("Siti Aminah, S.E., M.M.", "I Gusti Ngurah Agung Gdé", "Taufik", "Nurul 'Aini", "Kusumawardhani" * 4,
         "Prof. Dr. Ir. H. Raden Mas Muhammad Abdurrahman Kusumaningrat, S.T., M.T., Ph.D., IPU.")  # fmt: skip
BUSINESSES = ("Keripik Barokah", "", "Koperasi Produsen Aneka Makanan dan Minuman Kemasan Sejahtera Bersama", "W" * 40)
ADDRESSES = ("Jl. Raya 1", "", "Kp. Sukamaju RT 03/RW 05 No. 17, Desa Cibadak, Kec. Ciampea", "Jl." + "Panjang" * 9)


@pytest.fixture
def people(db, make):
    """In the order of the list: the names begin with their numbers, and are told apart by nothing else."""
    event, chance = make.event(title="Sosialisasi Halal", venue="Aula Besar"), random.Random(1447)
    return [
        make.registration(
            event, name=f"{n:04} {chance.choice(NAMES)}", business_name=chance.choice(BUSINESSES),
            address=chance.choice(ADDRESSES), region_code="36.73", phone=f"+62812345{n:05}",
        )
        for n in range(1, PEOPLE + 1)
    ]  # fmt: skip


def text_of(paper: bytes, *options: str) -> str:
    line = ["pdftotext", *options, "-", "-"]
    return subprocess.run(line, input=paper, capture_output=True, check=True).stdout.decode()


def row(number: int, person) -> str:
    """What stands in a row, without the spaces, which are where lines happen to break."""
    phone = f"0812-345{person.phone[9:10]}-{person.phone[10:]}"
    place = f"{person.address}{',' if person.address else ''}KotaSerang"
    return "".join(f"{number}{person.name}{person.business_name}{place}{phone}{number}.".split())


def test_a_thousand_people_are_printed_in_order_with_nothing_cut_and_a_code_on_every_sheet(app, db, make, people):
    event = people[0].event
    paper = lists.read_paper({"blank": str(BLANK)}, event)
    job = lists.start(event, paper, make.user(event.organization).id)
    db.session.commit()
    jobs.run_waiting()
    content = lists.stored(job)
    _assert_everybody_in_order(text_of(content, "-raw"), people)
    assert "1010" in text_of(content, "-layout").split()  # the column of numbers is narrow; four digits fit
    _assert_nothing_is_cut(text_of(content, "-bbox"))
    with app.app_context():
        sheets = db.session.scalars(select(PrintedSheet).order_by(PrintedSheet.page)).all()
        _assert_a_code_on_every_sheet(content, [printed.address(sheet.code) for sheet in sheets])
    assert [id_ for sheet in sheets for id_ in sheet.people] == [str(person.id) for person in people]
    assert sum(sheet.blank for sheet in sheets) == BLANK


def _assert_everybody_in_order(text: str, people) -> None:
    *pages, rest = text.split("\f")
    assert rest == ""
    printed_, place = "".join("".join(page.split()) for page in pages), 0
    for number, person in enumerate(people, 1):
        found = printed_.find(row(number, person), place)
        assert found >= 0, row(number, person)
        place = found + 1
    for number in range(PEOPLE + 1, PEOPLE + BLANK + 1):
        place = printed_.index(f"{number}{number}.", place) + 1
    for number, page in enumerate(pages, 1):
        assert f"Halaman {number} dari {len(pages)}" in page
        assert "Tanda tangan" in page  # the head of the table comes again on every page
    assert "Penanggung jawab" in pages[-1]


def _assert_nothing_is_cut(boxes: str) -> None:
    """No word of the table leaves the column that it begins in."""
    word = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)</word>')
    looked_at = 0
    for page in boxes.split("<page ")[1:]:
        words = [(*map(float, found[:4]), found[4]) for found in word.findall(page)]
        head = next(bottom for _left, _top, _right, bottom, said in words if said == "Tanda")
        end = min([BOTTOM, *(top - 20 for _left, top, _right, _bottom, said in words if said == "Penanggung")])
        for left, top, right, _bottom, said in words:
            if head < top < end:
                column = next((a, b) for a, b in pairwise(EDGES) if a <= left < b)
                assert right <= column[1], said
                looked_at += 1
    assert looked_at > 10 * PEOPLE


def _assert_a_code_on_every_sheet(paper: bytes, addresses: list[str]) -> None:
    document = pypdfium2.PdfDocument(io.BytesIO(paper))
    try:
        found = []
        for page in document:
            picture = page.render(scale=150 / 72, grayscale=True).to_pil()
            found.append(qr.read(picture))
    finally:
        document.close()
    assert found == [[address] for address in addresses]
