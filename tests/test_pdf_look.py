"""Looking at PDFs from many threads at once, as a web process and a worker do."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from halal import pdf, pdf_look

pytestmark = pytest.mark.once
PAGE = "<p style='font-size: {size}pt'>Peserta {n}</p>"


def test_many_threads_look_at_once_and_each_sees_its_own_page():
    documents = [pdf.render(PAGE.format(n=n, size=12 + n), "@page { size: A4 }") for n in range(6)]

    def look(n: int):
        paper, name = documents[n % 6], f"Peserta {n % 6}"
        sheet = pdf_look.first_page(paper, 40)
        return (
            name in sheet.text, pdf_look.measure(paper)[0], sheet.picture.size, pdf_look.picture(paper, 200).size[0],
            pdf_look.text_sizes(paper, [name, "nobody"]),
        )  # fmt: skip

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(look, range(240)))
    assert found == [(True, 1, (331, 468), 200, [float(12 + n % 6)]) for n in range(240)]
