"""Several legs opened in one transaction: all of them, or none."""

from __future__ import annotations

import pytest

from keys.members import MemberStatus, TransferRegime
from node.errors import NodeError
from node.exchange.legs import NewLeg
from node.store import outbox
from protocol.errors import PolicyRefusal
from protocol.exchange.leg import State
from protocol.pb.homeward.v1.message_pb2 import Message
from tests.support.contents import opening
from tests.support.network import BE, DAY_MS, FR, GR, Network
from tests.support.nodes import NOW_MS
from tests.support.snapshots import snapshot

ALERT = opening("alert", expires_at_ms=NOW_MS + DAY_MS)
UNFINISHED = opening("alert", expires_at_ms=NOW_MS + DAY_MS, ask=None)


async def waiting(network: Network) -> int:
    store = network.cores[BE].store
    return sum(
        [await store.read(lambda db, peer=peer: outbox.count(db, peer)) for peer in (GR, FR)]
    )


async def test_a_look_out_goes_to_all_peers_at_once(network: Network) -> None:
    for name in (BE, GR, FR):
        await network.open(name)
    core = network.cores[BE]
    ids = await core.legs.open_all([NewLeg(GR, ALERT, None), NewLeg(FR, ALERT, None)], made_by="a")
    assert await waiting(network) == 2
    for peer, (leg, _) in zip((GR, FR), ids, strict=True):
        core.delivery.wake(peer)
        await network.reach(leg, State.DELIVERED, BE, peer)


@pytest.mark.parametrize("fault", ["a stranger", "revoked", "no ground", "not complete"])
async def test_one_that_may_not_go_holds_up_all_and_nothing_is_changed(
    network: Network, fault: str
) -> None:
    core = await network.open(BE)
    second, peer, error = ALERT, FR, NodeError
    if fault == "a stranger":
        peer = "nobody.example"
    elif fault == "revoked":
        network.amend(BE, FR, status=MemberStatus.REVOKED)
    elif fault == "no ground":
        network.amend(BE, FR, transfer_regime=TransferRegime.OTHER)
        error = PolicyRefusal
    else:
        second = UNFINISHED
    before = await snapshot(core)
    with pytest.raises(error):
        await core.legs.open_all([NewLeg(GR, ALERT, None), NewLeg(peer, second, None)], made_by="a")
    assert await snapshot(core) == before


async def test_what_is_done_in_the_same_transaction_is_undone_with_it(network: Network) -> None:
    core = await network.open(BE)
    before = await snapshot(core)

    def also(db) -> None:
        db.execute("INSERT INTO streams VALUES ('x', 1, x'00')")

    with pytest.raises(NodeError):
        await core.legs.open_all([NewLeg(GR, UNFINISHED, None)], made_by="a", also=also)
    assert await snapshot(core) == before
    await core.legs.open_all([NewLeg(GR, ALERT, None)], made_by="a", also=also)
    assert ("x", 1, b"\x00") in (await snapshot(core)).tables["streams"]


# --- one choice for several: a derogation is for those who need it

EXCEPTION = opening("alert", expires_at_ms=NOW_MS + DAY_MS)
EXCEPTION.legal_basis.art49_derogation = "vital_interests"


async def test_a_derogation_goes_only_to_those_who_need_it(network: Network) -> None:
    core = await network.open(BE)
    network.amend(BE, FR, transfer_regime=TransferRegime.OTHER)
    new = [NewLeg(peer, EXCEPTION, None) for peer in (GR, FR)]
    opened = await core.legs.open_all(new, made_by="a")
    said = {}
    for each, (leg, _) in zip(new, opened, strict=True):
        (row,) = (await core.legs.view(leg)).messages
        basis = Message.FromString(row.payload).referral.legal_basis
        said[each.peer] = (basis.transfer_basis, basis.art49_derogation)
    assert said == {GR: ("eea", ""), FR: ("derogation", "vital_interests")}


async def test_a_derogation_that_none_of_several_needs_is_refused(network: Network) -> None:
    core = await network.open(BE)
    before = await snapshot(core)
    new = [NewLeg(peer, EXCEPTION, None) for peer in (GR, FR)]
    with pytest.raises(PolicyRefusal) as refusal:
        await core.legs.open_all(new, made_by="a")
    assert refusal.value.rule == "derogation_not_needed"
    assert await snapshot(core) == before
