"""What this installation writes is readable by its owner alone: attendees' data, keys, uploads."""

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import make_url

from halal.config import Settings

OTHERS = 0o077  # every permission of the group and of everybody else


def keep_private(settings: Settings) -> None:
    """Take others' permissions from all that this process will write, and from what older versions wrote.

    A closed folder protects what lies in it, so the files below it are left alone.
    """
    os.umask(OTHERS)
    for path in _written_by(settings):
        with suppress(OSError):  # somebody else's: then it is for them to say who reads it
            mode = path.stat().st_mode
            if mode & OTHERS:
                path.chmod(mode & 0o7777 & ~OTHERS)


def _written_by(settings: Settings) -> list[Path]:
    paths = [settings.instance]
    if settings.files_url.startswith("file://"):
        paths.append(Path(unquote(urlsplit(settings.files_url).path)))
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        paths += [Path(url.database + suffix) for suffix in ("", "-wal", "-shm", ".queue")]
    return paths
