from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class ErasureRecord(_message.Message):
    __slots__ = ("salt", "what", "leg_id", "case_id", "reason", "at_ms", "messages_count", "versions_count", "envelope_ids", "blob_ids")
    SALT_FIELD_NUMBER: _ClassVar[int]
    WHAT_FIELD_NUMBER: _ClassVar[int]
    LEG_ID_FIELD_NUMBER: _ClassVar[int]
    CASE_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    MESSAGES_COUNT_FIELD_NUMBER: _ClassVar[int]
    VERSIONS_COUNT_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_IDS_FIELD_NUMBER: _ClassVar[int]
    BLOB_IDS_FIELD_NUMBER: _ClassVar[int]
    salt: bytes
    what: str
    leg_id: bytes
    case_id: str
    reason: str
    at_ms: int
    messages_count: int
    versions_count: int
    envelope_ids: _containers.RepeatedScalarFieldContainer[bytes]
    blob_ids: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, salt: _Optional[bytes] = ..., what: _Optional[str] = ..., leg_id: _Optional[bytes] = ..., case_id: _Optional[str] = ..., reason: _Optional[str] = ..., at_ms: _Optional[int] = ..., messages_count: _Optional[int] = ..., versions_count: _Optional[int] = ..., envelope_ids: _Optional[_Iterable[bytes]] = ..., blob_ids: _Optional[_Iterable[bytes]] = ...) -> None: ...
