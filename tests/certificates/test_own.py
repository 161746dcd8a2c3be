"""Designs that an office writes itself: slots are filled, nothing is evaluated or fetched, faults are named."""

import dataclasses
import http.server
import threading

import pytest
from pyhanko.sign.validation.status import SignatureCoverageLevel
from sqlalchemy import select

from halal import jobs, qr
from halal import pdf as renderer
from halal.certificates import compose, own, trial, work
from halal.certificates.layout import Unprintable
from halal.certificates.look import Look, checked
from halal.certificates.models import Certificate, CertificateDesign, CertificateKind
from halal.certificates.services import bundle, designs, lookup, planning, sealing, signing
from halal.certificates.statement import Claim
from halal.errors import DomainError
from tests.certificates import hall, statements
from tests.certificates.test_design import drawn, picture, words
from tests.certificates.test_seal import validated

PAGE = """<header>{{logo}}<p>{{office}}</p></header>
<h1>{{title}}</h1><p>{{number}}</p><p class="name">{{recipient}}</p><p>{{event}}, {{day}}</p>
<p>{{signatory_1_name}}</p><footer>{{qr}}<small>{{check_at}} {{code}}</small></footer>"""
STYLE = "body { padding: 22mm; background: url(asset:frame) } .name { font-size: var(--name-size) }"
LONG = "Raden Mas Muhammad Abdurrahman Kusumaningrat Sastrawidjaja, S.T., M.T., Ph.D."
MIDDLE = "Prof. Dr. Ir. H. Muhammad Abdurrahman, S.T., M.T."
# A long name takes so many lines that the page runs over its end.
TIGHT = ".name { font-size: 60pt; line-height: 2 } body { padding: 5mm 60mm }"


@pytest.fixture
def event(make):
    return hall.past_event(make, title="Sosialisasi Halal")


@pytest.fixture
def desk(log_in, event):
    return log_in("organizer", event.organization)


def look(html=PAGE, css=STYLE, **values):
    return Look(html=html, css=css, **values)


def printed(event, chosen: Look, **values):
    return drawn(event, hall.issue(look=chosen), values)[1]


def test_slots_are_filled_and_the_page_is_one(make, event):
    hall.present(make, event, "Nurul 'Aini, S.E.")
    text = words(printed(event, checked(look())))
    for part in ("Sertifikat", "500/007/BPTSI/V/2025", "Nurul 'Aini, S.E.", "Sosialisasi Halal, Kamis, 15 Mei 2025",
                 hall.HEAD.name):  # fmt: skip
        assert part in text, part


@pytest.mark.parametrize(
    "name",
    ["{{ 7*7 }}", "{{number}}", "{{ config.__class__ }}", "{% for x in y %}", "<b>Siti</b>", "<img src=x onerror=y>",
     "</body><script>", "%(x)s {0} {office.__class__}", "&lt; &amp;", '"><img src="http://169.254.169.254/">'],
)  # fmt: skip
def test_what_stands_in_a_name_is_printed_and_nothing_else(make, event, name):
    hall.present(make, event, name)
    assert "".join(name.split()) in "".join(words(printed(event, look())).split())


REFUSED_HTML = {
    "{{7*7}}": "{{7*7}}", "{{recipient.__class__}}": "__class__", "{{ self }}": "self", "{% include x %}": "no partner",
    "{{recipient": "no partner", "<script>alert(1)</script>": "<script>", "<iframe>": "<iframe>", "<link>": "<link>",
    "<style>p{}</style>": "<style>", "<object data=x>": "<object>", "<embed>": "<embed>", "<svg>": "<svg>",
    "<base href=x>": "<base>", "<meta>": "<meta>", "</body>": "<body>", "<p onclick=x>": "onclick",
    '<a href="http://x">': "<a>", '<img srcset="http://x 2x">': "srcset", "<img src={{recipient}}>": "recipient",
    '<p style="background: url(http://x)">': "http://x", '<p style="background: url(file:///etc/passwd)">': "file:",
}  # fmt: skip
ADDRESSES = [
    "file:///etc/passwd", "http://169.254.169.254/latest/meta-data/", "https://halal.contoh.go.id.evil.example/x.png",
    "//evil.example/x.png", "asset:logo.evil.example", "asset:../logo", "ASSET:logo", "asset:qr", "logo.png", "",
    "data:image/png;base64,AAAA", "font:certificate-text.ttf", "http://127.0.0.1/", "ftp://x/", "asset:logo?x",
]  # fmt: skip


@pytest.mark.parametrize("html", REFUSED_HTML)
def test_what_is_not_allowed_in_a_page_is_named(html):
    with pytest.raises(DomainError) as caught:
        own.check(PAGE + html, "")
    assert caught.value.field == "html"
    assert REFUSED_HTML[html] in str(caught.value)


@pytest.mark.parametrize("address", ADDRESSES)
def test_only_the_offices_own_pictures_have_an_address(address):
    for html, css in ((PAGE + f'<img src="{address}">', ""), (PAGE, f'p {{ background: url("{address}") }}')):
        with pytest.raises(DomainError, match=r"asset:logo"):
            own.check(html, css)


@pytest.mark.parametrize(
    "css",
    ['@import "http://x/y.css";', "@import url(asset:logo);", "@font-face { font-family: x; src: url(http://x) }",
     "p { background: url(http://x) }", 'p { background: URL("http://x") }', "p { content: image-set('http://x' 1x) }",
     "@page { background: url(file:///etc/passwd) }", "@media print { p { background: url(http://x) } }",
     "p { background: \\75rl(http://x) }", "p { background: url(asset:logo) url(//x) }", "p { color: url( bad url ) }"],
)  # fmt: skip
def test_a_style_sheet_reaches_nothing_else(css):
    with pytest.raises(DomainError) as caught:
        own.check(PAGE, css)
    assert caught.value.field == "css"


@pytest.mark.parametrize("slot", own.REQUIRED)
def test_a_required_slot_that_is_missing_is_named_even_when_it_hides_in_a_comment(slot):
    for instead in ("", f"<!-- {{{{{slot}}}}} -->", f"&#123;&#123;{slot}}}}}".replace("}}", "&#125;&#125;")):
        with pytest.raises(DomainError, match=slot):
            own.check(PAGE.replace("{{" + slot + "}}", instead), "")


@pytest.fixture
def listener():
    """A server that notes whoever asks for something."""
    asked = []

    class Listen(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Listen)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_fetch_that_the_check_overlooked_fails_the_rendering_with_a_sentence(make, event, listener):
    address, asked = listener
    hall.present(make, event, "Siti")
    for html, css in (
        (PAGE + f'<img src="{address}/a.png">', ""),
        (PAGE, f"body {{ background: url({address}/b.png) }}"),
        (PAGE + f'<link rel="attachment" href="{address}/c">', ""),
        (PAGE + '<img src="file:///etc/passwd">', ""),
    ):
        with pytest.raises((Unprintable, renderer.AssetRefused)) as caught:
            printed(event, look(html, css))
        assert "alamat yang tidak boleh" in str(caught.value)
    assert asked == []


@pytest.mark.parametrize(
    ("html", "css", "said"),
    [
        (PAGE, ".name { margin-bottom: 400mm }", "halaman"),
        (PAGE, ".name { display: none }", "tidak terlihat"),
        (PAGE, ".name { position: absolute; left: 400mm }", "tidak terlihat"),
        (PAGE, ".qr { width: 4mm; height: 4mm }", "QR"),
        (PAGE, "body { background: #000 }", "QR"),
    ],
)
def test_a_page_on_which_something_cannot_be_read_is_refused_in_words(make, event, html, css, said):
    hall.present(make, event, "Siti")
    with pytest.raises(Unprintable, match=said):
        printed(event, look(html, css))


def test_a_code_that_says_something_else_is_not_the_one_of_the_certificate(make, event):
    hall.present(make, event, "Siti")
    snapshot, pdf = drawn(event, hall.issue(look=look()))
    own.check_paper(pdf, snapshot, snapshot["url"])
    with pytest.raises(Unprintable, match="QR"):
        own.check_paper(pdf, snapshot, snapshot["url"] + "0")


def test_one_name_that_does_not_fit_stops_that_person_only(make, db, event):
    for name in ("Siti", LONG, "Wati"):
        hall.present(make, event, name)
    outcome = hall.issue_all(event, hall.issue(look=look(css=TIGHT)))
    assert [c.recipient for c in lookup.valid(event, CertificateKind.ATTENDANCE)] == ["Siti", "Wati"]
    assert "halaman" in outcome.failed[0]["reason"]


def test_the_job_and_the_snapshot_keep_the_page(make, db, event):
    hall.present(make, event, "Siti")
    job = work.start(event, hall.issue(look=look(version=4)), None, None)
    assert job.params["issue"]["look"] == dataclasses.asdict(look(version=4))
    db.session.commit()
    assert hall.issue_all(event, hall.issue(look=look(version=4))).failed == []
    certificate = db.session.scalar(select(Certificate))
    assert certificate.snapshot["own_html"] == PAGE
    assert words(compose.render(certificate.snapshot)) == words(compose.render(dict(certificate.snapshot)))


def test_the_form_says_what_is_wrong_and_keeps_what_is_right(desk, db):
    path = "/kelola/sertifikat/desain?kind=attendance"
    data = {"orientation": "landscape", "accent": "#14532f", "language": "id", "css": STYLE}
    for html, said in ((PAGE + "{{nama}}", "nama"), (PAGE.replace("{{qr}}", ""), "qr"), (PAGE + "<script>", "script")):
        answer = desk.post(path, data={**data, "html": html})
        assert answer.status_code == 422
        assert said in answer.text
    assert db.session.scalar(select(CertificateDesign)) is None
    assert desk.post(path, data={**data, "html": PAGE}).status_code == 303
    assert db.session.scalar(select(CertificateDesign)).look["html"].replace("\r", "") == PAGE


def tried(db, event, issue) -> jobs.Job:
    """A dry run, from the button to its end."""
    job_id = trial.start(event, issue, None, planning.plan(event, issue), None).id
    db.session.commit()
    jobs.run(job_id)
    return db.session.get(jobs.Job, job_id)


def test_the_dry_run_draws_everybody_and_says_to_what_size_names_shrink(make, db, event):
    for name in ("Siti", LONG, MIDDLE, "Budi 😀"):
        hall.present(make, event, name)
    job = tried(db, event, hall.issue(look=look(css=".name { font-size: var(--name-size) } body { padding: 9mm }")))
    assert (job.status, job.done, job.total) == ("done", 3, 3)  # the one with a picture in the name was found before
    assert (job.result["ready"], job.result["failed"]) == (3, [])
    middle, long = sorted(job.result["squeezed"], key=lambda one: one["lines"])
    assert (middle["name"], middle["lines"], long["name"], long["lines"]) == (MIDDLE, 1, LONG, 2)
    assert 20 < long["size"] < 40
    assert 20 < middle["size"] < 40
    assert db.session.scalar(select(Certificate)) is None


def test_the_dry_run_measures_the_paper_not_the_wish(make, db, event):
    """A page that sets every name alike shrinks none; lines it still takes."""
    for name in ("Siti", MIDDLE, LONG):
        hall.present(make, event, name)
    job = tried(db, event, hall.issue(look=look(css=".name { font-size: 15pt } body { padding: 9mm }")))
    assert job.result["squeezed"] == [{"name": LONG, "lines": 2, "size": 15.0}]


def test_the_dry_run_names_those_who_do_not_fit_with_the_reason(make, db, event):
    for name in ("Siti", LONG, "Wati"):
        hall.present(make, event, name)
    job = tried(db, event, hall.issue(look=look(css=TIGHT)))
    assert job.result["ready"] == 2
    ((name, reason),) = [(one["name"], one["reason"]) for one in job.result["failed"]]
    assert name == LONG
    assert "halaman" in reason
    outcome = hall.issue_all(event, hall.issue(look=look(css=TIGHT)))
    assert [failed["name"] for failed in outcome.failed] == [LONG]  # it was right


def test_the_dry_run_says_when_the_page_fits_nobody(make, db, event):
    hall.present(make, event, "Siti")
    job = tried(db, event, hall.issue(look=look(css=".qr { width: 4mm; height: 4mm }")))
    assert job.result["ready"] == 0
    assert "QR" in job.result["failed"][0]["reason"]


@pytest.mark.parametrize(
    ("html", "css", "field"),
    [("<p>★</p>", "", "html"), ("&#x1F600;", "", "html"), ("&alefsym;", "", "html"),
     ("", "p::before { content: '★' }", "css")],
)  # fmt: skip
def test_a_letter_of_the_page_that_the_fonts_lack_is_named_when_it_is_saved(html, css, field):
    with pytest.raises(DomainError, match=r"“[★😀ℵ]”") as caught:
        own.check(PAGE + html, css)
    assert caught.value.field == field


def test_the_page_of_an_issuing_offers_the_dry_run_shows_it_and_forgets_it_when_a_name_changes(
    make, db, event, desk, client
):
    registration = hall.present(make, event, "Siti")
    hall.present(make, event, LONG)
    path = f"/kelola/kegiatan/{event.slug}/sertifikat/terbitkan/attendance"
    assert "Coba untuk semua orang" not in desk.get(path).text  # the shipped pages are measured at once
    designs.save(event.organization, CertificateKind.ATTENDANCE, look(css=TIGHT))
    assert "Coba untuk semua orang" in desk.get(path).text
    signer = event.organization.signatories[0].id
    data = {"issued_on": "2025-05-15", "place": "Serang", "signatories": signer, "mail": "y"}
    begin = path.replace("terbitkan", "coba")
    answer = desk.post(begin, data=data)
    assert answer.status_code == 303
    page = answer.headers["Location"]
    job = db.session.scalar(select(jobs.Job).where(jobs.Job.kind == trial.KIND))
    assert "mail=y" in page  # nothing that was chosen is lost
    assert str(job.id) in desk.get(page).text  # it is watched
    assert desk.post(begin, data=data).status_code == 422  # one at a time
    running = desk.get(f"{begin}/{job.id}", headers={"HX-Request": "true"})
    assert "HX-Refresh" not in running.headers
    jobs.run(job.id)
    assert desk.get(f"{begin}/{job.id}", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    shown = desk.get(page).text
    assert "1 pas, 1 tidak" in shown
    assert "1 sertifikat akan terbit" in shown
    assert LONG in shown
    registration.name = "Siti Aminah"
    db.session.commit()
    shown = desk.get(page).text
    assert "1 pas, 1 tidak" not in shown
    assert "Coba untuk semua orang" in shown


def test_a_dry_run_of_another_event_is_not_found(make, db, event, desk):
    hall.present(make, event, "Siti")
    issue = hall.issue(look=look())
    job = trial.start(event, issue, None, planning.plan(event, issue), None)
    other = hall.past_event(make, event.organization)
    db.session.commit()
    address = f"/kelola/kegiatan/{other.slug}/sertifikat/coba/attendance/{job.id}"
    assert desk.get(address, headers={"HX-Request": "true"}).status_code == 404
    assert desk.get(address).status_code == 303


def test_a_dry_run_of_nobody_is_refused(event, desk):
    answer = desk.post(f"/kelola/kegiatan/{event.slug}/sertifikat/coba/attendance", data={"place": "Serang"})
    assert answer.status_code == 422


def test_a_certificate_of_an_own_page_carries_the_signed_qr_and_is_sealed(make, db, event):
    """The same promises as of the shipped pages: signed behind the #, read from paper, every byte under the seal."""
    hall.present(make, event, LONG)
    seal = sealing.create_test_seal(event.organization)
    outcome = hall.issue_all(event, hall.issue(look=look(css=".name { font-size: 20pt } body { padding: 9mm }")))
    assert outcome.failed == []
    (certificate,) = lookup.valid(event, CertificateKind.ATTENDANCE)
    pdf = bundle.content(certificate)
    (code,) = qr.read(picture(pdf, 150))
    assert code == certificate.snapshot["qr"]
    said, office = statements.read(code, signing.published())
    assert (said[Claim.RECIPIENT], said[Claim.CODE]) == (LONG, certificate.code)
    assert office == event.organization.name
    _signature, status = validated(pdf, seal)
    assert status.bottom_line, status.pretty_print_details()
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert certificate.snapshot["seal_by"] == seal.subject
