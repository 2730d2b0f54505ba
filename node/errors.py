"""What can go wrong in the node itself, each with a stable code.

`code` is snake_case and never changes its meaning: programs, the JSON output
and the translated pages go by it. `sentence` is one lower-case sentence without
a full stop, as the command line prints it; `hint` says what to do, or is empty.
None of the three ever holds a name, a field's value, a key or a path inside a
case: they end up in logs and on screens of people who may not see the case.

What a peer did wrong is `protocol.errors.PeerError`, not one of these.
"""

from __future__ import annotations


class NodeError(Exception):
    """Root of what this package raises."""

    def __init__(self, code: str, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.hint = hint


class ConfigError(NodeError):
    """The configuration cannot be used as it stands."""


class StoreError(NodeError):
    """The disk or the database did not take, or does not hold, what it should."""


class HomeError(NodeError):
    """The node's folder is missing, foreign, in use or damaged."""


class MediaError(NodeError):
    """A file that a person added cannot be taken as it is."""


class DeliveryError(NodeError):
    """A message or a blob did not reach the peer.

    `retryable` says whether the same bytes may arrive at another time.
    """

    def __init__(self, code: str, sentence: str, hint: str = "", *, retryable: bool) -> None:
        super().__init__(code, sentence, hint)
        self.retryable = retryable
