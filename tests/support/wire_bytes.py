"""Protobuf bytes made by hand, so that a test can spell them as no library would."""

from __future__ import annotations

VARINT, FIXED64, LENGTH, GROUP, FIXED32 = 0, 1, 2, 3, 5


def varint(value: int, *, extra: int = 0) -> bytes:
    """Return a varint, longer than it need be by `extra` bytes."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F)
    groups += [0] * extra
    return bytes(group | 0x80 for group in groups[:-1]) + bytes(groups[-1:])


def tag(number: int, wire_type: int, *, extra: int = 0) -> bytes:
    return varint(number << 3 | wire_type, extra=extra)


def number_field(number: int, value: int, *, extra: int = 0) -> bytes:
    return tag(number, VARINT) + varint(value, extra=extra)


def bytes_field(number: int, value: bytes) -> bytes:
    return tag(number, LENGTH) + varint(len(value)) + value
