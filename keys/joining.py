"""Joining: an applicant's request, and the words that two people compare by telephone.

The applicant proposes its own record and proves that it holds the log keys in it by
signing with both. That proves possession, not identity: who sent the file is settled
by a call to a number known from elsewhere, in which both sides read out the words of
`fingerprint_words`. Status, regime and agreement in the record are the applicant's
proposal; the membership role decides and admits what it decided (see `change`).

A member asks for a new log key with a request of the same form. Where the change was
planned, its present key signs too: that is checked against the directory, by `rekey`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeVar

from google.protobuf.message import DecodeError, Message

from keys.errors import JoinRequestRefused
from keys.members import LogKeyRecord, MemberRecord, encode_member, parse_member
from keys.words import words
from protocol import limits, suite
from protocol.errors import PeerError
from protocol.pb.homeward.v1 import member_pb2
from protocol.strict import scan

REQUEST_BYTES: Final = limits.MEMBER_BYTES + 8 * limits.KIB
# 96 bits. Whoever wants another request with the same words can try one per hash.
FINGERPRINT_WORDS: Final = 12

_M = TypeVar("_M", bound=Message)
_VERSION: Final = 1
_SIGNED_LABEL: Final = b"homeward/v1 join\x00"
_ROTATION_LABEL: Final = b"homeward/v1 rotation\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest:
    """A request whose signatures are good; whose it is, a telephone call must tell."""

    member: MemberRecord
    created_at_ms: int
    fingerprint: bytes
    # Which key is said to have signed as the present one; not verified yet.
    previous_key_id: bytes | None = None
    untrusted_previous: tuple[bytes, bytes] = field(default=(b"", b""), repr=False)
    join_request: bytes = field(repr=False)

    def is_signed_by_previous(self, key: LogKeyRecord) -> bool:
        """Whether both halves of this log key have signed the request as the present key."""
        signed = _ROTATION_LABEL + self.join_request
        ed25519, mldsa44 = self.untrusted_previous
        return (
            self.previous_key_id == key.key_id
            and suite.ed25519_verify(key.ed25519, ed25519, signed)
            and suite.mldsa44_verify(key.mldsa44, mldsa44, signed)
        )

    @property
    def words(self) -> tuple[str, ...]:
        """The words that both sides read out."""
        return fingerprint_words(self.fingerprint)


def make_join_request(
    member: MemberRecord,
    signer: suite.LogSigner,
    *,
    now_ms: int,
    previous: suite.LogSigner | None = None,
) -> bytes:
    """Return the bytes of a SignedJoinRequest; `previous` signs a planned change of keys.

    Raises:
        ValueError: the record's only log key is not the signer's, or is the previous one.
        PeerError: INVALID_VALUE, a field of the record is not valid.
    """
    if [key.key_id for key in member.log_keys] != [signer.key_id]:
        raise ValueError("a join request names exactly the log key that signs it")
    request = member_pb2.JoinRequest(
        version=_VERSION,
        created_at_ms=now_ms,
        member=member_pb2.Member.FromString(encode_member(member)),
    ).SerializeToString()
    signed = _SIGNED_LABEL + request
    envelope = member_pb2.SignedJoinRequest(
        join_request=request,
        ed25519_signature=signer.sign_ed25519(signed),
        mldsa44_signature=signer.sign_mldsa44(signed),
    )
    if previous is not None:
        if previous.key_id == signer.key_id:
            raise ValueError("the new log key is the previous one")
        signed = _ROTATION_LABEL + request
        envelope.previous_ed25519_signature = previous.sign_ed25519(signed)
        envelope.previous_mldsa44_signature = previous.sign_mldsa44(signed)
        envelope.previous_log_key = previous.key_id
    return envelope.SerializeToString()


def verify_join_request(data: bytes) -> JoinRequest:
    """Check a SignedJoinRequest: form, keys, and possession of both of them.

    Raises:
        JoinRequestRefused: it is malformed, changed, or not signed by its own keys.
    """
    if len(data) > REQUEST_BYTES:
        raise JoinRequestRefused("the join request is larger than one can be")
    try:
        envelope = _read(data, member_pb2.SignedJoinRequest())
        request = _read(envelope.join_request, member_pb2.JoinRequest())
        if request.version != _VERSION:
            raise JoinRequestRefused("the join request is of another version")
        # The strict scan went through the record too: it has one encoding, this one.
        member = parse_member(request.member.SerializeToString())
    except PeerError as error:
        raise JoinRequestRefused(f"the join request is not valid ({error.detail})") from error
    _verify_possession(member, envelope)
    return JoinRequest(
        member=member,
        created_at_ms=request.created_at_ms,
        fingerprint=suite.digest("homeward/v1 join fingerprint", envelope.join_request),
        previous_key_id=_previous_key_id(envelope),
        untrusted_previous=(
            envelope.previous_ed25519_signature,
            envelope.previous_mldsa44_signature,
        ),
        join_request=envelope.join_request,
    )


def fingerprint_words(fingerprint: bytes, language: str = "en") -> tuple[str, ...]:
    """Return the words for the first bytes of a 32-byte digest, one word a byte.

    Raises:
        ValueError: it has not 32 bytes, or there are no words in that language.
    """
    if len(fingerprint) != suite.DIGEST_BYTES:
        raise ValueError("a fingerprint has 32 bytes")
    listed = words(language)
    return tuple(listed[byte] for byte in fingerprint[:FINGERPRINT_WORDS])


def _verify_possession(member: MemberRecord, envelope: member_pb2.SignedJoinRequest) -> None:
    if len(member.log_keys) != 1:
        raise JoinRequestRefused("a join request names exactly one log key")
    (key,) = member.log_keys
    signed = _SIGNED_LABEL + envelope.join_request
    has_ed25519 = suite.ed25519_verify(key.ed25519, envelope.ed25519_signature, signed)
    has_mldsa44 = suite.mldsa44_verify(key.mldsa44, envelope.mldsa44_signature, signed)
    if not (has_ed25519 and has_mldsa44):
        raise JoinRequestRefused("the join request is not signed by the keys in it")


def _previous_key_id(envelope: member_pb2.SignedJoinRequest) -> bytes | None:
    previous = (
        envelope.previous_log_key,
        envelope.previous_ed25519_signature,
        envelope.previous_mldsa44_signature,
    )
    if not any(previous):
        return None
    if not all(previous) or len(envelope.previous_log_key) != suite.DIGEST_BYTES:
        raise JoinRequestRefused("the signature of the present log key is not whole")
    return envelope.previous_log_key


def _read(data: bytes, pb: _M) -> _M:
    scan(data, pb.DESCRIPTOR)
    try:
        pb.ParseFromString(data)
    except DecodeError as error:
        raise JoinRequestRefused("the join request is not valid") from error
    return pb
