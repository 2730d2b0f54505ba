"""What a version of a case changed against the one before it.

Derived by comparing, never kept: it cannot say something else than the versions do. An
element is known by its id ("children[c1].sex"), in a list without ids by its place
("children[c1].names[1].given"). A value is compared as a whole, so is a list of values.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from protocol.disclosure.dictionary import is_leaf, joined
from protocol.pb.homeward.v1.case_pb2 import Case


class What(enum.StrEnum):
    """What became of a value or of an element."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    # The same elements in another order.
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: where, and of which sort; never what stood or stands there."""

    place: str
    what: What


def differences(old: Case, new: Case) -> list[Difference]:
    """Return what is different in `new`, in reading order; nothing for what says the same."""
    return list(_differences(old, new, ""))


def _differences(old: Message, new: Message, place: str) -> Iterator[Difference]:
    # Most of a large case is as it was; to see that of a whole branch is quick.
    if old == new:
        return
    for field in cast(Descriptor, new.DESCRIPTOR).fields:
        here = joined(place, field.name)
        before, after = getattr(old, field.name), getattr(new, field.name)
        if is_leaf(field) or field.message_type is None:
            yield from _of_values(_held(old, field), _held(new, field), here)
        elif not field.is_repeated:
            yield from _differences(before, after, here)
        elif "id" in field.message_type.fields_by_name:
            yield from _of_elements(before, after, here)
        else:
            yield from _of_rows(before, after, here)


def _held(message: Message, field: FieldDescriptor) -> object:
    """Return what a field holds; None when that is nothing."""
    value = getattr(message, field.name)
    if field.is_repeated:
        return list(value) or None
    if field.has_presence:
        return value if message.HasField(field.name) else None
    return value or None


def _of_values(before: object, after: object, place: str) -> Iterator[Difference]:
    if before == after:
        return
    if before is None:
        yield Difference(place, What.ADDED)
    else:
        yield Difference(place, What.REMOVED if after is None else What.CHANGED)


def _of_elements(
    before: Sequence[Message], after: Sequence[Message], place: str
) -> Iterator[Difference]:
    """Compare lists whose elements have ids."""
    old, new = ({_id(each): each for each in held} for held in (before, after))
    if [i for i in old if i in new] != [i for i in new if i in old]:
        yield Difference(place, What.MOVED)
    for identifier in old:
        if identifier not in new:
            yield Difference(f"{place}[{identifier}]", What.REMOVED)
    for identifier, element in new.items():
        there = f"{place}[{identifier}]"
        if identifier in old:
            yield from _differences(old[identifier], element, there)
        else:
            yield Difference(there, What.ADDED)


def _of_rows(
    before: Sequence[Message], after: Sequence[Message], place: str
) -> Iterator[Difference]:
    """Compare lists whose elements are known by their place alone."""
    old, new = ([_bytes(each) for each in held] for held in (before, after))
    for tag, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        # As many as before: they were changed. Else what is too many went, or came.
        both = min(i_end - i, j_end - j)
        for number in range(both):
            there = f"{place}[{j + number}]"
            yield from _differences(before[i + number], after[j + number], there)
        for number in range(i + both, i_end):
            yield Difference(f"{place}[{number}]", What.REMOVED)
        for number in range(j + both, j_end):
            yield Difference(f"{place}[{number}]", What.ADDED)


def _id(element: Message) -> str:
    identifier: str = getattr(element, "id")  # noqa: B009  the type is not known here
    return identifier


def _bytes(element: Message) -> bytes:
    return element.SerializeToString(deterministic=True)
