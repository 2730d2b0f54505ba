"""Places in a case as people name them: elements by their id where they have one.

What counts elements ("children[0].sex") fits any message; a place that goes by ids
("children[c1].sex") stays the same when an element before it is taken out, and is what a
change of a single field names.
"""

from __future__ import annotations

import re
from typing import Any

from google.protobuf.message import Message

_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<number>\d+)\])?")


def named_place(message: Message, place: str) -> str:
    """Return a place that counts elements as one that goes by their ids."""
    named: list[str] = []
    held: Any = message
    for part in place.split("."):
        match = _STEP.fullmatch(part)
        if match is None or not isinstance(held, Message):
            return place
        held = getattr(held, match["name"])
        if match["number"] is not None:
            held = held[int(match["number"])]
        identifier = getattr(held, "id", "") if match["number"] is not None else ""
        named.append(f"{match['name']}[{identifier}]" if identifier else part)
    return ".".join(named)
