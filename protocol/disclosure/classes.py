"""Of which class the data in a disclosed case are: special categories, offences.

The dictionary says it for each field (option `data_class`), also for all that lies in
it. A code that says that there is nothing, or that nobody knows, is of no class. Where
only some codes of a field are about offences they are listed here. What people write in
free text elsewhere nothing can read: that is theirs to judge.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from protocol.disclosure.dictionary import Value, elements, is_leaf
from protocol.pb.homeward.v1 import options_pb2
from protocol.pb.homeward.v1.case_pb2 import Case
from protocol.vocabularies.terms import NO_ANSWER
from protocol.vocabulary import vocabulary_of


class DataClass(enum.IntEnum):
    """Data that may only be passed on under a condition of its own (options.proto)."""

    SPECIAL = options_pb2.DATA_CLASS_SPECIAL
    OFFENCE = options_pb2.DATA_CLASS_OFFENCE


_OFFENCES: Mapping[str, frozenset[str]] = MappingProxyType(
    {"vulnerability": frozenset({"criminal_exploitation", "weapon"})}
)
_NOTHING = frozenset({*NO_ANSWER, "none", "none_known"})
# A group with one of these is about what the code says.
_HEADS = ("kind", "status")


def data_classes(case: Case) -> frozenset[DataClass]:
    """Return the classes of the data that a case holds."""
    return frozenset(_classes(case))


def class_of(field: FieldDescriptor) -> DataClass | None:
    """Return the field's own class, whatever it lies in."""
    number: int = field.GetOptions().Extensions[options_pb2.data_class]  # type: ignore[index]
    return DataClass(number) if number else None


def is_classed(path: str) -> bool:
    """Return whether what a path of the dictionary names is of a class, or lies in what is."""
    descriptor = cast(Descriptor, Case.DESCRIPTOR)
    for name in path.split("."):
        field = descriptor.fields_by_name[name]
        if class_of(field) is not None:
            return True
        if field.message_type is not None:
            descriptor = field.message_type
    return False


def _classes(message: Message) -> Iterator[DataClass]:
    for field, _, value in elements(message, ""):
        own = class_of(field)
        if own is not None and _says_something(field, value):
            yield own
        if isinstance(value, Message) and not is_leaf(field):
            yield from _classes(value)
        elif value in _OFFENCES.get(vocabulary_of(field), ()):
            yield DataClass.OFFENCE


def _says_something(field: FieldDescriptor, value: Value) -> bool:
    if not isinstance(value, Message):
        return not vocabulary_of(field) or value not in _NOTHING
    heads = [getattr(value, name, "") for name in _HEADS]
    return bool(value.ListFields()) and not any(head in _NOTHING for head in heads)
