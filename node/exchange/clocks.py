"""What the peers' proofs show of their clocks, and of this computer's own.

A proof is dated by its maker's clock. Whoever asked for it knows, by its own clock,
between which moments it was made; so it knows between which bounds the peer's clock is
ahead of its own (behind: below zero). Nothing is guessed: where the bounds leave it
open whether the two clocks disagree by more than the skew that everybody tolerates,
nothing is said. One peer that disagrees may be wrong itself. If two or more say the
same of this clock, and fewer say that it is right, then this one is probably wrong.

Some proofs are dated within bounds only if the peer, and whoever is on the way, gave
out what is new: a descriptor that a cache kept looks like a clock that is behind.
These say nothing of that peer, but count where two or more agree.

It is kept in memory, since after a restart other things may be true: the clock is
what people set right in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from protocol import limits
from protocol.ids import NodeId

Report = Callable[[str, NodeId, str], None]
"""Called with an event's name, the peer it is about ("": none), and a few words."""

NO_PEER = NodeId("")
_MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which bounds a peer's clock is ahead of this one."""

    least_ms: int
    most_ms: int

    @property
    def offset_ms(self) -> int:
        """How far it is ahead for certain, at most: 0 when it may be right."""
        if self.least_ms > 0:
            return self.least_ms
        return min(0, self.most_ms)

    @property
    def is_in_skew(self) -> bool:
        """Whether the clocks agree for certain."""
        return self.least_ms >= -limits.CLOCK_SKEW_MS and self.most_ms <= limits.CLOCK_SKEW_MS

    def includes(self, offset_ms: int) -> bool:
        """Whether the clocks may differ by about this."""
        slack_ms = limits.CLOCK_SKEW_MS
        return self.least_ms - slack_ms <= offset_ms <= self.most_ms + slack_ms


@dataclass(frozen=True, slots=True)
class _Standing:
    """What was last found out about a peer's clock; offset 0: it agrees."""

    offset_ms: int
    is_certain: bool


class PeerClocks:
    """How the peers' clocks compare with this one, as far as their proofs show it."""

    def __init__(self, report: Report) -> None:
        """Know nothing yet; `report` is told once when clocks come to disagree, and agree again."""
        self._report = report
        self._standings: dict[NodeId, _Standing | None] = {}
        self._told: dict[NodeId, int] = {}
        self.confirmed_ms = 0
        """The latest time to which this clock had come, and a peer's too, within the skew."""

    def heard(
        self,
        peer: NodeId,
        made_at_ms: int,
        *,
        earliest_ms: int | None,
        now_ms: int,
        is_certain: bool = True,
    ) -> None:
        """Take note of a verified proof that is dated `made_at_ms` by the peer's clock.

        By this clock it was made not before `earliest_ms` (None: nobody knows), and not
        after `now_ms`. Without `is_certain` the first of the two is only the peer's word.
        """
        if earliest_ms is None or earliest_ms > now_ms:
            # Unknown, or this clock was set back meanwhile.
            earliest_ms = 0
        bounds = Bounds(made_at_ms - now_ms, made_at_ms - earliest_ms)
        before = self._standings.get(peer)
        after = _after(before, bounds, is_certain=is_certain)
        if after != before:
            self._standings[peer] = after
            self._tell(peer)

    def bear_out(self, signed_at_ms: int, now_ms: int) -> None:
        """Take note of a checkpoint that a peer has signed for an answer of just now.

        Its time is that of the peer's clock, which the date of a leaf that was logged long
        ago is not: that may have been ahead then.
        """
        # Not later than now: a peer that is ahead does not bear out what is still to come.
        confirmed_ms = min(signed_at_ms + limits.CLOCK_SKEW_MS, now_ms)
        self.confirmed_ms = max(self.confirmed_ms, confirmed_ms)

    def is_of_note(self, peer: NodeId) -> bool:
        """Whether a peer's clock seemed to disagree when it was last heard of."""
        standing = self._standings.get(peer)
        return standing is not None and standing.offset_ms != 0

    def ahead_ms(self, peer: NodeId) -> int | None:
        """Return by how much a peer's clock is ahead (below zero: behind); None: not known to be.

        Only what is more than everybody tolerates.
        """
        standing = self._standings.get(peer)
        if standing is None or not standing.is_certain:
            return None
        return standing.offset_ms or None

    def own_ahead_ms(self) -> int | None:
        """Return by how much this clock is probably ahead (below zero: behind); None: not known."""
        offsets = sorted(each.offset_ms for each in self._standings.values() if each is not None)
        agreeing = offsets.count(0)
        alike = max((_alike(offsets, offset) for offset in offsets if offset), key=len, default=[])
        if len(alike) < 2 or len(alike) <= agreeing:
            return None
        return -alike[len(alike) // 2]

    @property
    def agreeing(self) -> int:
        """How many peers' clocks agree with this one."""
        return sum(each is not None and not each.offset_ms for each in self._standings.values())

    def _tell(self, peer: NodeId) -> None:
        own_ms = self.own_ahead_ms()
        self._tell_once(peer, self.ahead_ms(peer), "clock_disagrees", "clock_agrees")
        self._tell_once(NO_PEER, own_ms, "clock_is_probably_wrong", "clock_is_right")

    def _tell_once(self, subject: NodeId, offset_ms: int | None, begins: str, ends: str) -> None:
        told_ms = self._told.get(subject)
        if offset_ms is None:
            if self._told.pop(subject, None) is not None:
                self._report(ends, subject, "")
        elif told_ms is None or not Bounds(told_ms, told_ms).includes(offset_ms):
            self._told[subject] = offset_ms
            side = "ahead" if offset_ms > 0 else "behind"
            self._report(begins, subject, f"about {abs(offset_ms) // _MINUTE_MS} minutes {side}")


def _after(before: _Standing | None, bounds: Bounds, *, is_certain: bool) -> _Standing | None:
    """Return what stands of a peer's clock after another proof."""
    offset_ms = bounds.offset_ms
    if abs(offset_ms) > limits.CLOCK_SKEW_MS:
        # That a proof is from the future needs nobody's word.
        is_certain = is_certain or offset_ms > 0
        known_ms = 0 if before is None else before.offset_ms
        if known_ms and before is not None and bounds.least_ms <= known_ms <= bounds.most_ms:
            # It was found out from a proof that was fresher: as true, and nearer.
            return _Standing(known_ms, is_certain or before.is_certain)
        return _Standing(offset_ms if is_certain else bounds.least_ms, is_certain)
    if bounds.is_in_skew:
        return _Standing(0, is_certain)
    is_refuted = before is not None and not bounds.includes(before.offset_ms)
    return None if is_refuted else before


def _alike(offsets: list[int], offset_ms: int) -> list[int]:
    """Return those of the offsets that are as far off as this one, within the skew."""
    bounds = Bounds(offset_ms, offset_ms)
    return [each for each in offsets if each and bounds.includes(each)]
