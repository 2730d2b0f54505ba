"""Who guesses has to wait, longer each time; who is really there does not wait for strangers.

Tries are counted before they are looked at, so that many at once are no way around. From a
browser in which somebody has signed in before, only that browser's own tries count; from
any other, those for the name, from wherever, and those of the address. So a stranger can
make strangers wait, and nobody at their own desk.

Names that nobody has are counted like all others, so that waiting tells nothing. The counts
are kept in memory: a stranger must not fill the disk, nor cause other work for one name than
for another.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from node.errors import NodeError
from node.exchange.context import Context
from node.users import limits


@dataclass(frozen=True, slots=True)
class Place:
    """From where somebody tries."""

    address: str = ""
    browser: str = ""
    """The token that a browser holds in which somebody has signed in before."""
    session: bytes = b""
    """The session that somebody wants to go on with."""


@dataclass(frozen=True, slots=True)
class _Schedule:
    """How many tries are free, and how long one waits at most."""

    free: int
    longest_ms: int


@dataclass(frozen=True, slots=True)
class Key:
    """What tries are counted for."""

    digest: bytes
    schedule: _Schedule


_ONE = _Schedule(limits.FREE_FAILURES, limits.LONGEST_WAIT_MS)
# An office has one address for all who work there.
_ADDRESS = _Schedule(limits.FREE_FAILURES_OF_ADDRESS, limits.LONGEST_WAIT_OF_ADDRESS_MS)


@dataclass(slots=True)
class _Count:
    failures: int = 0
    not_before_ms: int = 0
    at_ms: int = 0


class Tries:
    """The tries of late, at this node."""

    def __init__(self, context: Context) -> None:
        """Nobody has tried yet."""
        self._clock = context.clock
        # What is typed for a name may be a password: not even its hash could be tried out.
        self._salt = context.random(32)
        self._counts: dict[bytes, _Count] = {}

    def keys(self, name: str, place: Place, *, is_known: bool) -> list[Key]:
        """Return what a try counts for; `is_known`: the person has signed in there before."""
        if place.session:
            return [self._key("session", place.session.hex(), _ONE)]
        if is_known:
            return [self._key("browser", f"{place.browser} {name}", _ONE)]
        return [
            self._key("name", name, _ONE),
            *([self._key("address", place.address, _ADDRESS)] if place.address else []),
        ]

    def begin(self, keys: Iterable[Key]) -> None:
        """Count a try before it is looked at.

        Raises:
            NodeError: wait.
        """
        now_ms, listed = self._clock.now_ms(), list(keys)
        counts = [self._counts.get(key.digest, _Count()) for key in listed]
        for key, count in zip(listed, counts, strict=True):
            if now_ms < count.not_before_ms <= now_ms + key.schedule.longest_ms:
                raise NodeError("wait", "too many tries: wait a little", "then try again")
        for key, count in zip(listed, counts, strict=True):
            is_old = not 0 <= now_ms - count.at_ms < limits.TRIES_REMEMBERED_MS
            count.failures = 1 if is_old else count.failures + 1
            over = count.failures - key.schedule.free
            wait_ms = min(key.schedule.longest_ms, limits.FIRST_WAIT_MS << min(max(over, 0), 20))
            count.not_before_ms = now_ms + wait_ms if over >= 0 else 0
            count.at_ms = now_ms
            self._counts.pop(key.digest, None)
            self._counts[key.digest] = count
        while len(self._counts) > limits.TRIES_REMEMBERED:
            # The one that was tried longest ago.
            del self._counts[next(iter(self._counts))]

    def succeeded(self, keys: Iterable[Key]) -> None:
        """Somebody came in: what was counted for them is forgotten; an address goes on."""
        for key in keys:
            if key.schedule is _ONE:
                self._counts.pop(key.digest, None)

    def forget(self, name: str) -> None:
        """Forget what was counted for a name: its ways in are new."""
        self._counts.pop(self._key("name", name, _ONE).digest, None)

    def _key(self, kind: str, text: str, schedule: _Schedule) -> Key:
        digest = hashlib.blake2b(f"{kind} {text}".encode(), key=self._salt, digest_size=16)
        return Key(digest.digest(), schedule)
