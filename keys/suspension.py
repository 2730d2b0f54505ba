"""A suspension: bytes of a `Suspension` message <-> a frozen, checked value.

The role suspend says with it that a member must not be dealt with for now, in the night
when a key is stolen and few people can be reached. It can say nothing else, and only the
membership role takes it back, by the time of reinstatement in the member's record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from google.protobuf.message import DecodeError

from keys.members import MemberRecord
from protocol import limits
from protocol.errors import PeerError, RefusalCode
from protocol.ids import NodeId, parse_node_id
from protocol.pb.homeward.v1 import member_pb2
from protocol.strict import scan

SUSPEND_ROLE: Final = "suspend"
SUSPENDED_SUFFIX: Final = ".suspended"

# The last millisecond that calendars of four-digit years can show.
_LAST_MS: Final = 253_402_300_799_999


@dataclass(frozen=True, slots=True)
class Suspension:
    """Since when a member must not be dealt with."""

    node_id: NodeId
    suspended_at_ms: int

    def is_in_force(self, member: MemberRecord) -> bool:
        """Whether it counts, given the member's own record."""
        return (member.reinstated_at_ms or 0) < self.suspended_at_ms


def parse_suspension(data: bytes) -> Suspension:
    """Read the bytes of a Suspension.

    Raises:
        PeerError: TOO_LARGE, a code of the strict scan, or INVALID_VALUE with the
            name of the field as detail.
    """
    if len(data) > limits.SUSPENSION_BYTES:
        raise PeerError(RefusalCode.TOO_LARGE, "Suspension")
    pb = member_pb2.Suspension()
    scan(data, pb.DESCRIPTOR)
    try:
        pb.ParseFromString(data)
    except DecodeError as error:
        raise PeerError(RefusalCode.INVALID_VALUE, "Suspension") from error
    if not 1 <= pb.suspended_at_ms <= _LAST_MS:
        raise PeerError(RefusalCode.INVALID_VALUE, "suspended_at_ms")
    return Suspension(parse_node_id(pb.node_id), pb.suspended_at_ms)


def encode_suspension(suspension: Suspension) -> bytes:
    """Return the bytes of the suspension, for the role suspend to sign.

    Raises:
        PeerError: INVALID_VALUE, it is one that `parse_suspension` would refuse.
    """
    data = member_pb2.Suspension(
        node_id=suspension.node_id, suspended_at_ms=suspension.suspended_at_ms
    ).SerializeToString()
    parse_suspension(data)
    return data
