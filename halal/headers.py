"""What every answer says of itself: who may embed it, what it may load, who may keep it."""

from functools import cache

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


_PRIVATE = ("/t/", "/undangan/", "/kelola", "/checkin")  # no cache keeps these, whoever asks


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
    vary(response, "HX-Request")
    given = {name.lower() for name, _value in headers}
    for name, lower, value in _fixed_headers(path.startswith("/checkin/"), current_app.config["SESSION_COOKIE_SECURE"]):
        if lower not in given:
            headers.add(name, value)
    return response


def init_app(app: Flask) -> None:
    """To be called first: what is registered first has the last word, after those who answer with headers."""
    app.after_request(_say)
