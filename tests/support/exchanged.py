"""A case in Belgium, and a referral about it that Greece has claimed and answered."""

from __future__ import annotations

from google.protobuf import json_format

from node.app import Core
from node.commands import run_command
from protocol.ids import LegId, NodeId
from tests.support.cases import belgian_case
from tests.support.contents import accept, claim, opening, outcome
from tests.support.nodes import until
from tests.support.pages import BE, GR, PagesUnderTest

DAY_MS = 24 * 3600 * 1000
CHILD = "Papadákis"


async def add_case(core: Core, **changes: object) -> str:
    """Add the girl of 14, another one each time to the search for duplicates."""
    case = belgian_case()
    # The node alone adds files.
    case.ClearField("files")
    for name, value in changes.items():
        if isinstance(value, int):
            getattr(case, name).at_ms = value
        else:
            setattr(case, name, value)
    answer = await run_command(
        core,
        "case.add",
        {
            "case": json_format.MessageToJson(case),
            "made_by": "A test",
            "not_a_duplicate": True,
        },
    )
    return str(answer["case_id"])


async def exchange(web: PagesUnderTest, *, is_answered: bool = True) -> tuple[str, LegId]:
    """Let a case be referred, and claimed, accepted and found; return both ids."""
    belgium, greece = web.cores[BE], web.cores[GR]
    case_id = await add_case(belgium)
    for core in web.cores.values():
        await core.start()
    referral = opening("tracing_request", expires_at_ms=web.clock.now_ms() + 30 * DAY_MS)
    leg_id, _ = await belgium.legs.open(NodeId(GR), referral, case_id=case_id, made_by="A test")
    belgium.delivery.wake(NodeId(GR))

    async def has(core: Core, count: int) -> bool:
        legs = await core.legs.list()
        return bool(legs) and len(legs[0].messages) == count

    await until(lambda: has(greece, 1))
    if is_answered:
        for content in (claim(), accept(), outcome(happened_at_ms=web.clock.now_ms())):
            web.clock.at_ms += DAY_MS // 24
            await greece.legs.step(leg_id, content, made_by="Nikos")
        greece.delivery.wake(NodeId(BE))
        await until(lambda: has(belgium, 4))
    return case_id, leg_id
