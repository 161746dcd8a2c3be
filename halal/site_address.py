"""Whether people reach the site at the address that it believes to have (HALAL_BASE_URL).

A reverse proxy that hands on another host or scheme than people type makes log-ins fail in ways that explain nothing.
So what differs is named on the error page, and in the log once for each kind.
"""

from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_babel import gettext as _

_PORTS = {"http": 80, "https": 443}
_PROGRAMS = {"static", "portal.healthz"}  # asked from inside, by addresses of their own


def origin_of(url: str) -> str:
    """Scheme, host and port as browsers write an origin: lower case, no port that goes without saying."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://[{host}]{port}" if ":" in host else f"{parts.scheme}://{host}{port}"


def own_origin() -> str:
    return current_app.extensions["own_origin"]


def used_origin() -> str:
    """Where this request went, as the proxies before us tell."""
    try:
        return origin_of(f"{request.scheme}://{request.environ.get('HTTP_HOST', '')}")
    except ValueError:  # a port that is no number
        return f"{request.scheme}://?"


def problem() -> str | None:
    """A sentence for people when this request came by another address than HALAL_BASE_URL."""
    used, own = used_origin(), own_origin()
    if used == own:
        return None
    return _(
        "The address in use (%(used)s) differs from the address of this site (HALAL_BASE_URL: %(own)s), so forms may "
        "not arrive. Tell whoever runs this site.", used=used[:100], own=own,
    )  # fmt: skip


def _kinds() -> set[str]:
    """What is wrong with the way this request came."""
    found = set()
    used, own = urlsplit(used_origin()), urlsplit(own_origin())
    if used.scheme != own.scheme:
        found.add("scheme")
    if used.hostname != own.hostname:
        found.add("host")
    elif used.netloc != own.netloc and used.scheme == own.scheme:
        found.add("port")
    if not current_app.config["HALAL"].trust_proxy and any(
        name.startswith("HTTP_X_FORWARDED_") for name in request.environ
    ):
        found.add("proxy")
    return found


_REMEDIES = {
    "scheme": "let the proxy send X-Forwarded-Proto and set HALAL_TRUST_PROXY=1, or correct HALAL_BASE_URL",
    "host": "let the proxy hand on the host (nginx: proxy_set_header Host $http_host), or correct HALAL_BASE_URL",
    "port": "let the proxy hand on the port, too (nginx: proxy_set_header Host $http_host), or correct HALAL_BASE_URL",
    "proxy": "a proxy stands before the site (X-Forwarded-…) and is not believed: set HALAL_TRUST_PROXY=1, "
    "else all people count as one address",
}


def init_app(app: Flask) -> None:
    own = app.extensions["own_origin"] = origin_of(app.config["HALAL"].base_url)
    scheme, _sep, host = own.partition("://")
    told: set[str] = set()

    @app.before_request
    def _compare():
        environ = request.environ
        as_expected = environ["wsgi.url_scheme"] == scheme and environ.get("HTTP_HOST") == host
        if (as_expected and "HTTP_X_FORWARDED_FOR" not in environ) or request.endpoint in _PROGRAMS:
            return
        for kind in sorted(_kinds() - told):
            told.add(kind)
            app.logger.warning(
                "a request came by %.100r, HALAL_BASE_URL is %s: %s", used_origin(), own, _REMEDIES[kind]
            )
