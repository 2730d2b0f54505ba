"""Identifiers and their forms.

Ids are `NewType`s so that the type checker keeps them apart; the parse
functions are the only way in for untrusted text and bytes.
"""

from __future__ import annotations

import re
from typing import NewType

from protocol import limits
from protocol.errors import PeerError, RefusalCode

NodeId = NewType("NodeId", str)
"""`<country>.<name>`, for example `be.example`: lower case, at most 63 characters."""

MessageId = NewType("MessageId", bytes)
"""16 random bytes; stays the same when a message is sealed again."""

LegId = NewType("LegId", bytes)
"""16 random bytes that all messages of one leg share (the header's exchange_id)."""

EnvelopeId = NewType("EnvelopeId", bytes)
"""SHA-256 over header and ciphertext, 32 bytes (SPEC.md section 4)."""

BlobId = NewType("BlobId", bytes)
"""SHA-256 of an encrypted attachment, 32 bytes."""

RANDOM_ID_BYTES = 16
MESSAGE_ID_RANDOM_BYTES = 10
DIGEST_BYTES = 32

_NODE_ID = re.compile(r"[a-z]{2}\.[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?", re.ASCII)


def parse_node_id(text: str) -> NodeId:
    """Check the form of a node id.

    Raises:
        PeerError: INVALID_VALUE.
    """
    if len(text) > limits.NODE_ID_BYTES or _NODE_ID.fullmatch(text) is None:
        raise PeerError(RefusalCode.INVALID_VALUE, "node id")
    return NodeId(text)


def make_message_id(at_ms: int, random: bytes) -> MessageId:
    """Return a new message id: 6 bytes of time, 10 random bytes.

    Ids that rise let a database add them at the end of its indexes (RFC 9562, 6.2);
    to readers they are 16 bytes without meaning.

    Raises:
        ValueError: not 10 random bytes, or a time beyond 48 bits.
    """
    if len(random) != MESSAGE_ID_RANDOM_BYTES or not 0 <= at_ms < 2**48:
        raise ValueError("a message id has 6 bytes of time and 10 random ones")
    return MessageId(at_ms.to_bytes(6) + random)


def log_origin(node_id: NodeId, number: int) -> str:
    """Origin line of the node's log number `number` (counted from 1)."""
    return f"{node_id}/log/{number}"
