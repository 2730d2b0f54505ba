"""Member records: what is written is read back, and what is not allowed is refused."""

from __future__ import annotations

import datetime
from dataclasses import replace

import pytest

from keys.members import (
    MemberRecord,
    MemberStatus,
    OpeningHours,
    TransferRegime,
    check_distinct,
    encode_member,
    parse_member,
)
from protocol import limits
from protocol.errors import PeerError, RefusalCode
from protocol.interfaces import LogKey
from protocol.pb.homeward.v1 import member_pb2
from tests.keys.federation import DAY_MS, NOW_MS, log_key, log_signer, member

FULL = member(
    "nl.example",
    legal_name="Stichting Voorbeeld Vermiste Kinderen",
    languages=("nl", "en", "zh-Hant-TW"),
    hours=(OpeningHours(1, 8 * 60, 1440), OpeningHours(7, 0, 60)),
    time_zone="Europe/Amsterdam",
    endpoints=("https://node.example.nl/hw/", "http://127.0.0.1:8443", "http://[::1]:9"),
    log_keys=(
        replace(log_key("nl.example"), valid_until_ms=NOW_MS, compromised_since_ms=NOW_MS - 5),
        log_key("nl.example", log_signer("next"), number=2),
    ),
    status=MemberStatus.SUSPENDED,
    transfer_regime=TransferRegime.ADEQUACY,
    adequacy_until=datetime.date(2031, 12, 27),
    agreement_until=datetime.date(2030, 1, 31),
    reinstated_at_ms=1_900_000_000_000,
)


def refused(data: bytes) -> PeerError:
    with pytest.raises(PeerError) as caught:
        parse_member(data)
    return caught.value


def changed(**fields: object) -> bytes:
    """Return the bytes of a record in which some fields are set to anything at all."""
    pb = member_pb2.Member.FromString(encode_member(member()))
    for name, value in fields.items():
        if isinstance(value, list):
            pb.ClearField(name)
            getattr(pb, name).extend(value)
        else:
            setattr(pb, name, value)
    return pb.SerializeToString()


def changed_key(**fields: object) -> bytes:
    pb = member_pb2.Member.FromString(encode_member(member()))
    for name, value in fields.items():
        setattr(pb.log_keys[0], name, value)
    return pb.SerializeToString()


@pytest.mark.parametrize("record", [member(), FULL], ids=["short", "full"])
def test_record_is_read_back_as_written(record: MemberRecord) -> None:
    assert parse_member(encode_member(record)) == record


def test_keys_have_the_shape_that_the_protocol_asks_for() -> None:
    key: LogKey = FULL.log_keys[0]
    assert key.key_id == log_signer("nl.example").key_id
    assert FULL.log_key(key.key_id) == key
    assert FULL.log_key(bytes(32)) is None


@pytest.mark.parametrize(
    ("at_ms", "is_good"),
    [(999, False), (1000, True), (1499, True), (1500, False), (2000, False)],
)
def test_key_is_good_from_its_beginning_until_compromised(at_ms: int, is_good: bool) -> None:
    key = replace(
        log_key("be.example"), valid_from_ms=1000, valid_until_ms=2000, compromised_since_ms=1500
    )
    assert key.is_good_at(at_ms) is is_good


def test_what_arrives_counts_under_no_stolen_key_whatever_its_time() -> None:
    key = replace(log_key("be.example"), valid_from_ms=1000, valid_until_ms=2000)
    assert [key.is_usable_for(at_ms) for at_ms in (999, 1000, 1999, 2000)] == [
        False, True, True, False,
    ]  # fmt: skip
    for since_ms in (1, 1500, NOW_MS + DAY_MS):
        stolen = replace(key, compromised_since_ms=since_ms)
        assert not any(stolen.is_usable_for(at_ms) for at_ms in (999, 1000, 1499, 1999, 2000))


def test_open_key_stays_good_and_ended_key_does_not() -> None:
    key = log_key("be.example")
    assert key.is_good_at(NOW_MS + 10_000 * DAY_MS)
    ended = replace(key, valid_until_ms=NOW_MS)
    assert ended.is_good_at(NOW_MS - 1)
    assert not ended.is_good_at(NOW_MS)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("node_id", ""),
        ("node_id", "BE.example"),
        ("node_id", "bel.example"),
        ("node_id", "be.example/../nl"),
        ("node_id", "be." + "x" * 61),
        ("legal_name", ""),
        ("legal_name", " padded"),
        ("legal_name", "two\nlines"),
        ("legal_name", "turned\u202eround"),
        ("legal_name", "x" * 201),
        ("country", "be"),
        ("country", "BEL"),
        ("languages", ["english language"]),
        ("languages", ["en"] * 65),
        ("time_zone", "../../etc/passwd"),
        ("telephone", ""),
        ("telephone", "02 555 01 00"),
        ("telephone", "+1234567890123456"),
        ("status", 0),
        ("status", 4),
        ("transfer_regime", 0),
        ("transfer_regime", 9),
        ("adequacy_until", "20301231"),
        ("adequacy_until", "2030-02-30"),
        ("agreement_until", "2030-W01-1"),
        ("log_keys", []),
    ],
)
def test_field_of_a_wrong_form_is_refused_by_name(field: str, value: object) -> None:
    error = refused(changed(**{field: value}))
    assert error.code is RefusalCode.INVALID_VALUE
    assert error.detail in {field, "node id"}


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "be.example",
        "http://node.example.be/",
        "http://10.0.0.1/",
        "http://127.0.0.1.example.be/",
        "http://localhost.example.be/",
        "ftp://node.example.be/",
        "HTTPS://node.example.be/",
        "https:///path",
        "https://user@node.example.be/",
        "https://user:word@node.example.be/",
        "https://node.example.be/?query",
        "https://node.example.be/#fragment",
        "https://node.example.be?",
        "https://node.example.be#",
        "https://node.example.be/?",
        "https://node.example.be/path#",
        "https://node.example.be:99999/",
        "https://node.example.be:0/",
        "https://node.example.be:/",
        "https://no de.example.be/",
        "https://node.example.be/\nHost: other",
        "https://nöde.example.be/",
        "https://node.example.be\\@other/",
        "https://" + "x" * 250 + ".be/",
    ],
)
def test_endpoint_that_is_not_plain_https_or_loopback_is_refused(endpoint: str) -> None:
    assert refused(changed(endpoints=[endpoint])).detail == "endpoints"


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://node.example.be",
        "https://node.example.be:8443/homeward/",
        "http://localhost:8080",
        "http://127.8.9.1:80/a",
        "http://[::1]:8080/",
        "https://[2001:db8::1]/",
    ],
)
def test_plain_endpoint_is_taken(endpoint: str) -> None:
    assert parse_member(changed(endpoints=[endpoint])).endpoints == (endpoint,)


@pytest.mark.parametrize(
    ("weekday", "opens", "closes"), [(0, 1, 2), (8, 1, 2), (1, 5, 5), (1, 5, 1441)]
)
def test_hours_out_of_the_week_are_refused(weekday: int, opens: int, closes: int) -> None:
    hours = [member_pb2.Hours(weekday=weekday, opens_minute=opens, closes_minute=closes)]
    assert refused(changed(hours=hours, time_zone="Europe/Brussels")).detail == "hours"


def test_hours_without_a_time_zone_are_refused() -> None:
    hours = [member_pb2.Hours(weekday=1, opens_minute=0, closes_minute=60)]
    assert refused(changed(hours=hours)).detail == "time_zone"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("origin", "nl.example/log/1"),
        ("origin", "be.example/log/0"),
        ("origin", "be.example/log/01"),
        ("origin", "be.example/log/"),
        ("origin", "be.example/LOG/1"),
        ("origin", ""),
        ("ed25519", bytes(31)),
        ("ed25519", b""),
        ("mldsa44", bytes(1311)),
        ("valid_until_ms", 1),
    ],
)
def test_malformed_log_key_is_refused(field: str, value: object) -> None:
    assert refused(changed_key(**{field: value})).detail == field


@pytest.mark.parametrize("y", [0, 1, 2**255 - 19, 2**255 - 18, 2**255 - 20])
def test_low_order_key_is_refused(y: int) -> None:
    for sign in (0, 1):
        low_order = (y | sign << 255).to_bytes(32, "little")
        assert refused(changed_key(ed25519=low_order)).detail == "ed25519"


def test_bytes_that_are_not_the_one_encoding_are_refused() -> None:
    good = encode_member(member())
    assert refused(good + b"\x0a\x00").code is RefusalCode.UNORDERED_FIELD
    assert refused(good[:12] + good[:12] + good[12:]).code is RefusalCode.DUPLICATE_FIELD
    assert refused(good[:-1]).code is RefusalCode.TRUNCATED
    assert refused(b"\x0a\x02\xff\xfe").code is RefusalCode.INVALID_VALUE
    assert refused(bytes(limits.MEMBER_BYTES + 1)).code is RefusalCode.TOO_LARGE


def test_record_that_would_be_refused_is_never_encoded() -> None:
    with pytest.raises(PeerError, match="telephone"):
        encode_member(member(telephone="none"))


def test_one_key_of_two_members_is_refused_in_whole_or_by_half() -> None:
    ours, theirs = member("be.example"), member("nl.example")
    check_distinct([ours, theirs])
    stolen = log_key("nl.example", log_signer("be.example"))
    half = replace(log_key("nl.example"), mldsa44=ours.log_keys[0].mldsa44)
    other_half = replace(log_key("nl.example"), ed25519=ours.log_keys[0].ed25519)
    for key in (stolen, half, other_half):
        with pytest.raises(PeerError, match="key twice"):
            check_distinct([ours, replace(theirs, log_keys=(key,))])


def test_one_key_for_two_logs_of_a_member_is_refused() -> None:
    keys = (log_key("be.example"), log_key("be.example", number=2))
    with pytest.raises(PeerError, match="key twice"):
        check_distinct([member(log_keys=keys)])
