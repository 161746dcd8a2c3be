"""What the heading of a column says: which field, whose, and how exactly.

A heading is read as words: "namaLengkap", "NAMA & GELAR", "No.HP" and "nama1" are what people write. The first word
that says what or whose decides: "Nama Pelaku Usaha" is a person, "Nama Usaha" a business, "Nama Pendamping PU" somebody
else. Of two columns of one field the one with the higher rank is taken.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from halal import text
from halal.sheets import Cell

FIELDS = ("name", "phone", "email", "business_name", "product", "nib", "region", "address", "note")
NIK, COUNTER = "nik", "number"  # recognized, never taken
PRESENT, KEY = "present", "key"  # who came, and the number of a registration in our own list
SOMETHING_ELSE = "else"  # a heading that is understood and holds no field: a date, a companion's phone


def _set(line: str) -> frozenset[str]:
    return frozenset(line.split())


# Who may be an attendee. Of "nama" with one of these the column holds the names.
_ATTENDEES = _set("""
peserta pemilik pelaku pengusaha pu undangan pendaftar pengurus anggota pimpinan penerima user kader pegawai siswa
mahasiswa santri jamaah jemaah karyawan karyawati staf staff guru alumni warga nasabah perajin pengrajin pedagang
petani nelayan peternak responden klien binaan dampingan penanggung pj owner attendee attendees participant
participants member wirausaha umat ibu bapak bpk sdr saudara kandidat calon pelanggan konsumen direktur penyembelih
juleha tamu delegasi utusan perwakilan wakil ketua personil personel orang individu
""")
# Words that say little of whom: they may stand in a heading of names, and alone they are one.
_ALONE = _set("""
peserta pemilik pelaku pengusaha pu undangan pendaftar pengurus anggota pimpinan penerima user kader pegawai siswa
mahasiswa santri jamaah jemaah karyawan responden klien penanggung owner attendee attendees participant participants
member tamu perajin pengrajin direktur ketua
""")
_OTHERS = _set("""
pendamping pph p3h lp3h lph fasilitator verifikator enumerator petugas surveyor surveior penyelia pembina mentor
pembimbing koordinator supervisor penyuluh operator admin panitia auditor narasumber trainer instruktur pemateri
moderator saksi pengusul companion facilitator suami istri isteri pasangan ayah kandung ortu orangtua wali anak
keluarga waris kerabat spouse husband wife father mother parent parents guardian child darurat emergency camat lurah
kades notaris dosen
""")
_NOT_PEOPLE = _set("""
usaha ukm umkm ikm um perusahaan toko warung instansi lembaga organisasi unit merek merk brand dagang produk product
products barang bank kegiatan acara event program pelatihan kecamatan kec kelurahan kel desa kota kab kabupaten
provinsi propinsi prov jalan alamat dokumen sekolah kampus universitas prodi jurusan kelompok kelas kub koperasi
gapoktan poktan komunitas asosiasi paguyuban sentra pasar daerah wilayah lokasi tempat file berkas tim team grup
group sektor kategori jenis izin sertifikat domain website akun media business company organization organisation
institution dinas opd satker bidang pabrik outlet gerai pt cv hotel restoran rumah surat proyek komoditi komoditas
""")
# What the column is about when one of these is its subject: nothing that is asked here.
_ATTRIBUTES = _set("""
tanggal tgl tahun thn bulan date waktu jam masa berlaku status jumlah jml total foto photo scan upload unggah link
file berkas bukti kode code id kelamin gender umur usia agama pendidikan jabatan lahir kelahiran skala omzet omset
modal izin ijin lama punya memiliki kepemilikan apakah bank rekening kecamatan kelurahan desa rt rw pos provinsi
propinsi prov luas kbli sektor kategori klasifikasi bentuk badan harga tipe grup group fax faks faksimile facebook
instagram ig website sertifikat halal pirt legalitas npwp ttl nilai investasi umkmlevel kelas day legal level
golongan pangkat nip tujuan hobi ukuran rencana kebutuhan kendala hukum kepesertaan bpjs akta siup tdp iumk
""")
_PHONES = _set("hp nohp handphone wa nowa whatsapp mobile ponsel seluler selular hape")
_LINES = _set("telp telepon telpon telefon tlp tlpn tel phone notelp cp")
_REGIONS = _set("kab kabupaten kabkota kabkot kota regency city")
_AREAS = _set("wilayah daerah asal")
_BUSINESSES = _set("usaha ikm umkm ukm perusahaan toko warung outlet business company um")
_BODIES = _set("instansi lembaga organisasi unit kerja opd dinas organization organisation institution")
_BRANDS = _set("merek merk brand")
_PRODUCTS = _set("produk product products komoditas komoditi")
_FILLERS = _set("""
no nomor nmr number nama name lengkap full dan atau beserta dengan sesuai berikut gelar ktp yang aktif bila ada jika
opsional wajib diisi huruf kapital the of s untuk di pada ini lain utama anda saudara bapak ibu alamat address
contact kontak person tinggal rumah domisili tempat jenis bidang dagang asal urut data identitas e mail email surel
nib nik induk berusaha kependudukan n i b ket keterangan catatan note notes remark remarks tanda tangan ttd paraf
hadir kehadiran presensi absensi absen l p alasan reason manfaat jawab usaha
""")
_KNOWN = _ATTENDEES | _OTHERS | _NOT_PEOPLE | _ATTRIBUTES | _PHONES | _LINES | _REGIONS | _AREAS | _FILLERS
_GLUED = re.compile(r"(nama|nomor|no|alamat|jenis|kode|tanggal|tgl)([a-z]{2,})")
_PRESENCE = re.compile(
    r"^((daftar|status|tanda|bukti) )?(hadir|kehadiran|presensi|absensi|absen|ttd|paraf|tanda tangan|present|attendance"
    r"|attended|check ?in)\b"
)


@dataclass(frozen=True)
class Meaning:
    """`field` is one of FIELDS, NIK, COUNTER, PRESENT, KEY, SOMETHING_ELSE, or None for words that say nothing known.
    `plain`: the cell holds nothing but words of headings, so it cannot be data."""

    field: str | None
    rank: float = 0
    plain: bool = False


def words_of(heading: Cell) -> list[str]:
    """The words of a heading in lower case: "namaLengkap" -> nama lengkap, "No.HP/WA" -> no hp wa."""
    typed = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=\w\w)\.(?=\w)", " ", str(heading)).replace("&", " dan ")
    typed = re.sub(r"\be[- ]mail", "email", typed, flags=re.IGNORECASE)
    typed = re.sub(r"(?<=[^\W\d_]{2})(?=\d+\b)", " ", text.fold(typed))
    words: list[str] = []
    for apart in ("hand phone", "whats app", "n i b"):
        typed = re.sub(rf"\b{apart}\b", apart.replace(" ", ""), typed)
    for word in typed.split():
        glued = None if word in _KNOWN else _GLUED.fullmatch(word)
        words += glued.groups() if glued and glued[2] in _KNOWN else [word]
    return words


@lru_cache(maxsize=4096)
def meaning(heading: Cell) -> Meaning:
    """What a heading says; Meaning(None) when nothing is known of it."""
    typed = str(heading).strip()
    if typed in {"#", "№"}:
        return Meaning(COUNTER, plain=True)
    count = len(typed.split())
    if len(typed) > 200 or (count > 6 and typed.endswith(".")) or (count > 8 and re.search("[:;]", typed)):
        return Meaning(None)  # a sentence explains
    words = [word for word in words_of(typed) if not word.isdigit()]
    core = [word for word in words_of(re.sub(r"\([^)]*\)", " ", typed)) if not word.isdigit()] or words
    if not words:
        return Meaning(None)
    plain = all(word in _KNOWN for word in words) or core[0] in {"nama", "name"}
    if re.search(r"\d", typed) and core[0] not in {"nama", "name", "no", "nomor", "hp", "telp", "email", "nib"}:
        plain = False  # "Peserta 12" may be somebody
    field, rank = _field(core, words, typed)
    if field is None and (set(words) & (_OTHERS | _ATTRIBUTES) or (plain and set(words) & _NOT_PEOPLE)):
        field = SOMETHING_ELSE
    return Meaning(field, rank, plain)


def _field(core: list[str], words: list[str], typed: str) -> tuple[str | None, float]:
    line = " ".join(core)
    if re.fullmatch(r"(no|nomor|number|num|urut|(no|nomor) (urut|peserta))", line):
        return COUNTER, 0
    if re.fullmatch(r"(id|nomor|no) (pendaftaran|registrasi)|registration (id|number)", line):
        return KEY, 1
    if re.fullmatch(r"alasan|reason", line):
        return SOMETHING_ELSE, 0
    # "No HP (suami)" is the husband's, "Nama Peserta (bukan pendamping)" the attendee's
    if _of_somebody_else(core if _ATTENDEES & set(core) - {"ibu", "bapak"} else words, typed):
        return SOMETHING_ELSE, 0
    for find in (_name, _number, _email, _phone, _presence, _note, _address, _region, _product, _business):
        if (found := find(core, words)) is not None:
            return found
    return None, 0


def _of_somebody_else(core: list[str], typed: str) -> bool:
    """Whether the column belongs to a companion, a relative, somebody to call in an emergency. "Peserta/Pendamping"
    holds both, "Pendamping PU" only the companion."""
    if {"darurat", "emergency", "waris"} & set(core):
        return True
    if "orang" in core and "tua" in core:
        return True
    if core in (["nama", "ibu"], ["nama", "bapak"]) or ("ibu" in core and "kandung" in core):
        return True
    other = next((n for n, word in enumerate(core) if word in _OTHERS), None)
    if other is None or ("wali" in core and "kota" in core and other == core.index("wali")):
        return False
    own = next((n for n, word in enumerate(core) if word in _ATTENDEES and word not in {"ibu", "bapak"}), None)
    if own is None:
        return True
    return other < own and not re.search(r"/|,|\b(dan|atau|or)\b|&", typed, re.IGNORECASE)


def _name(core: list[str], words: list[str]) -> tuple[str | None, float] | None:
    if core[0] in {"nama", "name", "fullname"} or core[:2] == ["full", "name"] or core[-1] == "name":
        return _named(core)
    roles = [word for word in core if word in _ALONE]
    if roles and core[0] in _ALONE and set(core) <= _ATTENDEES | _BUSINESSES | {"jawab", "manfaat", "kegiatan"}:
        return "name", 3 if "peserta" in core else 2
    return None


def _named(core: list[str]) -> tuple[str | None, float] | None:
    end = next((n for n, word in enumerate(core) if n and word in {"di", "pada", "untuk", "dalam", "yang"}), len(core))
    rest = [word for word in core[:end] if word not in {"nama", "name"}]  # "Nama di sertifikat" is a name
    if rest and rest[0] in {"dan", "beserta", "dengan", "sesuai", "berikut"}:
        return "name", 5 if "gelar" in rest or rest[0] == "sesuai" else 3
    decides = next((w for w in rest if w in _ATTENDEES or w in _NOT_PEOPLE or w in _ATTRIBUTES), None)
    if decides and decides not in _ATTENDEES:
        return None  # "Nama Usaha", "Nama Bank"
    if decides is None:
        if not rest or set(rest) <= {
            "dan",
            "gelar",
            "full",
            "lengkap",
            "beserta",
            "dengan",
            "sesuai",
            "ktp",
            "fullname",
        }:
            return "name", 6 if {"lengkap", "full", "fullname"} & set(rest) else 5
        if set(rest) & {"dan", "beserta", "dengan", "sesuai", "lengkap", "gelar"}:
            return "name", 5
        return "name", 1  # "Nama Siswi", "Nama Jemaat": whoever a list is of
    return "name", 6 if decides in {"peserta", "attendee", "participant"} else 5 if "lengkap" in rest else 4


def _number(core: list[str], words: list[str]) -> tuple[str | None, float] | None:
    nib = "nib" in words or ("induk" in words and "berusaha" in words)
    nib = nib or words[:2] == ["business", "identification"]
    nik = bool({"nik", "nkk"} & set(words)) or ("induk" in words and "kependudukan" in words) or core == ["ktp"]
    nik = nik or core[:2] in (["no", "ktp"], ["nomor", "ktp"], ["no", "kk"], ["nomor", "kk"])
    if nib:
        about = set(words) & _ATTRIBUTES - {"tahun", "thn", "id", "kode"}
        if about:
            return SOMETHING_ELSE, 0
        return "nib", 3 if nik else 6 if set(core) <= {"nib", "no", "nomor", "induk", "berusaha"} else 5
    if nik:
        return (NIK, 0) if not set(core) & {"foto", "scan", "upload", "unggah", "link", "alamat", "status"} else None
    return None


def _email(core: list[str], words: list[str]) -> tuple[str | None, float] | None:
    if {"email", "surel", "mail"} & set(words):
        return ("email", 5) if not set(core) & {"status", "link", "tanggal", "tgl"} else (SOMETHING_ELSE, 0)
    return None


def _phone(core: list[str], words: list[str]) -> tuple[str | None, float] | None:
    found = set(words)
    contact = core[-1] in {"kontak", "contact"} and set(core) <= {"no", "nomor", "kontak", "contact"}
    contact = contact or core in (["kontak", "peserta"], ["no", "kontak", "peserta"], ["contact", "number"])
    if not found & (_PHONES | _LINES) and not contact:
        return None
    if set(core) & {"merk", "merek", "tipe", "jenis", "link", "grup", "group", "status", "punya", "memiliki", "apakah"}:
        return SOMETHING_ELSE, 0
    rank = 6 if found & _PHONES else 5 if found & _LINES else 3
    return "phone", rank - (1 if {"fax", "faks"} & found else 0) - (2 if {"kantor", "rumah"} & found else 0)


def _presence(core: list[str], words: list[str]) -> tuple[str | None, float] | None:
    line = " ".join(core)
    if match := _PRESENCE.match(line):
        return PRESENT, 2 if match[3].startswith(("hadir", "kehadiran", "present", "attend", "check")) else 1
    return (PRESENT, 1) if line in {"keterangan hadir", "keterangan kehadiran", "konfirmasi kehadiran"} else None


def _note(core: list[str], words: list[str]) -> tuple[str | None, float] | None:
    return ("note", 5 if len(core) == 1 else 4) if core[0] in {
        "ket", "keterangan", "catatan", "note", "notes", "remark", "remarks"
    } else None  # fmt: skip


def _address(core: list[str], words: list[str]) -> tuple[str | None, float] | None:
    if core[:2] in (["jalan", "alamat"], ["jl", "alamat"]):
        return "address", 5
    if core[0] not in {"alamat", "domisili"} and "address" not in core:
        return None
    if {"website", "akun", "ig", "instagram", "facebook", "kecamatan", "kelurahan"} & set(core[:2]):
        return SOMETHING_ELSE, 0
    return "address", 6 if set(core) <= {"alamat", "lengkap", "address"} else 5 if "usaha" in core else 4


def _region(core: list[str], words: list[str]) -> tuple[str | None, float] | None:
    found = set(core)
    if found & {"lahir", "kelahiran", "ttl", "tujuan", "tanggal", "tgl", "kode", "dinas", "instansi", "nomor", "no"}:
        return None
    if found & _REGIONS:
        exact = found <= _REGIONS
        return "region", (6 if exact and found != {"kota"} else 5) - (2 if "ktp" in found or found & _ATTRIBUTES else 0)
    if found & _AREAS and found <= _AREAS | {"usaha", "peserta", "kerja"}:
        return "region", 2
    return None


def _product(core: list[str], words: list[str]) -> tuple[str | None, float] | None:
    found = set(core)
    if found & _PRODUCTS:
        if found & (_ATTRIBUTES | _BRANDS) - {"kategori"}:
            return None
        kind = found & {"jenis", "kategori"} or found & {"komoditas", "komoditi"}
        return "product", 4 if kind else 6
    return (
        ("product", 2) if {"jenis", "bidang"} & found and found <= {"jenis", "bidang", "usaha"} | _BUSINESSES else None
    )


def _business(core: list[str], words: list[str]) -> tuple[str | None, float] | None:
    found = set(core)
    if found & (_ATTRIBUTES | {"kelompok", "jenis", "bidang", "alamat", "tempat", "lokasi", "no", "nomor"}):
        return None
    names = "nama" in found or "name" in found
    if found & _BUSINESSES:
        return "business_name", 6 if names else 4 if found <= _BUSINESSES | _BODIES else 2
    if found & _BODIES - {"kerja"} or {"unit", "kerja"} <= found:
        return "business_name", 4 if names else 3
    return ("business_name", 2) if found & _BRANDS else None
