"""The tab Kehadiran: who is in, live, and what the desk has to settle."""

import uuid

from flask import make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from halal import formats, qr, web
from halal.checkin import forms, services
from halal.checkin.models import QuarantineReason
from halal.checkin.views import bp
from halal.errors import DomainError
from halal.events.lookup import own_event
from halal.registrations import printed

PAPERS = 3


@bp.get("/kelola/kegiatan/<slug>/kehadiran")
@web.allow("read")
def board(slug):
    """Polled every five seconds with the version that the page shows: 204 while nothing changed, so most polls cost
    two small queries. Held-open streams would take a server thread for every open desk."""
    event = own_event(slug)
    version = services.version(event)
    if web.wants_partial() and request.args.get("version") == version:
        return make_response("", 204)
    return web.render(
        "checkin/board.html", "checkin/_board.html", event=event, board=services.board(event), version=version,
        practised=len(services.practised(event)), is_practice=services.is_practice(event),
        screens=_screens(event) if not web.wants_partial() else [],
        papers=printed.latest(event, PAPERS) if not web.wants_partial() else [],
    )  # fmt: skip


def _screens(event) -> list[tuple]:
    """(session, address, QR) of every check-in screen, to be opened on a tablet."""
    screens = []
    for session in event.sessions:
        path = url_for("checkin.screen", slug=event.slug, session_id=session.id)
        label = _("Check-in: %(session)s", session=session.title)
        screens.append((session, path, qr.svg(web.absolute(path), label=label)))
    return screens


@bp.post("/kelola/kegiatan/<slug>/kehadiran/batalkan")
@web.allow("manage")
def undo(slug):
    event, form = own_event(slug), forms.UndoForm()
    return _settle(event, form, lambda: services.undo_from_board(
        event, form.session_id.data, uuid.UUID(form.registration_id.data), user_id=current_user.id),
        _("The check-in was taken back."))  # fmt: skip


@bp.post("/kelola/kegiatan/<slug>/kehadiran/latihan")
@web.allow("manage")
def take_back_practice(slug):
    event = own_event(slug)
    count = services.take_back_practice(event, user_id=current_user.id)
    web.commit()
    done = ngettext(
        "%(count)s check-in of practice was taken back.", "%(count)s check-ins of practice were taken back.", count,
        count=formats.number(count),
    )  # fmt: skip
    return web.redirect(url_for("checkin.board", slug=slug), done)


@bp.post("/kelola/kegiatan/<slug>/kehadiran/gabungkan")
@web.allow("manage")
def merge(slug):
    event, form = own_event(slug), forms.MergeForm()
    return _settle(event, form, lambda: services.merge_from_board(
        event, uuid.UUID(form.walk_in_id.data), uuid.UUID(form.into.data), user_id=current_user.id),
        _("They are one attendee now."))  # fmt: skip


@bp.post("/kelola/kegiatan/<slug>/kehadiran/dua-orang")
@web.allow("manage")
def tell_apart(slug):
    event, form = own_event(slug), forms.MergeForm()
    return _settle(event, form, lambda: services.tell_apart(
        event, uuid.UUID(form.walk_in_id.data), uuid.UUID(form.into.data), user_id=current_user.id),
        _("They stay two attendees."))  # fmt: skip


@bp.post("/kelola/kegiatan/<slug>/kehadiran/selesai")
@web.allow("manage")
def dismiss(slug):
    event, form = own_event(slug), forms.ScanForm()
    return _settle(event, form, lambda: services.dismiss_scan(
        event, uuid.UUID(form.op_id.data), user_id=current_user.id), _("The scan is off the list."))  # fmt: skip


@bp.post("/kelola/kegiatan/<slug>/kehadiran/satu-orang")
@web.allow("manage")
def settle_repeat(slug):
    event, form = own_event(slug), forms.UndoForm()
    return _settle(event, form, lambda: services.settle_repeat(
        event, form.session_id.data, uuid.UUID(form.registration_id.data), user_id=current_user.id),
        _("It is off the list."))  # fmt: skip


@bp.post("/kelola/kegiatan/<slug>/kehadiran/karantina/terima")
@web.allow("manage")
def accept(slug):
    event, form = own_event(slug), forms.QuarantineForm()
    return _settle(event, form, lambda: services.accept(
        event, form.row_id.data, session_id=form.session_id.data, user_id=current_user.id),
        _("It is recorded."))  # fmt: skip


@bp.post("/kelola/kegiatan/<slug>/kehadiran/karantina/terima-semua")
@web.allow("manage")
def accept_all(slug):
    event, form = own_event(slug), forms.PileForm()
    return _settle(event, form, lambda: services.accept_all(
        event, QuarantineReason(form.reason.data), session_id=form.session_id.data, user_id=current_user.id),
        _("Recorded. What could not be recorded is still listed."))  # fmt: skip


@bp.post("/kelola/kegiatan/<slug>/kehadiran/karantina/abaikan")
@web.allow("manage")
def dismiss_quarantined(slug):
    event, form = own_event(slug), forms.QuarantineForm()
    return _settle(event, form, lambda: services.dismiss(
        event, form.row_id.data, user_id=current_user.id), _("It is off the list."))  # fmt: skip


def _settle(event, form, change, message):
    """One change from a button of the board, then the board again."""
    back = url_for("checkin.board", slug=event.slug)
    if not form.validate():
        return web.redirect(back, _("That could not be read. Try again."), "error")
    try:
        change()
    except DomainError as error:
        return web.redirect(back, error.message, "error")
    web.commit()
    return web.redirect(back, message)
