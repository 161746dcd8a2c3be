"""Pairing a tablet, and ending it."""

from datetime import timedelta

from flask import g, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import limits, qr, web
from halal.checkin import forms, gate, services
from halal.checkin.views import bp
from halal.checkin.views.api import API, answer_json, answers_json
from halal.errors import DomainError
from halal.events.lookup import own_event
from halal.ids import normalize_code

# Longer than the device itself lives: a tablet that was off for weeks can still hand in what it has.
KEEP_COOKIE = timedelta(days=90)
# What counts is codes that are none: thirty tablets of one hall share an address. A code has 50 random bits.
WRONG_CODES = limits.Limit(60, timedelta(minutes=1))


@bp.post("/kelola/kegiatan/<slug>/kehadiran/pasangkan")
@web.allow("manage")
def new_code(slug):
    """A fresh code, shown once: there is no address at which it could be seen again."""
    event = own_event(slug)
    try:
        code, until = services.make_code(event, user_id=current_user.id)
    except DomainError as error:
        return web.redirect(url_for("checkin.board", slug=slug), error.message, "error")
    web.commit()
    address = web.absolute(url_for("checkin.pair", pairing_code=code))
    picture = qr.svg(address, label=_("Pair a tablet"))
    return web.render(
        "checkin/pairing_code.html", event=event, code=code, until=until, picture=picture,
        short=web.absolute(url_for("checkin.pair_form")),
    )  # fmt: skip


@bp.get("/checkin/pasang")
@web.allow("public")
def pair_form():
    """Where a code is typed."""
    if code := normalize_code(request.args.get("kode", ""))[:40]:
        return web.redirect(url_for("checkin.pair", pairing_code=code))
    return web.render("checkin/pair_form.html")


@bp.get("/checkin/pasang/<pairing_code>")
@web.allow("public")
def pair(pairing_code):
    try:
        event = services.event_of_code(pairing_code)
    except DomainError as error:
        return _wrong_code(error)
    return web.render("checkin/pair.html", event=event, code=pairing_code, form=forms.PairForm())


def _wrong_code(error: DomainError):
    with web.counting():
        limits.take(WRONG_CODES, "wrong pairing code", web.client_address())
    return web.render("checkin/pair_form.html", status=error.status, problem=error.message)


@bp.post("/checkin/pasang/<pairing_code>")
@web.allow("public")
def pair_post(pairing_code):
    """The tablet gets its secret, in a cookie that no script reads."""
    try:
        device, slug, secret = services.pair(pairing_code, forms.PairForm().name.data or "")
    except DomainError as error:
        return _wrong_code(error)
    web.commit()
    response = web.redirect(url_for("checkin.tablet", slug=slug))
    response.set_cookie(
        gate.COOKIE, f"{device.id}.{secret}", path="/checkin", httponly=True, samesite="Strict",
        secure=request.is_secure, expires=device.expires_at + KEEP_COOKIE,
    )  # fmt: skip
    return response


@bp.get(f"{API}/tablet")
@web.allow("device")
@web.lean
@answers_json
def event_of_tablet():
    """For a tablet that has its cookie and nothing else any more: the event that it was paired with."""
    return answer_json({"event": g.tablet and g.tablet.slug})


@bp.post("/kelola/kegiatan/<slug>/kehadiran/tablet/<uuid:device_id>/cabut")
@web.allow("manage")
def revoke(slug, device_id):
    event = own_event(slug)
    device = services.revoke(event, device_id, user_id=current_user.id)
    web.commit()
    message = _("%(tablet)s is revoked. It loses its list with its next contact.", tablet=device.name)
    return web.redirect(url_for("checkin.board", slug=slug), message)


@bp.post("/kelola/kegiatan/<slug>/kehadiran/tablet/<uuid:device_id>/tarik")
@web.allow("manage")
def take_back(slug, device_id):
    event = own_event(slug)
    done = services.take_back(event, device_id, user_id=current_user.id)
    web.commit()
    message = _("Taken back: %(check_ins)s check-ins, of them %(walk_ins)s walk-ins. The tablet is revoked.",
                check_ins=done.check_ins, walk_ins=done.walk_ins)  # fmt: skip
    return web.redirect(url_for("checkin.board", slug=slug), message)


@bp.post("/kelola/kegiatan/<slug>/kehadiran/tablet/<uuid:device_id>/nama")
@web.allow("manage")
def rename(slug, device_id):
    event = own_event(slug)
    device = services.rename(event, device_id, forms.PairForm().name.data or "", user_id=current_user.id)
    web.commit()
    message = _("The tablet is called %(tablet)s now.", tablet=device.name)
    return web.redirect(url_for("checkin.board", slug=slug), message)


@bp.post("/kelola/kegiatan/<slug>/kehadiran/tablet/tutup")
@web.allow("manage")
def close_tablets(slug):
    event = own_event(slug)
    count = services.close_tablets(event, user_id=current_user.id)
    web.commit()
    message = _("Tablets closed: %(count)s. They send what they still have and drop their lists.", count=count)
    return web.redirect(url_for("checkin.board", slug=slug), message)
