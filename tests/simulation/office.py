"""The secretariat in a run: it publishes now and then, and mails that to one node.

All others have to hear of it from that node, over whatever network there is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from keys import change as changes
from keys.change import Change
from tests.simulation.clocks import SimulatedTime
from tests.simulation.life import outcome_of
from tests.simulation.machine import Machine
from tests.simulation.plan import stream
from tests.support.nodes import Federation
from tests.support.secretariat import Secretariat

# How long at most a letter is on its way; and how often it is sent again to somebody else.
LONGEST_WAY_SECONDS = 120.0
MOST_LETTERS = 200


class Office:
    """Publishes and mails; its choices are its own, so that they change no other."""

    def __init__(
        self,
        federation: Federation,
        machines: Mapping[str, Machine],
        time: SimulatedTime,
        *,
        seed: int,
        violate: Callable[[str], None],
    ) -> None:
        self._secretariat = Secretariat.of(federation)
        self._machines = machines
        self._time = time
        self._draw = stream(seed, "office")
        self._violate = violate

    @property
    def version(self) -> int:
        """The version of the newest directory."""
        return self._secretariat.version

    def is_time(self, rate: float) -> bool:
        """Draw whether to publish now."""
        return self._draw.random() < rate

    async def publish(self) -> None:
        """Renew everything, and see that somebody gets it."""
        self._renew()
        for _ in range(MOST_LETTERS):
            await asyncio.sleep(self._draw.uniform(0.0, LONGEST_WAY_SECONDS))
            if await self._mail():
                return
        self._violate("nobody ever took what the secretariat mailed")

    def _renew(self) -> None:
        office = self._secretariat
        office.now_ms = self._time.now_ms()
        change = Change(office.files)
        for role in ("root", "targets"):
            change = changes.renew(change, role, now_ms=office.now_ms)
        office.publish(change)

    async def _mail(self) -> bool:
        """Mail the newest directory to one node; return whether it was taken."""
        machine = self._draw.choice(list(self._machines.values()))
        life = machine.life
        if life is None or not life.is_serving:
            return False
        if life.core.context.trust.directory.version == self.version:
            # An earlier letter was answered by nobody, and taken all the same.
            return True
        taking = life.spawn(self._secretariat.mail_to(life.core))
        await asyncio.wait([taking])
        if life.is_over or taking.cancelled():
            return False
        error = outcome_of(taking)
        if error is not None:
            self._violate(f"{life.name} does not take what was mailed: {error!r}")
        return error is None
