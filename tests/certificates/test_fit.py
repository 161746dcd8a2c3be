"""Names keep inside their box, at a size that can be read, and break between words only."""

import pytest

from halal import pdf
from halal.certificates import fit, layout
from halal.certificates.layout import BOXES, MM, NAME_MIN, Unprintable, arrange

FIVE_DEGREES = "Prof. Dr. Ir. H. Raden Mas Muhammad Abdurrahman Kusumaningrat, S.T., M.T., M.M., Ph.D., IPU."
NAMES = [
    "Adi", "Suharto", "Nurul 'Aini", "Nurul ‘Aini", "I Gusti Ngurah Agung Gdé", "Muʼmin Ḥasan Ṣāliḥ",
    "Agus Humaedi, S.H., M.H.",
    FIVE_DEGREES, "Siti " * 29 + "Aminah", "W" * 20, "Dewi Wulan Mega Widya " * 6,
]  # fmt: skip


def slots(**values) -> dict:
    defaults = {
        "design": "attendance", "title": "Sertifikat", "lead": "diberikan kepada", "recipient": "Siti", "detail": "",
        "citation": "", "before": "sebagai", "role": "Peserta", "joint": "pada kegiatan", "event": "Sosialisasi",
        "after": "yang diselenggarakan oleh Dinas", "parent": "", "office": "Dinas", "address": "", "number": "1",
        "place_date": "Serang, 15 Mei 2025", "check_label": "Periksa", "check_at": "halal.go.id/v/",
        "signatories": [{"name": "H. Babar", "title": "Kepala Dinas", "nip": ""}],
    }  # fmt: skip
    return {**defaults, **values}


@pytest.mark.parametrize(("design", "orientation"), BOXES)
@pytest.mark.parametrize("name", NAMES)
def test_a_name_keeps_inside_its_box_and_its_words_whole(design, orientation, name):
    found = arrange(slots(design=design, orientation=orientation, recipient=name))
    assert " ".join(found.name).split() == name.split()
    assert found.name_size >= NAME_MIN
    assert all(
        fit.ems(line, fit.DISPLAY) * found.name_size <= BOXES[design, orientation].name * MM for line in found.name
    )


def test_a_short_name_is_large_and_a_long_one_breaks_after_a_comma():
    assert arrange(slots(recipient="Adi")).name_size > 38
    long = "Raden Mas Muhammad Abdurrahman Kusumaningrat, S.T., M.T., M.M., Ph.D., IPU., ASEAN Eng., CPA."
    assert arrange(slots(recipient=long)).name[0].endswith("Kusumaningrat,")


@pytest.mark.parametrize("design", ["attendance", "speaker", "award"])
def test_a_name_of_one_word_is_as_large_as_one_of_two(design):
    """In a page whose other texts leave no room for the largest size at their own largest."""
    full = {
        "design": design, "detail": "Keripik Barokah", "citation": "kota peduli" if design == "award" else "",
        "event": "Sosialisasi dan Bimbingan Teknis Sertifikasi Halal bagi Pelaku Usaha Mikro dan Kecil",
        "after": "yang diselenggarakan oleh UPTD Balai Pengembangan Teknologi dan Sertifikasi Industri (BPTSI) pada "
        "Kamis, 15 Mei 2025 di Hotel Le Dian, Kota Serang",
    }  # fmt: skip
    assert arrange(slots(recipient="Adi", **full)).name_size == arrange(slots(recipient="Adi Wa", **full)).name_size
    assert layout.full_size(slots(**full)) == arrange(slots(recipient="Adi Wa", **full)).name_size


def test_typed_lines_of_an_institution_are_kept():
    name = "Forum Komunikasi\nPelaku Usaha Mikro\nMakanan Kemasan\nKota Bontang"
    assert arrange(slots(design="award", recipient=name)).name == tuple(name.split("\n"))


@pytest.mark.parametrize("name", ["Budi 😀", "محمد", "陳大文", "Siti\u0e01"])
def test_letters_that_the_font_lacks_stop_the_certificate_and_are_named(name):
    with pytest.raises(Unprintable) as caught:
        arrange(slots(recipient=name))
    assert next(ch for ch in name if pdf.missing_letters(ch, fit.DISPLAY)) in str(caught.value)


@pytest.mark.parametrize("slot", ["event", "detail", "after", "office"])
def test_letters_are_checked_wherever_they_are_printed(slot):
    with pytest.raises(Unprintable):
        arrange(slots(**{slot: "Acara 😀"}))


def test_a_word_that_no_line_can_hold_is_refused_instead_of_cut():
    with pytest.raises(Unprintable):
        arrange(slots(recipient="W" * 150))


def test_texts_that_fill_more_than_the_page_are_refused():
    with pytest.raises(Unprintable):
        arrange(slots(event="Kegiatan " * 120))


def test_three_long_titles_of_signatories_get_smaller_type():
    title = "Kepala Bidang Pembinaan dan Pengembangan Koperasi, Usaha Kecil dan Menengah pada Dinas Koperasi dan UKM"
    three = [{"name": "Prof. Dr. H. Muhammad Sastrawidjaja, S.T., M.M.", "title": title, "nip": "1"}] * 3
    assert 6.5 <= arrange(slots(signatories=three)).signer_size < arrange(slots()).signer_size


@pytest.mark.parametrize("place", ["W" * 80, "Sumatera Barat " * 8])
def test_a_place_that_would_run_off_the_paper_or_into_the_signatures_is_refused(place):
    with pytest.raises(Unprintable, match="place"):
        arrange(slots(place_date=f"{place}, 15 Mei 2025"))
    arrange(slots(place_date="Kabupaten Penajam Paser Utara, 15 September 2025"))


@pytest.mark.parametrize("text", ["W" * 200, "Jalan Jenderal Sudirman " * 40])
@pytest.mark.parametrize("slot", ["parent", "address"])
def test_a_letterhead_that_would_run_off_the_paper_or_into_the_title_is_refused(slot, text):
    with pytest.raises(Unprintable, match="letterhead"):
        arrange(slots(**{slot: text}))
    arrange(slots(**{slot: "Jalan Jenderal Sudirman Nomor 10, Kelurahan Cipare, Kecamatan Serang, Kota Serang " * 2}))


@pytest.mark.parametrize(("design", "orientation"), BOXES)
def test_a_usual_letterhead_is_printed_on_every_design_and_any_on_an_own_page(design, orientation):
    usual = {
        "parent": "Pemerintah Provinsi Banten – Dinas Perindustrian dan Perdagangan",
        "office": "UPTD Balai Pengembangan Teknologi dan Sertifikasi Industri (BPTSI)",
        "address": "Kawasan Pusat Pemerintahan Provinsi Banten (KP3B), Jl. Syekh Nawawi Al-Bantani, Curug, Kota Serang "
        "42171 · disperindag.bantenprov.go.id",
    }
    arrange(slots(design=design, orientation=orientation, **usual))
    arrange(slots(design=design, orientation=orientation, own_html="<p>", address="W" * 200, place_date="W" * 200))


def test_nobody_signing_is_refused():
    with pytest.raises(Unprintable):
        arrange(slots(signatories=[]))


def test_lines_are_measured_without_breaking_words():
    assert fit.wrap("satu dua tiga", fit.TEXT, 10, 1) is None
    wide = fit.ems("satu dua", fit.TEXT) * 10
    assert fit.wrap("satu dua tiga", fit.TEXT, 10, wide) == ("satu dua", "tiga")
    assert layout.BASE_MIN >= 7
