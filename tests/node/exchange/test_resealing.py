"""A peer that has lost its keys costs one more sending, and nobody at either end notices."""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import Callable
from dataclasses import replace

import pytest

from node.exchange.sending import ENVELOPES_PER_BATCH
from node.peer.delivery import FOLLOWING_BATCH
from node.store import messages
from node.store.outbox import OutboxRow
from protocol import limits, suite
from protocol.encoding import encode_descriptor, encode_reply_batch, encode_signed_descriptor
from protocol.envelope import id_of
from protocol.errors import RefusalCode
from protocol.exchange.leg import State
from protocol.ids import LegId, NodeId
from protocol.log import LeafKind
from protocol.values import Refusal
from protocol.wire import parse_descriptor, parse_header, parse_signed_descriptor
from tests.support.forger import Forger
from tests.support.network import BE, DAY_MS, FR, GR, Network, settled
from tests.support.nodes import NOW_MS, endpoint_of, until
from tests.support.snapshots import snapshot

AWAY_MS = 21 * DAY_MS


class Line:
    """Belgium, which has things for Greece, and the states that people saw of them."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.seen: set[State] = set()

    async def refer(self, **changes) -> LegId:
        fields = {"expires_at_ms": NOW_MS + limits.LIFETIME_MS, **changes}
        return await self.network.refer(BE, GR, **fields)

    async def lose_epochs(self) -> None:
        """Let Greece come back from a backup, in which there are none."""
        await self.network.close(GR)
        shutil.rmtree(self.network.federation.home(GR).epochs)
        await self.network.open(GR)

    async def look(self) -> set[State]:
        now = {view.state for view in await self.network.views(BE)}
        self.seen |= now
        return now

    async def all_delivered(self) -> None:
        for _ in range(200):
            await self.network.wake_when_due()
            if await self.look() == {State.DELIVERED}:
                break
        assert self.seen <= {State.QUEUED, State.DELIVERED}
        assert await self.look() == {State.DELIVERED}
        assert await self.network.waiting() == []
        views = await self.network.views(BE)
        settled_as = {row.settled for view in views for row in view.messages}
        assert settled_as == {messages.RECEIVED}
        taken = (await snapshot(self.network.cores[GR])).tables["messages"]
        assert len(taken) == len(views)

    async def leaves(self, name: str, kind: LeafKind) -> list[bytes]:
        found = await snapshot(self.network.cores[name])
        return [leaf.subject for leaf in found.leaves if leaf.kind is kind]


@pytest.fixture
def mail(line: Network) -> Line:
    return Line(line)


async def test_a_peer_that_was_off_for_three_weeks_gets_everything_once(mail: Line) -> None:
    network = mail.network
    await network.close(GR)
    for _ in range(5):
        await mail.refer()
    await settled()
    network.clock.at_ms += AWAY_MS
    await network.open(GR)
    await mail.all_delivered()
    assert len(await mail.leaves(GR, LeafKind.REFUSED)) == 5
    sent = await mail.leaves(BE, LeafKind.SENT)
    headers = [parse_header(e.header) for b in network.link.batches_to(GR) for e in b]
    assert len(sent) == 10
    assert len({header.message_id for header in headers}) == 5
    assert len({header.commitment for header in headers}) == 5


@pytest.mark.parametrize("count", [200])
async def test_a_long_queue_is_refused_twice_at_most_and_sealed_again_at_once(
    mail: Line, count: int
) -> None:
    network = mail.network
    network.unplug(GR)
    for number in range(count):
        await mail.refer(urgency=1 + number % 4)
    await settled()
    before = network.clock.at_ms
    await mail.lose_epochs()
    fetched: list[str] = []
    get = network.link.get

    async def counted(endpoint: str, path: str, *, limit: int) -> bytes | None:
        fetched.append(path)
        return await get(endpoint, path, limit=limit)

    network.link.get = counted
    tried = len(network.link.batches_to(GR))
    network.cores[BE].delivery.contact(GR)

    async def is_gone() -> bool:
        await mail.look()
        return await network.waiting() == []

    # All of it without a clock that moves: nobody waits for a backoff.
    await until(is_gone, rounds=20_000)
    assert network.clock.at_ms == before
    await mail.all_delivered()
    refused = await mail.leaves(GR, LeafKind.REFUSED)
    assert ENVELOPES_PER_BATCH <= len(refused) <= 2 * ENVELOPES_PER_BATCH
    assert len(await mail.leaves(BE, LeafKind.SENT)) == 2 * count
    batches = network.link.batches_to(GR)[tried:]
    assert sum(map(len, batches)) == count + len(refused)
    assert len(fetched) <= 1 + count // limits.BATCH_ENVELOPES + 1


async def test_what_is_on_its_way_meanwhile_is_not_sealed_a_third_time(mail: Line) -> None:
    network = mail.network
    network.unplug(GR)
    for _ in range(2 * ENVELOPES_PER_BATCH):
        await mail.refer()
    await settled()
    await mail.lose_epochs()
    # The second batch leaves with the first, and is answered before it.
    posts, post, gate = itertools.count(1), network.link.post, asyncio.Event()

    async def slow(endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        number = next(posts) if path == "/hw1/envelopes" else 0
        answer = await post(endpoint, path, body, limit=limit)
        if number == 1:
            await gate.wait()
        return answer

    network.link.post = slow
    network.cores[BE].delivery.contact(GR)
    await settled()
    for _ in range(FOLLOWING_BATCH):
        network.cores[BE].delivery.wake(GR)
    await settled()
    assert len(await mail.leaves(GR, LeafKind.REFUSED)) == 2 * ENVELOPES_PER_BATCH
    gate.set()
    await mail.all_delivered()
    assert len(await mail.leaves(BE, LeafKind.SENT)) == 4 * ENVELOPES_PER_BATCH
    assert len(await mail.leaves(BE, LeafKind.SENT)) == 4 * ENVELOPES_PER_BATCH


async def test_a_peer_that_never_finds_the_key_is_not_sent_to_at_the_speed_of_the_line(
    mail: Line,
) -> None:
    network = mail.network
    liar = Forger(network.federation.identities[GR], network.cores[BE])

    def gone(_: bytes) -> bytes:
        sent = network.link.batches_to(GR)[-1]
        proofs = [
            liar.logged(
                b"",
                b"",
                kind=LeafKind.REFUSED,
                code=RefusalCode.UNKNOWN_EPOCH,
                subject=id_of(envelope),
            ).proof
            for envelope in sent
        ]
        return encode_reply_batch([Refusal(RefusalCode.UNKNOWN_EPOCH, p) for p in proofs])

    network.link.change = gone
    await mail.refer()
    await settled(2000)
    assert len(network.link.batches_to(GR)) == 2
    (row,) = await network.waiting()
    assert row.not_before_ms > network.clock.at_ms
    network.link.change = bytes
    await mail.all_delivered()


async def test_one_refusal_has_nothing_else_sealed_again_while_the_key_is_still_offered(
    mail: Line,
) -> None:
    """A peer could else make a node write as many leaves as there are messages."""
    network = mail.network
    network.unplug(GR)
    for _ in range(20):
        await mail.refer()
    await settled()
    store = network.cores[BE].store
    (first, *_) = await network.waiting()
    await store.write(lambda db: _unseal(db, first))
    for _ in range(2):
        await network.cores[BE].sending.seal_unsealed(GR)
        assert all(row.envelope_id is not None for row in await network.waiting())
    assert len(await mail.leaves(BE, LeafKind.SENT)) == 21


def _unseal(db, row: OutboxRow) -> None:
    db.execute("UPDATE outbox SET envelope_id = NULL WHERE message_id = ?", [row.message_id])


# --- restored from a backup


async def test_a_peer_that_comes_back_from_an_old_backup_is_believed_again(
    mail: Line, tmp_path
) -> None:
    """It does not know any more how far its serials had got."""
    network = mail.network
    home = network.federation.home(GR).folder
    await network.close(GR)
    backup = shutil.copytree(home, tmp_path / "backup")
    shutil.rmtree(backup / "epochs")
    for _ in range(3):
        await network.open(GR)
        network.clock.at_ms += 8 * DAY_MS
        await network.cores[GR].turn_epochs()
        await network.close(GR)
    await network.open(GR)
    known = await network.cores[BE].descriptors.refresh(GR)
    network.unplug(GR)
    await mail.refer()
    await settled()

    await network.close(GR)
    shutil.rmtree(home)
    shutil.copytree(backup, home)
    network.clock.at_ms += 3_600_000
    await network.open(GR)
    await mail.all_delivered()
    again = await network.cores[BE].descriptors.known(GR)
    assert again is not None
    assert again.serial > known.serial


# --- what is offered in place of the newest descriptor


def replayed(mail: Line, old: bytes) -> bytes:
    return old


def of_another_member(mail: Line, old: bytes) -> bytes:
    return newer(mail, old, by=FR, node_id=FR)


def in_anothers_log(mail: Line, old: bytes) -> bytes:
    return newer(mail, old, by=FR)


def newer(mail: Line, old: bytes, *, by: NodeId, **changes) -> bytes:
    """Return a newer descriptor than the old one, well proven by the log of a member."""
    forger = Forger(mail.network.federation.identities[by], mail.network.cores[BE])
    descriptor = parse_descriptor(parse_signed_descriptor(old)[0])
    changes = {"serial": descriptor.serial + 9, "log_key": forger.log.signer.key_id, **changes}
    raw = encode_descriptor(replace(descriptor, **changes))
    subject = suite.digest("homeward/v1 descriptor", raw)
    logged = forger.logged(b"", b"", kind=LeafKind.DESCRIPTOR, subject=subject)
    return encode_signed_descriptor(raw, logged.proof)


@pytest.mark.parametrize(
    "offer", [replayed, of_another_member, in_anothers_log], ids=lambda f: f.__name__
)
async def test_a_descriptor_that_is_not_the_newest_of_this_peer_changes_nothing(
    mail: Line, offer: Callable[[Line, bytes], bytes]
) -> None:
    network = mail.network
    old = await network.cores[GR].service.descriptor()
    assert old is not None
    network.unplug(GR)
    await mail.refer()
    await settled()
    await mail.lose_epochs()
    known = await network.cores[BE].descriptors.known(GR)
    before = (await snapshot(network.cores[BE])).tables["descriptors"]
    network.link.descriptors[endpoint_of(GR)] = offer(mail, old)
    for _ in range(5):
        await network.wake_when_due()
        assert await mail.look() == {State.QUEUED}
    assert await network.cores[BE].descriptors.known(GR) == known
    assert (await snapshot(network.cores[BE])).tables["descriptors"] == before

    network.link.descriptors.clear()
    await mail.all_delivered()


# --- no key at all


async def test_what_waits_for_a_key_goes_as_soon_as_the_peer_has_published_one(
    mail: Line,
) -> None:
    network = mail.network
    await network.close(GR)
    network.clock.at_ms += 40 * DAY_MS
    old = network.link.descriptors
    # Greece answers, with nothing newer than what has expired.
    greece = await network.open(GR)
    old[endpoint_of(GR)] = None
    leg = await mail.refer(expires_at_ms=network.clock.at_ms + 20 * DAY_MS)
    for _ in range(6):
        await network.wake_when_due()
    (row,) = await network.waiting()
    assert row.envelope_id is None
    queue = await network.queue()
    assert queue.last_failure == "no_descriptor"
    assert queue.next_try_ms > network.clock.at_ms + 10_000
    old.clear()
    # It shows itself; its descriptor is there now.
    member = Forger(network.federation.identities[GR], network.cores[BE])
    await network.cores[BE].service.requests(member.request())
    await network.reach(leg, State.DELIVERED, BE, GR)
    assert greece is network.cores[GR]


async def test_a_newer_descriptor_ends_the_wait_for_one_however_it_came(mail: Line) -> None:
    network = mail.network
    core = network.cores[BE]
    await network.close(GR)
    network.clock.at_ms += 40 * DAY_MS
    await network.open(GR)
    network.link.descriptors[endpoint_of(GR)] = None
    leg = await mail.refer(expires_at_ms=network.clock.at_ms + 20 * DAY_MS)
    for _ in range(6):
        await network.wake_when_due()
    network.link.descriptors.clear()
    await core.descriptors.refresh(GR)
    await network.reach(leg, State.DELIVERED, BE, GR)
