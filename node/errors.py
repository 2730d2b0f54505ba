"""What can go wrong in the node itself, each with a stable code.

`code` is snake_case and never changes its meaning: programs, the JSON output
and the translated pages go by it. `sentence` is one lower-case sentence without
a full stop, as the command line prints it; `hint` says what to do, or is empty.
None of the three ever holds a name, a field's value, a key or a path inside a
case: they end up in logs and on screens of people who may not see the case.

What a peer did wrong is `protocol.errors.PeerError`, not one of these.
"""

from __future__ import annotations

from keys.errors import JoinRequestRefused, KeysError, MembershipError
from protocol.errors import PolicyRefusal


class NodeError(Exception):
    """Root of what this package raises."""

    def __init__(self, code: str, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.hint = hint


class ArgumentError(NodeError):
    """A command was called with an argument that it cannot take."""


class ConfigError(NodeError):
    """The configuration cannot be used as it stands."""


class StoreError(NodeError):
    """The disk or the database did not take, or does not hold, what it should."""


class HomeError(NodeError):
    """The node's folder is missing, foreign, in use or damaged."""


class MediaError(NodeError):
    """A file that a person added cannot be taken as it is."""


UNREACHABLE = "unreachable"
"""Code of a `DeliveryError`: no answer came, so the peer may not even be there."""
TRAINING = "training"
"""Another: nothing leaves a training home."""


class DeliveryError(NodeError):
    """A message or a blob did not reach the peer.

    `retryable` says whether the same bytes may arrive at another time.
    """

    def __init__(self, code: str, sentence: str, hint: str = "", *, retryable: bool) -> None:
        super().__init__(code, sentence, hint)
        self.retryable = retryable


def describe(error: NodeError | KeysError | PolicyRefusal) -> dict[str, str]:
    """Return what a caller is told of an error; the exit code goes by `kind`.

    Kinds: "argument" (called wrongly), "home" (home, configuration or keys cannot be
    used as they are), "refused" (a rule forbids it, or it is not possible now).
    """
    if isinstance(error, PolicyRefusal):
        kind, code = "refused", error.rule
    else:
        kind, code = _kind(error), str(getattr(error, "code", type(error).__name__))
    return {"kind": kind, "code": code, "sentence": error.sentence, "hint": error.hint}


def _kind(error: NodeError | KeysError) -> str:
    if isinstance(error, ArgumentError):
        return "argument"
    if isinstance(error, (JoinRequestRefused, MembershipError)):
        return "refused"
    is_of_home = isinstance(error, (KeysError, ConfigError, HomeError, StoreError))
    return "home" if is_of_home else "refused"
