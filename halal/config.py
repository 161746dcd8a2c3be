"""Configuration: every HALAL_* variable, its default and its meaning. A bad value fails at start with a sentence.

| variable | default | meaning |
| ------- | ------- | ------- |
| HALAL_DATABASE_URL | sqlite in the instance folder | sqlite:////path or postgresql://user:secret@host/name |
| HALAL_SECRET_KEY | made once, kept in instance folder | signs sessions, locks offices' keys; at least 32 characters |
| HALAL_FILES_URL | files/ in the instance folder | file:///folder or s3://bucket/prefix (AWS_* for access) |
| HALAL_BASE_URL | http://127.0.0.1:PORT | the public address: in QR codes, mails and WhatsApp links |
| HALAL_SMTP_URL | empty: no mail is sent | smtp://user:secret@host:587 (STARTTLS), smtps://…:465, or |
| | | smtp+plain://host:25 without encryption |
| HALAL_MAIL_FROM | noreply@<host of HALAL_BASE_URL> | sender of mails |
| HALAL_DEMO | 0 (`make run` sets 1) | 1 loads the demo data into an empty database at start |
| HALAL_WORKERS | 2 | web processes |
| HALAL_SESSION_DAYS | 30 | days after which staff log in again, however often they come (1 to 365) |
| HALAL_SEAL_PASSWORD | asked for | opens the file that `flask signing install-seal` is given; read by nothing else |
| HALAL_TRUST_PROXY | 0 | number of reverse proxies whose X-Forwarded-* are believed |
| HALAL_INSTANCE | instance/ beside app.py | folder for everything this installation makes by itself |
| HALAL_BIND | 127.0.0.1 | the address to listen on; 0.0.0.0 for all |
| PORT | 8000 | where the web server listens |
"""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
THREADS = 8  # requests at the same time, in each web process; each may hold a connection to the database
SPARE_THREADS = 2  # more of them in each, for what needs no database while it hangs

_HOST = re.compile(r"[\w.-]*\w|[0-9a-f:.]+", re.IGNORECASE)  # a name, an address; not the "…" of an example


class ConfigError(SystemExit):
    """A variable has a value that cannot work. Ends the start with one sentence, not a traceback."""


@dataclass(frozen=True)
class Settings:
    """What the variables say, read and checked."""

    instance: Path
    database_url: str
    secret_key: str
    files_url: str
    base_url: str
    smtp_url: str
    mail_from: str
    demo: bool
    workers: int
    session_days: int
    trust_proxy: int
    port: int
    bind: str


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read and check all variables; raises ConfigError with a sentence naming the variable and the remedy."""
    instance = Path(environ.get("HALAL_INSTANCE") or ROOT / "instance").resolve()
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"HALAL_INSTANCE: cannot make the folder {instance}: {error.strerror}.") from None
    port = _number(environ, "PORT", 8000, 1, 65535)
    base_url = _url(environ, "HALAL_BASE_URL", f"http://127.0.0.1:{port}", {"http", "https"}).rstrip("/")
    return Settings(
        instance=instance,
        database_url=_database_url(environ, instance),
        secret_key=_secret_key(environ, instance),
        files_url=_files_url(environ, instance),
        base_url=base_url,
        smtp_url=_url(environ, "HALAL_SMTP_URL", "", {"smtp", "smtps", "smtp+plain"}),
        mail_from=environ.get("HALAL_MAIL_FROM") or f"noreply@{urlsplit(base_url).hostname}",
        demo=_flag(environ, "HALAL_DEMO"),
        workers=_number(environ, "HALAL_WORKERS", 2, 1, 64),
        session_days=_number(environ, "HALAL_SESSION_DAYS", 30, 1, 365),
        trust_proxy=_number(environ, "HALAL_TRUST_PROXY", 0, 0, 5),
        port=port,
        bind=environ.get("HALAL_BIND") or "127.0.0.1",
    )


def start_warnings(settings: Settings) -> list[str]:
    """What is probably not meant as it is set, one sentence each: for the start of a site that is no demo."""
    parts = urlsplit(settings.base_url)
    local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
    found = []
    if not settings.demo and local:
        found.append(
            f"HALAL_BASE_URL is {settings.base_url}: QR codes, tickets and mails lead nowhere from other machines. "
            "Set it to the public address, https://…"
        )
    if not local and parts.scheme == "http":
        found.append("HALAL_BASE_URL begins with http: tablets get neither camera nor work without network. Use https.")
    if not settings.trust_proxy and (parts.scheme == "https" or (not local and parts.port != settings.port)):
        found.append(
            f"HALAL_BASE_URL is {settings.base_url}, so a reverse proxy must stand before port {settings.port}, and "
            "HALAL_TRUST_PROXY is 0: set it to 1, else all people count as one address."
        )
    if settings.trust_proxy and settings.bind not in {"127.0.0.1", "::1", "localhost"}:
        found.append(
            f"HALAL_TRUST_PROXY is {settings.trust_proxy} and HALAL_BIND {settings.bind}: whoever reaches port "
            f"{settings.port} without the proxy may claim any address. Let only the proxy reach it."
        )
    if not settings.smtp_url and not settings.demo:
        found.append("HALAL_SMTP_URL is not set: no mail is sent, and none is offered.")
    return found


def _flag(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name) or "0"
    if value not in {"0", "1"}:
        raise ConfigError(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def _number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = environ.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise ConfigError(f"{name} must be a whole number from {low} to {high}, not {value!r}.")
    return int(value)


def _url(environ: Mapping[str, str], name: str, default: str, schemes: set[str]) -> str:
    value = environ.get(name) or default
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname or "", parts.port
    except ValueError:  # a port that is no number, half an IPv6 address
        parts, host = urlsplit(""), ""
    if parts.scheme not in schemes or not _HOST.fullmatch(host):
        raise ConfigError(f"{name} must look like {' or '.join(f'{s}://host' for s in sorted(schemes))}.")
    return value


def _database_url(environ: Mapping[str, str], instance: Path) -> str:
    value = environ.get("HALAL_DATABASE_URL") or f"sqlite:///{instance / 'halal.sqlite3'}"
    scheme = value.partition("://")[0]
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return "postgresql+psycopg://" + value.partition("://")[2]
    if scheme == "sqlite" and value.startswith("sqlite:///") and ":memory:" not in value:
        return value
    raise ConfigError("HALAL_DATABASE_URL must be sqlite:////path/to/file or postgresql://user:secret@host/name.")


def _files_url(environ: Mapping[str, str], instance: Path) -> str:
    value = environ.get("HALAL_FILES_URL") or (instance / "files").as_uri()
    if value.startswith("file:///") or (value.startswith("s3://") and urlsplit(value).hostname):
        return value
    raise ConfigError("HALAL_FILES_URL must be file:///folder or s3://bucket/prefix.")


def _secret_key(environ: Mapping[str, str], instance: Path) -> str:
    value = environ.get("HALAL_SECRET_KEY")
    if value:
        if len(value) < 32:
            raise ConfigError("HALAL_SECRET_KEY must have at least 32 characters; leave it unset to have one made.")
        return value
    path = instance / "secret_key"
    try:
        # O_EXCL: of two processes that start at once, one makes the key and both read it.
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    except OSError as error:
        raise ConfigError(f"HALAL_INSTANCE: cannot write in the folder {instance}: {error.strerror}.") from None
    try:
        return path.read_text().strip()
    except OSError as error:
        raise ConfigError(f"HALAL_INSTANCE: cannot read {path}: {error.strerror}. Run this as its owner.") from None


def flask_settings(settings: Settings) -> dict:
    """The same, as Flask and its extensions want to read it."""
    secure = settings.base_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        # errors in the log name no people; the connection used last is the one whose statements are at hand
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "hide_parameters": True,
            "pool_use_lifo": True,
            "pool_size": THREADS,
        },
        "BABEL_DEFAULT_LOCALE": "id",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Jakarta",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": secure,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": secure,
        "PERMANENT_SESSION_LIFETIME": 12 * 3600,
        "MAX_CONTENT_LENGTH": 12 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "MAX_FORM_PARTS": 5000,
        # the token and SameSite cookies decide; a referrer says nothing behind a proxy that hands on another host
        "WTF_CSRF_SSL_STRICT": False,
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a form left open over lunch still works
        "HALAL": settings,
    }
