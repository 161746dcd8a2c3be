"""A certificate's QR code, checked by a phone: from paper to the verdict, with and without a network."""

import base64
import re
from datetime import UTC, date, datetime
from types import SimpleNamespace

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import expect

from halal import ids, qr
from halal.certificates.models import CertificateKind
from halal.certificates.services import bundle, ending, lookup, signing
from halal.certificates.statement import Key, statement
from halal.extensions import db
from tests.certificates import hall
from tests.certificates.test_design import picture

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def papers(server):
    """Two certificates as their QR codes say them, read from the PDFs at 150 dots per inch."""
    with server.seed() as make:
        office = hall.office(make)
        event = hall.past_event(make, office, title="Sosialisasi Sertifikasi Halal", venue="Aula Dinas")
        for name in ("Nurul 'Aini, S.E.", "Siti Aminah"):
            hall.present(make, event, name, phone="+6281234567890")
        hall.issue_all(event, hall.issue(base_url=server.url))
        nurul, siti = sorted(lookup.valid(event, CertificateKind.ATTENDANCE), key=lambda one: one.recipient)
        made = SimpleNamespace(office=office.name, snapshot=nurul.snapshot, id=nurul.id)
        made.nurul, made.siti = (qr.read(picture(bundle.content(c), 150))[0] for c in (nurul, siti))
    return made


def changed(qr: str, old: bytes, new: bytes) -> str:
    """The same address with a statement in which somebody changed a word."""
    url, _sep, text = qr.partition("#")
    raw = base64.urlsafe_b64decode(text + "===")
    assert old in raw
    return f"{url}#{base64.urlsafe_b64encode(raw.replace(old, new)).decode().rstrip('=')}"


@pytest.fixture
def phone(new_page):
    """A phone that was on the verification page once, long enough ago to know nothing of any certificate."""
    page = new_page(390)
    page.goto("/v/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("Boolean(navigator.serviceWorker.controller)")
    return page


def verdict(page):
    return page.locator("#offline h1:visible")


def test_without_a_network_the_phone_says_what_the_office_signed(phone, papers):
    phone.context.set_offline(True)
    phone.goto(papers.nurul)
    expect(verdict(phone)).to_have_text(f"Asli: ditandatangani oleh {papers.office}")
    shown = phone.locator("#offline")
    for part in ("Nurul 'Aini, S.E.", "Peserta", "Sosialisasi Sertifikasi Halal", "Kamis, 15 Mei 2025",
                 papers.snapshot["number"], "Serang, 15 Mei 2025", hall.HEAD.name):  # fmt: skip
        expect(shown).to_contain_text(part)
    expect(shown).to_contain_text("hanya dapat diketahui lewat internet")
    expect(phone.locator("#offline")).to_have_class(re.compile("verify--valid"))


def test_without_a_network_the_phone_says_that_another_institution_is_only_declared(phone, server):
    with server.seed() as make:
        event = hall.past_event(make, hall.office(make, name="Dinas yang Mencatat"))
        hall.award(make, event, "Kota Contoh", issuer="MUI Provinsi Contoh", signatory_name="K.H. Contoh")
        hall.issue_all(event, hall.issue(CertificateKind.AWARD, base_url=server.url))
        paper = lookup.valid(event, CertificateKind.AWARD)[0].snapshot["qr"]
    phone.goto(paper)
    expect(phone.locator("#statement h1:visible")).to_have_text("Tercatat, tidak diterbitkan di sini")
    expect(phone.locator("#statement")).to_contain_text("Kode QR tidak berubah", use_inner_text=True)
    phone.context.set_offline(True)
    phone.goto("/v/")  # leave the page, so that the next one is opened anew
    phone.goto(paper)
    expect(verdict(phone)).to_have_text("Dicatat oleh Dinas yang Mencatat")
    shown = phone.locator("#offline")
    expect(shown).to_contain_text("Menurut piagam dari MUI Provinsi Contoh", use_inner_text=True)
    expect(shown).to_contain_text("hanya penerbit yang dapat memastikannya", use_inner_text=True)
    expect(shown).not_to_contain_text("Asli", use_inner_text=True)
    expect(shown).to_have_class(re.compile("verify--unknown"))


def test_without_a_network_the_phone_speaks_the_language_that_was_chosen(phone, papers):
    phone.get_by_role("button", name="English").click()
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    phone.wait_for_function("caches.match('/v/bahasa').then((kept) => kept.text()).then((lang) => lang === 'en')")
    phone.context.set_offline(True)
    phone.goto(papers.nurul)
    expect(verdict(phone)).to_have_text(f"Genuine: signed by {papers.office}")
    expect(phone.locator("#offline")).to_contain_text("Only the server knows whether the certificate was revoked")


def test_without_a_network_a_changed_name_is_not_valid(phone, papers):
    phone.context.set_offline(True)
    phone.goto(changed(papers.nurul, b"Nurul", b"Murul"))
    expect(verdict(phone)).to_have_text("Tidak sah")
    expect(phone.locator("#offline")).not_to_contain_text("Murul", use_inner_text=True)


def test_without_a_network_the_statement_of_another_certificate_is_not_valid(phone, papers):
    phone.context.set_offline(True)
    phone.goto(f"{papers.nurul.partition('#')[0]}#{papers.siti.partition('#')[2]}")
    expect(verdict(phone)).to_have_text("Tidak sah")
    expect(phone.locator("#offline")).to_contain_text("bukan milik sertifikat ini", use_inner_text=True)


@pytest.mark.parametrize("known", [True, False])
def test_without_a_network_another_key_is_not_valid(phone, papers, known):
    """A forger's own key: under a name of its own, or under the office's."""
    office_kid = cbor2.loads(base64.urlsafe_b64decode(papers.nurul.partition("#")[2] + "===")).value[1][4].decode()
    forger = Key.of(office_kid if known else "forger-1", Ed25519PrivateKey.generate())
    phone.context.set_offline(True)
    phone.goto(f"{papers.nurul.partition('#')[0]}#{statement(papers.snapshot, forger)}")
    expect(verdict(phone)).to_have_text("Tidak sah")


@pytest.mark.parametrize("rest", ["", "#main", "#" + "A" * 300, "#" + "%C3%28" * 40, "#0oRD" + "_" * 200])
def test_without_a_network_an_address_without_a_statement_says_so(phone, papers, rest):
    phone.context.set_offline(True)
    phone.goto(papers.nurul.partition("#")[0] + rest)
    expect(verdict(phone)).to_have_text("Tidak sah" if len(rest) > 100 else "Belum dapat diperiksa tanpa internet")


def test_every_visit_brings_the_keys_of_offices_that_joined_since(phone, server):
    with server.seed() as make:
        event = hall.past_event(make, hall.office(make, name="Dinas yang Baru Bergabung"))
        hall.present(make, event, "Dewi")
        hall.issue_all(event, hall.issue(base_url=server.url))
        qr = lookup.valid(event, CertificateKind.ATTENDANCE)[0].snapshot["qr"]
    phone.context.set_offline(True)
    phone.goto(qr)
    expect(verdict(phone)).to_have_text("Tidak sah")
    expect(phone.locator("#offline")).to_contain_text("Mungkin juga ada kantor baru", use_inner_text=True)
    phone.context.set_offline(False)
    with phone.expect_response("**/v/kunci.json") as answer:
        phone.goto("/v/")
    answer.value.finished()
    phone.context.set_offline(True)
    phone.goto(qr)
    expect(verdict(phone)).to_have_text("Asli: ditandatangani oleh Dinas yang Baru Bergabung")


def test_the_page_that_is_kept_knows_nobody(phone, papers):
    kept = phone.evaluate(
        """async () => {
          const found = [];
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const one of await cache.keys()) found.push(one.url, await (await cache.match(one)).text());
          }
          return found.join("\\n");
        }"""
    )
    for part in ("Nurul", "Siti Aminah", "csrf_token", papers.snapshot["code"], "81234567890"):
        assert part not in kept
    assert papers.office in kept  # of the keys


def test_with_a_network_the_page_says_that_the_qr_agrees(phone, papers):
    phone.goto(papers.nurul)
    expect(phone.locator("h1:visible")).to_have_text("Asli dan berlaku")
    expect(phone.locator("#statement")).to_contain_text("QR asli", use_inner_text=True)


def test_with_a_network_a_forged_qr_is_named_although_its_code_is_real(phone, papers):
    phone.goto(changed(papers.nurul, b"Nurul", b"Murul"))
    expect(phone.locator("h1:visible")).to_have_text("QR tidak sah")
    expect(phone.locator("#statement")).to_contain_text("Nurul 'Aini, S.E.")
    phone.goto(f"{papers.nurul.partition('#')[0]}#{papers.siti.partition('#')[2]}")
    expect(phone.locator("#statement")).to_contain_text("bukan milik sertifikat ini", use_inner_text=True)


def test_a_typed_code_says_nothing_about_a_qr(phone, papers):
    phone.goto(papers.nurul.partition("#")[0])
    expect(phone.locator("h1:visible")).to_have_text("Asli dan berlaku")
    expect(phone.locator("#statement")).not_to_contain_text("QR", use_inner_text=True)


def test_a_browser_that_cannot_check_signatures_says_so(new_page, papers):
    page = new_page(390)
    page.add_init_script("Object.defineProperty(crypto, 'subtle', { value: undefined })")
    page.goto(papers.nurul)
    expect(page.locator("#statement")).to_contain_text("Peramban ini tidak dapat", use_inner_text=True)
    expect(page.locator("h1:visible")).to_have_text("Asli dan berlaku")


def test_the_server_never_sees_the_statement(phone, papers, server):
    asked = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(papers.nurul)
    expect(phone.locator("#statement")).to_contain_text("QR asli", use_inner_text=True)
    secret = papers.nurul.partition("#")[2]
    assert all(secret not in url.partition("#")[0] for url in asked)
    with open(server.log.name) as log:
        assert secret not in log.read()


def test_what_was_revoked_is_revoked_as_soon_as_there_is_a_network(phone, papers, server):
    phone.context.set_offline(True)
    phone.goto(papers.siti)
    expect(verdict(phone)).to_contain_text("Asli")
    with server.seed():
        ending.revoke(lookup.by_code(papers.siti.partition("#")[0].rpartition("/")[2]), "salah orang")
        db.session.commit()
    phone.context.set_offline(False)
    phone.get_by_role("button", name="Periksa lagi").click()
    expect(phone.locator("h1:visible")).to_have_text("Dicabut")
    expect(phone.locator("#statement")).to_contain_text("QR asli", use_inner_text=True)


@pytest.fixture(scope="module")
def stolen(server):
    """An office whose key was stolen: a certificate from before, and what the thief signed. Declared since 2 March."""
    with server.seed() as make:
        office = hall.office(make, name="Dinas yang Kecurian")
        event = hall.past_event(make, office)
        hall.present(make, event, "Rahayu")
        hall.issue_all(event, hall.issue(base_url=server.url))
        genuine = lookup.valid(event, CertificateKind.ATTENDANCE)[0].snapshot
        thief = signing.signer(office)
        code = ids.code()
        forged = f"{server.url}/v/{code}#{statement({**genuine, 'code': code, 'recipient': 'Pencuri'}, thief)}"
        retold = f"{genuine['url']}#{statement({**genuine, 'recipient': 'Pencuri'}, thief)}"
        key = signing.in_use(office.id)
        key.created_at = datetime(2026, 1, 5, tzinfo=UTC)
        db.session.flush()
        signing.declare_compromised(office, key.kid, date(2026, 3, 2))
        db.session.commit()
        return SimpleNamespace(genuine=genuine["qr"], forged=forged, retold=retold, office=office.name)


@pytest.mark.parametrize("paper", ["genuine", "forged", "retold"])
def test_without_a_network_a_stolen_key_proves_nothing_and_the_page_says_so(phone, stolen, paper):
    phone.context.set_offline(True)
    phone.goto(getattr(stolen, paper))
    expect(verdict(phone)).to_have_text("Periksa lewat internet: kunci kantor dicuri")
    shown = phone.locator("#offline")
    for part in ("dinyatakan dicuri atau bocor oleh", stolen.office, "sejak 2 Maret 2026", "daftar kantor"):
        expect(shown).to_contain_text(part, use_inner_text=True)
    expect(shown).to_have_class(re.compile("verify--unknown"))
    for said in ("Pencuri", "Rahayu", "Asli"):
        expect(shown).not_to_contain_text(said, use_inner_text=True)


def test_with_a_network_the_register_tells_apart_what_a_stolen_key_signed(phone, stolen):
    phone.goto(stolen.genuine)
    expect(phone.locator("h1:visible")).to_have_text("Asli dan berlaku")
    expect(phone.locator("#statement")).to_contain_text("sertifikat ini ada di dalamnya", use_inner_text=True)
    expect(phone.locator("#statement")).to_contain_text("sejak 2 Maret 2026", use_inner_text=True)
    phone.goto(stolen.retold)
    expect(phone.locator("h1:visible")).to_have_text("QR tidak sah")
    phone.goto(stolen.forged)
    expect(phone.locator("h1:visible")).to_have_text("Tidak ada sertifikat dengan kode ini")
    expect(phone.locator("main")).to_contain_text("sertifikatnya tidak ada di daftar kantor", use_inner_text=True)
    phone.goto(stolen.forged.partition("#")[0])
    expect(phone.locator("main")).not_to_contain_text("membawa tanda tangan", use_inner_text=True)
