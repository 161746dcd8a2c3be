"""What is done with several rows of the attendee list at once."""

from flask import request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from halal import web
from halal.errors import DomainError
from halal.events.lookup import own_event
from halal.extensions import db
from halal.registrations import services
from halal.registrations.listing import choose
from halal.registrations.models import BulkCancellation
from halal.registrations.selection import selected
from halal.registrations.views import bp
from halal.registrations.views.attendees import list_url


@bp.post("/kelola/kegiatan/<slug>/peserta/batalkan-terpilih")
@web.allow("manage")
def cancel_selected(slug):
    event = own_event(slug)
    choice = choose(request.args, event)
    done = services.cancel_many(event, selected(event, choice, request.form), user_id=current_user.id)
    if done is None:
        return web.redirect(
            list_url(event, choice), _("Nobody was chosen whose registration can be cancelled."), "info"
        )
    web.commit()
    return web.redirect(list_url(event, choice, bulk=done.id))


@bp.post("/kelola/kegiatan/<slug>/peserta/batalkan-terpilih/<int:cancellation_id>/urungkan")
@web.allow("manage")
def undo_cancel_selected(slug, cancellation_id):
    event = own_event(slug)
    choice = choose(request.args, event)
    cancellation = db.session.get(BulkCancellation, cancellation_id)
    web.get_or_404(cancellation if cancellation and cancellation.event_id == event.id else None)
    try:
        restored, left = services.undo_cancel_many(event, cancellation, user_id=current_user.id)
    except DomainError as error:
        db.session.rollback()
        return web.redirect(list_url(event, choice), error.message, "error")
    web.commit()
    message = ngettext("%(num)s registration was restored.", "%(num)s registrations were restored.", restored)
    if left:
        message += " " + _("%(count)s stay cancelled: registered again, or restored, or without a place.", count=left)
    return web.redirect(list_url(event, choice), message)
