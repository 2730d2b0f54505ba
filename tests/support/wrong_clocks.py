"""Two nodes each with a clock of its own, which may be set wrong."""

from __future__ import annotations

from protocol.exchange.leg import State
from protocol.ids import LegId, NodeId
from tests.support.network import BE, DAY_MS, FR, GR, Network, settled
from tests.support.nodes import SettableClock
from tests.support.snapshots import snapshot

MINUTE_MS, HOUR_MS, YEAR_MS = 60_000, 3_600_000, 365 * DAY_MS


class Pair:
    """Belgium and Greece, each with a clock of its own, and France with a right one."""

    def __init__(self, network: Network) -> None:
        self.network = network
        network.clocks = {name: SettableClock() for name in (BE, GR)}

    async def open(self) -> Pair:
        for name in (FR, GR, BE):
            await self.network.open(name)
        await self.network.cores[BE].descriptors.refresh(GR)
        return self

    async def pass_time(self, ms: int) -> None:
        """Let true time go by, and everybody do the work of the minute and of the hour."""
        for clock in (self.network.clock, *self.network.clocks.values()):
            clock.at_ms += ms
        await self.work()

    async def work(self) -> None:
        for core in self.network.cores.values():
            await core.turn_epochs()
            await core.sweep()
        await settled()
        for view in await self.network.views(BE):
            # Whatever the clocks say: what a person reads is never that it failed.
            assert view.state is not State.UNDELIVERABLE

    async def set_wrong(self, name: NodeId, ms: int) -> None:
        self.network.clocks[name].at_ms += ms
        await self.work()

    async def refer(self, **changes) -> LegId:
        # The person at the keyboard goes by a calendar on the wall.
        fields = {"expires_at_ms": self.network.clock.at_ms + 25 * DAY_MS, **changes}
        leg = await self.network.refer(BE, GR, **fields)
        await settled()
        return leg

    async def assert_arrives(self, leg: LegId, *, within_ms: int = 16 * MINUTE_MS) -> None:
        """It is delivered once, and nobody has to do anything for it."""
        for _ in range(within_ms // MINUTE_MS):
            if await self.network.state(BE, leg) is State.DELIVERED:
                break
            await self.pass_time(MINUTE_MS)
        assert await self.network.state(BE, leg) is State.DELIVERED
        assert await self.network.state(GR, leg) is State.DELIVERED
        taken = (await snapshot(self.network.cores[GR])).tables["messages"]
        assert len([row for row in taken if leg in row]) == 1
