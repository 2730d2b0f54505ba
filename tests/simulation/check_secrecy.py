"""No word that a person wrote, and no byte of a file, lies on a disk unsealed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.simulation.contents import SECRET


def nothing_lies_in_the_clear(folder: Path) -> Iterator[str]:
    """Search every file of a home: database, write-ahead log, blobs, and the rest."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and SECRET in path.read_bytes():
            yield f"{path.name} of {folder.parent.name} holds clear text"
