"""By what a value of a case is known again, wherever it stands and however it is spelled.

A mark is the field, with the ids of the elements on the way to it ("children[c1].sex"),
and a digest of what it says. Lists without ids are compared as sets, since an element
moves when another is taken out; blanks, case and forms of a letter do not count. So what
a peer told is known again in a later version of the case, and in a part of it that goes out.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from google.protobuf.message import Message

from protocol.disclosure.dictionary import Value, elements, is_leaf, joined
from protocol.pb.homeward.v1.case_pb2 import Case

_LOCAL_IDS = frozenset({"id", "child_id", "child_ids"})


@dataclass(frozen=True, slots=True)
class Mark:
    """One value: the element and field that it belongs to, and a digest of it."""

    element: str
    digest: bytes


def marks(case: Case) -> Iterator[Mark]:
    """Yield the mark of every value that a case holds; local ids are none."""
    yield from _marks(case, "")


def _marks(message: Message, element: str) -> Iterator[Mark]:
    for field, _, value in elements(message, ""):
        here = joined(element, field.name)
        if isinstance(value, Message) and not is_leaf(field):
            identifier = getattr(value, "id", "")
            yield from _marks(value, f"{here}[{identifier}]" if identifier else here)
        elif field.name not in _LOCAL_IDS:
            yield Mark(here, _digest(value))


def _digest(value: Value) -> bytes:
    return hashlib.sha256("\x1f".join(_words(value)).encode()).digest()


def _words(value: Value) -> Iterator[str]:
    """Yield what a value says, without how it is spelled."""
    if isinstance(value, Message):
        for field, _, part in elements(value, ""):
            yield field.name
            yield from _words(part)
    elif isinstance(value, str):
        yield "".join(unicodedata.normalize("NFKC", value).casefold().split())
    else:
        yield value.hex() if isinstance(value, bytes) else str(value)
