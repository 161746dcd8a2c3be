"""The owner's page for key and seal."""

import io

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from halal import clock, formats
from halal.certificates.services import sealing, signing
from tests.certificates import hall
from tests.certificates.test_seal import key_and_certificate, p12

PAGE = "/kelola/kantor/segel"


@pytest.fixture
def owner(make, log_in):
    return log_in("owner", hall.office(make))


def send(client, content: bytes, password: str = ""):
    return client.post(PAGE, data={"file": (io.BytesIO(content), "segel.p12"), "password": password})


def test_an_owner_installs_and_removes_a_seal(owner):
    assert "tidak memakai segel" in owner.get(PAGE).text
    content = p12(*key_and_certificate(ec.generate_private_key(ec.SECP256R1())))
    assert send(owner, content, "rahasia").status_code == 303
    page = owner.get(PAGE).text
    assert "Dinas Contoh, Pemerintah Provinsi" in page
    assert "bukan tanda tangan elektronik tersertifikasi" in page
    assert owner.post(f"{PAGE}/lepas").status_code == 303
    assert sealing.of(owner.organization) is None
    assert owner.post(f"{PAGE}/lepas").status_code == 422  # somebody else removed it a moment ago


@pytest.mark.parametrize(
    ("content", "password", "said"),
    [
        (b"", "", "tidak dapat dibaca"),
        (b"bukan segel", "", "tidak dapat dibaca"),
        (b"x" * 300_000, "", "terlalu besar"),
        (None, "salah", "kata sandi"),
    ],
)
def test_a_wrong_file_is_told_what_is_wrong_and_the_seal_in_use_stays(owner, content, password, said):
    before = sealing.create_test_seal(owner.organization)
    if content is None:
        content = p12(*key_and_certificate(ec.generate_private_key(ec.SECP256R1())))
    answer = send(owner, content, password)
    assert answer.status_code == 422
    assert said in answer.text
    assert sealing.of(owner.organization).id == before.id


def test_a_form_without_a_file_asks_for_it(owner):
    answer = owner.post(PAGE, data={"password": "x"})
    assert answer.status_code == 422
    assert "Pilih berkasnya dahulu" in answer.text


def test_an_owner_changes_the_key(owner):
    assert "Kunci pertama dibuat" in owner.get(PAGE).text
    first = signing.ensure(owner.organization.id).kid
    assert first in owner.get(PAGE).text
    assert owner.post(f"{PAGE}/kunci").status_code == 303
    page = owner.get(PAGE).text
    used = signing.in_use(owner.organization.id).kid
    assert used != first
    assert f"<dd>{used}</dd>" in page
    assert f"<dd>{first}</dd>" not in page


def declare(client, **values):
    return client.post(f"{PAGE}/kunci/dicuri", data={"sure": "y", **values})


def test_an_owner_declares_a_key_stolen_after_confirming_it(owner):
    assert "Nyatakan kunci dicuri" not in owner.get(PAGE).text  # there is no key yet
    kid = signing.ensure(owner.organization.id).kid
    today = formats.local(clock.now(), owner.organization.timezone).date()
    unsure = declare(owner, kid=kid, since=today.isoformat(), sure="")
    assert unsure.status_code == 422
    assert "Centang kotak ini" in unsure.text
    for since, said in (
        ("", "Pilih tanggalnya"),
        ("2026-02-30", "Tanggal ini tidak ada"),
        ("2020-01-01", "dibuat pada"),
    ):
        answer = declare(owner, kid=kid, since=since)
        assert answer.status_code == 422
        assert said in answer.text, since
    assert declare(owner, kid="bukan", since=today.isoformat()).status_code == 422
    assert declare(owner, since=today.isoformat()).status_code == 422
    assert signing.in_use(owner.organization.id).kid == kid
    assert declare(owner, kid=kid, since=today.isoformat()).status_code == 303
    page = owner.get(PAGE).text
    assert f"dicuri sejak {formats.date_only(today)}" in page
    assert signing.in_use(owner.organization.id).kid != kid
