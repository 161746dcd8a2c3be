"""What every answer says of itself: who may embed it, what it may load, who may keep it."""

import unicodedata
from functools import cache
from urllib.parse import quote

from flask import Flask, Response, current_app, request, session

_CSP = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "media-src": "'self' blob:",
    "worker-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


_CSP_EVERYWHERE = "; ".join(f"{k} {v}" for k, v in _CSP.items())
# the QR reader is WebAssembly
_CSP_CHECKIN = _CSP_EVERYWHERE.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")


_PRIVATE = ("/t/", "/undangan/", "/sandi/", "/kelola", "/checkin")  # no cache keeps these, whoever asks


@cache
def _fixed_headers(at_the_door: bool, secure: bool) -> tuple[tuple[str, str, str], ...]:
    """(name, its lower case, value) of what every answer says."""
    camera = "camera=(self)" if at_the_door else "camera=()"
    said = {
        "Content-Security-Policy": _CSP_CHECKIN if at_the_door else _CSP_EVERYWHERE,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": f"{camera}, geolocation=(), microphone=(), payment=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if secure:
        said["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return tuple((name, name.lower(), value) for name, value in said.items())


# What the older half of a file's name writes instead: typographic marks that come apart into nothing.
_PLAIN_MARKS = str.maketrans({**dict.fromkeys("‘’‚‛ʼʻ′`´", "'"), **dict.fromkeys("‐‑‒–—―−", "-")})
_ATTR_CHARS = "!#$&+-.^_`|~"  # unreserved in an ext-value, besides letters and digits (RFC 8187, section 3.2.1)


def content_disposition(filename: str, *, inline: bool = False) -> str:
    """Return the header that names a file for saving, whatever letters its name has (RFC 6266).

    A server sends nothing but Latin-1 in a header, so the name stands twice: as ASCII without quotation marks, for old
    programs, and whole as UTF-8 (RFC 8187) where the first lost something.
    """
    name = " ".join("".join(ch if ch.isprintable() else " " for ch in filename).split())
    name = name or "berkas"
    apart = unicodedata.normalize("NFKD", name.translate(_PLAIN_MARKS))
    plain = "".join(ch for ch in apart if not unicodedata.combining(ch))
    plain = "".join(ch if " " <= ch <= "~" and ch not in '"\\%' else "_" for ch in plain)
    whole = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"
    return f'{"inline" if inline else "attachment"}; filename="{plain}"{whole}'


def name_download(response: Response, filename: str, *, inline: bool = False) -> Response:
    """Let the browser save this answer under the name, or show it (`inline`)."""
    response.headers["Content-Disposition"] = content_disposition(filename, inline=inline)
    return response


def vary(response: Response, header: str) -> None:
    """Note that the answer depends on this header of the request (RFC 9110, 12.5.5)."""
    said = response.headers.get("Vary")
    response.headers["Vary"] = f"{said}, {header}" if said else header


def _say(response: Response) -> Response:
    headers, path = response.headers, request.path
    if request.endpoint == "static":
        if request.args.get("v"):
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif path.startswith(_PRIVATE) or session.get("_user_id"):
        headers.setdefault("Cache-Control", "no-store")
    if response.status_code == 429:
        headers.setdefault("Retry-After", "60")  # where nobody said it more exactly
    vary(response, "HX-Request")
    given = {name.lower() for name, _value in headers}
    for name, lower, value in _fixed_headers(path.startswith("/checkin/"), current_app.config["SESSION_COOKIE_SECURE"]):
        if lower not in given:
            headers.add(name, value)
    return response


def init_app(app: Flask) -> None:
    """To be called first: what is registered first has the last word, after those who answer with headers."""
    app.after_request(_say)
