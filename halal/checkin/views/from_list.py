"""Presence of several rows of the attendee list, or of a spreadsheet, at once."""

from datetime import datetime

from flask import abort, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from halal import clock, web
from halal.checkin.services import from_list
from halal.checkin.views import bp
from halal.errors import DomainError
from halal.events.lookup import own_event
from halal.extensions import db
from halal.registrations.importing.review import present_people
from halal.registrations.listing import choose
from halal.registrations.models import Import
from halal.registrations.selection import selected
from halal.registrations.views.attendees import list_url


@bp.post("/kelola/kegiatan/<slug>/kehadiran/hadirkan")
@web.allow("manage")
def record_selected(slug):
    event = own_event(slug)
    choice = choose(request.args, event)
    people = selected(event, choice, request.form)
    return _record(event, choice, people)


@bp.post("/kelola/kegiatan/<slug>/peserta/impor/<int:import_id>/hadir")
@web.allow("manage")
def record_import(slug, import_id):
    """Whoever a spreadsheet marks as present, as far as they are registered."""
    event = own_event(slug)
    import_ = db.session.get(Import, import_id)
    if import_ is None or import_.event_id != event.id:
        abort(404)
    return _record(event, choose({}, event), present_people(import_))


def _record(event, choice, people):
    user_id = current_user.id
    session_id = request.form.get("session_id", event.sessions[0].id, type=int)
    try:
        coming = from_list.to_record(event, session_id, people)
    except DomainError as error:
        db.session.rollback()
        return web.redirect(list_url(event, choice), error.message, "error")
    at, count = clock.now(), 0
    for some in from_list.parts(coming):
        count += from_list.record_from_list(event, session_id, some, at, user_id=user_id)
        web.commit()  # part by part: what is recorded stands, and the door does not wait for ten thousand rows
    left = len(people) - count
    note = (
        _("%(count)s of the chosen were left out: present already, or without a place.", count=left) if left else None
    )
    if not count:
        return web.redirect(list_url(event, choice), note or _("Nobody was chosen."), "info")
    from_list.note_list(event, "list_recorded", count, user_id)
    web.commit()
    return web.redirect(list_url(event, choice, recorded=at.isoformat(), count=count), note, "info")


@bp.post("/kelola/kegiatan/<slug>/kehadiran/hadirkan/urungkan")
@web.allow("manage")
def undo_selected(slug):
    event = own_event(slug)
    choice, user_id = choose(request.args, event), current_user.id
    try:
        at = datetime.fromisoformat(request.form.get("at", ""))
    except ValueError:
        at = None
    recorded = from_list.recorded_from_list(event, at, user_id) if at is not None and at.tzinfo else []
    for some in from_list.parts(recorded):
        from_list.undo_from_list(event, some, at, user_id=user_id)
        web.commit()
    if not recorded:
        return web.redirect(list_url(event, choice), _("There is nothing to take back any more."), "info")
    from_list.note_list(event, "list_undone", len(recorded), user_id)
    web.commit()
    message = ngettext("%(num)s check-in was taken back.", "%(num)s check-ins were taken back.", len(recorded))
    return web.redirect(list_url(event, choice), message)
