"""A referral that is redirected goes to another peer, which learns nothing of the first."""

from __future__ import annotations

import pytest
from google.protobuf import json_format

from node.commands import run_command
from node.errors import NodeError
from node.store import messages
from protocol.exchange.leg import State
from protocol.pb.homeward.v1 import case_pb2, message_pb2
from tests.support.contents import claim
from tests.support.network import BE, DAY_MS, FR, GR, Network
from tests.support.snapshots import snapshot

ENDINGS = {
    "redirected": message_pb2.Redirect(target=FR, text={"text": "She speaks French."}),
    "declined": message_pb2.Decline(
        reason="wrong_country", suggested_peer=FR, text={"text": "She speaks French."}
    ),
}


async def sent(network: Network, **more) -> dict[str, object]:
    return await run_command(network.cores[BE], "referral.send", {"made_by": "a", **more})


@pytest.mark.parametrize("ending", ENDINGS)
async def test_it_is_composed_anew_and_tells_nothing_of_the_first(
    network: Network, ending: str
) -> None:
    for name in (BE, GR, FR):
        await network.open(name)
    core = network.cores[BE]
    case = case_pb2.Case(category="runaway", status="open")
    added = await run_command(
        core, "case.add", {"case": json_format.MessageToJson(case), "made_by": "a"}
    )
    now_ms = network.clock.now_ms()
    first = await sent(
        network, to=GR, case_id=added["case_id"], kind="tracing_request", urgency=2, ask="Seen?",
        purpose="locate_child", art6="public_task", police_informed="with_reference",
        field=["category"], reply_by_ms=now_ms + DAY_MS, expires_at_ms=now_ms + 2 * DAY_MS,
    )  # fmt: skip
    leg = bytes.fromhex(first["leg"])
    await network.reach(leg, State.DELIVERED, BE, GR)
    asked = {"leg": leg.hex()}
    with pytest.raises(NodeError) as refusal:
        await run_command(core, "referral.choice", {**asked, "to": FR})
    assert refusal.value.code == "not_ended"
    await network.step(GR, leg, claim())
    await network.step(GR, leg, ENDINGS[ending])
    await network.reach(leg, State(ending), BE, GR)
    choice = await run_command(core, "referral.choice", asked)
    assert (choice["to"], choice["field"], choice["ask"]) == (FR, ["category"], "Seen?")
    new = bytes.fromhex((await sent(network, **choice))["leg"])
    await network.reach(new, State.DELIVERED, BE, FR)
    # The sender knows how they hang together, and nobody else does.
    shown = [await run_command(core, "referral.show", {"leg": each.hex()}) for each in (leg, new)]
    assert shown[0]["sent_again_as"] == [new.hex()]
    assert shown[1]["follows"] == leg.hex()
    (row,) = await network.cores[FR].store.read(lambda db: messages.of_leg(db, new))
    assert not any(told in row.payload for told in (leg, GR.encode(), b"French", b"open"))
    referral = message_pb2.Message.FromString(row.payload).referral
    assert (referral.disclosure.category, referral.urgency) == ("runaway", 2)
    theirs = await run_command(network.cores[FR], "referral.show", {"leg": new.hex()})
    assert (theirs["follows"], theirs["reopens"]) == ("", "")


async def test_to_a_peer_that_may_not_have_it_nothing_goes(network: Network) -> None:
    for name in (BE, GR):
        await network.open(name)
    leg = await network.refer(BE, GR)
    await network.reach(leg, State.DELIVERED, BE, GR)
    await network.step(GR, leg, claim())
    await network.step(GR, leg, ENDINGS["redirected"])
    await network.reach(leg, State.REDIRECTED, BE, GR)
    with pytest.raises(NodeError):
        await run_command(network.cores[GR], "referral.choice", {"leg": leg.hex(), "to": FR})
    before = await snapshot(network.cores[BE])
    choice = await run_command(
        network.cores[BE], "referral.choice", {"leg": leg.hex(), "to": "xx.example"}
    )
    with pytest.raises(NodeError):
        await sent(network, **choice)
    assert await snapshot(network.cores[BE]) == before
