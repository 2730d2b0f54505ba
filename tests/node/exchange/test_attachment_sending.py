"""Sending attachments: they follow their message, and no lie about them is believed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from node.app import Core
from node.errors import DeliveryError
from node.exchange.attachments import AttachmentSending
from node.exchange.requests import Requests
from node.store import attachments
from protocol.encoding import encode_response
from protocol.errors import RefusalCode
from protocol.exchange.leg import State
from protocol.ids import EnvelopeId
from protocol.log import LeafKind
from protocol.values import (
    BlobState,
    Receipt,
    Refusal,
    Response,
)
from tests.support.attached import BLOB, BLOB_ID, SIZE, key_of
from tests.support.forger import Forger
from tests.support.network import BE, FR, GR, Network, settled
from tests.support.nodes import until


@dataclass
class LyingPeer:
    """Answers every request with what the test says."""

    answers: list[Response]
    asked: int = 0

    async def post(self, endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        return self._next()

    async def put(self, endpoint: str, path: str, authorization: bytes, pieces) -> bytes:
        async for _ in pieces:
            pass
        return self._next()

    def _next(self) -> bytes:
        self.asked += 1
        return encode_response(self.answers[min(self.asked, len(self.answers)) - 1])


@dataclass
class Sender:
    """A node whose referral with one photo has been accepted, and whose peer then changes."""

    network: Network
    node: Core
    envelope_id: EnvelopeId

    async def send_to(self, *answers: Response) -> str:
        """Offer the blobs to a peer that answers so; return the code of the failure."""
        context = replace(self.node.context, link=LyingPeer(list(answers)))
        sending = AttachmentSending(context, Requests(context, self.node.descriptors))
        with pytest.raises(DeliveryError) as error:
            await sending.send_waiting(GR)
        assert error.value.retryable
        return error.value.code


async def send_photo(network: Network) -> EnvelopeId:
    """Refer with a photo; return its envelope's id once the peer has the message."""
    node = network.cores[BE]
    blob_id, _ = node.context.blobs.put_file([BLOB])
    assert blob_id == BLOB_ID
    leg = await network.refer(BE, GR, attachment_keys=[key_of(BLOB)])
    await network.reach(leg, State.DELIVERED, BE, GR)
    (row,) = await node.store.read(
        lambda db: list(db.execute("SELECT envelope_id FROM attachment_sets"))
    )
    return EnvelopeId(row[0])


async def receipt_of(node: Core, envelope_id: EnvelopeId) -> bytes | None:
    whole = await node.store.read(lambda db: attachments.get_set(db, envelope_id))
    assert whole is not None
    return whole.peer_proof


async def test_a_photo_follows_its_message_and_its_receipt_comes_back(network: Network) -> None:
    node, _ = await network.open(BE), await network.open(GR)
    envelope_id = await send_photo(network)

    async def is_received() -> bool:
        return await receipt_of(node, envelope_id) is not None

    await until(is_received)
    assert network.cores[GR].context.blobs.read(BLOB_ID, 0, SIZE) == BLOB
    assert network.reports == {BE: [], GR: []}


@pytest.fixture
async def sender(network: Network) -> Sender:
    node, _ = await network.open(BE), await network.open(GR)
    # The peer takes messages and nothing else: the photo cannot arrive.
    network.cores[GR].service.blobs = network.cores[GR].service.requests = no_time
    return Sender(network, node, await send_photo(network))


async def no_time(*_: object) -> bytes:
    return encode_response(Refusal(RefusalCode.BUSY))


LIES = [
    ("a refusal", [Refusal(RefusalCode.STORAGE_FULL)], "storage_full"),
    ("a refusal of the future", [Refusal(999)], "code_999"),
    ("no progress", [BlobState(0, is_complete=False)], "no_progress"),
    ("less than before", [BlobState(9, is_complete=False), BlobState(8, False)], "no_progress"),
    ("more than there is", [BlobState(SIZE + 1, is_complete=False)], "no_progress"),
    ("all, without a receipt", [BlobState(SIZE, is_complete=True)], "no_receipt"),
]


@pytest.mark.parametrize(
    ("answers", "code"), [lie[1:] for lie in LIES], ids=[lie[0] for lie in LIES]
)
async def test_a_peer_that_takes_nothing_is_left_for_later(
    sender: Sender, answers: list[Response], code: str
) -> None:
    assert await sender.send_to(*answers) == code
    assert await receipt_of(sender.node, sender.envelope_id) is None


async def test_a_receipt_that_does_not_hold_is_not_believed(sender: Sender) -> None:
    peer = Forger(sender.network.federation.identities[GR], sender.node)
    stranger = Forger(sender.network.federation.identities[FR], sender.node)
    for forger, kind, subject, code in [
        (peer, LeafKind.ATTACHMENTS, bytes(32), "leaf_mismatch"),
        (peer, LeafKind.RECEIVED, sender.envelope_id, "leaf_mismatch"),
        (stranger, LeafKind.ATTACHMENTS, sender.envelope_id, "unknown_log_key"),
    ]:
        proof = forger.logged(b"", b"", kind=kind, subject=subject).proof
        state = BlobState(SIZE, is_complete=True, receipt=Receipt(proof))
        assert await sender.send_to(state) == code
    assert await receipt_of(sender.node, sender.envelope_id) is None


async def test_a_photo_that_does_not_go_through_does_not_hold_up_messages(
    sender: Sender,
) -> None:
    network = sender.network
    await settled()
    assert "attachment_failed" in network.events(BE)
    leg = await network.refer(BE, GR)
    await network.reach(leg, State.DELIVERED, BE, GR)
