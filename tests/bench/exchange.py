"""End to end: from the send call until the verified receipt is stored, two node processes.

python -m tests.bench.exchange recipient FOLDER PORT PORT_FILE
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from node.app import Core, Threads, open_core
from node.exchange.answers import Answer
from node.home import Home
from node.peer.client import HttpLink
from node.peer.server import PeerServer
from protocol.ids import MessageId, NodeId
from protocol.pb.homeward.v1 import message_pb2
from tests.support.nodes import PASSPHRASE
from keys.identity import load_identity

TEXT = "x" * 3900
PATIENCE_SECONDS = 20.0
BE, GR = NodeId("be.example"), NodeId("gr.example")


def open_node(folder: Path) -> tuple[Core, Threads, HttpLink]:
    """Open a real node's core."""
    home, threads, link = Home(folder), Threads(), HttpLink()
    identity = load_identity(home.identity, PASSPHRASE)
    core = open_core(home, identity, threads=threads, link=link, report=lambda *event: None)
    return core, threads, link


def referral() -> message_pb2.Referral:
    """Return a referral that makes a payload of about 4 KiB, in the 4 KiB size class."""
    now_ms = time.time_ns() // 1_000_000
    made = message_pb2.Referral(
        kind="tracing_request",
        urgency=3,
        expires_at_ms=now_ms + 86_400_000,
        reply_by_ms=now_ms + 1000,
    )
    made.ask.text, made.ask.language = TEXT, "en"
    return made


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
            _, message_id = await core.legs.open(GR, referral(), case_id=None, made_by="bench")
            core.delivery.wake(GR)
            await receipts.wait(message_id)

    start = time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(in_flight)))
    return count / (time.perf_counter() - start)


async def recipient(folder: Path, port: int, port_file: Path) -> None:
    """Run the recipient until it is terminated."""
    core, _, _ = open_node(folder)
    server = PeerServer(core.service, core.directory_refresh)
    await server.start("127.0.0.1", port)
    await core.start()
    port_file.write_text(str(port))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(recipient(Path(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])))
