"""What a phone keeps to check QR codes where no server answers: a page for everybody, and the worker that keeps it."""

import hashlib
import json
from functools import cache

from flask import make_response, render_template, request, url_for
from flask_babel import force_locale

from halal import web
from halal.config import ROOT
from halal.i18n import LOCALES
from halal.portal.views import bp
from halal.portal.views.verify import host

# With their versions, as the page names them; then as modules and style sheets name each other.
_NAMED = ("css/base.css", "css/components.css", "css/public.css", "app.js", "img/favicon.svg", "verify/page.js")
_IMPORTED = ("verify/statement.js",)
_FONTS = ("fonts/plus-jakarta-sans-latin-wght-normal.woff2",)
_TEMPLATES = ("base.html", "public.html", "_ui.html", "_language.html", "portal/verify_offline.html")


@bp.get("/v/luring")
@web.allow("public")
def verify_offline():
    """The page that opens without a network, whatever the address: it reads the QR code's statement from there.

    It is fetched without cookies, so its own address says the language.
    """
    chosen = request.args.get("bahasa")
    with force_locale(chosen if chosen in LOCALES else LOCALES[0]):
        response = make_response(render_template("portal/verify_offline.html", host=host()))
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.get("/v/sw.js")
@web.allow("public")
def verify_worker():
    """The service worker. A new version of any part of the page makes a new worker."""
    files = [*map(web.static, _NAMED), *(url_for("static", filename=name) for name in _IMPORTED)]
    files += [url_for("static", filename=name, v=2) for name in _FONTS]
    pages = {language: url_for("portal.verify_offline", bahasa=language) for language in LOCALES}
    shell = {"version": _version(), "pages": pages, "keys": url_for("portal.verify_keys")}
    response = make_response(f"const SHELL = {json.dumps({**shell, 'files': files})};\n{_script()}")
    response.content_type = "text/javascript; charset=utf-8"
    response.headers["Cache-Control"] = "no-cache"
    return response


def _script() -> str:
    return (ROOT / "static/verify/sw.js").read_text()


@cache
def _version() -> str:
    content = hashlib.sha256(_script().encode())
    parts = [ROOT / "static" / name for name in (*_NAMED, *_IMPORTED, *_FONTS)]
    parts += [ROOT / "templates" / name for name in _TEMPLATES]
    for part in (*parts, ROOT / "halal/translations/id/LC_MESSAGES/messages.po"):
        content.update(part.read_bytes())
    return content.hexdigest()[:16]
