"""Stored files (PDFs, pictures, uploads): one small interface over a local folder or S3-compatible storage."""

import contextlib
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from flask import current_app
from obstore.store import LocalStore, from_url


class FileMissing(LookupError):
    """No file has this key."""


def _store():
    # Made on first use in each process: its threads do not survive a fork.
    store = current_app.extensions.get("files")
    if store is None:
        url = current_app.config["HALAL"].files_url
        if url.startswith("file://"):
            store = LocalStore(prefix=Path(unquote(urlsplit(url).path)), mkdir=True)
        else:
            store = from_url(url)
        current_app.extensions["files"] = store
    return store


def put(key: str, content: bytes) -> None:
    """Store the content under the key, whole or not at all."""
    obstore.put(_store(), key, content)


def get(key: str) -> bytes:
    """The content; FileMissing when there is none."""
    try:
        return bytes(obstore.get(_store(), key).bytes())
    except FileNotFoundError:
        raise FileMissing(key) from None


def keys(folder: str, after: str = "") -> list[str]:
    """The keys of all files in a folder, sorted; only those that come after this key."""
    found = obstore.list(_store(), folder, offset=after or None)
    return sorted(one["path"] for part in found for one in part)


def delete(key: str) -> None:
    """Remove the file; quiet when it is gone already."""
    with contextlib.suppress(FileNotFoundError):
        obstore.delete(_store(), key)
