"""A suspension's bytes: one form, nothing but who and when."""

from __future__ import annotations

import pytest

from keys.suspension import Suspension, encode_suspension, parse_suspension
from protocol import limits
from protocol.errors import PeerError, RefusalCode
from protocol.ids import NodeId
from tests.keys.federation import NOW_MS, member

BE = NodeId("be.example")
GOOD = encode_suspension(Suspension(BE, NOW_MS))


def refused(data: bytes) -> RefusalCode:
    with pytest.raises(PeerError) as caught:
        parse_suspension(data)
    return caught.value.code


def test_suspension_is_read_back() -> None:
    assert parse_suspension(GOOD) == Suspension(BE, NOW_MS)


def test_longest_node_id_fits() -> None:
    longest = NodeId("be." + "x" * 60)
    assert len(encode_suspension(Suspension(longest, 2**47))) <= limits.SUSPENSION_BYTES


@pytest.mark.parametrize("at_ms", [0, 253_402_300_800_000, 2**64 - 1])
def test_time_that_no_calendar_shows_is_refused(at_ms: int) -> None:
    with pytest.raises(PeerError, match="suspended_at_ms"):
        encode_suspension(Suspension(BE, at_ms))


@pytest.mark.parametrize("at_ms", [1, 253_402_300_799_999])
def test_first_and_last_time_of_a_calendar_are_taken(at_ms: int) -> None:
    assert parse_suspension(encode_suspension(Suspension(BE, at_ms))).suspended_at_ms == at_ms


def test_name_that_is_no_node_id_is_refused() -> None:
    with pytest.raises(PeerError):
        encode_suspension(Suspension(NodeId("../be.example"), NOW_MS))


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00", b"garbage", GOOD[:-1], GOOD + GOOD, GOOD + b"\x18\x01", GOOD[12:] + GOOD[:12]],
)
def test_anything_else_is_refused(data: bytes) -> None:
    refused(data)


def test_oversized_suspension_is_refused_unread() -> None:
    assert refused(bytes(limits.SUSPENSION_BYTES + 1)) is RefusalCode.TOO_LARGE


@pytest.mark.parametrize(
    ("reinstated_at_ms", "is_in_force"),
    [(None, True), (NOW_MS - 1, True), (NOW_MS, False), (NOW_MS + 1, False)],
)
def test_suspension_counts_until_the_member_is_reinstated(reinstated_at_ms, is_in_force) -> None:
    record = member(BE, reinstated_at_ms=reinstated_at_ms)
    assert Suspension(BE, NOW_MS).is_in_force(record) is is_in_force
