import pytest

from halal.registrations.importing.columns import find_layout
from halal.registrations.importing.headings import SOMETHING_ELSE, meaning


def field_of(heading):
    """The field a heading names; None for what is understood and not asked, or not understood."""
    found = meaning(heading).field
    return None if found == SOMETHING_ELSE else found


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Nama", "name"), ("NAMA LENGKAP", "name"), ("Nama Peserta", "name"), ("Nama Pemilik Usaha", "name"),
        ("Nama Lengkap (sesuai KTP)", "name"), ("Nama dan gelar", "name"), ("Full name", "name"), ("Name", "name"),
        ("No HP", "phone"), ("No. HP / WA", "phone"), ("Nomor Telepon", "phone"), ("Telp.", "phone"),
        ("WhatsApp", "phone"), ("Kontak", "phone"), ("Phone number", "phone"),
        ("NIB", "nib"), ("No. NIB", "nib"), ("Nomor Induk Berusaha (NIB)", "nib"),
        ("NIK", "nik"), ("No. KTP", "nik"), ("Nomor Induk Kependudukan", "nik"),
        ("Nama Usaha", "business_name"), ("IKM", "business_name"), ("Usaha/Instansi", "business_name"),
        ("Nama Perusahaan", "business_name"), ("Asal Instansi", "business_name"), ("Business", "business_name"),
        ("Produk", "product"), ("Nama Produk", "product"), ("Jenis Usaha", "product"), ("Komoditas", "product"),
        ("Kab/Kota", "region"), ("Kab./Kota", "region"), ("Kabupaten / Kota", "region"), ("Asal Daerah", "region"),
        ("Alamat", "address"), ("Alamat Usaha", "address"), ("Domisili", "address"),
        ("E-mail", "email"), ("Alamat email", "email"), ("Surel", "email"),
        ("Keterangan", "note"), ("Ket.", "note"), ("Catatan", "note"),
        ("No", "number"), ("No.", "number"), ("#", "number"), ("Nomor Urut", "number"),
        ("namaLengkap", "name"), ("NAMA & GELAR", "name"), ("nama1", "name"), ("Nama Anggota", "name"),
        ("Nama Siswa", "name"), ("PU", "name"), ("Nama PU", "name"), ("Pimpinan", "name"), ("Penerima", "name"),
        ("User", "name"), ("Kader", "name"), ("Nama Pegawai", "name"), ("Nama Pimpinan Perusahaan", "name"),
        ("NAMA PEMILIK/ KONTAK PERSON", "name"), ("Nama Peserta/Pendamping", "name"), ("owner_name", "name"),
        ("Pelaku UMKM", "name"), ("Nama Bapak/Ibu", "name"), ("Nama di Sertifikat", "name"),
        ("Nama untuk sertifikat", "name"), ("Nama dan Alamat", "name"), ("No HP (suami)", None),
        ("Nama (Pendamping)", None), ("Nama Penanggung Jawab", "name"),
        ("noHp", "phone"), ("No.HP/WA", "phone"), ("No HP Pelaku Usaha", "phone"), ("TELP/ FAX", "phone"),
        ("NIB PU", "nib"), ("NIB / NIK", "nib"), ("NAMA_USAHA", "business_name"), ("Merk Dagang", "business_name"),
        ("KAB./KOTA", "region"), ("Kab Kota Usaha", "region"), ("KOMODITI*", "product"),
        ("Tanda tangan", "present"), ("Hadir", "present"), ("Kehadiran: Sesi 1", "present"),
        ("Nama Pendamping PPH", None), ("No HP Pendamping", None), ("NIB Pendamping", None), ("Nama Fasilitator", None),
        ("Nama Pendamping Pelaku Usaha", None), ("Nama Suami", None), ("Nama Ibu Kandung", None), ("HP Istri", None),
        ("Kontak Darurat", None), ("No. HP Darurat", None), ("Nama Ahli Waris", None), ("Nama Orang Tua", None),
        ("Sektor Usaha", None), ("Kategori Usaha", None), ("Tanggal Terbit NIB", None), ("Status NIB", None),
        ("Kota Lahir", None), ("Fax", None), ("Nama Kegiatan", None), ("Nama Kecamatan", None), ("Foto Produk", None),
        ("DAFTAR PESERTA", None), ("Bentuk Badan Usaha", None), ("Link Grup WA", None), ("Alasan", None),
        ("Tanggal lahir", None), ("Skala usaha", None), ("Nama Bank", None), ("", None),
    ],
)  # fmt: skip
def test_a_heading_names_its_field(heading, field):
    assert field_of(heading) == field


def rows(*lines):
    return {number: list(line) for number, line in enumerate(lines, start=1) if line}


def layout_of(*lines, **chosen):
    return find_layout(rows(*lines), **chosen)


def test_the_heading_is_found_below_a_letterhead_and_blank_rows():
    layout = layout_of(
        ["PEMERINTAH PROVINSI BANTEN"], ["DAFTAR HADIR PESERTA"], [], ["Kegiatan", "", "Sosialisasi"], [],
        ["No", "Nama", "No HP"], [1, "Budi", "0812"],
    )  # fmt: skip
    assert (layout.header, layout.first) == (6, 7)
    assert layout.mapping == ["number", "name", "phone"]


def test_a_heading_of_two_merged_rows_is_read_as_one():
    layout = layout_of(["No", "Nama", "Kontak", "", "Usaha"], ["", "", "No HP", "E-mail", ""], [1, "Budi", "0812"])
    assert layout.mapping == ["number", "name", "phone", "email", "business_name"]
    assert layout.first == 3


def test_a_row_that_counts_the_columns_is_no_attendee():
    layout = layout_of(["No", "Nama", "NIB"], [1, 2, 3], [1, "Budi", "1234567890123"])
    assert layout.first == 3


def test_without_headings_the_content_tells():
    layout = layout_of(
        [1, "Siti Aminah", "081234567890", "1234567890123", "Kab. Serang", 3604010101800001],
        [2, "Budi", "081234567891", "1234567890124", "Kota Cilegon", 3604010101800002],
    )
    assert (layout.header, layout.first) == (0, 1)
    assert layout.mapping == ["number", "name", "phone", "nib", "region", "nik"]


def test_columns_without_a_known_heading_are_told_by_their_content():
    layout = layout_of(
        ["Nama", "A", "B", "C"],
        ["Siti", "0812 3456 7890", 1234567890123, "siti@contoh.id"],
        ["Budi", 81234567891, "1234567890124", "budi@contoh.id"],
    )
    assert layout.mapping == ["name", "phone", "nib", "email"]


def test_a_column_of_niks_is_known_whatever_its_heading_says():
    layout = layout_of(["Nama", "Identitas"], ["Siti", 3604010101800001], ["Budi", "3604010101800002"])
    assert layout.mapping == ["name", "nik"]
    layout = layout_of(["Nama", "NIB/NIK"], ["Siti", "1234567890123"], ["Budi", "1234567890124"])
    assert layout.mapping == ["name", "nib"]


def test_a_column_that_only_says_whether_there_is_a_nib_holds_none():
    layout = layout_of(["Nama", "NIB"], ["Siti", "Ada"], ["Budi", "Belum"], ["Dewi", "Ada"])
    assert layout.mapping == ["name", ""]


def test_exact_heading_wins_over_the_fuller_column():
    layout = layout_of(["Nama", "Instansi", "Nama Usaha"], ["Siti", "Dinas A", ""], ["Budi", "Dinas B", "Toko Budi"])
    assert layout.mapping == ["name", "", "business_name"]
    layout = layout_of(["Nama Pemilik", "Nama Peserta"], ["Siti", ""], ["Budi", "Dewi"])
    assert layout.mapping == ["", "name"]
    layout = layout_of(["Nama", "No HP", "Telp Kantor"], ["Siti", "", "021555123"], ["Budi", "", "021555124"])
    assert layout.mapping == ["name", "", "phone"]  # an empty column leaves its place


def test_two_columns_of_names_that_nobody_knows_are_asked_about():
    layout = layout_of(["Nama Jemaat", "Nama Imam"], ["Siti", "Ali"], ["Budi", "Umar"])
    assert layout.mapping == ["", ""]


def test_a_group_above_two_headings_says_whose_they_are():
    layout = layout_of(
        ["No", "PENDAMPING", "", "PELAKU USAHA", "", ""], ["", "Nama", "No HP", "Nama", "No HP", "Usaha"],
        [1, "Pak Damping", "081299999999", "Wati", "081200000001", "Dapur"],
    )  # fmt: skip
    assert layout.mapping == ["number", "", "", "name", "phone", "business_name"]


def test_a_second_row_that_only_divides_the_address_is_a_heading():
    layout = layout_of(
        ["No", "Nama Pemilik", "ALAMAT", "", "Telp"],
        ["", "", "JALAN", "KELURAHAN", ""],
        [1, "Wati", "Jl. A", "B", "0812"],
    )
    assert (layout.first, layout.mapping) == (3, ["number", "name", "address", "", "phone"])


def test_a_title_above_the_heading_says_nothing_of_its_columns():
    layout = layout_of(["DAFTAR PENDAMPING DAN PESERTA"], ["Nama", "No HP"], ["Wati", "081200000001"])
    assert layout.mapping == ["name", "phone"]
    layout = layout_of(["Hari/Tanggal", ": Senin"], ["No", "Nama"], [1, "Wati"])
    assert layout.mapping == ["number", "name"]


def test_several_people_in_a_row_share_the_columns_that_are_there_once():
    layout = layout_of(["Nama 1", "HP 1", "Nama 2", "HP 2", "Usaha"], ["A B", "0812", "C D", "0813", "Dapur"])
    assert layout.lists == [
        ["name", "phone", "", "", "business_name"], ["", "", "name", "phone", "business_name"]
    ]  # fmt: skip


def test_words_that_no_heading_is_made_of_are_no_person():
    layout = layout_of(["Yang ikut", "Uraian"], ["Wati", "Satu"], ["Tuti", "Dua"])
    assert (layout.header, layout.has_name) == (1, False)


def test_of_two_columns_with_one_heading_the_fuller_counts():
    layout = layout_of(["Nama", "No HP", "No HP"], ["Siti", "", "0812"], ["Budi", "0813", "0814"])
    assert layout.mapping == ["name", "", "phone"]


def test_a_person_may_say_where_the_heading_is():
    layout = layout_of(["Nama", "No HP"], ["Nama Peserta", "Usaha"], ["Budi", "Warung"], header=2)
    assert (layout.first, layout.mapping) == (3, ["name", "business_name"])


def test_a_first_row_of_data_is_not_taken_for_headings():
    layout = layout_of(["Dewi", "Toko Dewi", "Kota Serang"], ["Budi", "Warung Budi", "Kab. Lebak"])
    assert (layout.header, layout.mapping[0], layout.mapping[2]) == (0, "name", "region")


def test_one_known_heading_among_several_is_enough():
    layout = layout_of(["Uraian", "No HP"], ["Siti", "081234567890"])
    assert (layout.header, layout.mapping) == (1, ["", "phone"])
