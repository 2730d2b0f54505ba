"""Judge an evidence bundle: what it proves, what it contradicts, what it leaves open.

Pure: the bundle, a directory and a time in, a `Report` out. Trust comes from the
caller: the directory, verified from a root that the auditor holds, and the time of
the audit. Nothing in the bundle may be later than that. Rules:

- each claim is judged by itself; one that fails does not hide another;
- contradicted: something signed says otherwise, or a part fails a check that the
  genuine one passes; not proven: a part, a signature or a trusted key is missing;
- what counts is whether a key was good then. A member that has been suspended since
  has still sent what it sent, and a directory kept with old evidence does not age.

Time is what the logs say. Whoever stole a key can date back what its own log says,
but not what another log says: so an entry under a key that was stolen later counts
only where another member's log shows that it is older (`Dates`). The receipt shows
it for the sender's entry, the sender's SEEN entry for the receipt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from protocol import limits, suite
from protocol.bundle import Bundle, LoggedDescriptor, statement
from protocol.envelope import check_opening, verify_leaf
from protocol.errors import PeerError, RefusalCode
from protocol.ids import NodeId
from protocol.interfaces import LogKey
from protocol.log import Leaf, LeafKind, parse_leaf
from protocol.notes import RecentCheckpoints, VerifiedLeaf, origin_of, seen_subject
from protocol.report import (
    Claim,
    Doubt,
    Finding,
    Reason,
    Report,
    Verdict,
    doubted,
    proven,
)
from protocol.values import Descriptor, LogProof, Refusal
from protocol.wire import parse_descriptor

_SKEW_MS: Final = limits.CLOCK_SKEW_MS


Dates = Callable[[], Iterator[int]]
"""Finds the times of entries in other members' logs that commit to an entry."""


class DatedLogKey(LogKey, Protocol):
    """A log key that knows when it was good."""

    @property
    def compromised_since_ms(self) -> int | None: ...

    def is_good_at(self, at_ms: int) -> bool:
        """Whether a signature of that time counts."""


class EvidenceDirectory(Protocol):
    """A directory that is asked for the keys of the past, and not who is a member now."""

    @property
    def federation_id(self) -> bytes: ...
    @property
    def version(self) -> int: ...
    @property
    def expires_at_ms(self) -> int: ...

    def key_for(self, node_id: NodeId, key_id: bytes, at_ms: int) -> LogKey | None:
        """Return the member's log key with this id if it was good at that time."""

    def keys_of(self, node_id: NodeId) -> Sequence[DatedLogKey]:
        """Return all log keys of a member, good or not; none for a stranger."""


@dataclass(frozen=True, slots=True)
class NoDirectory:
    """Why there is no directory that the auditor's root vouches for."""

    code: str
    sentence: str


def descriptor_subject(descriptor: bytes) -> bytes:
    """Return the subject of the DESCRIPTOR leaf for these bytes."""
    return suite.digest("homeward/v1 descriptor", descriptor)


def reference_ms(bundle: Bundle, *, at_ms: int) -> int:
    """Return the time at which the bundle's directory must not have expired.

    It is the time of the latest log entry, not that of the audit: nobody can renew the
    directory inside an old bundle, and evidence must not end with it. That is sound,
    because expiry keeps a reader from being shown a state of the past as the present,
    and here the past is what is asked for: the directory must not have been out of date
    when the logs were written. Entries can only make this time later, so a forged one
    can spoil a bundle but not save it. What no such rule can tell is whether a newer
    directory knows that a key had been stolen by then; so a report names the version.
    """
    latest = max(leaf.at_ms for leaf in bundle.untrusted_leaves.values())
    return min(latest, at_ms + _SKEW_MS)


def verify(bundle: Bundle, directory: EvidenceDirectory | NoDirectory, *, at_ms: int) -> Report:
    """Judge every claim that the bundle makes, at the time of the audit."""
    used = None if isinstance(directory, NoDirectory) else directory
    return Report(
        statement=statement(bundle),
        findings=tuple(_Examination(bundle, directory, at_ms).findings()),
        at_ms=at_ms,
        directory_version=None if used is None else used.version,
        directory_expires_at_ms=None if used is None else used.expires_at_ms,
    )


def _no_dates() -> Iterator[int]:
    return iter(())


class _Examination:
    """One bundle under examination; each check returns, or raises `Doubt` or `PeerError`."""

    def __init__(
        self, bundle: Bundle, directory: EvidenceDirectory | NoDirectory, at_ms: int
    ) -> None:
        self._bundle = bundle
        self._header = bundle.untrusted_header
        self._directory = directory
        self._at_ms = at_ms
        self._checked = RecentCheckpoints(8)
        self._is_sent = False

    def findings(self) -> Iterator[Finding]:
        yield self._judge(Claim.SENT, self._sent)
        yield self._judge(Claim.RECEIVED, self._received)
        if self._header.attachments:
            yield self._judge(Claim.ATTACHMENTS, self._attachments)
        yield self._judge(Claim.SEALED, self._sealed)
        if self._bundle.sender_descriptor is not None:
            yield self._judge(Claim.SENDER_DESCRIPTOR, self._sender_descriptor)
        yield self._judge(Claim.CONTENT, self._content)

    def _judge(self, claim: Claim, check: Callable[[], None]) -> Finding:
        try:
            check()
        except Doubt as doubt:
            return doubted(claim, doubt)
        except PeerError as error:
            return doubted(claim, Doubt.of(Reason(error.code.name.lower())))
        return proven(claim)

    # --- the claims

    def _sent(self) -> None:
        header, proof = self._header, self._bundle.sent
        self._check_past(header.created_at_ms)
        self._check_named_key(header.sender, header.sender_log_key, header.created_at_ms, proof)
        leaf = self._sent_leaf(self._dates_of_envelope)
        _check_follows(leaf.at_ms, header.created_at_ms)
        self._is_sent = True

    def _received(self) -> None:
        if self._bundle.refused is not None:
            code = self._receipt(self._bundle.refused, LeafKind.REFUSED).code
            raise Doubt.of(Reason.REFUSED, Refusal(code).name)
        if self._bundle.received is None:
            raise Doubt.of(Reason.NO_RECEIPT)
        self._receipt(self._bundle.received, LeafKind.RECEIVED)

    def _attachments(self) -> None:
        if self._bundle.attachments is None:
            raise Doubt.of(Reason.NO_ATTACHMENTS_RECEIPT)
        self._receipt(self._bundle.attachments, LeafKind.ATTACHMENTS)

    def _sealed(self) -> None:
        self._require_sent()
        header = self._header
        descriptor = self._descriptor(self._bundle.recipient_descriptor, header.recipient)
        for epoch in descriptor.epochs:
            if suite.kem_key_id(epoch.kem_public_key) == header.recipient_kem_key:
                if not _is_within(header.created_at_ms, epoch.starts_at_ms, epoch.ends_at_ms):
                    raise Doubt.of(Reason.EPOCH_NOT_IN_FORCE)
                return
        raise Doubt.of(Reason.EPOCH_NOT_PUBLISHED)

    def _sender_descriptor(self) -> None:
        self._require_sent()
        self._descriptor(self._bundle.sender_descriptor, self._header.sender)

    def _content(self) -> None:
        if self._bundle.opening is None:
            raise Doubt.of(Reason.CONTENT_NOT_INCLUDED)
        check_opening(self._header, self._bundle.opening)
        self._require_sent()

    # --- what they share

    def _require_sent(self) -> None:
        # Until then the header is anybody's, and what fits it says nothing.
        if not self._is_sent:
            raise Doubt.of(Reason.ENVELOPE_NOT_PROVEN)

    def _sent_leaf(self, dates: Dates) -> Leaf:
        header, subject = self._header, self._bundle.envelope_id
        return self._verify(
            self._bundle.sent,
            header.sender,
            LeafKind.SENT,
            subject,
            good_at_ms=header.created_at_ms,
            dates=dates,
        )

    def _receipt(self, proof: LogProof, kind: LeafKind) -> Leaf:
        leaf = self._receipt_leaf(proof, kind)
        _check_follows(leaf.at_ms, parse_leaf(self._bundle.sent.leaf).at_ms)
        return leaf

    def _receipt_leaf(self, proof: LogProof, kind: LeafKind) -> Leaf:
        claimed, subject = parse_leaf(proof.leaf), self._bundle.envelope_id
        return self._verify(
            proof,
            self._header.recipient,
            kind,
            subject,
            good_at_ms=claimed.at_ms,
            code=claimed.code,
            dates=lambda: self._dates_of_receipt(proof),
        )

    def _descriptor(self, logged: LoggedDescriptor | None, owner: NodeId) -> Descriptor:
        if logged is None:
            raise Doubt.of(Reason.NO_DESCRIPTOR)
        descriptor = parse_descriptor(logged.descriptor)
        if descriptor.federation_id != self._header.federation_id or descriptor.node_id != owner:
            raise Doubt.of(Reason.DESCRIPTOR_MISMATCH)
        made_at_ms, subject = descriptor.created_at_ms, descriptor_subject(logged.descriptor)
        self._check_named_key(owner, descriptor.log_key, made_at_ms, logged.proof)
        self._verify(
            logged.proof,
            owner,
            LeafKind.DESCRIPTOR,
            subject,
            good_at_ms=made_at_ms,
            dates=lambda: self._dates_of_descriptor(descriptor),
        )
        if not _is_within(self._header.created_at_ms, made_at_ms, descriptor.expires_at_ms):
            raise Doubt.of(Reason.DESCRIPTOR_NOT_IN_FORCE)
        return descriptor

    def _check_named_key(self, owner: NodeId, key_id: bytes, at_ms: int, proof: LogProof) -> None:
        """Check that the log which the proof is from is the one whose key was named."""
        key = self._trusted().key_for(owner, key_id, at_ms)
        if key is None:
            raise Doubt.of(Reason.UNKNOWN_LOG_KEY)
        if key.origin != origin_of(proof.checkpoint):
            raise Doubt.of(Reason.WRONG_LOG)

    def _verify(
        self,
        proof: LogProof,
        owner: NodeId,
        kind: LeafKind,
        subject: bytes,
        *,
        good_at_ms: int,
        code: int = 0,
        dates: Dates = _no_dates,
    ) -> Leaf:
        """Check that the owner's log holds this leaf, under a key of it that counts.

        `dates` is asked only where that key was stolen later.
        """
        self._check_past(parse_leaf(proof.leaf).at_ms)
        origin = origin_of(proof.checkpoint)
        keys = [key for key in self._trusted().keys_of(owner) if key.origin == origin]
        if origin.rpartition("/log/")[0] != owner:
            raise Doubt.of(Reason.WRONG_LOG)
        doubt = Reason.SIGNATURE_MISSING if keys else Reason.UNKNOWN_LOG_KEY
        for key in keys:
            try:
                found = verify_leaf(proof, key, kind, subject, code=code, checked=self._checked)
            except PeerError as error:
                # The log may have gone on under other keys of the same member.
                if error.code is not RefusalCode.SIGNATURE_MISSING:
                    raise
                continue
            self._check_past(_signed_at_ms(found))
            if key.is_good_at(good_at_ms) or _is_good_when_signed(key, found):
                if _is_older_than_theft(key, dates):
                    return found.leaf
                doubt = Reason.NOT_DATED
            elif doubt is Reason.SIGNATURE_MISSING:
                doubt = Reason.UNKNOWN_LOG_KEY
        raise Doubt.of(doubt)

    # --- dates: what other members' logs show to be older than a theft

    def _dates_of_envelope(self) -> Iterator[int]:
        """By the recipient's answer, which names the envelope by its id."""
        bundle = self._bundle
        kind = LeafKind.RECEIVED if bundle.refused is None else LeafKind.REFUSED
        if bundle.answer is not None:
            yield from _times(partial(self._receipt_leaf, bundle.answer, kind))

    def _dates_of_receipt(self, receipt: LogProof) -> Iterator[int]:
        """By whoever saw the recipient's checkpoint that the receipt stands under."""
        subject = seen_subject(receipt.checkpoint)
        for seen in filter(None, (self._bundle.seen, self._bundle.attachments_seen)):
            yield from _times(partial(self._seen_leaf, seen, subject))

    def _seen_leaf(self, seen: LogProof, subject: bytes) -> Leaf:
        # Mostly the sender's; any other member's word is as good, but not the recipient's own.
        seen_by = NodeId(origin_of(seen.checkpoint).rpartition("/log/")[0])
        if seen_by == self._header.recipient:
            raise Doubt.of(Reason.WRONG_LOG)
        at_ms = parse_leaf(seen.leaf).at_ms
        return self._verify(seen, seen_by, LeafKind.SEEN, subject, good_at_ms=at_ms)

    def _dates_of_descriptor(self, descriptor: Descriptor) -> Iterator[int]:
        """By the envelope, if it is sealed to a key of this descriptor of the recipient."""
        header = self._header
        if descriptor.node_id != header.recipient:
            # Nothing that the recipient logged commits to the sender's.
            return
        keys = (suite.kem_key_id(epoch.kem_public_key) for epoch in descriptor.epochs)
        if header.recipient_kem_key in keys:
            yield from _times(lambda: self._sent_leaf(_no_dates))
            yield from self._dates_of_envelope()

    def _trusted(self) -> EvidenceDirectory:
        directory = self._directory
        if isinstance(directory, NoDirectory):
            raise Doubt(Verdict.NOT_PROVEN, directory.code, directory.sentence)
        if self._header.federation_id != directory.federation_id:
            raise Doubt.of(Reason.WRONG_FEDERATION)
        return directory

    def _check_past(self, at_ms: int) -> None:
        if at_ms > self._at_ms + _SKEW_MS:
            raise Doubt.of(Reason.FROM_THE_FUTURE)


def _times(check: Callable[[], Leaf]) -> Iterator[int]:
    """Yield the time of a leaf that holds; one that does not, for whatever reason, is no date."""
    with suppress(Doubt, PeerError):
        yield check().at_ms


def _is_older_than_theft(key: DatedLogKey, dates: Dates) -> bool:
    """Whether the key was never stolen, or another log shows the entry before it was."""
    stolen_at_ms = key.compromised_since_ms
    return stolen_at_ms is None or any(at_ms < stolen_at_ms for at_ms in dates())


def _signed_at_ms(found: VerifiedLeaf) -> int:
    return found.checkpoint.signed_at_seconds * 1000


def _is_good_when_signed(key: DatedLogKey, found: VerifiedLeaf) -> bool:
    """Whether a newer key of the log confirms what the log held before: its owner's word."""
    signed_at_ms = _signed_at_ms(found)
    return found.leaf.at_ms <= signed_at_ms + _SKEW_MS and key.is_good_at(signed_at_ms)


def _check_follows(at_ms: int, earlier_ms: int) -> None:
    if at_ms < earlier_ms - _SKEW_MS:
        raise Doubt.of(Reason.TIMES_IMPLAUSIBLE)


def _is_within(at_ms: int, starts_at_ms: int, ends_at_ms: int) -> bool:
    return starts_at_ms - _SKEW_MS <= at_ms < ends_at_ms + _SKEW_MS
