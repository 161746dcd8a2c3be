"""Bahasa Indonesia first, English second. Messages are written in English; the catalogue is in translations/."""

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, request, session
from flask_babel import get_locale

LOCALES = ("id", "en")
DIRECTORY = str(Path(__file__).parent / "translations")


def select_locale() -> str:
    """The language a person chose; Bahasa Indonesia otherwise, whatever the browser asks for."""
    chosen = session.get("locale") if request else None
    return chosen if chosen in LOCALES else LOCALES[0]


def compile_catalogue() -> None:
    """Make messages.mo of messages.po when it is missing or older."""
    for po in Path(DIRECTORY).glob("*/LC_MESSAGES/messages.po"):
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        with po.open("rb") as source:
            catalogue = read_po(source, locale=po.parent.parent.name)
        temporary = mo.with_name(f"{mo.name}.{os.getpid()}")  # several processes may start at once
        with temporary.open("wb") as target:
            write_mo(target, catalogue)
        temporary.replace(mo)


def init_app(app: Flask) -> None:
    compile_catalogue()
    app.jinja_env.add_extension("jinja2.ext.i18n")

    @app.context_processor
    def _locale():
        return {"locale": str(get_locale() or "id")}
