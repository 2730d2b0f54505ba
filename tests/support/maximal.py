"""A case in which every field is filled, each with a value that stands nowhere else.

It is made by walking the dictionary, so a field that is added is in it. Its values are
markers, which obey no list: it is put into a home past the checks of what people type.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from node.app import Core
from node.store import cases
from node.store.cases import CaseRow
from protocol.disclosure.dictionary import is_leaf, joined
from protocol.pb.homeward.v1.case_pb2 import Case

# A number in a payload may be anybody's; from here on they are ours.
_FIRST = 0x200000


def maximal_case(case_id: str = "") -> Case:
    """Return a case with one element in each list, and a marker in each field."""
    case = Case()
    _fill(case, itertools.count(_FIRST))
    if case_id:
        case.federated_id = case_id
    return case


def markers(case: Case) -> dict[str, set[str | int | bytes]]:
    """Return the values of each leaf of the dictionary, by its path; of values in all parts."""
    found: dict[str, set[str | int | bytes]] = {}
    for path, value in _markers(case, ""):
        found.setdefault(path, set()).add(value)
    return found


async def keep_case(core: Core, case: Case) -> None:
    """Put a case into a home as it is."""
    row = CaseRow(
        case_id=case.federated_id,
        version=1,
        body=case.SerializeToString(),
        made_at_ms=core.context.clock.now_ms(),
        made_by="test",
        reason="",
    )
    await core.store.write(lambda db: cases.add(db, row))


def _fill(message: Message, numbers: Iterator[int]) -> None:
    for field in message.DESCRIPTOR.fields:
        held = getattr(message, field.name)
        if field.message_type is not None:
            _fill(held.add() if field.is_repeated else held, numbers)
        elif field.is_repeated:
            held.append(_marker(field, next(numbers)))
        else:
            setattr(message, field.name, _marker(field, next(numbers)))


def _marker(field: FieldDescriptor, number: int) -> str | int | bytes:
    # Six characters: what fits also into a time zone.
    if field.type == FieldDescriptor.TYPE_STRING:
        return f"{number:06x}"
    return f"{number:06x}".encode() if field.type == FieldDescriptor.TYPE_BYTES else number


def _markers(message: Message, path: str) -> Iterator[tuple[str, str | int | bytes]]:
    for field, held in message.ListFields():
        here = joined(path, field.name)
        for value in held if field.is_repeated else (held,):
            if not isinstance(value, Message):
                yield here, value
            elif is_leaf(field):
                yield from ((here, inner) for _, inner in _markers(value, ""))
            else:
                yield from _markers(value, here)
