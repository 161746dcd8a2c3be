"""What every view uses: who may enter, how a page is rendered, how a change ends."""

import fcntl
import hashlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from functools import cache, wraps
from ipaddress import ip_network
from urllib.parse import urlencode, urlsplit
from zlib import crc32

import psycopg
from flask import Flask, abort, current_app, flash, g, make_response, render_template, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy
from werkzeug.routing import IntegerConverter
from werkzeug.urls import iri_to_uri

from halal import clock, site_address
from halal.briefly import Briefly
from halal.config import ROOT
from halal.database_limits import LINE, DatabaseBusy, is_unavailable
from halal.errors import DomainError, NotFound
from halal.extensions import csrf, db, read_write, set_may_write
from halal.extensions import looking as looking  # views have it from here
from halal.headers import vary
from halal.limits import TooMany
from halal.meanwhile import ChangedMeanwhile
from halal.prepared import one_trip

# Who may enter. `public`: anybody. `staff`: any member of the chosen office. `device`: a paired tablet, or an officer
# (halal/checkin/gate.py). The others are permissions of roles, see halal/accounts/models.py. A route that names nobody
# admits nobody.
ACCESS = ("public", "staff", "read", "manage", "checkin", "own", "device")

current_organization = LocalProxy(lambda: g.get("organization"))


def allow(who: str, *, of_office: bool = True) -> Callable:
    """Names who may use a view; one of ACCESS. The gate in halal/accounts/gate.py reads it before the view runs.

    `of_office`: the view acts for an office, so a form that posts to it says for which. A person's own account is of no
    office."""
    if who not in ACCESS:
        raise ValueError(f"unknown access {who!r}")

    def mark(view):
        view.access, view.of_office = who, of_office
        return view

    return mark


OFFICE_FIELD, OFFICE_HEADER = "office", "X-Office"
_offices_of_addresses: dict[str, Callable[[str], int | None]] = {}


def names_office(argument: str) -> Callable:
    """Marks a function that says to which office a route's argument belongs (its id, or None), so that a page stays in
    its office whatever office another tab of the same browser has chosen."""

    def mark(find):
        _offices_of_addresses[argument] = find
        return find

    return mark


def office_of_address() -> int | None:
    """The office that this request's address belongs to, where the address says so."""
    arguments = {**request.args.to_dict(), **(request.view_args or {})}
    for name, find in _offices_of_addresses.items():
        if name in arguments and (office := find(arguments[name])) is not None:
            return office
    return None


def lean(view: Callable) -> Callable:
    """Marks a view that is asked many times a second.

    The gate lets people in with one query and no objects: the view finds `g.who` (user_id, organization_id), but
    neither current_user nor current_organization. It takes no write lock while it looks around, and changes things
    within `writing` only; without this mark a POST holds SQLite's lock from its first query on. Its POSTs carry no
    token: they must come from our own pages, as the browser itself says (Fetch metadata, or Origin).
    """
    view.lean = True
    return csrf.exempt(view)


@contextmanager
def writing(line: str) -> Iterator[Callable[[Callable[[], None]], None]]:
    """The part of a lean view that changes something, committed at its end. What was loaded before it is stale.

    It gives `last`: a function that is handed to it is called before the commit, and the prepared statements that it
    sends travel with the commit.

    `line` names what the writers of this host would block each other on, an event for example; they queue for it at a
    file, and the next one begins when the last one is done. SQLite has one writer at a time, so there it is the same
    line for all: without it, whoever finds the database busy sleeps and asks again, up to a tenth of a second later.
    On PostgreSQL the rows' own locks decide; the line keeps those who would wait for them from waiting inside a
    transaction, where they could not take along what arrives meanwhile. What is read afterwards locks nothing again.
    """
    if db.session().in_transaction():
        db.session.commit()  # a transaction that only read cannot turn into one that writes
    queue = os.open(_queue_of(line), os.O_RDWR | os.O_CREAT, 0o600)
    begun = time.monotonic()
    try:
        fcntl.flock(queue, fcntl.LOCK_EX)
        if time.monotonic() - begun > LINE:  # those before could not write either
            raise DatabaseBusy("the line to write moves too slowly")
        set_may_write(True)
        last: list[Callable[[], None]] = []
        yield last.append
        commit(last)
    finally:
        set_may_write(False)
        os.close(queue)


def _queue_of(line: str) -> str:
    if db.engine.dialect.name == "sqlite":
        return f"{db.engine.url.database}.queue"
    # a few files for all events there will ever be; two that share one only wait a little longer
    return f"{current_app.config['HALAL'].instance}/{crc32(line.encode()) % 64}.queue"


def wants_partial() -> bool:
    """Whether htmx asks for a fragment: not for boosted links, not when the browser goes back in history."""
    hx = request.htmx
    return (
        bool(hx)
        and not hx.boosted
        and not hx.history_restore_request
        and request.headers.get("HX-Request-Type") != "full"
    )


def render(page: str, /, partial: str | None = None, status: int = 200, **context):
    """The page; or its partial alone when htmx asked for a fragment. Status 422 carries a form with its errors."""
    template = partial if partial and wants_partial() else page
    return make_response(render_template(template, **context), status)


def redirect(url: str, message=None, category: str = "success"):
    """Go to another page after a change: 303, or HX-Redirect under htmx (a browser follows a 303 silently)."""
    if message is not None:
        flash(str(message), category)
    if request.htmx:
        response = make_response("", 200)
        response.headers["HX-Redirect"] = iri_to_uri(url)  # no header holds letters outside Latin-1
        return response
    response = make_response("", 303)
    response.headers["Location"] = url
    return response


def safe_next(target: str | None, fallback: str) -> str:
    """A local path to go to next, or the fallback when somebody put another site there."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return fallback
    if not target.isprintable():  # browsers drop tabs and newlines, and no header may hold them
        return fallback
    return target if not urlsplit(target).netloc else fallback


def commit(last: Sequence[Callable[[], None]] = ()) -> None:
    """The one commit of a request, at its edge. What services asked to happen afterwards happens now.

    `last`: functions that send prepared statements, which travel with the commit.
    """
    if last:
        db.session.flush()
        with one_trip(db.session.connection(), and_commit=True):
            for send in last:
                send()
    db.session.commit()


def show_errors(form, error: DomainError) -> None:
    """Put a rule's message on the field it names, or above the form. What is gone has no form any more."""
    if isinstance(error, NotFound):
        raise error
    if isinstance(error, ChangedMeanwhile):
        form.tell(error.now, error.theirs)
    field = getattr(form, error.field or "", None)
    target = field.errors if field is not None and hasattr(field, "errors") else form.form_errors
    if isinstance(target, tuple):
        field.errors = [*target, str(error.message)]
    else:
        target.append(str(error.message))


def get_or_404(value):
    """The value, or the 404 that another office's ids and missing ones share."""
    if value is None:
        abort(404)
    return value


@cache
def _version(path: str) -> str:
    file = ROOT / "static" / path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "0"


def static(path: str) -> str:
    """The address of a static file, with its version, so browsers may keep it for a year."""
    return url_for("static", filename=path, v=_version(path))


def absolute(path: str) -> str:
    """The public address of a path of this site: for links that leave it (feeds, messengers, QR codes)."""
    return current_app.config["HALAL"].base_url + path


def error_page(code: int, title, message, action_href: str | None = None, action_label=None):
    """One page for everything that went wrong, in words a person can act on."""
    response = make_response(
        render_template(
            "error.html",
            code=code,
            title=title,
            message=message,
            action_href=action_href,
            action_label=action_label,
            address_problem=site_address.problem() if code in (400, 401, 403) else None,
        ),
        code,
    )
    if request.htmx:  # an error is a page of its own, never a fragment inside another
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


_HTTP_WORDS = {
    400: (_l("That request could not be read"), _l("Go back, reload the page and try again.")),
    403: (_l("This page is not for your role"), _l("Ask the owner of your office for access.")),
    404: (_l("Page not found"), _l("The address may be mistyped, or the page was moved or withdrawn.")),
    405: (_l("That does not work here"), _l("Go back and use the buttons on the page.")),
    413: (_l("The file is too large"), _l("Send a file of at most 10 MB.")),
    429: (_l("Too many attempts"), _l("Wait a minute, then try again.")),
    503: (
        _l("The site is very busy at the moment"),
        _l("The database does not answer. Nothing was saved. Wait a moment, then try again."),
    ),
    500: (_l("Something broke on our side"), _l("Nothing you typed was saved. Try again in a moment.")),
}


def _http_error(error: HTTPException):
    if error.code is None or error.code < 400:
        return error.get_response()
    db.session.rollback()
    if error.code == 400:
        note_bad_request(error)
    return _in_words(error.code, *_HTTP_WORDS.get(error.code, (error.name, _("Go back and try again."))))


def note_bad_request(error: HTTPException) -> None:
    """One line for who runs the site; what was sent stays out of it."""
    current_app.logger.warning("400 in %s: %s", request.endpoint, str(error.description).partition("\n")[0][:120])


def _in_words(code: int, title, message):
    if request.is_json:  # a program asked, and reads no pages
        return make_response({"error": str(message)}, code)
    return error_page(code, title, message)


def _domain_error(error: DomainError):
    db.session.rollback()
    if isinstance(error, TooMany):
        return too_many(error)
    return error_page(error.status, _("That is not possible"), str(error.message))


def too_many(error: TooMany, response=None):
    """The answer 429, with how long to wait: the `response` of a view whose form keeps what was typed, or a
    page that does."""
    if response is None and request.method == "POST" and same_origin() and not request.is_json:
        response = resume_page(request.full_path.rstrip("?"), typed_fields(), error.status, reason=error.message)
    if response is None:
        response = _in_words(error.status, _HTTP_WORDS[429][0], error.message)
    response.headers["Retry-After"] = str(error.seconds)
    return response


def client_address() -> str:
    """Who asks, as far as the network tells: the address; of IPv6 the part that one household or office has."""
    address = request.remote_addr or ""
    try:
        return str(ip_network(f"{address}/64", strict=False)) if ":" in address else address
    except ValueError:  # a proxy says what it likes
        return address


@contextmanager
def counting() -> Iterator[None]:
    """Around the counting of an attempt (see halal/limits.py): it is written whatever becomes of the request, and what
    follows holds no lock for it."""
    db.session.rollback()
    with read_write():
        try:
            yield
        except TooMany:
            db.session.commit()
            raise
        db.session.commit()


def _unexpected(error: Exception):
    db.session.rollback()
    current_app.logger.exception("unexpected error in %s", request.endpoint)
    return _in_words(500, *_HTTP_WORDS[500])


RETRY_AFTER = 5  # seconds


def _database_error(error: Exception):
    """What the database said. That it cannot now is a 503; all else is a mistake of ours."""
    if not is_unavailable(error):
        if current_app.testing:
            raise error
        return _unexpected(error)
    g.database_failed = True
    cause = getattr(error, "orig", None) or error
    current_app.logger.warning("503 in %s: %s", request.endpoint, str(cause).partition("\n")[0] or type(cause).__name__)
    try:
        db.session.rollback()
    except (SQLAlchemyError, psycopg.Error, sqlite3.Error):
        db.session.remove()
    # the page asks the database for nobody
    g._login_user, g.membership, g.organization, g.memberships = AnonymousUserMixin(), None, None, []
    response = _busy_page()
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _busy_page():
    title, message = _HTTP_WORDS[503]
    if request.method != "POST" or request.is_json:
        return _in_words(503, title, message)
    try:
        fields = typed_fields()
    except HTTPException:  # more than any form of ours
        return _in_words(503, title, message)
    reason = _l("The database does not answer at the moment. What you typed is kept here and has not been saved yet.")
    return resume_page(request.full_path.rstrip("?"), fields, 503, reason=reason)


def same_origin() -> bool:
    """Whether the browser says that the request comes from one of our own pages (Fetch metadata, or Origin)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    # the second: a proxy may hand on another host than people use
    return request.headers.get("Origin", "") in (request.host_url.rstrip("/"), site_address.own_origin())


_NOT_KEPT = {"csrf_token", "password", "current", "new"}


def typed_fields() -> list[tuple[str, str]]:
    """What the form of this request says, to be kept for a second attempt. Passwords are typed again."""
    return [(k, v) for k, v in request.form.items(multi=True) if k not in _NOT_KEPT]


def resume_page(action: str, fields: list[tuple[str, str]], status: int = 200, *, offices: Sequence = (), reason=None):
    """What a person typed, kept in a form that sends it once more: for pages that expired in the meantime, for another
    `reason`, and for forms that do not say for which of these `offices` they are."""
    had_files = any(f.filename for f in request.files.values())
    page = render_template(
        "resume.html",
        action=action,
        fields=fields,
        had_files=had_files,
        offices=offices,
        reason=reason,
        address_problem=site_address.problem(),
    )
    response = make_response(page, status)
    if request.htmx:
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _csrf_error(error: CSRFError):
    """A form whose token expired. From our own pages nothing typed is lost; from elsewhere it is refused."""
    if not same_origin() or request.method != "POST":
        return _http_error(error)
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "access", None) != "public" and not session.get("_user_id"):
        return current_app.extensions["login_needed"]()
    if request.is_json:
        return _http_error(error)
    note_bad_request(error)
    return resume_page(request.full_path.rstrip("?"), typed_fields(), 400)


_CLOCK_SET_BACK = timedelta(days=1)  # so far in the future may a signature lie


class _Signer(TimestampSigner):
    """Signs with the time. A clock that was set back makes no signature too old: one of the future is new."""

    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())

    def unsign(self, signed_value, max_age=None, return_timestamp=False):
        value, signed_at = super().unsign(signed_value, return_timestamp=True)
        age = clock.now() - signed_at
        if max_age is not None and not -_CLOCK_SET_BACK < age <= timedelta(seconds=max_age):
            raise SignatureExpired(f"signed {age} ago", payload=value, date_signed=signed_at)
        return (value, signed_at) if return_timestamp else value


def signed(purpose: str) -> URLSafeTimedSerializer:
    """What signs and reads short values that a browser carries; one purpose cannot read another's."""
    return URLSafeTimedSerializer(current_app.secret_key, salt=purpose, signer=_Signer)


_FIXED = (str, int, float, bool, type(None))  # values that nobody can change in place


class Sessions(SecureCookieSessionInterface):
    """Every answer renews a log-in, but for busy POSTs: their page polls beside them, and that renews it.

    A cookie that was found to be ours a moment ago is not checked again: tablets send the same one many times a second.
    """

    _opened = Briefly()

    def get_signing_serializer(self, app: Flask):
        serializer = super().get_signing_serializer(app)
        serializer.signer = _Signer
        return serializer

    def open_session(self, app: Flask, request):
        def check() -> tuple[dict, bool]:
            known = dict(super(Sessions, self).open_session(app, request))
            return known, all(isinstance(value, _FIXED) for value in known.values())

        known, fixed = self._opened.get(request.headers.get("Cookie", ""), check)
        return self.session_class(known if fixed else deepcopy(known))  # what one request changes is not the next one's

    def save_session(self, app: Flask, session, response) -> None:
        busy = request.method == "POST" and getattr(app.view_functions.get(request.endpoint), "lean", False)
        if not busy or session.modified:
            super().save_session(app, session, response)
        elif session.accessed:
            vary(response, "Cookie")


class Page:
    """One page of a list: what pagination in templates needs. Numbers begin at 1."""

    def __init__(self, number: int, size: int, total: int):
        self.pages = max(1, -(-total // size))
        self.number, self.size, self.total = max(1, min(number, self.pages)), size, total

    offset = property(lambda self: (self.number - 1) * self.size)
    has_prev = property(lambda self: self.number > 1)
    has_next = property(lambda self: self.number < self.pages)

    def url(self, number: int) -> str:
        """The same list at another page, all filters kept."""
        # what stands in the address is for the address alone: url_for has names of its own (_scheme, endpoint)
        filters = {**request.args.to_dict(flat=False), "page": number}
        return f"{url_for(request.endpoint, **(request.view_args or {}))}?{urlencode(filters, doseq=True)}"


class Application(Flask):
    """No view and no hook of ours is a coroutine; Flask asks that of each, at every request."""

    def ensure_sync(self, func: Callable) -> Callable:
        return func


class _RowId(IntegerConverter):
    """Numbers in addresses are ids of rows; one that no column can hold is no such page."""

    def __init__(self, map, **options):
        super().__init__(map, **{"max": 2**31 - 1, **options})


def init_app(app: Flask) -> None:
    """Sessions, errors and template helpers for the whole application."""
    app.session_interface = Sessions()

    @app.before_request
    def _mark_write_intent():
        is_lean = getattr(app.view_functions.get(request.endpoint), "lean", False)
        set_may_write(request.method not in {"GET", "HEAD", "OPTIONS"} and not is_lean)

    @app.before_request
    def _refuse_nul():
        if "\0" in request.path or any(nul in request.query_string for nul in (b"\0", b"%00")):
            abort(404)  # nothing has a NUL in its name, and PostgreSQL refuses to look for it

    app.url_map.converters["int"] = _RowId
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DomainError, _domain_error)
    for kind in (SQLAlchemyError, psycopg.Error, sqlite3.Error, DatabaseBusy):
        app.register_error_handler(kind, _database_error)
    if not app.testing:
        app.register_error_handler(Exception, _unexpected)
    app.jinja_env.globals.update(static=static, absolute=absolute, current_organization=current_organization)
    app.view_functions["static"] = allow("public")(wraps(app.view_functions["static"])(app.view_functions["static"]))
