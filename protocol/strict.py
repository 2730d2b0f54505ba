"""The strict scan: one protobuf value has one encoding (SPEC.md section 3).

Protobuf readers accept duplicate fields, any order, over-long varints and
unknown fields, and the last duplicate wins. Two programs may therefore read two
different things from the same signed bytes. So security-relevant messages are
scanned first, against their descriptor, and refused unless

- fields come in ascending order, each at most once unless it is repeated;
- at most one member of a oneof is there;
- every varint is as short as it can be, and fits its type;
- a field without presence is left out when it holds its default value;
- no field below number 1000 is unknown (from 1000 on is room for extensions);
- nothing is left over at the end.

The scan reads structure only; lengths and meanings are checked in `wire`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from protocol.errors import PeerError, RefusalCode

if TYPE_CHECKING:
    # The stubs call the class that messages carry by another name.
    from google._upb._message import Descriptor as CompiledDescriptor

EXTENSION_FIELDS_FROM = 1000

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_FIXED_BYTES = {_FIXED64: 8, _FIXED32: 4}

_VARINT_BITS = {
    FieldDescriptor.TYPE_UINT32: 32,
    FieldDescriptor.TYPE_UINT64: 64,
    FieldDescriptor.TYPE_BOOL: 1,
    FieldDescriptor.TYPE_ENUM: 31,
}
_LENGTH_TYPES = frozenset(
    {FieldDescriptor.TYPE_BYTES, FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_MESSAGE}
)


@dataclass(frozen=True, slots=True)
class _Rule:
    wire_type: int
    bits: int
    is_repeated: bool
    has_presence: bool
    oneof: str
    nested: Descriptor | None


def scan(data: bytes, descriptor: Descriptor | CompiledDescriptor) -> None:
    """Refuse `data` unless it is the one encoding of a message of this type.

    Raises:
        PeerError: TRUNCATED, TRAILING_BYTES, DUPLICATE_FIELD, UNORDERED_FIELD,
            UNKNOWN_FIELD, NOT_MINIMAL or WRONG_WIRE_TYPE.
    """
    _scan(data, 0, len(data), cast("Descriptor", descriptor))


def _scan(data: bytes, position: int, end: int, descriptor: Descriptor) -> None:
    rules = _rules(descriptor)
    previous = 0
    oneofs: set[str] = set()
    while position < end:
        tag, position = _varint(data, position, end, bits=32)
        number, wire_type = tag >> 3, tag & 7
        rule = rules.get(number)
        _check_order(number, previous, rule)
        previous = number
        if rule is None:
            position = _skip(data, position, end, wire_type)
            continue
        if rule.oneof:
            if rule.oneof in oneofs:
                raise PeerError(RefusalCode.DUPLICATE_FIELD, "two members of a oneof")
            oneofs.add(rule.oneof)
        if wire_type != rule.wire_type:
            raise PeerError(RefusalCode.WRONG_WIRE_TYPE, f"field {number}")
        position = _value(data, position, end, rule)


def _check_order(number: int, previous: int, rule: _Rule | None) -> None:
    if number == 0:
        raise PeerError(RefusalCode.TRAILING_BYTES, "field number 0")
    if rule is None and number < EXTENSION_FIELDS_FROM:
        raise PeerError(RefusalCode.UNKNOWN_FIELD, f"field {number}")
    if number < previous:
        raise PeerError(RefusalCode.UNORDERED_FIELD, f"field {number} after {previous}")
    if number == previous and not (rule is not None and rule.is_repeated):
        raise PeerError(RefusalCode.DUPLICATE_FIELD, f"field {number}")


def _value(data: bytes, position: int, end: int, rule: _Rule) -> int:
    if rule.wire_type == _VARINT:
        value, position = _varint(data, position, end, bits=rule.bits)
        if value == 0 and not rule.has_presence:
            raise PeerError(RefusalCode.NOT_MINIMAL, "default value written out")
        return position
    length, position = _varint(data, position, end, bits=32)
    stop = position + length
    if stop > end:
        raise PeerError(RefusalCode.TRUNCATED, "length runs over the end")
    if rule.nested is not None:
        _scan(data, position, stop, rule.nested)
    elif rule.bits:
        _packed(data, position, stop, rule.bits)
    elif length == 0 and not (rule.has_presence or rule.is_repeated):
        raise PeerError(RefusalCode.NOT_MINIMAL, "default value written out")
    return stop


def _packed(data: bytes, position: int, end: int, bits: int) -> None:
    if position == end:
        raise PeerError(RefusalCode.NOT_MINIMAL, "empty packed field")
    while position < end:
        _, position = _varint(data, position, end, bits=bits)


def _varint(data: bytes, position: int, end: int, *, bits: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if position >= end:
            raise PeerError(RefusalCode.TRUNCATED, "varint")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
        if shift > 63:
            raise PeerError(RefusalCode.NOT_MINIMAL, "varint of more than ten bytes")
    if (byte == 0 and shift) or value >> bits:
        raise PeerError(RefusalCode.NOT_MINIMAL, "varint")
    return value, position


def _skip(data: bytes, position: int, end: int, wire_type: int) -> int:
    if wire_type == _VARINT:
        return _varint(data, position, end, bits=64)[1]
    if wire_type == _LENGTH:
        length, position = _varint(data, position, end, bits=32)
        stop = position + length
    elif wire_type in _FIXED_BYTES:
        stop = position + _FIXED_BYTES[wire_type]
    else:
        raise PeerError(RefusalCode.WRONG_WIRE_TYPE, "group")
    if stop > end:
        raise PeerError(RefusalCode.TRUNCATED, "extension field")
    return stop


@lru_cache(maxsize=64)
def _rules(descriptor: Descriptor) -> dict[int, _Rule]:
    return {field.number: _rule(field) for field in descriptor.fields}


def _rule(field: FieldDescriptor) -> _Rule:
    bits = _VARINT_BITS.get(field.type, 0)
    if not bits and field.type not in _LENGTH_TYPES:
        raise ValueError(f"{field.full_name}: a type that signed messages do not use")
    is_length = field.is_repeated or not bits
    oneof = field.containing_oneof
    return _Rule(
        wire_type=_LENGTH if is_length else _VARINT,
        bits=bits,
        is_repeated=field.is_repeated and not bits,
        has_presence=field.has_presence,
        oneof=oneof.name if oneof is not None else "",
        nested=field.message_type if field.type == FieldDescriptor.TYPE_MESSAGE else None,
    )
