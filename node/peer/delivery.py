"""The outbox worker: for each peer, durable, most urgent first, never giving up early.

Each peer has a worker of its own, so that one that is down never delays another.
A worker holds nothing that is not in the database, but for which messages are on
their way: what is due is asked anew each round, so that a restart just goes on.
While one batch is on its way, a second may follow it, never a third: so neither side
idles while the other works. Backoff starts at a second and doubles up to
15 minutes (5 for urgent messages), and ends at any sign of life from the peer.
Attachments go beside the messages and never before them.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from functools import partial
from typing import TypeVar

from node.errors import UNREACHABLE, DeliveryError, StoreError
from node.exchange.answers import LONGEST_BACKOFF_MS, Answers, backoff_ms, longest_backoff_ms
from node.exchange.attachments import AttachmentSending
from node.exchange.context import Context
from node.exchange.descriptors import Descriptors
from node.exchange.sending import DueNow, Sending
from node.store import attachments, outbox
from node.store.outbox import QueueRow
from protocol import limits
from protocol.encoding import encode_envelope_batch
from protocol.errors import PeerError
from protocol.ids import MessageId, NodeId
from protocol.wire import parse_reply_batch

T = TypeVar("T")
Report = Callable[[str, NodeId, str], None]
"""Called with an event's name, the peer, and a code; never with content."""

# Nothing is due: look again after this time even if nobody woke the worker.
IDLE_SECONDS = 60.0
# The database could not be written (a full disk): a worker must not spin on it.
AFTER_FAULT_SECONDS = 10.0
# What a newer descriptor of the peer may put right.
FOR_A_DESCRIPTOR = frozenset({"no_epoch", "no_descriptor", "expired", "from_the_future"})
# While a batch is on its way, as many new messages make the next one worth its signatures.
FOLLOWING_BATCH = 16


class Delivery:
    """Workers for all peers to which something is on its way."""

    def __init__(
        self,
        context: Context,
        *,
        sending: Sending,
        answers: Answers,
        descriptors: Descriptors,
        attachment_sending: AttachmentSending,
        report: Report,
    ) -> None:
        """Nothing runs before `start`."""
        self._context = context
        self._sending = sending
        self._answers = answers
        self._descriptors = descriptors
        self._attachments = attachment_sending
        self._report = report
        self._workers: dict[NodeId, PeerWorker] = {}
        self._is_running = False

    async def start(self) -> None:
        """Start workers for every peer for which something waits."""
        self._is_running = True
        for peer in await self._context.store.read(outbox.peers):
            self.wake(peer)

    async def stop(self) -> None:
        """Stop all workers; what they had begun is tried again after the next start."""
        self._is_running = False
        tasks = [task for worker in self._workers.values() for task in worker.tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._workers.clear()

    def wake(self, peer: NodeId) -> None:
        """Something may be due for this peer."""
        if not self._is_running:
            return
        worker = self._workers.get(peer)
        if worker is None:
            worker = self._workers[peer] = PeerWorker(
                peer,
                self._context,
                sending=self._sending,
                answers=self._answers,
                descriptors=self._descriptors,
                attachment_sending=self._attachments,
                report=self._report,
            )
        worker.wake()

    def look_again(self) -> None:
        """Another directory is in force: members may have been suspended or reinstated."""
        for worker in self._workers.values():
            worker.look_again()

    def contact(self, peer: NodeId) -> None:
        """The peer has shown a sign of life: what waited for it may go now."""
        worker = self._workers.get(peer)
        if worker is not None:
            worker.contact()

    def renewed(self, peer: NodeId) -> None:
        """A newer descriptor of the peer has come: what waited for it can be sealed now."""
        worker = self._workers.get(peer)
        if worker is not None:
            worker.renewed()


class PeerWorker:
    """Delivers to one peer: two tasks for messages, one for attachments."""

    def __init__(
        self,
        peer: NodeId,
        context: Context,
        *,
        sending: Sending,
        answers: Answers,
        descriptors: Descriptors,
        attachment_sending: AttachmentSending,
        report: Report,
    ) -> None:
        """Start the tasks."""
        self._peer = peer
        self._context = context
        self._sending = sending
        self._answers = answers
        self._descriptors = descriptors
        self._attachments = attachment_sending
        self._report = report
        self._messages_due = asyncio.Event()
        self._blobs_due = asyncio.Event()
        self._queue: QueueRow | None = None
        self._choosing = asyncio.Lock()
        self._under_way: set[MessageId] = set()
        self._woken = 0
        self._blob_failures = 0
        self._blobs_next_try_ms = 0
        self.tasks = (
            asyncio.create_task(self._run(self._deliver_messages, self._messages_due)),
            asyncio.create_task(self._run(self._deliver_messages, self._messages_due)),
            asyncio.create_task(self._run(self._deliver_blobs, self._blobs_due)),
        )

    def wake(self) -> None:
        """A message may be due."""
        self._woken += 1
        self._messages_due.set()

    def look_again(self) -> None:
        """Anything may be due."""
        self.wake()
        self._blobs_due.set()

    @property
    def _is_held(self) -> bool:
        """Whether one of both ends is suspended or revoked: then what is queued waits."""
        directory = self._context.trust.directory
        return not all(map(directory.is_active, (self._peer, self._context.node_id)))

    def contact(self) -> None:
        """The peer is alive: do not wait for the backoff to end.

        Only where it could not be reached, or its descriptor was missing: two nodes that
        refuse each other's answers would else drive one another at the speed of the network.
        """
        self._go_on_after({UNREACHABLE, *FOR_A_DESCRIPTOR})

    def renewed(self) -> None:
        """There is a newer descriptor: do not wait for the backoff to end."""
        self._go_on_after(FOR_A_DESCRIPTOR)

    def _go_on_after(self, failures: Collection[str]) -> None:
        queue = self._queue
        if queue is not None and queue.failures and queue.last_failure in failures:
            self._queue = QueueRow(self._peer, last_failure=queue.last_failure)
            self._messages_due.set()
            self._blobs_due.set()

    async def _run(self, deliver: Callable[[], Awaitable[float]], due: asyncio.Event) -> None:
        """Call `deliver` whenever it may have work; it returns how long to wait at most."""
        while True:
            due.clear()
            try:
                wait_seconds = await deliver()
            except StoreError as error:
                self._report("store_failed", self._peer, error.code)
                wait_seconds = AFTER_FAULT_SECONDS
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end delivery
                self._report("delivery_fault", self._peer, type(error).__name__)
                wait_seconds = AFTER_FAULT_SECONDS
            if wait_seconds > 0:
                # Not `wait_for`: in Python 3.11 it can swallow the cancellation of `stop`.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait_seconds):
                        await due.wait()

    # --- messages

    async def _deliver_messages(self) -> float:
        """Post one batch; return how long to wait before the next one."""
        async with self._choosing:
            if self._is_held:
                return IDLE_SECONDS
            if self._under_way and self._woken < FOLLOWING_BATCH:
                # Whoever has the other batch looks again when it is answered.
                return IDLE_SECONDS
            queue = await self._load_queue()
            now_ms = self._context.clock.now_ms()
            if queue.next_try_ms > now_ms:
                return await self._seconds_to_retry(queue, now_ms)
            chosen = await self._attempt(self._choose, queue)
            if not isinstance(chosen, DueNow):
                return chosen
            going = {due.queued.message_id for due in chosen.batch}
            self._under_way |= going
        try:
            return await self._attempt(partial(self._deliver, chosen), queue)
        finally:
            self._under_way -= going

    async def _attempt(self, act: Callable[[], Awaitable[T]], queue: QueueRow) -> T | float:
        """Do what may fail for the peer's sake, and count the failure if it does."""
        try:
            return await act()
        except DeliveryError as error:
            event, reason = "delivery_failed", error.code
        except PeerError as error:
            event, reason = "answer_refused", error.code.name.lower()
        self._report(event, self._peer, reason)
        self._queue = await self._answers.record_failure(self._peer, queue, reason)
        return 0.0

    async def _seconds_to_retry(self, queue: QueueRow, now_ms: int) -> float:
        """Return how long to wait for a peer that failed; less if something has become urgent."""
        urgency = await self._context.store.read(lambda db: outbox.most_urgent(db, self._peer))
        latest_ms = now_ms + longest_backoff_ms(urgency)
        if queue.next_try_ms > latest_ms:
            queue = self._queue = replace(queue, next_try_ms=latest_ms)
        return (queue.next_try_ms - now_ms) / 1000

    async def _choose(self) -> DueNow | float:
        """Return the next batch, or how long to wait when there is none."""
        self._woken = 0
        now = await self._sending.due(self._peer, frozenset(self._under_way))
        if now.batch:
            return now
        if now.has_unsealed:
            await self._seal_unsealed()
            return 0.0
        return self._seconds_until(now.next_due_ms)

    async def _deliver(self, now: DueNow) -> float:
        answer = await self._context.link.post(
            self._context.endpoint_of(self._peer),
            "/hw1/envelopes",
            encode_envelope_batch(now.envelopes),
            limit=limits.REPLY_BYTES,
        )
        answers = self._answers.judge(now.batch, parse_reply_batch(answer))
        for each in answers:
            if not each.is_possible:
                self._report("answer_refused", self._peer, "leaf_mismatch")
            elif each.code:
                self._report("refused_by_peer", self._peer, str(each.code))
        has_attachments = await self._answers.record(answers)
        await self._note_contact()
        if has_attachments:
            self._blobs_due.set()
        # What came meanwhile woke nobody who could send it.
        is_done = now.is_everything and not self._woken and all(each.is_final for each in answers)
        return IDLE_SECONDS if is_done else 0.0

    async def _seal_unsealed(self) -> None:
        """Seal what waits for a descriptor; fetch the peer's first, it may be new."""
        await self._descriptors.refresh(self._peer)
        if not await self._sending.seal_unsealed(self._peer):
            raise DeliveryError("no_epoch", "the peer offers no key for today", retryable=True)

    def _seconds_until(self, due_ms: int | None) -> float:
        if due_ms is None:
            return IDLE_SECONDS
        now_ms = self._context.clock.now_ms()
        return max(0.001, min(IDLE_SECONDS, (due_ms - now_ms) / 1000))

    # --- attachments

    async def _deliver_blobs(self) -> float:
        if self._is_held:
            return IDLE_SECONDS
        waiting = await self._context.store.read(
            lambda db: attachments.waiting_sets(db, self._peer)
        )
        if not waiting:
            return IDLE_SECONDS
        queue = await self._load_queue()
        now_ms = self._context.clock.now_ms()
        wait_ms = max(queue.next_try_ms, self._blobs_next_try_ms) - now_ms
        # Longer than the longest: the clock was ahead when that was set.
        if 0 < wait_ms <= LONGEST_BACKOFF_MS:
            return wait_ms / 1000
        try:
            await self._attachments.send_waiting(self._peer)
        except DeliveryError as error:
            self._report("attachment_failed", self._peer, error.code)
            if error.code == UNREACHABLE:
                self._queue = await self._answers.record_failure(self._peer, queue, error.code)
            else:
                # The peer is there: what it thinks of a file must not delay the messages.
                jitter = self._context.random(1)[0]
                wait_ms = backoff_ms(self._blob_failures, LONGEST_BACKOFF_MS, jitter)
                self._blobs_next_try_ms = now_ms + wait_ms
                self._blob_failures += 1
            return 0
        self._blob_failures = 0
        return IDLE_SECONDS

    # --- both

    async def _load_queue(self) -> QueueRow:
        if self._queue is None:
            self._queue = await self._context.store.read(lambda db: outbox.queue(db, self._peer))
        return self._queue

    async def _note_contact(self) -> None:
        queue = await self._load_queue()
        if queue.failures or queue.last_failure:
            self._queue = await self._answers.record_contact(self._peer)
