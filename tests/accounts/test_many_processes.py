"""Log-ins and limits behind the real server: two web processes, one database of each kind."""

import re
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar

import pytest
from sqlalchemy import func, select

from halal.accounts import services
from halal.accounts.models import Role
from halal.extensions import db as database
from halal.limits import FREE_ATTEMPTS
from halal.registrations.models import Registration
from tests.benchmarks import _server
from tests.conftest import make_app
from tests.factories import Make

pytestmark = pytest.mark.once
EMAIL, OTHER, FORGETFUL = "petugas@uji.example", "lain@uji.example", "lupa@uji.example"
HIDDEN = r'name="(csrf_token|submission_id|stamp|consent_version)"[^>]*value="([^"]*)"'


class Browser:
    """A browser at an address of its own, as the proxy in front reports it."""

    def __init__(self, port: int, address: str = "203.0.113.1", jar: CookieJar | None = None):
        self.base, self.address = f"http://127.0.0.1:{port}", address
        self.jar = CookieJar() if jar is None else jar
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def ask(self, path: str, form: dict | None = None):
        """(status, headers, text) where the request ends."""
        body = None if form is None else urllib.parse.urlencode(form).encode()
        headers = {"X-Forwarded-For": self.address, "Sec-Fetch-Site": "same-origin"}
        request = urllib.request.Request(self.base + path, body, headers)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()

    def fetch(self, path: str) -> dict:
        """The hidden fields of the form at this address."""
        return dict(re.findall(HIDDEN, self.ask(path)[2].partition("<main")[2]))

    def log_in(self, password: str, email: str = EMAIL):
        return self.ask("/masuk", {**self.fetch("/masuk"), "email": email, "password": password})


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def port(request, new_database, tmp_path_factory):
    """Where the server listens; it believes one proxy."""
    url, folder = new_database(request.param), tmp_path_factory.mktemp("instance")
    app = make_app(folder, url)
    with app.app_context():
        database.create_all()
        make = Make(database.session)
        office = make.organization()
        for email in (EMAIL, OTHER, FORGETFUL):
            make.user(office, Role.CHECKIN_OFFICER, email=email)
        make.event(office, slug="aula-penuh")
        database.session.commit()
        environ = {**_server.environ(folder, url), "HALAL_TRUST_PROXY": "1"}
        with _server.gunicorn("app:app", environ) as port:
            yield port
        database.session.remove()
        database.engine.dispose()


def test_attempts_of_an_account_are_counted_over_addresses_spellings_and_processes(port):
    owner = Browser(port, "198.51.100.7")
    assert owner.log_in(Make.PASSWORD)[0] == 200  # this browser is known from now on
    spellings = (
        EMAIL,
        EMAIL.upper(),
        f" {EMAIL}\u200b",
        "petugas\u200d@uji.example",
        "ｐetugas@uji.example",
        f"\u2060{EMAIL}",
    )
    strangers = [Browser(port, f"203.0.113.{number}") for number in range(24)]

    def guess(number: int):
        return strangers[number].log_in(f"tebakan-{number}", spellings[number % len(spellings)])

    with ThreadPoolExecutor(8) as at_once:
        answers = list(at_once.map(guess, range(24)))
    statuses = sorted(status for status, _headers, _text in answers)
    assert statuses == [422] * FREE_ATTEMPTS + [429] * (24 - FREE_ATTEMPTS)
    assert all(1 <= int(headers["Retry-After"]) <= 30 for status, headers, _text in answers if status == 429)
    # the right password does not help a stranger; the owner's own browser does not wait
    status, _headers, text = Browser(port, "203.0.113.99").log_in(Make.PASSWORD)
    assert (status, f'value="{EMAIL}"' in text) == (429, True)
    owner.ask("/keluar", {**owner.fetch("/kelola/akun")})
    assert owner.log_in(Make.PASSWORD)[0] == 200
    assert "Keluar" in owner.ask("/kelola/akun")[2]


def test_log_out_ends_copies_of_the_cookie_in_every_process(port):
    browser = Browser(port)
    browser.log_in(Make.PASSWORD, OTHER)
    jar = CookieJar()
    for cookie in browser.jar:
        jar.set_cookie(cookie)
    copy = Browser(port, "203.0.113.200", jar)
    assert "/masuk" not in copy.ask("/kelola/akun")[2].partition("<main")[2]
    browser.ask("/keluar", browser.fetch("/kelola/akun"))
    pages = [copy.ask("/kelola/akun")[2] for _ in range(12)]
    assert all('name="password"' in page and "perangkat ini" not in page for page in pages)


def test_full_hall_behind_one_address_registers_at_once(port):
    people = 60
    phones = [Browser(port, "198.51.100.20") for _ in range(people)]
    path = "/kegiatan/aula-penuh/daftar"
    with ThreadPoolExecutor(16) as at_once:
        forms = list(at_once.map(lambda phone: phone.fetch(path), phones))
        time.sleep(2.5)  # nobody types a name faster
        typed = [
            {
                **form,
                "name": f"Peserta Nomor {number}",
                "phone": f"0812{number:08}",
                "region_code": "36.04",
                "consent": "y",
            }
            for number, form in enumerate(forms)
        ]
        answers = list(at_once.map(lambda one: one[0].ask(path, one[1])[0], zip(phones, typed, strict=True)))
    assert answers == [200] * people  # each ends on its ticket
    assert database.session.scalar(select(func.count()).select_from(Registration)) == people


def test_link_for_a_new_password_used_twice_at_once_sets_one(port):
    user = services.find_user(FORGETFUL)
    token = services.make_password_link(user)
    database.session.commit()
    browsers = [Browser(port, f"203.0.113.{number}") for number in range(4)]
    forms = [
        {**browser.fetch(f"/sandi/{token}"), "password": f"kuda laut ungu {n}"} for n, browser in enumerate(browsers)
    ]
    with ThreadPoolExecutor(4) as at_once:
        answers = list(at_once.map(lambda n: browsers[n].ask(f"/sandi/{token}", forms[n])[0], range(4)))
    assert sorted(answers) == [200, 404, 404, 404]
