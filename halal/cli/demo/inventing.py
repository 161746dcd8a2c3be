"""Inventing people and businesses: always the same ones, none of them real.

Telephone numbers begin with 0812-0000 and NIBs with four zeros, so that nobody takes them for somebody's.
"""

import random
from collections.abc import Iterator
from itertools import count

from halal.registrations.services import Details
from halal.text import fold, name_key

# Male and female first names, family or last names, as they are met in the region.
_NAMES = {
    "banten": (
        ("Asep", "Ujang", "Dedi", "Entis", "Jajang", "Hendra", "Yayan", "Saepudin", "Mulyadi", "Fahrurroji", "Iwan",
         "Tatang", "Cecep", "Maman"),
        ("Neneng", "Euis", "Iis", "Teti", "Nurhayati", "Siti Aisyah", "Rohmah", "Yuyun", "Lilis", "Eneng", "Imas",
         "Tuti", "Nunung", "Ratu Ayu"),
        ("Suryana", "Hidayat", "Permana", "Sutisna", "Maulana", "Kurnia", "Purnama", "Rustandi", "Kusuma", "Saputra",
         "Firdaus", "Sudrajat", "Nugraha", "Ramdani", "Mulyana", "Setiawan", "Lesmana", "Sanjaya", "Fauziah"),
    ),
    "banjar": (
        ("Ahmad", "Muhammad", "Syaifullah", "Fakhrurrazi", "Rahmadi", "Hairul", "Taufik", "Abdul", "Jumberi",
         "Ardiansyah", "Riduan", "Husni"),
        ("Norhayati", "Rusmiati", "Mariani", "Hafizah", "Siti", "Noor", "Mahmudah", "Raudah", "Aulia", "Salasiah",
         "Jannah", "Mastura"),
        ("Rahman", "Noor", "Hidayatullah", "Fauzi", "Ramadhani", "Syahrani", "Aini", "Latifah", "Zainuddin", "Arsyad",
         "Khairunnisa", "Humaidi", "Sari", "Ansyari", "Maulida", "Rasyidah"),
    ),
    "bontang": (
        ("Andi", "Rudi", "Slamet", "Syamsul", "Baharuddin", "Yohanes", "Agus", "Herman", "Sudirman"),
        ("Sulastri", "Wahyuni", "Hasnah", "Darmawati", "Endang", "Rosmini", "Nurjannah", "Maria", "Suharti"),
        ("Saleh", "Wijaya", "Rahayu", "Daud", "Susanti", "Tandi", "Lestari", "Mappa", "Utami", "Sulaiman"),
    ),
}  # fmt: skip
_DEGREES = (", S.E.", ", S.Pd.", ", A.Md.", ", S.P.", ", S.TP., M.Si.", ", S.H., M.H.")
# What lists of names really contain: one word, very long, apostrophes, hyphens, initials, one name in three spellings.
CURIOUS = (
    "Suparman",
    "Raden Ayu Siti Khadijah Nurul Fatimah Az-Zahra Kusumaningrum binti Kiai Haji Abdurrahman Hasyim Wiranatakusumah, "
    "S.Pd.I., M.Pd., C.H.T.",
    "Hj. Siti Nur'aini Ma'rifah",
    "Ni'mah",
    "I Gusti Ayu Made Oka Widiastuti",
    "Moh. Ali",
    "Muhammad Ali, S.E.",
    "M. Ali",
    "Tb. A. Syafi'i",
    "Fransisca Xaveriana Dewi Anggraini-Natawidjaja, S.Farm., Apt.",
)
_BUSINESSES = (
    ("Keripik Pisang {}", "keripik pisang"),
    ("Keripik Singkong {}", "keripik singkong"),
    ("Dapur {}", "nasi kotak dan kue basah"),
    ("Katering {}", "katering"),
    ("Roti {}", "roti manis"),
    ("Kue {}", "kue kering"),
    ("Sambal {}", "sambal kemasan"),
    ("Abon {}", "abon ikan"),
    ("Minuman Jahe {}", "minuman jahe instan"),
    ("Sirup {}", "sirup buah"),
    ("Bakso {}", "bakso beku"),
    ("Kerupuk {}", "kerupuk ikan"),
    ("Madu {}", "madu hutan"),
    ("Tempe {}", "tempe"),
)
_BRANDS = ("Barokah", "Berkah", "Sari Rasa", "Mekar Jaya", "Dua Putri", "Sumber Rejeki", "Rizki", "Mandiri", "Harum")
_STREETS = ("Melati", "Kenanga", "Pasar Lama", "Veteran", "Pahlawan", "Masjid Raya", "Pelabuhan", "Sawah Indah")


class Inventor:
    """Invents the people of one list. The same `seed` gives the same people."""

    def __init__(self, seed: str, flavor: str, first_number: int):
        self.random = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self._men, self._women, self._last = _NAMES[flavor]
        self._numbers = count(first_number)
        self._phones: list[str] = []

    def people(self, region_codes: list[str], curious: bool = False) -> Iterator[Details]:
        """One attendee for each region code, all with a NIB; now and then two of a family share a telephone."""
        seen: set[tuple[str, str]] = set()
        for index, region_code in enumerate(region_codes):
            name = CURIOUS[index // 3] if curious and index % 3 == 1 and index // 3 < len(CURIOUS) else self._name()
            phone = self._phone()
            while (name_key(name), phone) in seen:
                name = self._name()
            seen.add((name_key(name), phone))
            business, product = self._business(name)
            yield Details(
                name=name,
                phone=phone,
                email=self._email(name) if self.random.random() < 0.2 else None,
                business_name=business,
                product=product,
                nib=f"0000{self.random.randrange(10**4):04}{next(self._numbers):05}",
                region_code=region_code,
                address=f"Jalan {self.random.choice(_STREETS)} Nomor {self.random.randrange(1, 120)}",
            )

    def delegates(self, region_codes: list[str], institutions: list[str]) -> Iterator[Details]:
        """One delegate of an institution for each region code; the institutions in turn."""
        for index, region_code in enumerate(region_codes):
            yield Details(
                name=self._name().partition(",")[0] + self._degree(0.6),
                phone=self._phone(),
                business_name=institutions[index % len(institutions)],
                region_code=region_code,
            )

    def owner_of(self, pattern: str) -> tuple[str, str, str]:
        """An owner, a telephone number, and a name for the business, like "Katering {}"."""
        return self._name(), self._phone(), pattern.format(self._brand())

    def _name(self) -> str:
        man = self.random.random() < 0.42
        first = self.random.choice(self._men if man else self._women)
        if self.random.random() < 0.06:
            return first
        last = self.random.sample(self._last, 2 if self.random.random() < 0.25 else 1)
        title = ("H. " if man else "Hj. ") if self.random.random() < 0.12 else ""
        return f"{title}{first} {' '.join(last)}{self._degree(0.2)}"

    def _degree(self, share: float) -> str:
        return self.random.choice(_DEGREES) if self.random.random() < share else ""

    def _phone(self) -> str:
        if self._phones and self.random.random() < 0.06:
            return self._phones[-1]
        self._phones.append(f"+628120000{next(self._numbers) % 10_000:04}")
        return self._phones[-1]

    def _email(self, name: str) -> str:
        return f"{'.'.join(fold(name.partition(',')[0]).split()[:2])}{next(self._numbers)}@contoh.id"

    def _business(self, owner: str) -> tuple[str, str]:
        name, product = self.random.choice(_BUSINESSES)
        own = owner.partition(",")[0].split()[-1]
        return name.format(own if self.random.random() < 0.35 and len(own) < 15 else self._brand()), product

    def _brand(self) -> str:
        brand = self.random.choice(_BRANDS)
        return f"{brand} {self.random.choice(self._last)}" if self.random.random() < 0.5 else brand
