"""What must hold of the directory: everybody comes to have the newest, and says so in its log."""

from __future__ import annotations

from collections.abc import Iterator

from keys.directory_files import DirectoryFolder, newest_version
from node.exchange.directory import directory_subject
from node.store import directories
from tests.simulation.books import LOG_NUMBER, Books


def the_newest_is_in_force_and_noted(books: Books, newest: int) -> Iterator[str]:
    """The files are those of the newest directory, and the newest entry is about them."""
    files = DirectoryFolder(books.home.directory).load()
    version = newest_version(files, "snapshot")
    if version != newest:
        yield f"{books.name}: directory {version} is in force, and the newest is {newest}"
    entry = directories.latest(books.db, LOG_NUMBER)
    if entry is None or entry.subject != directory_subject(files):
        noted = None if entry is None else entry.version
        yield f"{books.name}: directory {version} is in force, and the log says {noted}"
