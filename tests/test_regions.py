import pytest

from halal import regions


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Kab.Serang", "36.04"), ("KABUPATEN SERANG", "36.04"), ("Kab Serang, Banten", "36.04"),
        ("KAB/SERANG", "36.04"), ("Serang (Kab.)", "36.04"), ("Kota. Serang", "36.73"), ("Tangerang Kota", "36.71"),
        ("Kota Tangsel", "36.74"), ("Jakarta Selatan", "31.74"), ("Kota Adm. Jakarta Selatan", "31.74"),
        ("Jaksel", "31.74"), ("Kab. Adm. Kepulauan Seribu", "31.01"), ("Kab. Kep. Seribu", "31.01"),
        ("Kota Cilegon - Banten", "36.72"), ("LEBAK-BANTEN", "36.02"), ("Jawa Barat, Kota Bekasi", "32.75"),
        ("Kota Jogja", "34.71"), ("Kab. OKU", "16.01"), ("Bukit Tinggi", "13.75"), ("Kab. Labuhan Batu", "12.10"),
        ("Pare-Pare", "73.72"), ("Kodya Bandung", "32.73"), ("Kotamadya Bandung", "32.73"), ("Kab. Fak-Fak", "92.03"),
        ("Kota Baru", "63.02"), ("Kab. Kota Baru", "63.02"), ("Pangkal Pinang", "19.71"), ("50 Kota", "13.07"),
        ("Kab. Toba Samosir", "12.12"), ("Kab. Mamuju Utara", "76.01"), ("Ujung Pandang", "73.71"),
        ("Pontianak", "61.71"), ("Kab. Pontianak", "61.02"), ("Kab/Kota Lebak", "36.02"), ("Sleman DIY", "34.04"),
        ("Kec. Cipocok, Serang, Kota Serang", "36.73"), ("Kep. Anambas", "21.05"),
        ("Kota Madya Bandung", "32.73"), ("Kab. Dati II Serang", "36.04"), ("Tj. Pinang", "21.72"),
        ("Tangerang Sel.", "36.74"), ("P. Siantar", "12.72"), ("Kab. Sawahlunto Sijunjung", "13.03"),
        ("Pemkot Tangerang", "36.71"),
    ],
)  # fmt: skip
def test_guess_spelling_of_the_field_is_one_region(typed, code):
    assert [region.code for region in regions.guess(typed)] == [code]


@pytest.mark.parametrize(
    "typed",
    ["Kabupaten/Kota Serang", "Kab./Kota Serang", "Kota/Kab. Serang", "Kab/Kota Serang", "KabKota Serang", "Serang",
     "Kab atau Kota Serang",
     "Kab. Serang / Kota Serang"],
)  # fmt: skip
def test_guess_both_kinds_named_asks_which(typed):
    assert {region.code for region in regions.guess(typed)} == {"36.04", "36.73"}


def test_guess_generic_name_is_not_decided_by_the_events_regions():
    assert len(regions.guess("Kab/Kota Serang", ["36.04"])) == 2
    assert [region.code for region in regions.guess("Serang", ["36.04"])] == ["36.04"]


@pytest.mark.parametrize(
    "typed", ["D.I. Yogyakarta", "Banten", "Jakarta", "Kec. Serang", "Kabupaten", "Bandung Raya", ""]
)
def test_guess_what_is_no_regency_is_none(typed):
    assert regions.guess(typed) == []


def test_similar_mistyped_name_is_proposed():
    assert [region.code for region in regions.similar("Kab. Tanah Bambu")] == ["63.10"]


def test_other_names_belong_to_regions_that_exist():
    assert len(regions._other_names()) > 150
    assert all(regions.find(code) for code, _name in regions._other_names())


def test_guess_every_regency_by_its_own_name():
    assert all(regions.guess(region.name) == [region] for region in regions.regencies())
