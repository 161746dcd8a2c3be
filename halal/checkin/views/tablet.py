"""What a paired tablet keeps to open without a server: one page for everybody, and the worker that keeps it."""

import hashlib
import json

from flask import make_response, render_template, request, url_for
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from halal import web
from halal.checkin.views import bp
from halal.checkin.views.screen import settings
from halal.config import ROOT
from halal.i18n import LOCALES

# With their versions, as the page names them; then as modules and style sheets name each other.
_NAMED = (
    "css/base.css", "css/components.css", "css/tablet.css", "css/checkin.css", "app.js", "img/favicon.svg",
    "checkin/tablet.js", "vendor/zxing-wasm@3.1.4/es/reader/index.js", "vendor/zxing-wasm@3.1.4/zxing_reader.wasm",
)  # fmt: skip
_IMPORTED = (
    "checkin/ask.js", "checkin/door.js", "checkin/feedback.js", "checkin/fold.js", "checkin/keyboard.js",
    "checkin/page.js", "checkin/people.js", "checkin/scanner.js", "checkin/screen.js", "checkin/sessions.js",
    "checkin/spelling.js", "checkin/store.js", "checkin/sync.js", "checkin/words.js",
    "vendor/zxing-wasm@3.1.4/es/share.js",
)  # fmt: skip
_FONTS = ("fonts/plus-jakarta-sans-latin-wght-normal.woff2", "fonts/newsreader-display-latin-560.woff2")


@bp.get("/checkin/tablet")
@bp.get("/checkin/tablet/<slug>")
@web.allow("public")
def tablet(slug=None):
    """The same page for every event: the tablet itself knows which one is its own, and which language was chosen."""
    return _shell(request.args.get("bahasa"))


@bp.get("/checkin/sw.js")
@web.allow("public")
def tablet_worker():
    """The service worker. A new version of any part of the page makes a new worker."""
    pages = {language: url_for("checkin.tablet", bahasa=language) for language in LOCALES}
    files = [url_for("checkin.tablet"), *pages.values(), *map(web.static, _NAMED)]
    files += [url_for("static", filename=name) for name in _IMPORTED]
    files += [url_for("static", filename=name, v=2) for name in _FONTS]
    script = (ROOT / "static/checkin/sw.js").read_text()
    content = hashlib.sha256("".join([script, _shell(), *map(_shell, LOCALES)]).encode())
    for name in (*_NAMED, *_IMPORTED, *_FONTS):
        content.update((ROOT / "static" / name).read_bytes())
    shell = json.dumps({"version": content.hexdigest()[:16], "pages": pages, "files": files})
    response = make_response(f"const SHELL = {shell};\n{script}")
    response.content_type = "text/javascript; charset=utf-8"
    return response


@bp.get("/checkin/tablet.webmanifest")
@web.allow("public")
def tablet_manifest():
    """So that a tablet can carry the page on its home screen."""
    home = url_for("checkin.tablet")
    icons = [
        {"src": web.static(f"img/{name}-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": use}
        for name, size, use in (("icon", 192, "any"), ("icon", 512, "any"), ("icon-maskable", 512, "maskable"))
    ]
    manifest = {
        "id": home, "name": _("Check-in") + " – Serambi Halal", "short_name": _("Check-in"), "lang": str(get_locale()),
        "start_url": home, "scope": home, "display": "standalone", "background_color": "#ffffff",
        "theme_color": "#ffffff", "icons": icons,
    }  # fmt: skip
    response = make_response(json.dumps(manifest, ensure_ascii=False))
    response.content_type = "application/manifest+json"
    return response


def _shell(language: str | None = None) -> str:
    """The page in this language, or in that of who asks."""
    modules = [url_for("static", filename=name) for name in _IMPORTED if name.startswith("checkin/")]
    with force_locale(language if language in LOCALES else str(get_locale())):
        return render_template("checkin/tablet.html", modules=modules, **settings())
