"""Verifying a certificate: open to everybody who has its code, useless to those who guess."""

import hashlib
import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

from flask import current_app, make_response, request, url_for
from flask_babel import gettext as _

from halal import ids, limits, web
from halal.certificates import wording
from halal.certificates.models import Certificate, CertificateStatus
from halal.certificates.services import bundle, lookup, signing
from halal.headers import name_download
from halal.portal.views import bp

MAX_UPLOAD = 5 * 1024 * 1024
_IN_ADDRESS = re.compile(r"/v/([^/?#]*)", re.IGNORECASE)
# What counts is codes that nobody has: a whole hall may look at its certificates from one address. A code has 130
# random bits, so this spares the database and nothing else.
UNKNOWN_CODES = limits.Limit(60, timedelta(minutes=1))


@bp.get("/v/")
@web.allow("public")
def verify_form():
    """The form for typed codes; it needs no JavaScript, so it comes back here with the code in the address."""
    typed = request.args.get("code", "").strip()
    if not typed:
        return web.render("portal/verify_form.html", host=host(), typed="")
    pasted = _IN_ADDRESS.search(typed)  # somebody may paste the whole address
    code = ids.normalize_code((pasted[1] if pasted else typed)[:80])
    return web.redirect(url_for("portal.verify", code=code)) if _can_be(code) else _unknown(typed, code)


@bp.get("/v/kunci.json")
@web.allow("public")
def verify_keys():
    """The offices' public keys: what a QR code says is checked against them, here or anywhere else."""
    response = make_response(json.dumps(signing.published(), ensure_ascii=False))
    response.mimetype = "application/jwk-set+json"
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/v/<code>")
@web.allow("public")
def verify(code):
    certificate = lookup.by_code(code)
    return _page(certificate) if certificate else _unknown(code)


@bp.post("/v/<code>")
@web.allow("public")
def verify_file(code):
    """Whether an uploaded PDF is, byte by byte, the one that was issued. The file is not kept."""
    certificate = lookup.by_code(code)
    if certificate is None:
        return _unknown(code)
    content = _uploaded()
    if not content:
        return _page(certificate, 422, error=_("Choose the PDF file first."))
    if len(content) > MAX_UPLOAD:
        return _page(certificate, 422, error=_("The file is larger than 5 MB, so it is not a certificate from here."))
    genuine = hashlib.sha256(content).hexdigest() == certificate.pdf_sha256
    return _page(certificate, genuine="yes" if genuine else "no")


@bp.get("/v/<code>/sertifikat.pdf")
@web.allow("public")
def verify_download(code):
    """The issued PDF, for whoever has the code; not of one that no longer counts."""
    certificate = lookup.by_code(code)
    if certificate is None or certificate.status is not CertificateStatus.VALID:
        return _unknown(code)
    response = make_response(bundle.content(certificate))
    response.mimetype = "application/pdf"
    return _private(name_download(response, bundle.filename(certificate)))


def _uploaded() -> bytes:
    """The beginning of the uploaded file, long enough to see that it is too long."""
    upload = request.files.get("file")
    if upload is None:
        return b""
    with upload.stream as stream:
        return stream.read(MAX_UPLOAD + 1)


def host() -> str:
    """Where this site is, as a person compares it."""
    return urlsplit(current_app.config["HALAL"].base_url).netloc


def _private(response):
    """Not for search engines, not for shared caches."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(certificate: Certificate, status: int = 200, **found):
    return _private(
        web.render(
            "portal/verify.html", None, status, certificate=certificate, printed=certificate.snapshot,
            event=certificate.event, host=host(),
            recorded_by=wording.recorded_by(certificate.snapshot, certificate.event.organization.name), **found,
        )
    )  # fmt: skip


def _can_be(code: str) -> bool:
    """Whether a normalized code is one that a certificate could have."""
    return len(code) == ids.CODE_LENGTH and not ids.strange_letters(code)


def _unknown(typed: str, code: str | None = None):
    """Nothing has this code; why, as far as the code itself says: letters that no code has, or too few or many."""
    with web.counting():
        limits.take(UNKNOWN_CODES, "unknown certificate code", web.client_address())
    code = ids.normalize_code(typed[:80]) if code is None else code
    return _private(
        web.render(
            "portal/verify_form.html", None, 404, host=host(), typed=typed[:80], unknown=True, count=len(code),
            length=ids.CODE_LENGTH, strange=ids.strange_letters(code),
        )
    )  # fmt: skip
