"""The gate: every route names who may use it (halal.web.allow); everybody else is turned away here."""

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import abort, current_app, flash, g, make_response, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from halal import clock, ids, web
from halal.accounts import letters, login_sessions
from halal.accounts.models import PERMISSIONS, LoginSession, Membership, Role, User
from halal.briefly import Briefly
from halal.extensions import db


def load_user(token: str) -> User | None:
    """The user of a log-in, unless it was ended, has run out, or the account was closed."""
    g.login_session = login_sessions.find(token)
    return g.login_session.user if g.login_session else None


def _load_membership() -> None:
    """The office that the user works in now: the one chosen, or the first."""
    g.membership = g.organization = None
    if not session.get("_user_id") or not current_user.is_authenticated:
        return
    login_sessions.note_use(g.login_session.id, g.login_session.last_seen_at)
    found = db.session.scalars(
        select(Membership)
        .where(Membership.user_id == current_user.id)
        .options(joinedload(Membership.organization))
        .order_by(Membership.id)
    ).all()
    chosen = session.get("organization_id")
    g.memberships = found
    _work_in(next((m for m in found if m.organization_id == chosen), found[0] if found else None))


def _work_in(membership: Membership | None) -> None:
    g.membership, g.organization = membership, membership and membership.organization


def _settle_office():
    """Work in the office that the form, the page or the address names, whatever office another tab has chosen since; an
    answer when that cannot be. What acts never takes the office from the session alone: whoever belongs to several
    offices and sends a form that names none is asked."""
    acts = request.method not in {"GET", "HEAD", "OPTIONS"}
    typed = (request.form.get(web.OFFICE_FIELD) or request.headers.get(web.OFFICE_HEADER)) if acts else None
    named = typed or web.office_of_address()
    if named is None:
        if not acts or len(g.memberships) < 2:
            return None
        return web.resume_page(
            request.full_path.rstrip("?"), web.typed_fields(), 409, offices=[m.organization for m in g.memberships]
        )
    membership = next((m for m in g.memberships if str(m.organization_id) == str(named)), None)
    if membership is None:
        return _not_your_office() if typed else None  # an address of another office is not found, as always
    if membership is not g.membership:
        _work_in(membership)
        if acts or (request.headers.get("Sec-Fetch-Dest", "document") == "document" and not request.htmx):
            session["organization_id"] = membership.organization_id  # a page goes on there, its pictures do not matter
            flash(_("You now work for %(office)s, for this page belongs to it.", office=membership.organization.name),
                  "info")  # fmt: skip
    return None


def _not_your_office():
    return web.error_page(
        403,
        _("This form belongs to another office"),
        _("You do not belong to that office, so nothing was changed. Open the page again in your own office."),
        url_for("desk.home"),
        _("Home"),
    )


def can(permission: str) -> bool:
    """Whether the present user may do this in the present office; for templates."""
    membership = g.get("membership")
    return membership is not None and membership.may(permission)


def check():
    """Before each request: let in whom the route names, and nobody else. A route that names nobody is closed."""
    if request.endpoint is None:
        return None  # no such address: the 404 comes by itself
    view = current_app.view_functions[request.endpoint]
    who = getattr(view, "access", None)
    if who == "device":
        return current_app.extensions["device_gate"]()
    if getattr(view, "lean", False):
        return check_lean(who)
    _load_membership() if request.endpoint != "static" else None
    if who == "public":
        return None
    if who is None:
        abort(403)
    if not current_user.is_authenticated:
        return login_needed()
    if view.of_office and (answer := _settle_office()) is not None:
        return answer
    if not can(who):
        abort(403)
    return None


class Who(NamedTuple):
    """Who asks a lean view: the user, the office they work in now, their role there; and all `offices` in which they
    may do this."""

    user_id: int
    organization_id: int
    role: Role
    offices: frozenset[int] = frozenset()


class _LeanLogin(NamedTuple):
    """What a lean view asks about a log-in."""

    id: int
    user_id: int
    last_seen_at: datetime
    offices: dict[int, Role]


_users, _memberships, _logins = User.__table__, Membership.__table__, LoginSession.__table__
_WHO = (
    select(_logins.c.id, _logins.c.user_id, _logins.c.started_at, _logins.c.last_seen_at,
           _memberships.c.organization_id, _memberships.c.role)
    .join(_users, _users.c.id == _logins.c.user_id)
    .join(_memberships, _memberships.c.user_id == _users.c.id)
    .where(_logins.c.token_hash == bindparam("token_hash"), _users.c.active)
    .order_by(_memberships.c.id)
)  # fmt: skip

# A log-in that was ended is believed for a second or two more (see Briefly), as is a role that was taken away.
_lean_logins = Briefly()


def _find_lean_login(token: str) -> _LeanLogin | None:
    """The log-in with the offices of its user and the role in each; None when it has ended."""
    rows = db.session.connection().execute(_WHO, {"token_hash": ids.token_hash(token)}).all()
    if not rows or rows[0].started_at <= clock.now() - login_sessions.lifetime():
        return None
    offices = {row.organization_id: row.role for row in rows}
    return _LeanLogin(rows[0].id, rows[0].user_id, rows[0].last_seen_at, offices)


def check_lean(access: str):
    """The same decision for views that are asked many times a second (see web.lean), without loading objects."""
    refuse_foreign_posts()
    token = session.get("_user_id", "")
    login = _lean_logins.get(token, lambda: _find_lean_login(token)) if token else None
    if login is None:
        return login_needed()
    login_sessions.note_use(login.id, login.last_seen_at)
    offices = login.offices
    allowed = frozenset(office for office, role in offices.items() if access in PERMISSIONS[role])
    if not allowed:
        abort(403)
    chosen = session.get("organization_id")
    office = chosen if chosen in offices else next(iter(offices))
    g.who = Who(login.user_id, office, offices[office], allowed)
    return None


def refuse_foreign_posts() -> None:
    """What stands in place of a CSRF token where programs post: the browser says whose page the request comes from.

    A page that is kept to work without a server has no token; log-in cookies are SameSite besides.
    """
    if request.method == "POST" and not web.same_origin():
        abort(403)


def login_needed():
    """Send to the log-in page; a form that was on its way is kept and sent on after the log-in."""
    if request.is_json:  # a program asked, and reads no pages
        return make_response({"error": _("You were logged out. Log in again.")}, 401)
    if request.method == "POST" and web.same_origin():
        return login_page(
            401, _("You were logged out in the meantime. What you typed is kept: log in and send it again."),
            resume=(request.full_path.rstrip("?"), web.typed_fields()),
        )  # fmt: skip
    if request.htmx:
        page = urlsplit(request.headers.get("HX-Current-URL", "")).path  # the page, not the fragment it asked for
        return web.redirect(url_for("accounts.login", next=page or None))
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return web.redirect(url_for("accounts.login", next=target))


def login_page(status: int, reason=None, resume=None, form=None, next_url: str = ""):
    """The log-in page. `resume` is (address, fields) of a form to be sent on afterwards."""
    from halal.accounts.forms import LoginForm

    response = make_response(
        render_template(
            "accounts/login.html",
            form=form or LoginForm(formdata=None), reason=reason, resume=resume, next_url=next_url,
            by_mail=letters.can_send(),
        ),
        status,
    )  # fmt: skip
    if request.htmx:
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response
