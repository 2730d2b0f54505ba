"""Descriptors: publish one's own, know the peers'.

A descriptor is a leaf of its maker's log like everything else; a peer's is taken
only with a proof under keys that the directory names, and never an older one than
what is known. Parsed ones are kept in memory; the table holds every version.

One's own is made anew whenever anything in it has changed. Its serial is the time, or
one more than the last: so it rises as well in a node that came back from a backup and
does not know what it published after that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from node.errors import DeliveryError
from node.exchange.context import Context
from node.store import descriptors
from node.store.db import Transaction
from node.store.descriptors import DescriptorRow
from protocol import limits, suite
from protocol.encoding import encode_descriptor, encode_log_proof, encode_signed_descriptor
from protocol.envelope import verify_leaf
from protocol.errors import PeerError, RefusalCode
from protocol.evidence import descriptor_subject
from protocol.ids import NodeId
from protocol.log import LeafKind
from protocol.notes import origin_of
from protocol.values import Descriptor, Epoch
from protocol.wire import parse_descriptor, parse_signed_descriptor

# A new descriptor well before the old one ends, so that a peer that was away for
# two weeks still finds a valid one at another peer.
RENEW_BEFORE_MS = limits.DESCRIPTOR_LIFETIME_MS // 2
# How many at once, each minute, while there is something to ask.
PEERS_ASKED_THE_TIME = 3


@dataclass(frozen=True, slots=True)
class KnownDescriptor:
    """A verified descriptor and the version under which it is stored."""

    serial: int
    descriptor: Descriptor

    def epoch_at(self, at_ms: int) -> Epoch | None:
        """Return the epoch to seal to at this time, or None when all are over.

        Where the peer's clock has turned the week before this one, or has yet to, that is
        the epoch which is nearest: it has the seeds of both.
        """
        skew_ms = limits.CLOCK_SKEW_MS
        if at_ms >= self.descriptor.expires_at_ms + skew_ms:
            return None
        for slack_ms in (0, skew_ms):
            for epoch in self.descriptor.epochs:
                if epoch.starts_at_ms - slack_ms <= at_ms < epoch.ends_at_ms + slack_ms:
                    return epoch
        return None


class _Proven(NamedTuple):
    """A peer's descriptor that its log holds, and when the peer last signed for it."""

    descriptor: Descriptor
    row: DescriptorRow
    signed_at_ms: int


class Descriptors:
    """One's own descriptor and those of the peers."""

    def __init__(self, context: Context) -> None:
        """Start with what the store knows; nothing is fetched yet."""
        self._context = context
        self._known: dict[NodeId, KnownDescriptor] = {}
        self.on_newer: Callable[[NodeId], None] = _nobody
        """Called with a peer of which a newer descriptor has come."""

    def in_job(self, db: Transaction, node_id: NodeId) -> KnownDescriptor | None:
        """Return the newest known descriptor that counts, within a job.

        A peer's counts no more when the log key under which it is proven has been stolen:
        the encryption and transport keys in it may be the thief's.
        """
        known = self._known.get(node_id)
        if known is None or not self._counts(known.descriptor):
            known = self._load(db, node_id)
        if known is not None:
            self._known[node_id] = known
        return known

    def _load(self, db: Transaction, node_id: NodeId) -> KnownDescriptor | None:
        if node_id == self._context.node_id:
            row = descriptors.latest(db, node_id)
        else:
            keys = self._context.trust.directory.keys_of(node_id)
            not_stolen = [key.key_id for key in keys if key.compromised_since_ms is None]
            row = descriptors.latest_under(db, node_id, not_stolen)
        if row is None:
            return None
        known = KnownDescriptor(row.serial, parse_descriptor(row.descriptor))
        return known if self._counts(known.descriptor) else None

    def _counts(self, descriptor: Descriptor) -> bool:
        if descriptor.node_id == self._context.node_id:
            return True
        directory = self._context.trust.directory
        keys = directory.usable_keys(descriptor.node_id, descriptor.created_at_ms)
        return any(key.key_id == descriptor.log_key for key in keys)

    async def known(self, node_id: NodeId) -> KnownDescriptor | None:
        """Return the newest known descriptor of a node, or None."""
        return await self._context.store.read(lambda db: self.in_job(db, node_id))

    # --- one's own

    async def publish(self) -> bool:
        """Log a new descriptor if epochs or keys changed, or the old one nears its end.

        Returns:
            Whether one was logged.
        """
        now_ms, nonce = self._context.clock.now_ms(), self._context.random(16)
        epochs = self._context.trust.epochs.published(now_ms)
        if not epochs:
            # The clock was moved since they were made: the next turn makes others.
            return False

        def job(db: Transaction) -> bool:
            known = self.in_job(db, self._context.node_id)
            made = self._made(epochs, now_ms, serial=1 if known is None else known.serial + 1)
            if known is not None and not (
                _needs_renewal(known.descriptor, made)
                or self._is_older_than_its_key(known.descriptor, now_ms)
            ):
                return False
            self._log_own(db, made, nonce)
            return True

        is_new = await self._context.store.write(job)
        if is_new:
            self._known.pop(self._context.node_id, None)
        return is_new

    def _is_older_than_its_key(self, descriptor: Descriptor, now_ms: int) -> bool:
        """Whether a clock that was behind, and is no more, dated it where peers take no key."""
        usable_keys, own = self._context.trust.directory.usable_keys, descriptor.node_id
        then, now = (
            {key.key_id for key in usable_keys(own, at_ms)}
            for at_ms in (descriptor.created_at_ms, now_ms)
        )
        return descriptor.log_key in now - then

    def _made(self, epochs: tuple[Epoch, ...], now_ms: int, *, serial: int) -> Descriptor:
        """Return what the node would say of itself now, with at least this serial."""
        context = self._context
        return Descriptor(
            federation_id=context.trust.directory.federation_id,
            node_id=context.node_id,
            serial=max(serial, now_ms),
            created_at_ms=now_ms,
            expires_at_ms=now_ms + limits.DESCRIPTOR_LIFETIME_MS,
            log_key=context.logbook.signer.key_id,
            epochs=epochs,
            transport_key=suite.ed25519_public_key(context.transport_seed),
        )

    def _log_own(self, db: Transaction, made: Descriptor, nonce: bytes) -> None:
        context, data, now_ms = self._context, encode_descriptor(made), made.created_at_ms
        position = context.logbook.append(
            db, LeafKind.DESCRIPTOR, descriptor_subject(data), at_ms=now_ms, nonce=nonce
        )
        row = DescriptorRow(
            node_id=context.node_id,
            serial=made.serial,
            descriptor=data,
            log_key=made.log_key,
            proof=None,
            log_number=context.logbook.number,
            log_position=position,
            fetched_at_ms=now_ms,
        )
        descriptors.add(db, row)

    async def own_signed(self) -> bytes | None:
        """Return one's own SignedDescriptor as peers fetch it; None before the first of a log."""
        context = self._context
        row = await context.store.read(lambda db: descriptors.latest(db, context.node_id))
        if row is None or row.log_position is None or row.log_number != context.logbook.number:
            return None
        proofs = await context.logbook.prove([row.log_position], at_ms=context.clock.now_ms())
        return encode_signed_descriptor(row.descriptor, proofs[0])

    # --- the peers'

    async def refresh(self, node_id: NodeId) -> KnownDescriptor:
        """Fetch a peer's descriptor, verify it, and keep it if it is newer.

        Raises:
            DeliveryError: the peer cannot be reached, or what it gave is not taken.
        """
        context = self._context
        asked_at_ms = context.clock.now_ms()
        fetched = await context.link.get(
            context.endpoint_of(node_id), "/hw1/descriptor", limit=limits.DESCRIPTOR_BYTES
        )
        if fetched is None:
            raise DeliveryError("no_descriptor", "the peer has no descriptor yet", retryable=True)
        try:
            proven = await context.compute(lambda: self._verified(node_id, fetched))
            self._check_time(node_id, proven, asked_at_ms)
        except PeerError as error:
            sentence = "the peer's descriptor was not taken"
            raise DeliveryError(error.code.name.lower(), sentence, retryable=True) from error
        is_newer = await context.store.write(lambda db: self._keep(db, proven.row))
        context.trust.met.meet(proven.row.log_key)
        known = await self.known(node_id)
        if known is None:
            # The directory has changed in this very moment.
            raise DeliveryError("unknown_log_key", "the peer's key does not count", retryable=True)
        if is_newer:
            self.on_newer(node_id)
        return known

    async def compare_clocks(self, *, is_in_doubt: bool) -> None:
        """Look again where clocks disagreed; ask a few peers if the time itself `is_in_doubt`.

        A descriptor tells the time of whoever has just signed for it.
        """
        context = self._context
        asked = [peer for peer in self._peers() if context.clocks.is_of_note(peer)]
        if is_in_doubt:
            asked += [peer for peer in self._peers() if peer not in asked]
        await asyncio.gather(*map(self._ask_the_time, asked[:PEERS_ASKED_THE_TIME]))

    async def _ask_the_time(self, peer: NodeId) -> None:
        # Also one that is not taken has told the time, if it was proven.
        with suppress(DeliveryError):
            await self.refresh(peer)

    def _peers(self) -> list[NodeId]:
        """Return the active peers in random order."""
        directory, own = self._context.trust.directory, self._context.node_id
        peers = [peer for peer in sorted(directory.members) if peer != own]
        active = [peer for peer in peers if directory.is_active(peer)]
        return sorted(active, key=lambda _: self._context.random(8))

    def _check_time(self, node_id: NodeId, proven: _Proven, asked_at_ms: int) -> None:
        """Compare the clocks, and refuse what is over or lies in the future.

        Raises:
            PeerError: EXPIRED or FROM_THE_FUTURE.
        """
        now_ms, descriptor = self._context.clock.now_ms(), proven.descriptor
        self._context.clocks.bear_out(proven.signed_at_ms, now_ms)
        self._context.clocks.heard(
            node_id,
            max(descriptor.created_at_ms, proven.signed_at_ms),
            earliest_ms=asked_at_ms - limits.CHECKPOINT_FRESH_MS,
            now_ms=now_ms,
            is_certain=False,
        )
        if descriptor.expires_at_ms <= now_ms - limits.CLOCK_SKEW_MS:
            raise PeerError(RefusalCode.EXPIRED, "descriptor")
        if descriptor.created_at_ms > now_ms + limits.CLOCK_SKEW_MS:
            raise PeerError(RefusalCode.FROM_THE_FUTURE, "descriptor")

    def _verified(self, node_id: NodeId, data: bytes) -> _Proven:
        trust, now_ms = self._context.trust, self._context.clock.now_ms()
        raw, proof = parse_signed_descriptor(data)
        descriptor = parse_descriptor(raw)
        if descriptor.federation_id != trust.directory.federation_id:
            raise PeerError(RefusalCode.WRONG_FEDERATION, "descriptor")
        if descriptor.node_id != node_id:
            raise PeerError(RefusalCode.WRONG_RECIPIENT, "descriptor of another node")
        keys = trust.usable_keys(node_id, made_at_ms=descriptor.created_at_ms, now_ms=now_ms)
        key = next((each for each in keys if each.key_id == descriptor.log_key), None)
        if key is None or key.origin != origin_of(proof.checkpoint):
            raise PeerError(RefusalCode.UNKNOWN_LOG_KEY, "descriptor")
        if not all(suite.is_kem_public_key(epoch.kem_public_key) for epoch in descriptor.epochs):
            # Here, because later it would fail the step that is to be sealed to it.
            raise PeerError(RefusalCode.INVALID_VALUE, "encryption key")
        subject = descriptor_subject(raw)
        verified = verify_leaf(proof, key, LeafKind.DESCRIPTOR, subject, checked=trust.checked)
        row = DescriptorRow(
            node_id=node_id,
            serial=descriptor.serial,
            descriptor=raw,
            log_key=descriptor.log_key,
            proof=encode_log_proof(proof),
            log_number=None,
            log_position=None,
            fetched_at_ms=now_ms,
        )
        return _Proven(descriptor, row, verified.checkpoint.signed_at_seconds * 1000)

    def _keep(self, db: Transaction, row: DescriptorRow) -> bool:
        """Keep it if it is newer; return whether it is."""
        latest = self._load(db, row.node_id)
        # An older one is a replay by somebody in between: what is known stays.
        if latest is not None and row.serial <= latest.serial:
            return False
        descriptors.add(db, row)
        self._known.pop(row.node_id, None)
        return True


def _nobody(_peer: NodeId) -> None:
    """Tell nobody that a newer descriptor has come."""


def _needs_renewal(known: Descriptor, made: Descriptor) -> bool:
    now_ms = made.created_at_ms
    alike = replace(
        made,
        serial=known.serial,
        created_at_ms=known.created_at_ms,
        expires_at_ms=known.expires_at_ms,
    )
    # Dated ahead of now, it was made by a wrong clock, and peers do not take it.
    is_of_now = known.created_at_ms <= now_ms <= known.expires_at_ms - RENEW_BEFORE_MS
    return known != alike or not is_of_now
