"""What the QR code says: signed, short, nothing that is not printed; readable from paper, checked without a network."""

import base64
import io
import json
import socket
from datetime import UTC, date, datetime

import pikepdf
import pytest

from halal import qr, vault
from halal.audit import words
from halal.audit.models import AuditEntry
from halal.certificates.models import CertificateKind, SigningKey
from halal.certificates.services import bundle, issuing, lookup, planning, signing
from halal.certificates.statement import MAX_LENGTH, Claim, Key, statement
from halal.errors import DomainError
from tests.certificates import hall, statements
from tests.certificates.test_design import drawn, picture

LONG_NAME = (
    "Prof. Dr. Ir. H. Raden Mas Muhammad Abdurrahman Kusumaningrat Sastrawidjaja, "
    "S.T., M.T., Ph.D., IPU., ASEAN Eng., M.A."
)
LONG_EVENT = (
    "Rapat Koordinasi Percepatan Fasilitasi Sertifikasi Halal bagi Pelaku Usaha Mikro dan Kecil se-Provinsi Banten"
)


@pytest.fixture
def event(make):
    return hall.past_event(make, title="Sosialisasi Sertifikasi Halal", venue="Aula Dinas")


@pytest.fixture
def issued(make, event):
    hall.present(make, event, "Nurul 'Aini, S.E.", business_name="Keripik Barokah", phone="+6281234567890",
                 email="nurul@rahasia.example", nib="1234567890123")  # fmt: skip
    hall.issue_all(event)
    return lookup.valid(event, CertificateKind.ATTENDANCE)[0]


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("nothing here needs a network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def test_the_qr_of_a_printed_certificate_is_verified_without_a_network(client, issued, event, no_network):
    published = json.loads(client.get("/v/kunci.json").text)
    [code] = qr.read(picture(bundle.content(issued), 150))
    assert code.startswith(f"{hall.BASE_URL}/v/{issued.code}#")
    said, office = statements.read(code, published)
    assert office == event.organization.name
    assert said == {
        Claim.CODE: issued.code, Claim.NUMBER: issued.number, Claim.RECIPIENT: "Nurul 'Aini, S.E.",
        Claim.TITLE: "Sertifikat", Claim.ROLE: "Peserta", Claim.EVENT: "Sosialisasi Sertifikasi Halal",
        Claim.DAY: "Kamis, 15 Mei 2025", Claim.PLACE_DATE: "Serang, 15 Mei 2025", Claim.SIGNATORIES: [hall.HEAD.name],
    }  # fmt: skip


def test_it_carries_nothing_personal_that_is_not_printed(client, issued):
    published = json.loads(client.get("/v/kunci.json").text)
    said = str(statements.read(issued.snapshot["qr"], published))
    for secret in ("81234567890", "rahasia.example", "1234567890123", hall.HEAD.nip):
        assert secret not in said


@pytest.mark.parametrize("design", ["attendance", "speaker", "award"])
def test_the_longest_statement_is_read_from_paper_at_150_dots_per_inch(make, event, design):
    """An address and statement of 450 characters, on every design."""
    hall.present(make, event, "Siti")
    text = f"{hall.BASE_URL}/v/{'0' * 26}#{'aZ9_-xQ3' * 50}"[:450]
    _snapshot, pdf = drawn(event, hall.issue(), {"design": design}, text)
    assert qr.read(picture(pdf, 150)) == [text]


def test_a_long_name_stays_whole_and_detail_goes_first(client, make, event):
    event.title = LONG_EVENT
    hall.present(make, event, LONG_NAME)
    hall.issue_all(event)
    certificate = lookup.valid(event, CertificateKind.ATTENDANCE)[0]
    assert len(LONG_NAME) >= 118
    said, _office = statements.read(certificate.snapshot["qr"], json.loads(client.get("/v/kunci.json").text))
    assert (said[Claim.RECIPIENT], said[Claim.CODE]) == (LONG_NAME, certificate.code)
    assert said[Claim.NUMBER] == certificate.number
    assert Claim.PLACE_DATE in said
    assert Claim.ROLE not in said
    assert len(certificate.snapshot["qr"].partition("#")[2]) <= MAX_LENGTH
    assert qr.read(picture(bundle.content(certificate), 150)) == [certificate.snapshot["qr"]]


def test_the_statement_is_in_the_pdf_too(issued):
    with pikepdf.open(io.BytesIO(bundle.content(issued))) as pdf:
        told = json.loads(pdf.attachments["credential.json"].get_file().read_bytes())
    assert told["signature"] == issued.snapshot["qr"].partition("#")[2]


def test_an_outside_issuer_is_named_as_the_offices_name_is_published_with_its_key(make, db, event):
    signing.ensure(event.organization_id)
    key = signing.signer(event.organization)
    snapshot = {"code": "c", "number": "1", "recipient": "A\nB", "title": "", "role": "", "event": "E", "day": "",
                "place_date": "", "issuer": "MUI", "recorded_by": "Dinas", "signatories": []}  # fmt: skip
    published = signing.published()
    said, _office = statements.read(f"#{statement(snapshot, key)}", published)
    assert said == {Claim.CODE: "c", Claim.NUMBER: "1", Claim.RECIPIENT: "A B", Claim.EVENT: "E",
                    Claim.DECLARED_ISSUER: "MUI"}  # fmt: skip
    own, office = statements.read(f"#{statement({**snapshot, 'recorded_by': ''}, key)}", published)
    assert Claim.DECLARED_ISSUER not in own
    assert office == event.organization.name


def test_another_offices_key_and_an_edited_statement_are_refused(client, make, issued):
    published = json.loads(client.get("/v/kunci.json").text)
    other = hall.past_event(make, hall.office(make))
    signing.ensure(other.organization_id)
    foreign = {"keys": [{**key, "kid": published["keys"][0]["kid"]} for key in signing.published()["keys"][-1:]]}
    with pytest.raises(Exception, match=r"(?i)verif"):
        statements.read(issued.snapshot["qr"], foreign)
    url, _sep, text = issued.snapshot["qr"].partition("#")
    raw = base64.urlsafe_b64decode(text + "===")
    edited = base64.urlsafe_b64encode(raw.replace(b"Nurul", b"Murul")).decode().rstrip("=")
    assert edited != text
    with pytest.raises(Exception, match=r"(?i)verif"):
        statements.read(f"{url}#{edited}", published)


def test_after_a_rotation_old_certificates_stay_valid_and_new_ones_have_the_new_key(
    client, app, make, db, issued, event
):
    old = issued.snapshot["qr"]
    result = app.test_cli_runner().invoke(args=["signing", "rotate", event.organization.slug])
    assert result.exit_code == 0, result.output
    new = hall.replace(issued, "Nurul Aini, S.E.", "", "ejaan")
    db.session.commit()
    published = json.loads(client.get("/v/kunci.json").text)
    assert len({key["kid"] for key in published["keys"]}) == len(published["keys"])
    assert statements.read(old, published)[0][Claim.RECIPIENT] == "Nurul 'Aini, S.E."
    assert statements.read(new.snapshot["qr"], published)[0][Claim.RECIPIENT] == "Nurul Aini, S.E."
    retired, used = (db.session.get(SigningKey, kid) for kid in _kids(db, event))
    assert retired.private_key is None
    assert used.retired_at is None


def _kids(db, event):
    keys = db.session.query(SigningKey).filter_by(organization_id=event.organization_id)
    return [key.kid for key in keys.order_by(SigningKey.created_at)]


def test_an_office_has_one_key_in_use_however_often_it_is_asked_for(make, db):
    office = hall.office(make)
    assert signing.ensure(office.id) is signing.ensure(office.id)
    first, second = signing.ensure(office.id), SigningKey(kid="x", organization_id=office.id, public_key=b"")
    assert first.retired_at is None
    db.session.add(second)
    with pytest.raises(Exception, match=r"(?i)unique"), db.session.begin_nested():
        db.session.flush()


def test_private_keys_are_locked_with_the_secret_of_the_installation(app, make, db):
    office = hall.office(make)
    row = signing.ensure(office.id)
    raw = vault.unlock(row.private_key, row.kid)
    assert raw not in row.private_key
    with pytest.raises(vault.Unreadable):
        vault.unlock(row.private_key, "another")
    secret = app.config["SECRET_KEY"]
    app.config["SECRET_KEY"] = "another secret of this installation, as long"
    try:
        with pytest.raises(DomainError, match=office.slug):
            signing.signer(office)
    finally:
        app.config["SECRET_KEY"] = secret
    assert isinstance(signing.signer(office), Key)


def test_published_keys_may_be_kept_and_name_the_offices(client, issued, event):
    answer = client.get("/v/kunci.json")
    assert answer.headers["Cache-Control"].startswith("public")
    key = next(key for key in answer.json["keys"] if key["office"] == event.organization.name)
    assert (key["kty"], key["crv"]) == ("OKP", "Ed25519")
    assert "d" not in key
    again = client.get("/v/kunci.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.fixture
def old_key(make, db, event):
    """The key in use of the event's office, made on 5 January 2026."""
    key = signing.ensure(event.organization_id)
    key.created_at = datetime(2026, 1, 5, tzinfo=UTC)
    db.session.flush()
    return key


def test_a_stolen_key_is_published_as_such_and_replaced_at_once(make, db, event, old_key):
    hall.present(make, event, "Siti")
    signing.declare_compromised(event.organization, old_key.kid, date(2026, 3, 2))
    published = {key["kid"]: key for key in signing.published()["keys"]}
    assert published[old_key.kid]["compromised"] == "2026-03-02"
    used = signing.in_use(event.organization_id)
    assert used.kid != old_key.kid
    assert "compromised" not in published[used.kid]
    assert (old_key.private_key, old_key.retired_at is None) == (None, False)
    entry = db.session.query(AuditEntry).filter_by(action="certificate.key_compromised").one()
    assert entry.detail == {"kid": old_key.kid, "since": "2026-03-02"}
    said = f"Kunci {old_key.kid} untuk menandatangani sertifikat dinyatakan dicuri sejak 2026-03-02"
    assert words.sentence(entry) == said


@pytest.mark.parametrize("since", [date(2026, 1, 4), date(2999, 1, 1)])
def test_a_key_is_not_stolen_before_it_was_made_nor_tomorrow(event, old_key, since):
    with pytest.raises(DomainError, match="5 Januari 2026") as caught:
        signing.declare_compromised(event.organization, old_key.kid, since)
    assert caught.value.field == "since"
    assert signing.in_use(event.organization_id) is old_key


def test_a_declaration_is_only_ever_moved_to_an_earlier_day(event, old_key):
    signing.declare_compromised(event.organization, old_key.kid, date(2026, 3, 2))
    used = signing.in_use(event.organization_id).kid
    for later in (date(2026, 3, 2), date(2026, 4, 1)):
        with pytest.raises(DomainError, match="sudah dinyatakan dicuri"):
            signing.declare_compromised(event.organization, old_key.kid, later)
    signing.declare_compromised(event.organization, old_key.kid, date(2026, 2, 1))
    assert old_key.compromised_since == date(2026, 2, 1)
    assert signing.in_use(event.organization_id).kid == used


def test_nobody_declares_another_offices_key(make, event, old_key):
    with pytest.raises(DomainError, match="Pilih salah satu kunci"):
        signing.declare_compromised(hall.office(make), old_key.kid, date(2026, 3, 2))
    assert old_key.compromised_since is None


def test_what_was_drawn_with_a_key_that_was_just_declared_stolen_is_not_issued(make, db, event, old_key):
    registration = hall.present(make, event, "Siti")
    issue, tools = hall.issue(), issuing.tools(event.organization)
    (candidate,) = planning.candidates(event, issue.kind, [f"registration:{registration.id}"])
    draft = issuing.draft(event, issue, candidate, 1, tools)
    signing.declare_compromised(event.organization, old_key.kid, date(2026, 3, 2))
    assert issuing.store(event, issue.kind, issue.issued_on, [draft], None) is None
    again = issuing.draft(event, issue, candidate, 1, issuing.tools(event.organization))
    assert len(issuing.store(event, issue.kind, issue.issued_on, [again], None)) == 1


def test_a_key_is_declared_stolen_from_the_command_line_too(app, db, event, old_key):
    db.session.commit()
    run = app.test_cli_runner().invoke
    slug = event.organization.slug
    result = run(args=["signing", "declare-compromised", slug, old_key.kid, "2026-03-02"])
    assert result.exit_code == 0, result.output
    assert db.session.get(SigningKey, old_key.kid).compromised_since == date(2026, 3, 2)
    assert run(args=["signing", "declare-compromised", slug, old_key.kid, "2026-03-02"]).exit_code == 1
