"""Every download, behind the real server: only that one says what a header may hold."""

import urllib.error
import urllib.request

import pytest
from werkzeug.http import parse_options_header

from halal import jobs
from halal.accounts.models import Role
from halal.certificates import badges
from halal.certificates.models import CertificateKind
from halal.certificates.services import bundle, lookup
from halal.headers import content_disposition
from halal.registrations import attendance_list
from tests.certificates import hall
from tests.test_access import address, rules
from tests.world import World

# (name, business): what people write, and what a header cannot hold as it is.
NAMES = [
    ("Ma’ruf Contoh", "Dapur Contoh – Cabang 2"),
    ("Wati “Nonik” Contoh, S.E., M.M.", 'Warung "Sari"; Rasa'),
    ("Ŵulan Ḥasanah Ḍiyāʼ", "Rôti & Kopi"),
    ("Siti Contoh", "Kedai Bahagia 100% \\ Halal"),
    ("Éko %s {0} 'Contoh'", 'a=b; filename="x.exe"'),
    ("Abdurrahman Ŵ " * 10 + "Contoh", "Ŵarung " * 18 + "Satu"),
]
DOWNLOADS = {
    "portal.verify_download", "portal.ticket_certificate", "portal.ticket_calendar", "portal.event_calendar",
    "certificates.file", "certificates.archive", "certificates.printout", "certificates.preview_picture",
    "certificates.preview_pdf", "certificates.badges_file", "registrations.export", "registrations.attendance_list_pdf",
    "registrations.attendance_list_file", "registrations.import_template", "registrations.import_problems",
    "reports.export",
}  # fmt: skip


class Asking:
    """GET requests to the real server with the log-in of one person."""

    def __init__(self, server, token):
        signer = server.app.session_interface.get_signing_serializer(server.app)
        self.url = server.url
        self.cookie = f"session={signer.dumps({'_user_id': token, '_fresh': True})}"
        self.opener = urllib.request.build_opener(_Stay)

    def get(self, path: str):
        """(status, headers, content) of this address itself, wherever it leads."""
        request = urllib.request.Request(self.url + path, headers={"Cookie": self.cookie})
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_about):
        return None


@pytest.fixture(scope="module")
def office(server):
    """(who asks, what every address needs, certificates) of an office whose people have such names."""
    with server.seed() as make:
        world = World(make)
        make.session.delete(world.certificate)  # the real ones take its number
        world.event = event = hall.past_event(make, world.organization, title="Sosialisasi “Halal” – Ŵ; 2025")
        user = make.user(world.organization, Role.OWNER)
        token = make.login_token(user)
        people = [hall.present(make, event, name, business_name=business) for name, business in NAMES]
        hall.issue_all(event)
        certificates = {c.registration_id: c for c in lookup.valid(event, CertificateKind.ATTENDANCE)}
        world.registration, world.certificate = people[0], certificates[people[0].id]
        assert len(certificates) == len(NAMES)
        world.batch.event = event
        make.session.delete(world.job)  # of a kind that nobody does
        badges.start(event, user.id)
        attendance_list.start(event, attendance_list.read_paper({}, event), user.id)
        make.session.commit()
        jobs.run_waiting()
        paths = {}
        for endpoint, method, rule, _who in rules(server.app):
            if method == "GET" and "kind" in rule.arguments:
                paths[endpoint] = address(server.app, world, rule).replace("award", "attendance")
            elif method == "GET":
                paths[endpoint] = address(server.app, world, rule)
        places = [
            (
                bundle.filename(certificates[one.id]),
                f"/v/{certificates[one.id].code}/sertifikat.pdf",
                f"/t/{one.token}/sertifikat/{certificates[one.id].id}.pdf",
                f"/kelola/kegiatan/{event.slug}/sertifikat/{certificates[one.id].id}.pdf",
            )
            for one in people
        ]
        return Asking(server, token), paths, places


def saved_as(headers) -> str:
    """The name under which a browser saves it (RFC 6266, section 4.3)."""
    return parse_options_header(headers["Content-Disposition"])[1]["filename"]


def test_every_route_of_every_download_answers_behind_the_real_server(office):
    asking, paths, _places = office
    failed, downloads = {}, set()
    for endpoint, path in paths.items():
        status, headers, content = asking.get(path)
        if status >= 500:
            failed[endpoint] = status
        if headers["Content-Disposition"]:
            assert saved_as(headers) and content
            downloads.add(endpoint)
    assert failed == {}
    assert downloads == DOWNLOADS


@pytest.mark.parametrize("number", range(len(NAMES)))
def test_a_certificate_keeps_every_letter_of_its_name_on_every_route(office, number):
    asking, _paths, places = office
    name, *paths = places[number]
    for path in paths:
        status, headers, content = asking.get(path)
        assert status == 200 and content.startswith(b"%PDF")
        assert saved_as(headers) == name
        assert headers["Content-Disposition"].isascii()


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("Siti.pdf", 'attachment; filename="Siti.pdf"'),
        (
            "Ma’ruf – 2.pdf",
            "attachment; filename=\"Ma'ruf - 2.pdf\"; filename*=UTF-8''Ma%E2%80%99ruf%20%E2%80%93%202.pdf",
        ),
        ('a"b\\c;d.pdf', "attachment; filename=\"a_b_c;d.pdf\"; filename*=UTF-8''a%22b%5Cc%3Bd.pdf"),
        ("a\r\nSet-Cookie: x.pdf", 'attachment; filename="a Set-Cookie: x.pdf"'),
        ("Siti\ud800.pdf", 'attachment; filename="Siti .pdf"'),
        ("Kedai 😋.pdf", "attachment; filename=\"Kedai _.pdf\"; filename*=UTF-8''Kedai%20%F0%9F%98%8B.pdf"),
        ("", 'attachment; filename="berkas"'),
    ],
)
def test_content_disposition_any_name_is_ascii_and_whole(name, header):
    assert content_disposition(name) == header
