"""Signature lines of notes: their form, and the names and ids of keys (C2SP signed-note).

One value has one spelling here: canonical base64, decimals without leading zeroes.
What the lines sign, and whose they must be, is in `notes`.
"""

from __future__ import annotations

import base64
import enum
import hashlib
import re
from dataclasses import dataclass

from protocol import limits

_KEY_ID_BYTES = 4
_SIGNATURE_PREFIX = "\u2014 "
_KEY_NAME = re.compile(r"[^\s+\x00-\x1f]+")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class SignatureType(enum.IntEnum):
    """Signature type identifier byte of a key (signed-note, tlog-cosignature)."""

    ED25519 = 0x01
    MLDSA44 = 0x06


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line under a note; `key_id` is a hint of four bytes, not an identity."""

    name: str
    key_id: bytes
    signature: bytes


def key_id(name: str, kind: SignatureType, public_key: bytes) -> bytes:
    """Return the four bytes that point to a key in a signature line (signed-note)."""
    named_key = name.encode() + b"\n" + bytes([kind]) + public_key
    return hashlib.sha256(named_key).digest()[:_KEY_ID_BYTES]


def verifier_key(name: str, kind: SignatureType, public_key: bytes) -> str:
    """Return the key as a `vkey` line, the form in which tools of others take it."""
    require_key_name(name)
    key = encode_base64(bytes([kind]) + public_key)
    return f"{name}+{key_id(name, kind, public_key).hex()}+{key}"


def parse_signature_line(line: str) -> SignatureLine:
    """Read a line without its newline; ValueError where it has another form."""
    if not line.startswith(_SIGNATURE_PREFIX):
        raise ValueError("signature line")
    name, _, encoded = line.removeprefix(_SIGNATURE_PREFIX).partition(" ")
    if _KEY_NAME.fullmatch(name) is None:
        raise ValueError("key name")
    signature = decode_base64(encoded)
    if len(signature) <= _KEY_ID_BYTES:
        raise ValueError("signature is too short")
    return SignatureLine(name, signature[:_KEY_ID_BYTES], signature[_KEY_ID_BYTES:])


def signature_line(name: str, kind: SignatureType, key: bytes, signature: bytes) -> bytes:
    """Write a line of a note, with its newline."""
    encoded = encode_base64(key_id(name, kind, key) + signature)
    return f"{_SIGNATURE_PREFIX}{name} {encoded}\n".encode()


def require_key_name(name: str) -> None:
    """Raise ValueError unless this can name a key and a log."""
    # tlog-checkpoint only recommends this form for an origin. Here the origin is also a
    # key name, and cosigned_message holds it behind a length of one byte.
    if _KEY_NAME.fullmatch(name) is None or len(name.encode()) > limits.ORIGIN_BYTES:
        raise ValueError("origin or key name")


def parse_decimal(text: str) -> int:
    """Read a number that has no leading zeroes; else ValueError."""
    if _DECIMAL.fullmatch(text) is None:
        raise ValueError("decimal number")
    return int(text)


def encode_base64(data: bytes) -> str:
    """Return standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Read the one base64 spelling of a value; else ValueError."""
    data = base64.b64decode(text, validate=True)
    # Unused bits of the last character may hold anything; one value, one spelling.
    if encode_base64(data) != text:
        raise ValueError("base64 is not canonical")
    return data
