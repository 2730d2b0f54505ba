"""No word that a person wrote, and no byte of a file, lies on a disk unsealed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from node.store import messages
from tests.simulation.books import Books
from tests.simulation.contents import SECRET
from tests.support.traces import contents

_WORDS = re.compile(re.escape(SECRET) + rb" <\d+>")


def nothing_lies_in_the_clear(folder: Path) -> Iterator[str]:
    """Search every file of a home: database, write-ahead log, blobs, and the rest."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and SECRET in path.read_bytes():
            yield f"{path.name} of {folder.parent.name} holds clear text"


def what_was_erased_is_gone(
    all_books: Mapping[str, Books], keys: Mapping[str, bytes]
) -> Iterator[str]:
    """What a node has erased of a message is in no page of its database, and in no file.

    What it said is known from the other end, if that has its own copy still.
    """
    for name, books in all_books.items():
        gone: set[bytes] = set()
        for direction, mirrored in ((messages.IN, messages.OUT), (messages.OUT, messages.IN)):
            for row in books.messages(direction):
                other = all_books[row.peer].message(mirrored, name, row.message_id)
                if not row.salt and other is not None:
                    gone |= set(_WORDS.findall(other.payload))
        if not gone:
            continue
        for place, content in contents(books.home, keys[name]):
            for words in gone & set(_WORDS.findall(content)):
                yield f"{place} of {name} holds {words.decode()}, which was erased"
