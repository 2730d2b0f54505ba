from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MemberStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MEMBER_STATUS_UNSPECIFIED: _ClassVar[MemberStatus]
    MEMBER_STATUS_ACTIVE: _ClassVar[MemberStatus]
    MEMBER_STATUS_SUSPENDED: _ClassVar[MemberStatus]
    MEMBER_STATUS_REVOKED: _ClassVar[MemberStatus]

class TransferRegime(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRANSFER_REGIME_UNSPECIFIED: _ClassVar[TransferRegime]
    TRANSFER_REGIME_EEA: _ClassVar[TransferRegime]
    TRANSFER_REGIME_ADEQUACY: _ClassVar[TransferRegime]
    TRANSFER_REGIME_OTHER: _ClassVar[TransferRegime]
MEMBER_STATUS_UNSPECIFIED: MemberStatus
MEMBER_STATUS_ACTIVE: MemberStatus
MEMBER_STATUS_SUSPENDED: MemberStatus
MEMBER_STATUS_REVOKED: MemberStatus
TRANSFER_REGIME_UNSPECIFIED: TransferRegime
TRANSFER_REGIME_EEA: TransferRegime
TRANSFER_REGIME_ADEQUACY: TransferRegime
TRANSFER_REGIME_OTHER: TransferRegime

class Member(_message.Message):
    __slots__ = ("node_id", "legal_name", "country", "languages", "hours", "time_zone", "telephone", "endpoints", "log_keys", "status", "transfer_regime", "adequacy_until", "agreement_until", "reinstated_at_ms")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    LEGAL_NAME_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    TIME_ZONE_FIELD_NUMBER: _ClassVar[int]
    TELEPHONE_FIELD_NUMBER: _ClassVar[int]
    ENDPOINTS_FIELD_NUMBER: _ClassVar[int]
    LOG_KEYS_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_REGIME_FIELD_NUMBER: _ClassVar[int]
    ADEQUACY_UNTIL_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_UNTIL_FIELD_NUMBER: _ClassVar[int]
    REINSTATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    legal_name: str
    country: str
    languages: _containers.RepeatedScalarFieldContainer[str]
    hours: _containers.RepeatedCompositeFieldContainer[Hours]
    time_zone: str
    telephone: str
    endpoints: _containers.RepeatedScalarFieldContainer[str]
    log_keys: _containers.RepeatedCompositeFieldContainer[LogKey]
    status: MemberStatus
    transfer_regime: TransferRegime
    adequacy_until: str
    agreement_until: str
    reinstated_at_ms: int
    def __init__(self, node_id: _Optional[str] = ..., legal_name: _Optional[str] = ..., country: _Optional[str] = ..., languages: _Optional[_Iterable[str]] = ..., hours: _Optional[_Iterable[_Union[Hours, _Mapping]]] = ..., time_zone: _Optional[str] = ..., telephone: _Optional[str] = ..., endpoints: _Optional[_Iterable[str]] = ..., log_keys: _Optional[_Iterable[_Union[LogKey, _Mapping]]] = ..., status: _Optional[_Union[MemberStatus, str]] = ..., transfer_regime: _Optional[_Union[TransferRegime, str]] = ..., adequacy_until: _Optional[str] = ..., agreement_until: _Optional[str] = ..., reinstated_at_ms: _Optional[int] = ...) -> None: ...

class Hours(_message.Message):
    __slots__ = ("weekday", "opens_minute", "closes_minute")
    WEEKDAY_FIELD_NUMBER: _ClassVar[int]
    OPENS_MINUTE_FIELD_NUMBER: _ClassVar[int]
    CLOSES_MINUTE_FIELD_NUMBER: _ClassVar[int]
    weekday: int
    opens_minute: int
    closes_minute: int
    def __init__(self, weekday: _Optional[int] = ..., opens_minute: _Optional[int] = ..., closes_minute: _Optional[int] = ...) -> None: ...

class LogKey(_message.Message):
    __slots__ = ("origin", "ed25519", "mldsa44", "valid_from_ms", "valid_until_ms", "compromised_since_ms")
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    ED25519_FIELD_NUMBER: _ClassVar[int]
    MLDSA44_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_MS_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_MS_FIELD_NUMBER: _ClassVar[int]
    COMPROMISED_SINCE_MS_FIELD_NUMBER: _ClassVar[int]
    origin: str
    ed25519: bytes
    mldsa44: bytes
    valid_from_ms: int
    valid_until_ms: int
    compromised_since_ms: int
    def __init__(self, origin: _Optional[str] = ..., ed25519: _Optional[bytes] = ..., mldsa44: _Optional[bytes] = ..., valid_from_ms: _Optional[int] = ..., valid_until_ms: _Optional[int] = ..., compromised_since_ms: _Optional[int] = ...) -> None: ...

class Suspension(_message.Message):
    __slots__ = ("node_id", "suspended_at_ms")
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    SUSPENDED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    node_id: str
    suspended_at_ms: int
    def __init__(self, node_id: _Optional[str] = ..., suspended_at_ms: _Optional[int] = ...) -> None: ...

class SignedJoinRequest(_message.Message):
    __slots__ = ("join_request", "ed25519_signature", "mldsa44_signature", "previous_ed25519_signature", "previous_mldsa44_signature", "previous_log_key")
    JOIN_REQUEST_FIELD_NUMBER: _ClassVar[int]
    ED25519_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    MLDSA44_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_ED25519_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_MLDSA44_SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_LOG_KEY_FIELD_NUMBER: _ClassVar[int]
    join_request: bytes
    ed25519_signature: bytes
    mldsa44_signature: bytes
    previous_ed25519_signature: bytes
    previous_mldsa44_signature: bytes
    previous_log_key: bytes
    def __init__(self, join_request: _Optional[bytes] = ..., ed25519_signature: _Optional[bytes] = ..., mldsa44_signature: _Optional[bytes] = ..., previous_ed25519_signature: _Optional[bytes] = ..., previous_mldsa44_signature: _Optional[bytes] = ..., previous_log_key: _Optional[bytes] = ...) -> None: ...

class JoinRequest(_message.Message):
    __slots__ = ("version", "created_at_ms", "member")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    MEMBER_FIELD_NUMBER: _ClassVar[int]
    version: int
    created_at_ms: int
    member: Member
    def __init__(self, version: _Optional[int] = ..., created_at_ms: _Optional[int] = ..., member: _Optional[_Union[Member, _Mapping]] = ...) -> None: ...
