"""What lies in storage, for tests that look whether nothing is left there."""

import obstore

from halal import files


def keys(folder: str) -> list[str]:
    """The keys of all files in a folder, sorted."""
    found = obstore.list(files._store(), folder)
    return sorted(one["path"] for part in found for one in part)
