"""Where the office's certificate numbers of a year begin."""

from datetime import date

from flask import abort, url_for
from flask_babel import gettext as _
from flask_login import current_user

from halal import web
from halal.certificates.forms import FirstNumberForm
from halal.certificates.services import issuing
from halal.certificates.views import bp
from halal.certificates.views.pages import kind_or_404
from halal.errors import DomainError
from halal.events.lookup import own_event
from halal.extensions import db
from halal.organizations.numbering import render_number


def _page(event, kind, year: int, form: FirstNumberForm, status: int = 200):
    if not event.starts_at.year - 1 <= year <= event.last_moment.year + 2:
        abort(404)
    following = issuing.next_seq(event.organization_id, year)
    if not form.is_submitted():
        form.first.data = following
    number = render_number(event.organization.number_pattern, following, date(year, event.starts_at.month, 1))
    return web.render(
        "certificates/first_number.html", status=status, event=event, kind=kind, year=year, form=form,
        next_number=number, open=issuing.may_begin_at(event.organization_id, year),
    )  # fmt: skip


@bp.get("/kelola/kegiatan/<slug>/sertifikat/terbitkan/<kind>/nomor-awal/<int:year>")
@web.allow("manage")
def first_number(slug, kind, year):
    return _page(own_event(slug), kind_or_404(kind), year, FirstNumberForm())


@bp.post("/kelola/kegiatan/<slug>/sertifikat/terbitkan/<kind>/nomor-awal/<int:year>")
@web.allow("manage")
def set_first_number(slug, kind, year):
    event, kind, form = own_event(slug), kind_or_404(kind), FirstNumberForm()
    if not form.validate():
        return _page(event, kind, year, form, 422)
    try:
        issuing.begin_at(event, year, form.first.data, current_user.id)
    except DomainError as error:
        db.session.rollback()
        web.show_errors(form, error)
        return _page(own_event(slug), kind, year, form, 422)
    web.commit()
    address = url_for("certificates.prepare", slug=slug, kind=kind)
    return web.redirect(address, _("The next number is saved."))
