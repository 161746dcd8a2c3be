"""Bagikan: who was sent the certificate, and a WhatsApp message for each who was not."""

from flask import request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select

from halal import web
from halal.certificates.services import delivery, lookup
from halal.certificates.views import bp
from halal.certificates.views.pages import PAGE_SIZE, kind_or_404, own_certificate
from halal.events.lookup import own_event
from halal.extensions import db
from halal.messages.problems import is_set_up


@bp.get("/kelola/kegiatan/<slug>/sertifikat/bagikan/<kind>")
@web.allow("manage")
def sharing(slug, kind):
    event, kind = own_event(slug), kind_or_404(kind)
    unsent_only = request.args.get("show") == "unsent"
    found = delivery.sharable(event, kind, unsent_only)
    total = db.session.scalar(select(func.count()).select_from(found.order_by(None).subquery()))
    page = web.Page(request.args.get("page", 1, int), PAGE_SIZE, total)
    rows = db.session.execute(found.limit(page.size).offset(page.offset)).all()
    return web.render(
        "certificates/sharing.html", "certificates/_sharing_count.html", event=event, kind=kind, page=page,
        unsent_only=unsent_only, rows=delivery.sharings(rows),
        issued=lookup.counts(event)[kind], sent=delivery.sent_count(event, kind),
        unmailed=len(delivery.unmailed(event, kind)),
    )  # fmt: skip


@bp.post("/kelola/kegiatan/<slug>/sertifikat/<uuid:certificate_id>/terkirim")
@web.allow("manage")
def mark_sent(slug, certificate_id):
    certificate = own_certificate(slug, certificate_id)
    if request.form.get("sent") == "no":
        delivery.unmark_sent(certificate)
    else:
        delivery.mark_sent(certificate, current_user.id)
    web.commit()
    if not web.wants_partial():
        return web.redirect(url_for("certificates.sharing", slug=slug, kind=certificate.kind.value))
    response = web.render("certificates/_sharing_row.html", event=certificate.event, row=delivery.sharing(certificate))
    response.headers["HX-Trigger"] = "shared"  # the count above the list asks for itself
    return response


@bp.post("/kelola/kegiatan/<slug>/sertifikat/bagikan/<kind>/email")
@web.allow("manage")
def mail_all(slug, kind):
    event, kind = own_event(slug), kind_or_404(kind)
    address = url_for("certificates.sharing", slug=slug, kind=kind.value)
    if not is_set_up():
        return web.redirect(address, _("This site is not connected to a mail server."), "error")
    count = delivery.mail_many(delivery.unmailed(event, kind))
    web.commit()
    return web.redirect(address, _("E-mails on their way: %(count)s", count=count))
