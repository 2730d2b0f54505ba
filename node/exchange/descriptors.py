"""Descriptors: publish one's own, know the peers'.

A descriptor is a leaf of its maker's log like everything else; a peer's is taken
only with a proof under keys that the directory names, and never an older one than
what is known. Parsed ones are kept in memory; the table holds every version.
"""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class KnownDescriptor:
    """A verified descriptor and the version under which it is stored."""

    serial: int
    descriptor: Descriptor

    def epoch_at(self, at_ms: int) -> Epoch | None:
        """Return the epoch to seal to at this time, or None when all are over."""
        if at_ms >= self.descriptor.expires_at_ms:
            return None
        for epoch in self.descriptor.epochs:
            if epoch.starts_at_ms <= at_ms < epoch.ends_at_ms:
                return epoch
        return None


class Descriptors:
    """One's own descriptor and those of the peers."""

    def __init__(self, context: Context) -> None:
        """Start with what the store knows; nothing is fetched yet."""
        self._context = context
        self._known: dict[NodeId, KnownDescriptor] = {}

    def in_job(self, db: Transaction, node_id: NodeId) -> KnownDescriptor | None:
        """Return the newest known descriptor, within a job."""
        known = self._known.get(node_id)
        if known is None:
            row = descriptors.latest(db, node_id)
            if row is None:
                return None
            known = KnownDescriptor(row.serial, parse_descriptor(row.descriptor))
            self._known[node_id] = known
        return known

    async def known(self, node_id: NodeId) -> KnownDescriptor | None:
        """Return the newest known descriptor of a node, or None."""
        return await self._context.store.read(lambda db: self.in_job(db, node_id))

    # --- one's own

    async def publish(self) -> bool:
        """Log a new descriptor if the epochs changed or the old one nears its end."""
        now_ms = self._context.clock.now_ms()
        epochs = self._context.trust.epochs.published(now_ms)
        nonce = self._context.random(16)

        def job(db: Transaction) -> bool:
            known = self.in_job(db, self._context.node_id)
            if known is not None and not _needs_renewal(known.descriptor, epochs, now_ms):
                return False
            self._log_own(db, epochs, now_ms, nonce, 1 if known is None else known.serial + 1)
            return True

        is_new = await self._context.store.write(job)
        if is_new:
            self._known.pop(self._context.node_id, None)
        return is_new

    def _log_own(
        self, db: Transaction, epochs: tuple[Epoch, ...], now_ms: int, nonce: bytes, serial: int
    ) -> None:
        context = self._context
        data = encode_descriptor(
            Descriptor(
                federation_id=context.trust.directory.federation_id,
                node_id=context.node_id,
                serial=serial,
                created_at_ms=now_ms,
                expires_at_ms=now_ms + limits.DESCRIPTOR_LIFETIME_MS,
                log_key=context.logbook.signer.key_id,
                epochs=epochs,
                transport_key=suite.ed25519_public_key(context.transport_seed),
            )
        )
        position = context.logbook.append(
            db, LeafKind.DESCRIPTOR, descriptor_subject(data), at_ms=now_ms, nonce=nonce
        )
        row = DescriptorRow(
            node_id=context.node_id,
            serial=serial,
            descriptor=data,
            proof=None,
            log_position=position,
            fetched_at_ms=now_ms,
        )
        descriptors.add(db, row)

    async def own_signed(self) -> bytes | None:
        """Return one's own SignedDescriptor as peers fetch it; None before the first."""
        context = self._context
        row = await context.store.read(lambda db: descriptors.latest(db, context.node_id))
        if row is None or row.log_position is None:
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
        fetched = await context.link.get(
            context.endpoint_of(node_id), "/hw1/descriptor", limit=limits.DESCRIPTOR_BYTES
        )
        if fetched is None:
            raise DeliveryError("no_descriptor", "the peer has no descriptor yet", retryable=True)
        try:
            row = await context.compute(lambda: self._verified(node_id, fetched))
        except PeerError as error:
            sentence = "the peer's descriptor was not taken"
            raise DeliveryError(error.code.name.lower(), sentence, retryable=True) from error
        await context.store.write(lambda db: self._keep(db, row))
        known = await self.known(node_id)
        if known is None:
            raise RuntimeError("a descriptor that was just kept is gone")
        return known

    def _verified(self, node_id: NodeId, data: bytes) -> DescriptorRow:
        trust, now_ms = self._context.trust, self._context.clock.now_ms()
        raw, proof = parse_signed_descriptor(data)
        descriptor = parse_descriptor(raw)
        if descriptor.federation_id != trust.directory.federation_id:
            raise PeerError(RefusalCode.WRONG_FEDERATION, "descriptor")
        if descriptor.node_id != node_id:
            raise PeerError(RefusalCode.WRONG_RECIPIENT, "descriptor of another node")
        if descriptor.expires_at_ms <= now_ms - limits.CLOCK_SKEW_MS:
            raise PeerError(RefusalCode.EXPIRED, "descriptor")
        if descriptor.created_at_ms > now_ms + limits.CLOCK_SKEW_MS:
            raise PeerError(RefusalCode.FROM_THE_FUTURE, "descriptor")
        key = trust.directory.key_for(node_id, descriptor.log_key, descriptor.created_at_ms)
        if key is None or key.origin != origin_of(proof.checkpoint):
            raise PeerError(RefusalCode.UNKNOWN_LOG_KEY, "descriptor")
        if not all(suite.is_kem_public_key(epoch.kem_public_key) for epoch in descriptor.epochs):
            # Here, because later it would fail the step that is to be sealed to it.
            raise PeerError(RefusalCode.INVALID_VALUE, "encryption key")
        subject = descriptor_subject(raw)
        verify_leaf(proof, key, LeafKind.DESCRIPTOR, subject, checked=trust.checked)
        return DescriptorRow(
            node_id=node_id,
            serial=descriptor.serial,
            descriptor=raw,
            proof=encode_log_proof(proof),
            log_position=None,
            fetched_at_ms=now_ms,
        )

    def _keep(self, db: Transaction, row: DescriptorRow) -> None:
        latest = descriptors.latest(db, row.node_id)
        # An older one is a replay by somebody in between: what is known stays.
        if latest is None or row.serial > latest.serial:
            descriptors.add(db, row)
            self._known.pop(row.node_id, None)


def _needs_renewal(descriptor: Descriptor, epochs: tuple[Epoch, ...], now_ms: int) -> bool:
    return descriptor.epochs != epochs or descriptor.expires_at_ms - now_ms < RENEW_BEFORE_MS
