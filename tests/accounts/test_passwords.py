"""What no password may be: short, common, or made of what everybody knows about its owner."""

import pytest

from halal.accounts import passwords, services
from halal.errors import DomainError

OWN = (
    "siti.aminah@dinkop.example",
    "Siti Aminah, S.E.",
    "Dinas Koperasi Kota Serang",
    "Dinkop Serang",
    "dinkop-serang",
)


@pytest.mark.parametrize(
    "password",
    ["pendek", " " * 20, "a" * 12, "a" * 60, "1234567890", "qwertyuiop", "password123", "P@ssw0rd2026", "bismillah123",
     "indonesia1945", "katasandi123", "Rahasia-2026", "halalhalal", "SitiAminah2026", "5iti4minah!!", "aminah.siti",
     "dinkopserang1", "Serang-Halal-2026", "siti.aminah@dinkop.example", "Merdeka!1945", "Ramadhan2026"],
)  # fmt: skip
def test_common_and_own_passwords_are_refused_in_words(password):
    with pytest.raises(DomainError) as refused:
        passwords.check(password, OWN)
    assert len(str(refused.value.message)) > 20


@pytest.mark.parametrize(
    "password",
    ["kuda laut ungu tua", "kopi-susu-tubruk", "xK3vm9Qw2z", "sandi-yang-baru-1", "Siti suka rengginang asin",
     "correct horse battery staple and more words than forty letters"],
)  # fmt: skip
def test_other_passwords_are_taken(password):
    passwords.check(password, OWN)


def test_new_password_on_the_account_page_is_held_against_name_and_office(log_in, make):
    client = log_in("viewer", make.organization(name="Dinas Perikanan Lebak"))
    answer = client.post("/kelola/akun", data={"current": make.PASSWORD, "new": "PerikananLebak1"})
    assert answer.status_code == 422
    assert "nama, e-mail, kantor" in answer.text
    assert services.authenticate(client.user.email, make.PASSWORD)
