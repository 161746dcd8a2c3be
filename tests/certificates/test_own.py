"""Designs that an office writes itself: slots are filled, nothing is evaluated or fetched, faults are named."""

import dataclasses
import http.server
import threading

import pytest
from sqlalchemy import select

from halal import pdf as renderer
from halal.certificates import compose, own, work
from halal.certificates.layout import Unprintable
from halal.certificates.look import Look, checked
from halal.certificates.models import Certificate, CertificateDesign, CertificateKind
from halal.certificates.services import lookup
from halal.errors import DomainError
from tests.certificates import hall
from tests.certificates.test_design import drawn, words

PAGE = """<header>{{logo}}<p>{{office}}</p></header>
<h1>{{title}}</h1><p>{{number}}</p><p class="name">{{recipient}}</p><p>{{event}}, {{day}}</p>
<p>{{signatory_1_name}}</p><footer>{{qr}}<small>{{check_at}} {{code}}</small></footer>"""
STYLE = "body { padding: 22mm; background: url(asset:frame) } .name { font-size: var(--name-size) }"


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


def test_one_name_that_does_not_fit_stops_that_person_only(make, db, event):
    for name in ("Siti", "Raden Mas Muhammad Abdurrahman Kusumaningrat Sastrawidjaja, S.T., M.T., Ph.D.", "Wati"):
        hall.present(make, event, name)
    tight = look(css=".name { font-size: 60pt; line-height: 2 } body { padding: 5mm 60mm }")
    outcome = hall.issue_all(event, hall.issue(look=tight))
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
