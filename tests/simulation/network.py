"""The network between the nodes: loses, doubles, delays, reorders, and falls apart.

A request is carried by the network's own tasks: it goes on when its sender dies. A
caller learns of every failure by one and the same error, as in life: it cannot tell
a request that was lost from an answer that was.
"""

from __future__ import annotations

import asyncio
import enum
import itertools
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from typing import Any, Protocol

from node.errors import DeliveryError
from tests.simulation.dangers import is_full_disk
from tests.simulation.life import Call, Life, outcome_of
from tests.simulation.plan import CALM, Weather
from tests.simulation.trace import Trace
from tests.simulation.wiretap import Wiretap

LONGEST_PATIENCE_SECONDS = 120.0
LATEST_SECONDS = 3600.0


class Fate(enum.Enum):
    """What becomes of a call."""

    GOOD = "good"
    LOST = "lost"
    UNANSWERED = "unanswered"
    LATE = "late"
    DOUBLED = "doubled"
    BROKEN = "broken"


class UploadBroken(Exception):
    """The rest of a body does not come."""


class Hosts(Protocol):
    """Who answers at an endpoint."""

    def life_at(self, endpoint: str) -> Life | None: ...
    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]: ...


class Network:
    """Carries calls between lives; whose fate is what, `draw` decides."""

    def __init__(
        self, hosts: Hosts, weather: Weather, *, draw: random.Random, trace: Trace,
        violate: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.wiretap = Wiretap(violate)
        self._hosts = hosts
        self._weather = weather
        self._draw = draw
        self._trace = trace
        self._violate = violate
        self._apart: dict[frozenset[str], None] = {}
        self._numbers = itertools.count(1)

    # --- partitions

    def cut(self, groups: Iterable[tuple[str, str]]) -> None:
        """Part these pairs of nodes, and no others."""
        self._apart = dict.fromkeys(frozenset(pair) for pair in groups)

    def calm_down(self) -> None:
        """From now on all goes well."""
        self._apart = {}
        self._weather = CALM

    def _is_open(self, one: str, other: str) -> bool:
        return frozenset((one, other)) not in self._apart

    # --- calls

    async def call(self, caller: Life, call: Call) -> bytes | None:
        """Carry a call and bring its answer back; raises `DeliveryError` for any fate but that."""
        caller.check_alive()
        self.wiretap.request(caller, call)
        answer = await asyncio.shield(self._hosts.spawn(self._carry(caller.name, call)))
        caller.check_alive()
        if isinstance(answer, DeliveryError):
            raise answer
        return answer

    async def _carry(self, caller: str, call: Call) -> bytes | DeliveryError | None:
        number, fate = next(self._numbers), self._draw_fate(call)
        size = len(call.body) + sum(map(len, call.pieces))
        where = f"{call.method} {call.endpoint}{call.path}"
        self._trace.note("call", f"{number} {caller} {where} {size} {fate.value}")
        self._trace.counts[fate.value] += 1
        await self._go(self._weather.longest_way_seconds)
        if fate in (Fate.LATE, Fate.DOUBLED):
            self._hosts.spawn(self._arrive_late(number, caller, call))
        if fate in (Fate.LOST, Fate.LATE):
            return await self._lose_patience(number, fate.value)
        answer = await self._deliver(number, caller, call, is_cut=fate is Fate.BROKEN)
        if fate is Fate.UNANSWERED:
            return await self._lose_patience(number, fate.value)
        await self._go(self._weather.longest_way_seconds)
        return answer

    async def _arrive_late(self, number: int, caller: str, call: Call) -> None:
        longest = self._draw.choice((1.0, LONGEST_PATIENCE_SECONDS, LATEST_SECONDS))
        await self._go(longest)
        await self._deliver(number, caller, call, is_cut=False)

    async def _deliver(
        self, number: int, caller: str, call: Call, *, is_cut: bool
    ) -> bytes | DeliveryError | None:
        """Let the host answer; the answer counts only if its life goes on until it has left."""
        life = self._hosts.life_at(call.endpoint)
        if life is None or not self._is_open(caller, life.name):
            self._trace.note("no way", str(number))
            return _unreachable()
        task = life.spawn(self._serve(life, call, is_cut=is_cut))
        await asyncio.wait([task])
        if life.is_over or task.cancelled():
            return _unreachable()
        error = outcome_of(task)
        if task.exception() is not None:
            # Of a full disk the server tells with a status by which its peer tries again.
            if not isinstance(error, UploadBroken | None) and not is_full_disk(error):
                self._violate(f"{life.name} failed to answer {call.path}: {task.exception()!r}")
            return _unreachable()
        answer = task.result()
        self.wiretap.answer(life, call, answer)
        self._trace.note("answer", f"{number} {-1 if answer is None else len(answer)}")
        return answer if self._is_open(caller, life.name) else _unreachable()

    async def _serve(self, life: Life, call: Call, *, is_cut: bool) -> bytes | None:
        core = life.core
        match call.method, call.path:
            case "POST", "/hw1/envelopes":
                return await core.service.envelopes(call.body)
            case "POST", "/hw1/requests":
                return await core.service.requests(call.body)
            case "PUT", "/hw1/blobs":
                return await core.service.blobs(call.body, self._stream(call.pieces, is_cut))
            case "GET", "/hw1/descriptor":
                return await core.service.descriptor()
            case "GET", _:
                return await core.directory_refresh.file(call.path.rpartition("/")[2])
        raise ValueError(f"nobody answers {call.path}")

    async def _stream(self, pieces: list[bytes], is_cut: bool) -> AsyncIterator[bytes]:
        """Yield a body in other pieces than it was sent in; if cut, not all of it."""
        body = b"".join(pieces)
        end = self._draw.randrange(len(body)) if is_cut and body else len(body)
        start = 0
        while start < end:
            stop = min(end, start + self._draw.randint(1, 1 << 16))
            await self._go(0.1)
            yield body[start:stop]
            start = stop
        if is_cut:
            raise UploadBroken

    # --- fate

    def _draw_fate(self, call: Call) -> Fate:
        weather = self._weather
        chances = {
            Fate.LOST: weather.lost,
            Fate.UNANSWERED: weather.unanswered,
            Fate.LATE: weather.late,
            Fate.DOUBLED: weather.doubled,
            Fate.BROKEN: weather.broken if call.method == "PUT" else 0.0,
        }
        drawn = self._draw.random()
        for fate, chance in chances.items():
            if drawn < chance:
                return fate
            drawn -= chance
        return Fate.GOOD

    async def _go(self, longest_seconds: float) -> None:
        await asyncio.sleep(self._draw.uniform(0.0, longest_seconds))

    async def _lose_patience(self, number: int, why: str) -> DeliveryError:
        await self._go(self._draw.choice((0.1, 5.0, LONGEST_PATIENCE_SECONDS)))
        self._trace.note("given up", f"{number} {why}")
        return _unreachable()


def _unreachable() -> DeliveryError:
    return DeliveryError("unreachable", "the peer cannot be reached", retryable=True)
