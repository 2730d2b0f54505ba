"""One member's record: bytes of a `Member` message <-> a frozen, checked value.

The directory's membership role signs the bytes, so they go through the strict scan
first, and every field's form is checked here. `check_distinct` holds the one rule
that no record can be checked for alone: no key belongs to two. Whether a key is good
at a time is a property of the key; whether a member may do something is asked of its
status by the caller.
"""

from __future__ import annotations

import datetime
import enum
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError

from protocol import limits, suite
from protocol.errors import PeerError, RefusalCode
from protocol.ids import NodeId, parse_node_id
from protocol.pb.homeward.v1 import member_pb2
from protocol.strict import scan

_NAME_CHARACTERS: Final = 200
_LIST_ENTRIES: Final = 64
_ENDPOINT_CHARACTERS: Final = 255
_MINUTES_OF_A_DAY: Final = 24 * 60

_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)
_TIME_ZONE: Final = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}", re.ASCII)
_TELEPHONE: Final = re.compile(r"\+[1-9][0-9]{3,14}", re.ASCII)
_ORIGIN_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.ASCII)


class MemberStatus(enum.IntEnum):
    """Whether the member takes part; values as on the wire."""

    ACTIVE = 1
    SUSPENDED = 2
    REVOKED = 3


class TransferRegime(enum.IntEnum):
    """On what footing personal data may go there (GDPR chapter V); values as on the wire."""

    EEA = 1
    ADEQUACY = 2
    OTHER = 3


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """A weekly opening time: weekday 1 (Monday) to 7, minutes since local midnight."""

    weekday: int
    opens_minute: int
    closes_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeyRecord:
    """The keys that sign one log of the member, and when they are good."""

    origin: str
    ed25519: bytes
    mldsa44: bytes
    valid_from_ms: int
    valid_until_ms: int | None = None
    compromised_since_ms: int | None = None

    @property
    def key_id(self) -> bytes:
        """Id by which headers and descriptors name this pair of keys."""
        return suite.log_key_id(self.ed25519, self.mldsa44)

    def is_good_at(self, at_ms: int) -> bool:
        """Whether a signature of that time counts; the time itself must be proven elsewhere."""
        ends = [end for end in (self.valid_until_ms, self.compromised_since_ms) if end is not None]
        return self.valid_from_ms <= at_ms and all(at_ms < end for end in ends)

    def is_usable_for(self, made_at_ms: int) -> bool:
        """Whether to take what arrives now, signed with it and said to be made at that time.

        Nothing is taken under a key that is known to be stolen: whoever has it can write
        any time into a message, and nobody else vouches for it here. A planned end looks
        at the time of making, so that what was under way still arrives.
        """
        return self.compromised_since_ms is None and self.is_good_at(made_at_ms)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRecord:
    """One member of the federation, as the membership role of the directory says."""

    node_id: NodeId
    legal_name: str
    country: str
    languages: tuple[str, ...] = ()
    hours: tuple[OpeningHours, ...] = ()
    time_zone: str = ""
    telephone: str
    endpoints: tuple[str, ...] = ()
    log_keys: tuple[LogKeyRecord, ...]
    status: MemberStatus = MemberStatus.ACTIVE
    transfer_regime: TransferRegime
    adequacy_until: datetime.date | None = None
    agreement_until: datetime.date | None = None
    reinstated_at_ms: int | None = None

    def log_key(self, key_id: bytes) -> LogKeyRecord | None:
        """Return the log key with this id, good or not."""
        return next((key for key in self.log_keys if key.key_id == key_id), None)


def parse_member(data: bytes) -> MemberRecord:
    """Read the bytes of a Member.

    Raises:
        PeerError: TOO_LARGE, a code of the strict scan, or INVALID_VALUE with the
            name of the field as detail.
    """
    if len(data) > limits.MEMBER_BYTES:
        raise PeerError(RefusalCode.TOO_LARGE, "Member")
    pb = member_pb2.Member()
    scan(data, pb.DESCRIPTOR)
    try:
        pb.ParseFromString(data)
    except DecodeError as error:
        raise PeerError(RefusalCode.INVALID_VALUE, "Member") from error
    node_id = parse_node_id(pb.node_id)
    _require(_is_text(pb.legal_name), "legal_name")
    _require(_COUNTRY.fullmatch(pb.country), "country")
    _require(_TELEPHONE.fullmatch(pb.telephone), "telephone")
    return MemberRecord(
        node_id=node_id,
        legal_name=pb.legal_name,
        country=pb.country,
        languages=_languages(pb.languages),
        hours=_hours(pb.hours),
        time_zone=_time_zone(pb),
        telephone=pb.telephone,
        endpoints=_endpoints(pb.endpoints),
        log_keys=_log_keys(node_id, pb.log_keys),
        status=_status(pb.status),
        transfer_regime=_transfer_regime(pb.transfer_regime),
        adequacy_until=_date(pb.adequacy_until, "adequacy_until"),
        agreement_until=_date(pb.agreement_until, "agreement_until"),
        reinstated_at_ms=pb.reinstated_at_ms or None,
    )


def encode_member(member: MemberRecord) -> bytes:
    """Return the bytes of the record, for a membership role or an applicant to sign.

    Raises:
        PeerError: INVALID_VALUE, the record is one that `parse_member` would refuse.
    """
    data = member_pb2.Member(
        node_id=member.node_id,
        legal_name=member.legal_name,
        country=member.country,
        languages=member.languages,
        hours=[
            member_pb2.Hours(
                weekday=h.weekday, opens_minute=h.opens_minute, closes_minute=h.closes_minute
            )
            for h in member.hours
        ],
        time_zone=member.time_zone,
        telephone=member.telephone,
        endpoints=member.endpoints,
        log_keys=[
            member_pb2.LogKey(
                origin=k.origin,
                ed25519=k.ed25519,
                mldsa44=k.mldsa44,
                valid_from_ms=k.valid_from_ms,
                valid_until_ms=k.valid_until_ms or 0,
                compromised_since_ms=k.compromised_since_ms or 0,
            )
            for k in member.log_keys
        ],
        status=member_pb2.MemberStatus.Name(member.status),
        transfer_regime=member_pb2.TransferRegime.Name(member.transfer_regime),
        adequacy_until=_date_text(member.adequacy_until),
        agreement_until=_date_text(member.agreement_until),
        reinstated_at_ms=member.reinstated_at_ms or 0,
    ).SerializeToString()
    parse_member(data)
    return data


def check_distinct(members: Iterable[MemberRecord]) -> None:
    """Refuse a key, or half of one, that stands in the directory twice.

    Else one member could name another's key as its own, and claim what that one said.

    Raises:
        PeerError: INVALID_VALUE.
    """
    seen: set[bytes] = set()
    for member in members:
        for key in member.log_keys:
            _require(key.ed25519 not in seen and key.mldsa44 not in seen, "key twice")
            seen |= {key.ed25519, key.mldsa44}


def _languages(languages: Iterable[str]) -> tuple[str, ...]:
    values = tuple(languages)
    _require(len(values) <= _LIST_ENTRIES, "languages")
    _require(all(_LANGUAGE.fullmatch(value) for value in values), "languages")
    return values


def _hours(hours: Iterable[member_pb2.Hours]) -> tuple[OpeningHours, ...]:
    values = tuple(OpeningHours(h.weekday, h.opens_minute, h.closes_minute) for h in hours)
    _require(len(values) <= _LIST_ENTRIES, "hours")
    for value in values:
        _require(1 <= value.weekday <= 7, "hours")
        _require(value.opens_minute < value.closes_minute <= _MINUTES_OF_A_DAY, "hours")
    return values


def _time_zone(pb: member_pb2.Member) -> str:
    # Hours without a zone mean nothing; a member around the clock needs none.
    is_needless = not pb.time_zone and not pb.hours
    _require(is_needless or _TIME_ZONE.fullmatch(pb.time_zone), "time_zone")
    return pb.time_zone


def _endpoints(endpoints: Iterable[str]) -> tuple[str, ...]:
    values = tuple(endpoints)
    _require(len(values) <= _LIST_ENTRIES, "endpoints")
    _require(all(_is_endpoint(value) for value in values), "endpoints")
    return values


def _is_endpoint(address: str) -> bool:
    """Whether it is https://host[:port][/path], or http on loopback, written plainly."""
    if len(address) > _ENDPOINT_CHARACTERS or not address.isascii() or not address.isprintable():
        return False
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    # Query, fragment and (by the form of a host) userinfo mean nothing here and only deceive.
    # Not asked of `parts`: to it an empty query is none.
    is_plain = not any(character in address for character in "?# ")
    authority = parts.netloc if port is None else parts.netloc.removesuffix(f":{port}")
    if not is_plain or port == 0 or _HOST.fullmatch(authority) is None:
        return False
    if address.startswith("https://"):
        return True
    return address.startswith("http://") and _is_loopback(parts.hostname)


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return False
    # Not `is_loopback`: newer Pythons count an IPv4 address in IPv6 form, which few readers know.
    return str(address) == "::1" or address in ipaddress.ip_network("127.0.0.0/8")


def _log_keys(node_id: NodeId, log_keys: Iterable[member_pb2.LogKey]) -> tuple[LogKeyRecord, ...]:
    records = tuple(_log_key(node_id, pb) for pb in log_keys)
    _require(1 <= len(records) <= _LIST_ENTRIES, "log_keys")
    return records


def _log_key(node_id: NodeId, pb: member_pb2.LogKey) -> LogKeyRecord:
    prefix, _, number = pb.origin.rpartition("/")
    is_own = prefix == f"{node_id}/log" and _ORIGIN_NUMBER.fullmatch(number) is not None
    _require(is_own, "origin")
    _require(len(pb.ed25519) == suite.ED25519_PUBLIC_KEY_BYTES, "ed25519")
    _require(not suite.is_low_order_ed25519(pb.ed25519), "ed25519")
    _require(len(pb.mldsa44) == suite.MLDSA44_PUBLIC_KEY_BYTES, "mldsa44")
    _require(pb.valid_until_ms == 0 or pb.valid_until_ms > pb.valid_from_ms, "valid_until_ms")
    return LogKeyRecord(
        origin=pb.origin,
        ed25519=pb.ed25519,
        mldsa44=pb.mldsa44,
        valid_from_ms=pb.valid_from_ms,
        valid_until_ms=pb.valid_until_ms or None,
        compromised_since_ms=pb.compromised_since_ms or None,
    )


def _status(value: int) -> MemberStatus:
    try:
        return MemberStatus(value)
    except ValueError:
        raise PeerError(RefusalCode.INVALID_VALUE, "status") from None


def _transfer_regime(value: int) -> TransferRegime:
    try:
        return TransferRegime(value)
    except ValueError:
        raise PeerError(RefusalCode.INVALID_VALUE, "transfer_regime") from None


def _date(text: str, name: str) -> datetime.date | None:
    if not text:
        return None
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError:
        raise PeerError(RefusalCode.INVALID_VALUE, name) from None
    # fromisoformat also takes 20260131 and 2026-W05-6.
    _require(date.isoformat() == text, name)
    return date


def _date_text(date: datetime.date | None) -> str:
    return "" if date is None else date.isoformat()


def _is_text(text: str) -> bool:
    return 0 < len(text) <= _NAME_CHARACTERS and text.isprintable() and text == text.strip()


def _require(condition: object, what: str) -> None:
    if not condition:
        raise PeerError(RefusalCode.INVALID_VALUE, what)
