"""The data dictionary as code reads it: one `FieldInfo` for each field of Case.

- A leaf is what people tick and read as one thing: a plain field, or a message
  marked `is_value` (a date, a text with its language). All else is a group.
- How far a field may travel is the strictest share on the way from Case to it.
- A field without a share never leaves: forgetting the option must not disclose.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from protocol.pb.homeward.v1 import options_pb2
from protocol.vocabulary import vocabulary_of

_MAPPINGS = (options_pb2.pfif, options_pb2.niem, options_pb2.yellow, options_pb2.hague)
_DEFAULT_CODE_CHARACTERS = 64
_DEFAULT_TEXT_CHARACTERS = 200
_DEFAULT_ITEMS = 50

Value = Message | str | int | bytes


class Share(enum.IntEnum):
    """How far a field may travel; a higher number is stricter (options.proto)."""

    ENVELOPE = 1
    MINIMAL = 2
    OPTIONAL = 3
    SENSITIVE = 4
    NEVER = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldInfo:
    """One field of the dictionary.

    `mappings` has the field's names in other formats, by "pfif", "niem", "yellow" and
    "hague". `max_items` is 1 unless it repeats.
    """

    path: str
    share: Share
    is_group: bool
    vocabulary: str
    mappings: Mapping[str, tuple[str, ...]]
    max_length: int
    max_items: int


@dataclass(frozen=True, slots=True)
class Filled:
    """One value that a message holds, with the way to it.

    `path` is the field's; `place` also counts the elements: "children[0].sex".
    """

    path: str
    place: str
    field: FieldDescriptor
    value: Value


def fields(message_type: type[Message]) -> Iterator[FieldInfo]:
    """Yield every field below a message type in reading order, a group before its fields."""
    yield from _all_fields(cast(Descriptor, message_type.DESCRIPTOR))


@cache
def _all_fields(descriptor: Descriptor) -> tuple[FieldInfo, ...]:
    return tuple(_fields(descriptor, "", Share.ENVELOPE))


def filled(message: Message, *, path: str = "", place: str = "") -> Iterator[Filled]:
    """Yield every leaf value that a message holds, in reading order."""
    for field, value_place, value in elements(message, place):
        field_path = joined(path, field.name)
        if isinstance(value, Message) and not is_leaf(field):
            yield from filled(value, path=field_path, place=value_place)
        else:
            yield Filled(field_path, value_place, field, value)


def filled_paths(message: Message) -> list[str]:
    """Return the path of every leaf that a message holds, once each, in reading order."""
    return list(_paths_below([message], ""))


def _paths_below(messages: Sequence[Message], path: str) -> Iterator[str]:
    """Yield what any of these holds, which all stand at one path: each path is come to once."""
    found: dict[FieldDescriptor, list[Message]] = {}
    for message in messages:
        for field, held in message.ListFields():
            groups = found.setdefault(field, [])
            if not is_leaf(field):
                groups.extend(held if field.is_repeated else (held,))
    for field in sorted(found, key=lambda each: each.index):
        here = joined(path, field.name)
        if is_leaf(field):
            yield here
        else:
            yield from _paths_below(found[field], here)


def elements(message: Message, place: str) -> Iterator[tuple[FieldDescriptor, str, Value]]:
    """Yield field, place and value of what a message holds itself, each element apart."""
    for field, held in sorted(message.ListFields(), key=lambda pair: pair[0].index):
        here = joined(place, field.name)
        if field.is_repeated:
            yield from ((field, f"{here}[{number}]", value) for number, value in enumerate(held))
        else:
            yield field, here, held


# Asked of every field of every message that is read; like all options it never changes.
@cache
def is_leaf(field: FieldDescriptor) -> bool:
    """Return whether paths end at this field."""
    return field.message_type is None or is_value(field.message_type)


@cache
def is_value(descriptor: Descriptor) -> bool:
    """Return whether a message is one answer in several parts."""
    # The generated stubs give extensions no type of their own, here and below.
    return bool(descriptor.GetOptions().Extensions[options_pb2.is_value])  # type: ignore[index]


def share_of(field: FieldDescriptor) -> Share:
    """Return the field's own share, whatever it lies in."""
    return Share(_number(field, options_pb2.share) or Share.NEVER)


def max_length(field: FieldDescriptor) -> int:
    """Return the most characters of a string field."""
    default = _DEFAULT_CODE_CHARACTERS if vocabulary_of(field) else _DEFAULT_TEXT_CHARACTERS
    return _number(field, options_pb2.max_length) or default


def max_items(field: FieldDescriptor) -> int:
    """Return the most elements of a field; 1 when it does not repeat."""
    return (_number(field, options_pb2.max_items) or _DEFAULT_ITEMS) if field.is_repeated else 1


def joined(path: str, name: str) -> str:
    """Return the path of a field below another."""
    return f"{path}.{name}" if path else name


def _fields(descriptor: Descriptor, path: str, share: Share) -> Iterator[FieldInfo]:
    for field in descriptor.fields:
        info = _field_info(field, path, share)
        yield info
        if field.message_type is not None and info.is_group:
            yield from _fields(field.message_type, info.path, info.share)


def _field_info(field: FieldDescriptor, path: str, share: Share) -> FieldInfo:
    return FieldInfo(
        path=joined(path, field.name),
        share=max(share, share_of(field)),
        is_group=not is_leaf(field),
        vocabulary=vocabulary_of(field),
        mappings=_mappings(field),
        max_length=max_length(field),
        max_items=max_items(field),
    )


def _mappings(field: FieldDescriptor) -> Mapping[str, tuple[str, ...]]:
    extensions = field.GetOptions().Extensions
    listed: dict[str, tuple[str, ...]] = {}
    for option in _MAPPINGS:
        names: str = extensions[option]  # type: ignore[index]
        if names:
            listed[option.name] = tuple(names.split(", "))
    return MappingProxyType(listed)


# Options never change, and to read one costs more than all else that is done with a field.
@cache
def _number(field: FieldDescriptor, option: FieldDescriptor) -> int:
    number: int = field.GetOptions().Extensions[option]  # type: ignore[index]
    return number
