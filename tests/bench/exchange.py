"""End to end through two nodes: from the send call until the verified receipt is stored.

The recipient is `homeward node run` in a process of its own. The sender is a whole
node too, in this process, so that the send call and the receipt can be seen.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from keys.identity import load_identity
from node.app import Core, open_core
from node.config import load_settings
from node.exchange.answers import Answer
from node.home import Home
from node.peer.client import HttpLink
from node.peer.server import PeerServer
from node.running import collect_seldom
from node.store import attachments
from node.threads import Threads
from protocol import limits
from protocol.attachment import encrypt_chunks
from protocol.ids import MessageId, NodeId
from protocol.pb.homeward.v1 import message_pb2
from tests.support.nodes import PASSPHRASE

BE, GR = NodeId("be.example"), NodeId("gr.example")
# With what is around it, a payload of about 4000 bytes: size class 4 KiB.
TEXT = "x" * 3900
PATIENCE_SECONDS = 60.0


@asynccontextmanager
async def sending_node(folder: Path) -> AsyncIterator[Core]:
    """Open a node's core that delivers and answers."""
    settings = load_settings(folder)
    home, threads, link = Home(folder), Threads(), HttpLink()
    identity = load_identity(home.identity, PASSPHRASE)
    core = open_core(home, identity, settings, threads=threads, link=link, report=_report)
    server = PeerServer(core.service, core.directory_refresh)
    try:
        await server.start(settings.listen_host, settings.listen_port)
        await core.start()
        collect_seldom()
        yield core
    finally:
        await server.stop()
        await core.close()
        await link.close()
        threads.close()


def _report(event: str, peer: NodeId, code: str) -> None:
    print(f"the sender reports {event} {code}")


class Receipts:
    """Tells when the answer that settles a message is stored."""

    def __init__(self, core: Core) -> None:
        """Listen to what the core records."""
        self._settled: dict[MessageId, asyncio.Future[None]] = {}
        self._record = core.answers.record
        core.answers.record = self._record_and_tell  # type: ignore[method-assign]

    async def _record_and_tell(self, answers: Sequence[Answer]) -> bool:
        has_attachments = await self._record(answers)
        for answer in answers:
            if answer.is_final:
                self._of(answer.due.queued.message_id).set_result(None)
        return has_attachments

    async def wait(self, message_id: MessageId) -> None:
        """Return once the message's receipt is stored; fail after a while without one."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._of(message_id)
        del self._settled[message_id]

    def _of(self, message_id: MessageId) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        return self._settled.setdefault(message_id, loop.create_future())


async def rate(core: Core, receipts: Receipts, *, count: int, in_flight: int) -> float:
    """Return messages per second with this many on their way at any time."""
    left = iter(range(count))

    async def one_after_another() -> None:
        for _ in left:
            _, message_id = await core.legs.open(GR, _referral(), case_id=None, made_by="bench")
            core.delivery.wake(GR)
            await receipts.wait(message_id)

    start = time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(in_flight)))
    return count / (time.perf_counter() - start)


def _referral() -> message_pb2.Referral:
    now_ms = time.time_ns() // 1_000_000
    made = message_pb2.Referral(
        kind="tracing_request",
        urgency=3,
        expires_at_ms=now_ms + 86_400_000,
        reply_by_ms=now_ms + 1000,
    )
    made.ask.text, made.ask.language = TEXT, "en"
    return made


async def move_attachment(core: Core, receipts: Receipts, *, chunks: int) -> float:
    """Send a file of so many chunks; return the seconds until its receipt is stored."""
    key = os.urandom(32)
    blobs, digest = core.context.blobs, hashlib.sha256()
    blob_id, _ = await core.context.disk(
        lambda: blobs.put_file(encrypt_chunks(key, _content(chunks, digest)))
    )
    made = _referral()
    made.attachment_keys.add(
        blob_id=blob_id, key=key, size=chunks * limits.CHUNK_BYTES, digest=digest.digest()
    )
    start = time.perf_counter()
    _, message_id = await core.legs.open(GR, made, case_id=None, made_by="bench")
    core.delivery.wake(GR)
    await receipts.wait(message_id)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await core.store.read(lambda db: attachments.waiting_sets(db, GR)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return time.perf_counter() - start


def _content(chunks: int, digest: hashlib._Hash) -> Iterator[bytes]:
    for _ in range(chunks):
        chunk = os.urandom(limits.CHUNK_BYTES)
        digest.update(chunk)
        yield chunk
