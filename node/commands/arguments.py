"""Arguments of a command: typed on the way out of the JSON in which they came.

No error repeats a value, since it may be a name; it names the argument, and for a
coded one the codes that there are.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from node.errors import ArgumentError
from protocol.errors import PeerError
from protocol.ids import parse_node_id
from protocol.vocabulary import offered

Answer = dict[str, Any]
"""What a command returns: JSON-able."""

T = TypeVar("T")

_NUMBERS = 2**63
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*", re.ASCII)


class Arguments:
    """The arguments of one call."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        """Hold what was given; nothing is checked yet."""
        self._values = values

    def changed(self, **values: object) -> Arguments:
        """Return the same arguments, but for these."""
        return Arguments({**self._values, **values})

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string."""
        return self._typed(name, str, default)

    def number(self, name: str, default: int | None = None) -> int:
        """Return a whole number, one that the database can hold."""
        value = self._typed(name, int, default)
        if isinstance(value, bool) or not -_NUMBERS <= value < _NUMBERS:
            raise _wrong(name)
        return value

    def flag(self, name: str) -> bool:
        """Return yes or no; no when it was not given."""
        return self._typed(name, bool, default=False)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings, empty when it was not given."""
        values = self._typed(name, list, [])
        if not all(isinstance(value, str) for value in values):
            raise _wrong(name)
        return tuple(values)

    def blob(self, name: str) -> bytes:
        """Return bytes."""
        return decoded(name, self.text(name))

    def blobs(self, name: str) -> list[bytes]:
        """Return a list of bytes, empty when it was not given."""
        return [decoded(name, value) for value in self.texts(name)]

    def named_blobs(self, name: str) -> dict[str, bytes]:
        """Return bytes by name."""
        values = self._typed(name, dict, {})
        return {key: decoded(name, value) for key, value in values.items()}

    def code(self, name: str, vocabulary: str, default: str | None = None) -> str:
        """Return a code that may be chosen of a coded list; the default need not be one."""
        value = self.text(name, default)
        if value != default and value not in offered(vocabulary):
            raise _no_code(name, vocabulary)
        return value

    def codes(self, name: str, vocabulary: str) -> tuple[str, ...]:
        """Return a list of codes."""
        values = self.texts(name)
        if not set(values) <= set(offered(vocabulary)):
            raise _no_code(name, vocabulary)
        return values

    def language(self, name: str, default: str | None = None) -> str:
        """Return a BCP 47 tag; its form is checked, not the registry."""
        value = self.text(name, default)
        if _LANGUAGE.fullmatch(value) is None:
            raise ArgumentError(
                "argument_invalid", f"the value of {_option(name)} is no language", "en, el, nl-BE"
            )
        return value

    def node_id(self, name: str, default: str | None = None) -> str:
        """Return a node id; whether there is such a member is not checked."""
        value = self.text(name, default)
        if value != default:
            try:
                parse_node_id(value)
            except PeerError as error:
                sentence = f"the value of {_option(name)} is no node id"
                raise ArgumentError("argument_invalid", sentence, "be.example") from error
        return value

    def _typed(self, name: str, kind: type[T], default: T | None) -> T:
        value = self._values.get(name, default)
        if value is None:
            raise ArgumentError("argument_missing", f"{_option(name)} is missing")
        if not isinstance(value, kind):
            raise _wrong(name)
        return value


def encoded(data: bytes) -> str:
    """Return bytes as they stand in arguments and answers."""
    return base64.b64encode(data).decode("ascii")


def decoded(name: str, text: str) -> bytes:
    """Return the bytes of an argument."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise _wrong(name) from None


def _wrong(name: str) -> ArgumentError:
    return ArgumentError("argument_invalid", f"the value of {_option(name)} cannot be used")


def _no_code(name: str, vocabulary: str) -> ArgumentError:
    known = ", ".join(offered(vocabulary))
    sentence = f"the value of {_option(name)} is no code of the list {vocabulary}"
    return ArgumentError("unknown_code", sentence, f"one of: {known}")


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
