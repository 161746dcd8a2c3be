"""The office's settings: letterhead, logo, numbering, signatories."""

import io
import re
from datetime import date
from html import unescape

import pytest
from flask import get_template_attribute
from PIL import Image
from sqlalchemy import select

from halal import clock, files, pdf
from halal.audit.models import AuditEntry
from halal.certificates.models import NumberSeries
from halal.organizations import letterhead, services
from halal.organizations.models import Signatory

PAGE = "/kelola/kantor"


def identity(**changes) -> dict:
    base = {"part": "identity", "name": "UPTD BPTSI", "short_name": "BPTSI", "parent_name": "Dinas",
            "address": "Jl. 1\nSerang", "phone": "(0254) 200 123",
            "email": "a@b.go.id", "website": "b.go.id", "region_code": "36"}  # fmt: skip
    return {**base, **changes}


def signers(*rows) -> dict:
    """(id, name, title, nip, order) for each row; everyone signs."""
    sent = {"part": "signatories"}
    for n, (row_id, name, title, nip, order) in enumerate(rows):
        row = {"id": row_id, "name": name, "title": title, "nip": nip, "order": order, "active": "y"}
        sent |= {f"signatories-{n}-{field}": value for field, value in row.items()}
    return sent


def picture(kind="PNG", side=40) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", (side, side), "green").save(out, kind)
    return out.getvalue()


def send_logo(client, content: bytes, name="logo.png"):
    return client.post(PAGE, data={"part": "logo", "picture": (io.BytesIO(content), name)})


def test_the_letterhead_shows_what_was_saved(log_in, db):
    client = log_in("owner")
    answer = client.post(PAGE, data=identity())
    assert (answer.status_code, answer.location) == (303, "/kelola/kantor")
    office = client.organization
    db.session.refresh(office)
    assert (office.name, office.website, office.address) == ("UPTD BPTSI", "https://b.go.id", "Jl. 1\nSerang")
    page = client.get(PAGE).text
    for shown in ("UPTD BPTSI", "Jl. 1, Serang", "Telp. (0254) 200 123 · a@b.go.id · b.go.id"):
        assert shown in page, shown


def test_the_trail_names_fields_not_values(log_in, db):
    log_in("owner").post(PAGE, data=identity(email="rahasia@b.go.id"))
    entry = db.session.scalar(select(AuditEntry))
    assert entry.action == "organization.changed"
    assert "email" in entry.detail["fields"]
    assert "rahasia" not in str(entry.detail)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "Isi nama kantor."),
        ({"name": "x" * 201}, "Paling banyak 200 karakter"),
        ({"email": "halal@"}, "E-mail belum lengkap."),
        ({"website": "javascript:alert(1)"}, "Ini bukan alamat situs web."),
        ({"website": "bukan situs"}, "Ini bukan alamat situs web."),
        ({"region_code": "99"}, "dari daftar."),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(log_in, db, changes, sentence):
    client = log_in("owner")
    before = client.organization.name
    answer = client.post(PAGE, data=identity(phone="0254 999", **changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="0254 999"' in answer.text
    db.session.expire_all()
    assert client.organization.name == before


def test_a_logo_is_stored_and_shown_and_can_be_taken_away(log_in, db):
    client = log_in("owner")
    assert send_logo(client, picture()).status_code == 303
    key = client.organization.logo_file
    assert key.startswith("public/offices/")
    assert files.get(key).startswith(b"\x89PNG")
    assert key in client.get(PAGE).text
    assert client.get(f"/berkas/{key}").status_code == 200
    send_logo(client, picture("JPEG"))
    db.session.refresh(client.organization)
    assert client.organization.logo_file != key
    assert files.get(key), "certificates issued before may name the old logo"
    client.post(PAGE, data={"remove_logo": "y"})
    db.session.refresh(client.organization)
    assert client.organization.logo_file is None


@pytest.mark.parametrize(("content", "name"), [(b"MZ not a picture", "logo.png"), (b"", "logo.png")])
def test_what_is_no_picture_is_no_logo(log_in, db, content, name):
    client = log_in("owner")
    assert send_logo(client, content, name).status_code == 422
    db.session.refresh(client.organization)
    assert client.organization.logo_file is None


def test_the_next_number_is_shown_while_the_pattern_is_typed(log_in, db):
    client = log_in("owner")
    db.session.add(NumberSeries(organization_id=client.organization.id, year=clock.now().year, next_seq=41))
    db.session.commit()
    htmx = {"HX-Request": "true"}
    url = f"{PAGE}/penomoran"
    part = client.get(url, query_string={"number_pattern": "{seq:03}/X/{year}"}, headers=htmx).text
    assert f"041/X/{clock.now().year}" in part
    assert part.lstrip().startswith("<div")
    wrong = client.get(url, query_string={"number_pattern": "{seq}/{tahun}"}, headers=htmx)
    assert (wrong.status_code, "{tahun} tidak dikenal" in wrong.text) == (200, True)
    assert client.get(url).status_code == 303


def test_a_bad_pattern_is_not_saved(log_in, db):
    client = log_in("owner")
    before = client.organization.number_pattern
    refused = client.post(PAGE, data={"part": "numbering", "number_pattern": "500/{year}"})
    assert refused.status_code == 422
    assert "Tulis {seq} di tempat nomor urut" in refused.text
    assert 'value="500/{year}"' in refused.text
    db.session.refresh(client.organization)
    assert client.organization.number_pattern == before
    assert client.post(PAGE, data={"part": "numbering", "number_pattern": "{seq}/{year}"}).status_code == 303
    db.session.refresh(client.organization)
    assert client.organization.number_pattern == "{seq}/{year}"


def test_the_running_number_is_that_of_the_office_s_own_year(make, monkeypatch):
    """In Papua it is the new year two hours before Jakarta, and nine before UTC."""
    from datetime import UTC, datetime

    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 31, 15, 30, tzinfo=UTC))
    assert services.next_number(make.organization(region_code="91"), "{seq}/{year}") == "1/2027"
    assert services.next_number(make.organization(region_code="36"), "{seq}/{year}") == "1/2026"


def test_signatories_keep_order_and_identity(log_in, db):
    client = log_in("owner")
    nip = "19700101 199503 1 001"
    client.post(PAGE, data=signers(
        ("", "Kedua, S.E.", "Sekretaris", "", "2"), ("", "H. Pertama", "Kepala", nip, "1"), ("", "", "", "", "")
    ))  # fmt: skip
    rows = client.organization.signatories
    assert [(s.name, s.title, s.nip, s.active) for s in rows] == [
        ("H. Pertama", "Kepala", nip, True), ("Kedua, S.E.", "Sekretaris", "", True),
    ]  # fmt: skip
    first, second = (str(s.id) for s in rows)
    changed = signers((first, "H. Pertama, M.M.", "Kepala", nip, "1"), (second, "Kedua, S.E.", "Sekretaris", "", "2"))
    del changed["signatories-0-active"]
    client.post(PAGE, data={**changed, "signatories-1-remove": "y"})
    db.session.expire_all()
    assert [(str(s.id), s.name, s.active) for s in client.organization.signatories] == [
        (first, "H. Pertama, M.M.", False)
    ]
    assert len(db.session.scalars(select(Signatory)).all()) == 1


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("", "Budi", "", "", ""), "Isi jabatan."),
        (("", "", "Kepala", "", ""), "Isi nama, atau centang Hapus."),
        (("", "123", "Kepala", "", ""), "Isi nama"),
        (("", "x" * 151, "Kepala", "", ""), "Paling banyak 150 karakter"),
        (("", "Budi", "Kepala", "1970", ""), "NIP Budi berisi 4 angka; NIP terdiri dari 18 angka."),
    ],
)
def test_a_signatory_needs_name_position_and_a_whole_nip(log_in, db, row, sentence):
    client = log_in("owner")
    answer = client.post(PAGE, data=signers(("", "Ani", "Ketua", "", ""), row))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="Ani"' in answer.text
    assert db.session.scalar(select(Signatory.id)) is None


def test_more_rows_come_without_losing_what_was_typed(log_in):
    sent = {**signers(("", "Ani", "", "", "")), "more": "signatories"}
    part = log_in("owner").post(PAGE, data=sent, headers={"HX-Request": "true"}).text
    assert 'value="Ani"' in part
    assert "signatories-3-name" in part


def test_another_office_s_signatory_cannot_be_taken_over(log_in, db, make):
    client, other = log_in("owner"), make.organization()
    theirs = make.add(Signatory(organization=other, name="Milik Lain", title="Kepala"))
    db.session.commit()
    client.post(PAGE, data=signers((str(theirs.id), "Diambil", "Kepala", "", "")))
    db.session.expire_all()
    assert theirs.name == "Milik Lain"
    assert [s.name for s in client.organization.signatories] == ["Diambil"]


def fields_of(page: str) -> dict:
    """What the page's one form would send, as it is shown."""
    form = next(f for f in re.findall(r"<form.*?</form>", page, re.S) if 'name="number_pattern"' in f)
    found = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form)
    ticked = re.findall(r'<input[^>]*checked[^>]*name="([^"]+)"', form)
    lines = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s*([^<]*)</textarea>', form)
    chosen = {n: v for n, v in found if "active" not in n and "remove" not in n}
    return {k: unescape(v) for k, v in {**chosen, **dict(lines), **dict.fromkeys(ticked, "y")}.items()}


def test_the_whole_page_is_saved_at_once(log_in, db):
    client = log_in("owner")
    page = client.get(PAGE).text
    assert page.count('action="/kelola/kantor"') == 1
    typed = {
        **fields_of(page), "name": "Nama Baru", "region_code": "36", "number_pattern": "BARU/{seq}/{year}",
        "signatories-0-name": "Ani", "signatories-0-title": "Kepala", "signatories-0-active": "y",
        "picture": (io.BytesIO(picture()), "logo.png"),
    }  # fmt: skip
    assert client.post(PAGE, data=typed).status_code == 303
    office = client.organization
    db.session.refresh(office)
    assert (office.name, office.number_pattern) == ("Nama Baru", "BARU/{seq}/{year}")
    assert [s.name for s in office.signatories] == ["Ani"]
    assert office.logo_file


def test_a_mistake_in_one_part_saves_none_and_keeps_what_was_typed_in_all(log_in, db):
    client = log_in("owner")
    typed = {
        **fields_of(client.get(PAGE).text), "name": "Nama Baru", "region_code": "36", "number_pattern": "tanpa nomor",
        "signatories-0-name": "Ani", "signatories-0-title": "Kepala",
    }  # fmt: skip
    answer = client.post(PAGE, data=typed)
    assert answer.status_code == 422
    for kept in ('value="Nama Baru"', 'value="tanpa nomor"', 'value="Ani"'):
        assert kept in answer.text
    db.session.expire_all()
    assert client.organization.name != "Nama Baru"
    assert client.organization.signatories == []


def test_who_saves_another_part_of_an_old_page_is_told(log_in, db):
    client = log_in("owner")
    old = {**fields_of(client.get(PAGE).text), "region_code": "36", "phone": "0254 1"}
    client.organization.number_pattern = "REKAN/{seq}/{year}"
    db.session.commit()
    answer = client.post(PAGE, data=old)
    assert answer.status_code == 409
    assert "Tersimpan sekarang: REKAN/{seq}/{year}" in answer.text
    db.session.expire_all()
    assert client.organization.number_pattern == "REKAN/{seq}/{year}"


def test_only_owners_see_and_change_the_office(log_in):
    for role in ("organizer", "viewer", "checkin_officer"):
        client = log_in(role)
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, data=identity()).status_code == 403


def test_an_unknown_part_is_a_bad_request(log_in):
    assert log_in("owner").post(PAGE, data={"part": "treasury"}).status_code == 400


def test_the_letterhead_prints_with_and_without_a_logo(app, db, make):
    office = make.organization(
        name="UPTD " + "Balai Pengembangan " * 8, parent_name="Dinas Perindustrian", address="Jl. Raya 1\nSerang"
    )
    with app.test_request_context():
        draw = get_template_attribute("organizations/_letterhead.html", "letterhead")
        assert letterhead.assets(office) == {}
        assert pdf.render(f"<html><body>{draw(office)}</body></html>", letterhead.css()).startswith(b"%PDF")
        services.set_logo(office, services.store_logo(office.id, picture()))
        assets = letterhead.assets(office)
        html = f"<html><body>{draw(office, 'asset:logo')}</body></html>"
        assert pdf.render(html, letterhead.css(), assets).startswith(b"%PDF")
        office.logo_file = "public/offices/0/gone.png"
        assert letterhead.assets(office) == {}


def test_numbers_follow_the_day_of_the_certificate():
    from halal.organizations.numbering import render_number

    assert render_number("{seq}/{month:roman}/{year}", 1, date(2026, 1, 1)) == "1/I/2026"
