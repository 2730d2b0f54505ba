"""Taking in attachments: announced ones arrive whole and get one receipt; others are refused."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from node.app import Core
from node.store import attachments
from protocol.attachment import encrypted_size
from protocol.envelope import id_of, verify_leaf
from protocol.errors import RefusalCode
from protocol.ids import BlobId, EnvelopeId
from protocol.log import LeafKind
from protocol.pb.homeward.v1.message_pb2 import AttachmentKey
from protocol.values import (
    AttachmentRef,
    BlobState,
    BlobStatus,
    BlobWrite,
    Receipt,
    Refusal,
    Response,
)
from protocol.wire import parse_response
from tests.support.attached import BLOB, BLOB_ID, FILE, SIZE, SMALL, key_of
from tests.support.forger import Forger, deliver
from tests.support.network import BE, FR, GR, Network, referral
from tests.support.snapshots import snapshot


@dataclass
class Upload:
    """A node that has accepted an envelope of the member with attachments."""

    network: Network
    node: Core
    member: Forger
    envelope_id: EnvelopeId

    async def put(
        self, offset: int, *pieces: bytes, blob_id: BlobId = BLOB_ID, by: Forger | None = None
    ) -> Response:
        async def body() -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece

        call = BlobWrite(blob_id, self.envelope_id, offset)
        request = (by or self.member).request(call)
        return parse_response(await self.node.service.blobs(request, body()))

    async def status(self, blob_id: BlobId = BLOB_ID) -> Response:
        request = self.member.request(BlobStatus(blob_id, self.envelope_id))
        return parse_response(await self.node.service.requests(request))

    async def announce(self, *keys: AttachmentKey) -> EnvelopeId:
        """Let the node accept another envelope that announces blobs."""
        refs = tuple(AttachmentRef(BlobId(k.blob_id), encrypted_size(k.size)) for k in keys)
        content = referral(attachment_keys=keys)
        envelope = self.member.envelope(self.member.letter(content, attachments=refs))
        (reply,) = await deliver(self.node, envelope)
        assert isinstance(reply, Receipt)
        return id_of(envelope)


@pytest.fixture
async def upload(network: Network) -> Upload:
    await network.open(BE)
    await network.open(FR)
    node = await network.open(GR)
    made = Upload(network, node, Forger(network.federation.identities[BE], node), EnvelopeId(b""))
    made.envelope_id = await made.announce(key_of(BLOB), key_of(SMALL))
    await made.status()
    return made


async def assert_refused(upload: Upload, answer: Response, code: RefusalCode, before) -> None:
    assert answer == Refusal(code)
    assert await snapshot(upload.node, without={"request_nonces"}) == before
    assert upload.network.reports[GR][-1] == ("refused", "", code.name.lower())


# --- taking in


async def test_a_blob_arrives_in_pieces_of_any_size(upload: Upload) -> None:
    pieces = [BLOB[at : at + 7_777] for at in range(0, SIZE, 7_777)]
    assert await upload.put(0, *pieces) == BlobState(SIZE, is_complete=True)
    assert upload.node.context.blobs.read(BLOB_ID, 0, SIZE) == BLOB


async def test_an_upload_goes_on_where_it_broke_off(upload: Upload) -> None:
    assert await upload.status() == BlobState(0, is_complete=False)
    assert await upload.put(0, BLOB[:1000]) == BlobState(1000, is_complete=False)
    assert await upload.status() == BlobState(1000, is_complete=False)
    assert await upload.put(1000, BLOB[1000:]) == BlobState(SIZE, is_complete=True)


async def test_an_upload_goes_on_after_a_restart_of_the_node(upload: Upload) -> None:
    await upload.put(0, BLOB[:1000])
    await upload.network.close(GR)
    upload.node = upload.member.recipient = await upload.network.open(GR)
    assert await upload.status() == BlobState(1000, is_complete=False)
    assert await upload.put(1000, BLOB[1000:]) == BlobState(SIZE, is_complete=True)


async def test_the_receipt_comes_with_the_last_of_the_set_and_again_when_asked(
    upload: Upload,
) -> None:
    before = await snapshot(upload.node)
    assert await upload.put(0, BLOB) == BlobState(SIZE, is_complete=True)
    small_id = BlobId(hashlib.sha256(SMALL).digest())
    state = await upload.put(0, SMALL, blob_id=small_id)
    assert isinstance(state, BlobState)
    assert state.receipt is not None
    (key,) = upload.node.context.trust.directory.keys_of(GR)
    verify_leaf(state.receipt.proof, key, LeafKind.ATTACHMENTS, upload.envelope_id)

    after = await snapshot(upload.node, without={"request_nonces"})
    assert len(after.leaves) == len(before.leaves) + 1
    assert await upload.status() == replace(state, held=SIZE)
    assert await upload.put(0, b"ignored") == replace(state, held=SIZE)
    assert await snapshot(upload.node, without={"request_nonces"}) == after


async def test_a_blob_that_is_here_already_completes_a_second_announcement(
    upload: Upload,
) -> None:
    await upload.put(0, BLOB)
    upload.envelope_id = await upload.announce(key_of(BLOB))
    state = await upload.status()
    assert isinstance(state, BlobState)
    assert state.receipt is not None


# --- refusing


@pytest.mark.parametrize(
    ("code", "held", "offset", "body"),
    [
        (RefusalCode.BLOB_OFFSET, 0, 1, BLOB[1:]),
        (RefusalCode.BLOB_OFFSET, 1000, 0, BLOB),
        (RefusalCode.BLOB_OFFSET, 1000, 999, BLOB[999:]),
        (RefusalCode.BLOB_OFFSET, 1000, 2000, b""),
        (RefusalCode.BLOB_OFFSET, 0, SIZE, b""),
        (RefusalCode.BLOB_OFFSET, 0, 2**64 - 1, b"x"),
        (RefusalCode.BLOB_TOO_LONG, 0, 0, BLOB + b"x"),
        (RefusalCode.BLOB_TOO_LONG, 1000, 1000, BLOB[1000:] + b"x"),
    ],
    ids=[
        "a gap at the beginning",
        "from the beginning again",
        "an overlap",
        "nothing, behind a gap",
        "nothing, at the end",
        "an offset that no file has",
        "one byte too many",
        "one byte too many at the end",
    ],
)
async def test_bytes_at_a_wrong_place_are_refused_and_nothing_is_added(
    upload: Upload, code: RefusalCode, held: int, offset: int, body: bytes
) -> None:
    await upload.put(0, BLOB[:held])
    before = await snapshot(upload.node, without={"request_nonces"})
    await assert_refused(upload, await upload.put(offset, body), code, before)


async def test_other_bytes_than_announced_are_dropped_and_the_upload_begins_anew(
    upload: Upload,
) -> None:
    before = await snapshot(upload.node, without={"request_nonces"})
    wrong = BLOB[:-1] + bytes([BLOB[-1] ^ 1])
    await assert_refused(upload, await upload.put(0, wrong), RefusalCode.BLOB_DIGEST, before)
    assert await upload.put(0, BLOB) == BlobState(SIZE, is_complete=True)


async def test_a_blob_shorter_than_announced_stays_incomplete(upload: Upload) -> None:
    assert await upload.put(0, BLOB[:-1]) == BlobState(SIZE - 1, is_complete=False)
    assert await upload.put(SIZE - 1) == BlobState(SIZE - 1, is_complete=False)
    assert upload.node.context.blobs.ids() == set()


@pytest.mark.parametrize(
    ("difference", "code"),
    [(1, RefusalCode.BLOB_TOO_SHORT), (-1, RefusalCode.BLOB_TOO_LONG)],
)
async def test_a_blob_that_is_here_under_another_size_completes_nothing(
    upload: Upload, difference: int, code: RefusalCode
) -> None:
    await upload.put(0, BLOB)
    upload.envelope_id = await upload.announce(key_of(BLOB, size=len(FILE) + difference))
    before = await snapshot(upload.node, without={"request_nonces"})
    await assert_refused(upload, await upload.status(), code, before)
    await assert_refused(upload, await upload.put(0, BLOB), code, before)


async def test_only_what_was_announced_by_its_sender_is_taken(upload: Upload) -> None:
    other = Forger(upload.network.federation.identities[FR], upload.node)
    await upload.node.service.requests(other.request())
    before = await snapshot(upload.node, without={"request_nonces"})
    code = RefusalCode.BLOB_NOT_ANNOUNCED
    await assert_refused(upload, await upload.put(0, BLOB, by=other), code, before)
    await assert_refused(upload, await upload.put(0, b"x", blob_id=BlobId(bytes(32))), code, before)
    await assert_refused(upload, await upload.status(BlobId(bytes(32))), code, before)
    upload.envelope_id = EnvelopeId(bytes(32))
    await assert_refused(upload, await upload.put(0, BLOB), code, before)


async def test_a_member_cannot_write_into_a_set_that_is_on_its_way_to_it(
    upload: Upload,
) -> None:
    await upload.node.store.write(
        lambda db: db.execute("UPDATE attachment_sets SET direction = 'out'")
    )
    assert await upload.put(0, BLOB) == Refusal(RefusalCode.BLOB_NOT_ANNOUNCED)


async def erase(upload: Upload) -> None:
    """Forget what opens the attachments, as whoever erases the leg does."""
    await upload.node.store.write(lambda db: attachments.forget(db, upload.envelope_id))


async def test_the_receipt_for_files_that_had_come_is_given_also_when_they_are_erased(
    upload: Upload,
) -> None:
    await upload.put(0, BLOB)
    answer = await upload.put(0, SMALL, blob_id=BlobId(hashlib.sha256(SMALL).digest()))
    assert isinstance(answer, BlobState)
    assert answer.receipt is not None
    await erase(upload)
    for again in (await upload.status(), await upload.put(0, BLOB)):
        assert isinstance(again, BlobState)
        assert (again.held, again.is_complete) == (0, True)
        assert again.receipt is not None
        assert again.receipt.proof.leaf == answer.receipt.proof.leaf


async def test_files_that_were_erased_before_all_had_come_get_no_receipt(upload: Upload) -> None:
    await upload.put(0, BLOB)
    await erase(upload)
    code = RefusalCode.BLOB_NOT_ANNOUNCED
    before = await snapshot(upload.node, without={"request_nonces"})
    await assert_refused(upload, await upload.status(), code, before)


async def test_files_that_are_erased_in_the_middle_of_an_answer_get_no_receipt(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = upload.node.context.blobs
    finish = blobs.finish

    def erased_meanwhile(blob_id: BlobId, size: int) -> None:
        finish(blob_id, size)
        upload.node.store._writer.execute(
            "DELETE FROM attachments WHERE envelope_id = ?", [upload.envelope_id]
        )

    monkeypatch.setattr(blobs, "finish", erased_meanwhile)
    assert await upload.put(0, BLOB) == Refusal(RefusalCode.BLOB_NOT_ANNOUNCED)
    whole = await upload.node.store.read(lambda db: attachments.get_set(db, upload.envelope_id))
    assert whole is not None
    assert not whole.is_complete
