"""The awards of an event: whom for what, in the order of honor."""

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import web
from halal.audit import services as audit
from halal.certificates.forms import AwardForm
from halal.certificates.models import Award
from halal.certificates.services import awards
from halal.certificates.views import bp
from halal.errors import DomainError
from halal.events.lookup import own_event
from halal.events.models import Event
from halal.extensions import db
from halal.meanwhile import mark


def _own_award(event: Event, award_id: int) -> Award:
    award = db.session.get(Award, award_id)
    return web.get_or_404(award if award is not None and award.event_id == event.id else None)


def _back(event: Event, message=None):
    return web.redirect(url_for("certificates.index", slug=event.slug) + "#awards", message)


def _record(action: str, event: Event, award: Award) -> None:
    audit.record(
        f"award.{action}", organization_id=event.organization_id, user_id=current_user.id, subject=f"award:{award.id}"
    )


@bp.get("/kelola/kegiatan/<slug>/sertifikat/penghargaan/baru")
@web.allow("manage")
def new_award(slug):
    return web.render("certificates/award.html", event=own_event(slug), form=AwardForm(), award=None)


@bp.post("/kelola/kegiatan/<slug>/sertifikat/penghargaan/baru")
@web.allow("manage")
def add_award(slug):
    return _save(own_event(slug), None)


@bp.get("/kelola/kegiatan/<slug>/sertifikat/penghargaan/<int:award_id>")
@web.allow("manage")
def edit_award(slug, award_id):
    event = own_event(slug)
    award = _own_award(event, award_id)
    form = AwardForm(obj=award, seen=mark(awards.shown(award)))
    return web.render("certificates/award.html", event=event, form=form, award=award)


@bp.post("/kelola/kegiatan/<slug>/sertifikat/penghargaan/<int:award_id>")
@web.allow("manage")
def change_award(slug, award_id):
    event = own_event(slug)
    return _save(event, _own_award(event, award_id))


def _save(event: Event, award: Award | None):
    form, status = AwardForm(), 422
    if form.validate():
        try:
            if award is None:
                _record("added", event, awards.add(event, form.data))
            else:
                awards.change(award, form.data, seen=form.seen.data)
                _record("changed", event, award)
            web.commit()
            return _back(event, _("The award is saved."))
        except DomainError as error:
            db.session.rollback()
            status = error.status
            web.show_errors(form, error)
    return web.render("certificates/award.html", status=status, event=event, form=form, award=award)


@bp.post("/kelola/kegiatan/<slug>/sertifikat/penghargaan/<int:award_id>/pindah")
@web.allow("manage")
def move_award(slug, award_id):
    event = own_event(slug)
    awards.move(event, _own_award(event, award_id), -1 if request.form.get("direction") == "up" else 1)
    web.commit()
    return _back(event)


@bp.post("/kelola/kegiatan/<slug>/sertifikat/penghargaan/<int:award_id>/hapus")
@web.allow("manage")
def remove_award(slug, award_id):
    event = own_event(slug)
    award = _own_award(event, award_id)
    awards.remove(award)
    _record("removed", event, award)
    web.commit()
    return _back(event, _("The award was removed."))
