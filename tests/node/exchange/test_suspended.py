"""A suspended or revoked member: nothing is taken from it, nothing is sent to it, nothing lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from node.cli.nodes import _status
from node.commands.nodes import show_status
from node.errors import NodeError
from protocol.attachment import encrypt_chunks
from protocol.errors import RefusalCode
from protocol.exchange.leg import State
from protocol.ids import BlobId
from protocol.log import LeafKind, parse_leaf
from protocol.values import BlobStatus, Refusal
from protocol.wire import parse_response
from tests.support.contents import note
from tests.support.forger import Forger, deliver
from tests.support.network import BE, DAY_MS, FR, GR, Network, referral, settled
from tests.support.nodes import NOW_MS, until
from tests.support.secretariat import Secretariat
from tests.support.snapshots import snapshot

Publish = Callable[[Secretariat, str], object]
ENDS: dict[str, Publish] = {"suspended": Secretariat.suspend, "revoked": Secretariat.revoke}


async def tell(line: Network, secretariat: Secretariat, *names: str) -> None:
    """Let nodes take the newest directory, and do what they do then."""
    for name in names:
        await secretariat.mail_to(line.cores[name])
    await settled()


async def status_of(line: Network, name: str, peer: str) -> dict:
    answer = await show_status(line.cores[name], {})
    (found,) = [each for each in answer["peers"] if each["node_id"] == peer]
    return found


# --- nothing is taken from it


@pytest.mark.parametrize("publish", ENDS.values(), ids=ENDS)
async def test_its_messages_requests_and_files_are_refused_everywhere(
    line: Network, secretariat: Secretariat, publish: Publish
) -> None:
    publish(secretariat, BE)
    await tell(line, secretariat, GR)
    node, member = line.cores[GR], Forger(line.federation.identities[BE], line.cores[GR])
    (reply,) = await deliver(node, member.envelope())
    assert isinstance(reply, Refusal)
    assert reply.code == RefusalCode.REVOKED_SENDER
    assert reply.proof is not None
    leaf = parse_leaf(reply.proof.leaf)
    assert (leaf.kind, leaf.code) == (LeafKind.REFUSED, RefusalCode.REVOKED_SENDER)
    before = await snapshot(node)
    bodies = [member.request(), member.request(BlobStatus(BlobId(bytes(32)), bytes(32)))]
    answers = [await node.service.requests(body) for body in bodies]
    answers += [await node.service.blobs(body, _nothing()) for body in bodies]
    assert [parse_response(answer) for answer in answers] == [
        Refusal(RefusalCode.REVOKED_SENDER)
    ] * 4
    assert await snapshot(node) == before


async def _nothing():
    return
    yield b""


# --- nothing is sent to it, and nothing is lost


@pytest.mark.parametrize("has_left_already", [False, True])
async def test_what_waits_for_it_stays_and_goes_when_it_is_reinstated(
    line: Network, secretariat: Secretariat, has_left_already: bool
) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR)
    await settled()
    tried = len(line.link.batches_to(GR))
    line.plug(GR)
    secretariat.suspend(GR)
    await tell(line, secretariat, BE)
    if has_left_already:
        # The node restarts meanwhile: what waits is looked through anew.
        await line.close(BE)
        await line.open(BE)
    for _ in range(3):
        await line.wake(line.clock.at_ms + 20 * 60_000)
        await line.cores[BE].sweep()
    assert len(line.link.batches_to(GR)) == tried
    assert await line.state(BE, leg) is State.QUEUED
    peer = await status_of(line, BE, GR)
    assert (peer["status"], len(peer["waiting"])) == ("suspended", 1)
    told = await show_status(line.cores[BE], {})
    lines = list(_status({**told, "is_running": True}))
    assert f"  referral {leg.hex()[:8]} (U3) waits: member is suspended" in lines
    assert not any("not delivered" in line for line in lines)

    secretariat.now_ms = line.clock.at_ms
    secretariat.reinstate(GR)
    await tell(line, secretariat, BE)
    await line.reach(leg, State.DELIVERED, BE, GR)


async def test_nothing_new_is_begun_with_it(line: Network, secretariat: Secretariat) -> None:
    leg = await line.refer(BE, GR)
    await line.reach(leg, State.DELIVERED, BE, GR)
    secretariat.suspend(GR)
    await tell(line, secretariat, BE)
    before = await snapshot(line.cores[BE])
    for making in (line.refer(BE, GR), line.step(BE, leg, note())):
        with pytest.raises(NodeError) as error:
            await making
        assert error.value.code == "inactive_peer"
    assert await snapshot(line.cores[BE]) == before


async def test_what_waits_too_long_for_it_ends_like_any_other(
    line: Network, secretariat: Secretariat
) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR, expires_at_ms=NOW_MS + DAY_MS)
    await settled()
    secretariat.suspend(GR)
    await tell(line, secretariat, BE)
    await line.open(FR)
    line.clock.at_ms += DAY_MS
    # Another peer's log shows that it is as late as that.
    await line.cores[BE].descriptors.refresh(FR)
    await line.cores[BE].sweep()
    assert await line.state(BE, leg) is State.UNDELIVERABLE


async def test_files_for_it_wait_as_well(line: Network, secretariat: Secretariat) -> None:
    node = line.cores[BE]
    blob_id, _ = node.context.blobs.put_file(encrypt_chunks(bytes(32), [bytes(1_000)]))
    announced = {"blob_id": blob_id, "key": bytes(32), "size": 1_000, "digest": bytes(32)}
    secretariat.suspend(GR)
    answers = []

    post = line.link.post

    async def meanwhile(endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        answer = await post(endpoint, path, body, limit=limit)
        if path == "/hw1/envelopes":
            answers.append(answer)
            await secretariat.mail_to(node)
        return answer

    line.link.post = meanwhile
    leg, _ = await node.legs.open(
        GR, referral(attachment_keys=[announced]), case_id=None, made_by="a"
    )
    node.delivery.wake(GR)
    await line.reach(leg, State.DELIVERED, BE, GR)
    await line.wake(line.clock.at_ms + 3_600_000)
    assert not line.cores[GR].context.blobs.is_complete(blob_id)
    assert (await status_of(line, BE, GR))["attachment_sets"] == 1
    line.link.post = post
    secretariat.now_ms = line.clock.at_ms
    secretariat.reinstate(GR)
    await tell(line, secretariat, BE)
    await until(lambda: line.cores[GR].context.blobs.is_complete(blob_id))
    assert len(answers) == 1


# --- this very node


@pytest.mark.parametrize(("standing", "publish"), ENDS.items(), ids=ENDS)
async def test_a_node_that_finds_itself_so_says_it_and_does_not_deliver(
    line: Network, secretariat: Secretariat, standing: str, publish: Publish
) -> None:
    line.unplug(GR)
    leg = await line.refer(BE, GR)
    await settled()
    tried = len(line.link.posts)
    line.plug(GR)
    publish(secretariat, BE)
    await tell(line, secretariat, BE)
    assert ("this_node_is_not_active", BE, standing) in line.reports[BE]
    answer = await show_status(line.cores[BE], {})
    assert (answer["standing"], answer["is_active"]) == (standing, False)
    await line.wake(line.clock.at_ms + 3_600_000)
    assert len(line.link.posts) == tried
    assert await line.state(BE, leg) is State.QUEUED


async def test_what_it_had_queued_goes_when_it_is_reinstated(
    line: Network, secretariat: Secretariat
) -> None:
    secretariat.suspend(BE)
    await tell(line, secretariat, BE)
    # People go on working: what they write is kept.
    leg = await line.refer(BE, GR)
    await settled()
    assert line.link.batches_to(GR) == []
    secretariat.reinstate(BE)
    await tell(line, secretariat, BE, GR)
    await line.reach(leg, State.DELIVERED, BE, GR)
