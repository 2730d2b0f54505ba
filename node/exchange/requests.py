"""Short-lived requests: sign one's own, check those of peers.

They carry no case content and leave no leaf; an Ed25519 transport key, named in
the sender's descriptor, authenticates them for five minutes.
"""

from __future__ import annotations

from node.errors import DeliveryError
from node.exchange.context import Context
from node.exchange.descriptors import Descriptors
from node.store import attachments
from node.store.db import Transaction
from protocol import limits, suite
from protocol.encoding import encode_request, encode_signed_request
from protocol.errors import PeerError, RefusalCode
from protocol.ids import NodeId
from protocol.values import Call, Request
from protocol.wire import parse_request, parse_signed_request

_LABEL = b"homeward/v1 request\x00"
# Clocks may disagree as much as for envelopes: else messages would arrive, and
# their attachments never.
_ACCEPTED_MS = limits.REQUEST_VALID_MS + limits.CLOCK_SKEW_MS


class Requests:
    """Signs and checks short-lived requests."""

    def __init__(self, context: Context, descriptors: Descriptors) -> None:
        """Use the context's transport key and the peers' descriptors."""
        self._context = context
        self._descriptors = descriptors
        self._asked_at_ms: dict[NodeId, int] = {}

    def sign(self, target: NodeId, call: Call) -> bytes:
        """Return a SignedRequest to a peer."""
        context = self._context
        request = encode_request(
            Request(
                federation_id=context.trust.directory.federation_id,
                sender=context.node_id,
                transport_key=suite.ed25519_public_key(context.transport_seed),
                target=target,
                created_at_ms=context.clock.now_ms(),
                nonce=context.random(16),
                directory_version=context.trust.directory.version,
                call=call,
            )
        )
        signature = suite.ed25519_sign(context.transport_seed, _LABEL + request)
        return encode_signed_request(request, signature)

    async def check(self, data: bytes) -> Request:
        """Return a peer's request if it is authentic, fresh, and not seen before.

        Raises:
            PeerError: what is wrong with it.
        """
        raw, signature = parse_signed_request(data)
        request = parse_request(raw)
        self._check_addressing(request)
        now_ms = self._context.clock.now_ms()
        if abs(request.created_at_ms - now_ms) > _ACCEPTED_MS:
            raise PeerError(RefusalCode.REQUEST_EXPIRED)
        await self._check_key(request)
        if not suite.ed25519_verify(request.transport_key, signature, _LABEL + raw):
            raise PeerError(RefusalCode.REQUEST_SIGNATURE)
        await self._context.store.write(lambda db: _use_nonce(db, request, now_ms))
        return request

    def _check_addressing(self, request: Request) -> None:
        directory = self._context.trust.directory
        if request.federation_id != directory.federation_id:
            raise PeerError(RefusalCode.WRONG_FEDERATION)
        if request.target != self._context.node_id:
            raise PeerError(RefusalCode.WRONG_RECIPIENT)
        if not directory.is_member(request.sender):
            raise PeerError(RefusalCode.UNKNOWN_SENDER)
        if not directory.is_active(request.sender):
            raise PeerError(RefusalCode.REVOKED_SENDER)

    async def _check_key(self, request: Request) -> None:
        known = await self._descriptors.known(request.sender)
        if known is None or known.descriptor.transport_key != request.transport_key:
            self._note_asking(request.sender, is_known=known is not None)
            try:
                known = await self._descriptors.refresh(request.sender)
            except DeliveryError as error:
                # Not the peer's fault: it can ask again once its descriptor is at hand.
                raise PeerError(RefusalCode.BUSY, "no descriptor of the sender") from error
        if known.descriptor.transport_key != request.transport_key:
            raise PeerError(RefusalCode.REQUEST_SIGNATURE, "another transport key")

    def _note_asking(self, sender: NodeId, *, is_known: bool) -> None:
        """Ask a member's node seldom, or a stranger in its name could make us call it."""
        now_ms = self._context.clock.now_ms()
        asked_at_ms = self._asked_at_ms.get(sender)
        # A clock that was set back must not keep the node from asking until it is as late again.
        if asked_at_ms is not None and 0 <= now_ms - asked_at_ms < limits.DESCRIPTOR_ASKED_MS:
            code = RefusalCode.REQUEST_SIGNATURE if is_known else RefusalCode.BUSY
            raise PeerError(code, "the sender's descriptor was just asked for")
        self._asked_at_ms[sender] = now_ms


def _use_nonce(db: Transaction, request: Request, now_ms: int) -> None:
    expires_at_ms = request.created_at_ms + _ACCEPTED_MS
    is_fresh = attachments.use_nonce(
        db, request.sender, request.nonce, now_ms=now_ms, expires_at_ms=expires_at_ms
    )
    if not is_fresh:
        raise PeerError(RefusalCode.REPLAYED)
