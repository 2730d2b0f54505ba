"""What this package asks of the outside, as `typing.Protocol`s.

The protocol knows no files, no network and no clock. Those who have them hand
in objects of these shapes; times are milliseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from typing import Protocol

from protocol.ids import NodeId


class LogKey(Protocol):
    """The public keys of one log of a member."""

    @property
    def origin(self) -> str: ...
    @property
    def ed25519(self) -> bytes: ...
    @property
    def mldsa44(self) -> bytes: ...
    @property
    def key_id(self) -> bytes: ...


class Directory(Protocol):
    """Who is a member now, as the federation's membership role says."""

    @property
    def federation_id(self) -> bytes: ...
    @property
    def version(self) -> int: ...

    def is_member(self, node_id: NodeId) -> bool:
        """Whether the directory names this node at all, in whatever status."""

    def is_active(self, node_id: NodeId) -> bool:
        """Whether the member is neither suspended nor revoked."""


class Opener(Protocol):
    """Holds one private encryption key; opens what was sealed to it."""

    def open(self, info: bytes, ciphertext: bytes) -> bytes:
        """Return the plaintext.

        Raises:
            ValueError: it was not sealed to this key, or was changed.
        """
