"""`homeward referral told`: at the keyboard, from the desk to the note that they know."""

from __future__ import annotations

import asyncio
import time

from node.exchange.answers import _give_up
from node.store import messages, outbox
from tests.node.cli.conftest import BE, GR
from tests.support.commands import homeward
from tests.support.nodes import DirectLink, Federation, SettableClock, open_core

SENT = (
    "--kind", "info_request", "--urgency", "2", "--ask", "Seen?", "--purpose", "locate_child",
    "--art6", "public_task", "--police-informed", "with_reference", "--field", "category", "--yes",
)  # fmt: skip


async def give_up(federation: Federation) -> None:
    """Give up what waits for Greece, as the node does when its time is over."""
    now_ms = time.time_ns() // 1_000_000
    core = open_core(federation, BE, DirectLink(), SettableClock(now_ms))

    def job(db) -> None:
        for row in outbox.of_peer(db, GR):
            _give_up(db, row, messages.EXPIRED, 0, now_ms)

    await core.store.write(job)
    await core.close()


def test_it_stands_on_the_desk_until_somebody_has_told_them(
    federation: Federation, home: str
) -> None:
    at = ("--home", home)
    added = homeward("case", "add", *at, "--given-name", "Testina", "--category", "runaway")
    case_id = added.out.split()[1]
    sent = homeward("referral", "send", case_id, *at, "--to", GR, *SENT)
    assert sent.code == 0, sent.errors
    leg = sent.out.split()[1]
    asyncio.run(give_up(federation))

    due = homeward("referral", "due", *at).out
    assert "was not delivered and waits for us to telephone" in due
    assert "ring NOW +" in due
    hint = f"homeward referral told {leg} --how telephone"
    assert hint in due
    assert hint in homeward("referral", "show", leg, *at).out

    told = homeward("referral", "told", leg, *at, "--how", "telephone")
    assert (told.code, told.out) == (0, f"referral {leg}: {GR} was told by telephone\n")
    assert homeward("referral", "due", *at).out == "nothing has to be done now\n"
    assert "\ntold by telephone, " in homeward("referral", "show", leg, *at).out
    again = homeward("referral", "told", leg, *at, "--how", "email")
    assert again.code == 1
    assert "nothing of this referral is to be told" in again.errors
