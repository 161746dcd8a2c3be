"""Stored certificates, handed out: one, all as ZIP, all as one PDF for the printer."""

from flask import Response, send_file, stream_with_context, url_for
from flask_babel import gettext as _

from halal import web
from halal.certificates.services import bundle, lookup
from halal.certificates.views import bp
from halal.certificates.views.pages import kind_or_404, own_certificate
from halal.events.lookup import own_event
from halal.extensions import db
from halal.headers import name_download


@bp.get("/kelola/kegiatan/<slug>/sertifikat/<uuid:certificate_id>.pdf")
@web.allow("read")
def file(slug, certificate_id):
    certificate = own_certificate(slug, certificate_id)
    response = Response(bundle.content(certificate), mimetype="application/pdf")
    return name_download(response, bundle.filename(certificate))


@bp.get("/kelola/kegiatan/<slug>/sertifikat/<kind>.zip")
@web.allow("read")
def archive(slug, kind):
    event, kind = own_event(slug), kind_or_404(kind)
    if not (certificates := lookup.valid(event, kind)):
        return _none_yet(event)
    entries = bundle.entries(certificates)
    db.session.rollback()  # no transaction stays open while a slow line takes its time
    response = Response(stream_with_context(bundle.zip_parts(entries)), mimetype="application/zip")
    return name_download(response, f"sertifikat-{event_name(slug, kind)}.zip")


@bp.get("/kelola/kegiatan/<slug>/sertifikat/cetak/<kind>.pdf")
@web.allow("read")
def printout(slug, kind):
    event, kind = own_event(slug), kind_or_404(kind)
    if not (certificates := lookup.valid(event, kind)):
        return _none_yet(event)
    joined = bundle.one_pdf(certificates, event.title)
    return name_download(send_file(joined, "application/pdf"), f"cetak-{event_name(slug, kind)}.pdf")


def _none_yet(event):
    address = url_for("certificates.index", slug=event.slug)
    return web.redirect(address, _("No certificate yet"), category="info")


def event_name(slug: str, kind) -> str:
    """ "peserta-sosialisasi-halal-serang-2025": part of a file's name."""
    return f"{ {'attendance': 'peserta', 'speaker': 'narasumber', 'award': 'piagam'}[kind.value] }-{slug}"
