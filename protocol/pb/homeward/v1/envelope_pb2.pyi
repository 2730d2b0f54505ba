from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Envelope(_message.Message):
    __slots__ = ("header", "ciphertext", "proof")
    HEADER_FIELD_NUMBER: _ClassVar[int]
    CIPHERTEXT_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    header: bytes
    ciphertext: bytes
    proof: LogProof
    def __init__(self, header: _Optional[bytes] = ..., ciphertext: _Optional[bytes] = ..., proof: _Optional[_Union[LogProof, _Mapping]] = ...) -> None: ...

class Header(_message.Message):
    __slots__ = ("version", "federation_id", "sender", "sender_log_key", "recipient", "recipient_kem_key", "message_id", "exchange_id", "stream_seq", "previous_envelope_id", "created_at_ms", "expires_at_ms", "directory_version", "urgency", "attachments", "size_class", "commitment")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FEDERATION_ID_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    SENDER_LOG_KEY_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_FIELD_NUMBER: _ClassVar[int]
    RECIPIENT_KEM_KEY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_ID_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_ID_FIELD_NUMBER: _ClassVar[int]
    STREAM_SEQ_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    DIRECTORY_VERSION_FIELD_NUMBER: _ClassVar[int]
    URGENCY_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENTS_FIELD_NUMBER: _ClassVar[int]
    SIZE_CLASS_FIELD_NUMBER: _ClassVar[int]
    COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    version: int
    federation_id: bytes
    sender: str
    sender_log_key: bytes
    recipient: str
    recipient_kem_key: bytes
    message_id: bytes
    exchange_id: bytes
    stream_seq: int
    previous_envelope_id: bytes
    created_at_ms: int
    expires_at_ms: int
    directory_version: int
    urgency: int
    attachments: _containers.RepeatedCompositeFieldContainer[AttachmentRef]
    size_class: int
    commitment: bytes
    def __init__(self, version: _Optional[int] = ..., federation_id: _Optional[bytes] = ..., sender: _Optional[str] = ..., sender_log_key: _Optional[bytes] = ..., recipient: _Optional[str] = ..., recipient_kem_key: _Optional[bytes] = ..., message_id: _Optional[bytes] = ..., exchange_id: _Optional[bytes] = ..., stream_seq: _Optional[int] = ..., previous_envelope_id: _Optional[bytes] = ..., created_at_ms: _Optional[int] = ..., expires_at_ms: _Optional[int] = ..., directory_version: _Optional[int] = ..., urgency: _Optional[int] = ..., attachments: _Optional[_Iterable[_Union[AttachmentRef, _Mapping]]] = ..., size_class: _Optional[int] = ..., commitment: _Optional[bytes] = ...) -> None: ...

class AttachmentRef(_message.Message):
    __slots__ = ("id", "size")
    ID_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    id: bytes
    size: int
    def __init__(self, id: _Optional[bytes] = ..., size: _Optional[int] = ...) -> None: ...

class LogProof(_message.Message):
    __slots__ = ("leaf", "index", "path", "checkpoint")
    LEAF_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    PATH_FIELD_NUMBER: _ClassVar[int]
    CHECKPOINT_FIELD_NUMBER: _ClassVar[int]
    leaf: bytes
    index: int
    path: _containers.RepeatedScalarFieldContainer[bytes]
    checkpoint: bytes
    def __init__(self, leaf: _Optional[bytes] = ..., index: _Optional[int] = ..., path: _Optional[_Iterable[bytes]] = ..., checkpoint: _Optional[bytes] = ...) -> None: ...

class EnvelopeBatch(_message.Message):
    __slots__ = ("envelopes",)
    ENVELOPES_FIELD_NUMBER: _ClassVar[int]
    envelopes: _containers.RepeatedCompositeFieldContainer[Envelope]
    def __init__(self, envelopes: _Optional[_Iterable[_Union[Envelope, _Mapping]]] = ...) -> None: ...

class ReplyBatch(_message.Message):
    __slots__ = ("replies",)
    REPLIES_FIELD_NUMBER: _ClassVar[int]
    replies: _containers.RepeatedCompositeFieldContainer[Reply]
    def __init__(self, replies: _Optional[_Iterable[_Union[Reply, _Mapping]]] = ...) -> None: ...

class Reply(_message.Message):
    __slots__ = ("receipt", "refusal")
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    receipt: Receipt
    refusal: Refusal
    def __init__(self, receipt: _Optional[_Union[Receipt, _Mapping]] = ..., refusal: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class Receipt(_message.Message):
    __slots__ = ("proof",)
    PROOF_FIELD_NUMBER: _ClassVar[int]
    proof: LogProof
    def __init__(self, proof: _Optional[_Union[LogProof, _Mapping]] = ...) -> None: ...

class Refusal(_message.Message):
    __slots__ = ("code", "proof")
    CODE_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    code: int
    proof: LogProof
    def __init__(self, code: _Optional[int] = ..., proof: _Optional[_Union[LogProof, _Mapping]] = ...) -> None: ...

class SignedRequest(_message.Message):
    __slots__ = ("request", "signature")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    SIGNATURE_FIELD_NUMBER: _ClassVar[int]
    request: bytes
    signature: bytes
    def __init__(self, request: _Optional[bytes] = ..., signature: _Optional[bytes] = ...) -> None: ...

class Request(_message.Message):
    __slots__ = ("version", "federation_id", "sender", "transport_key", "target", "created_at_ms", "nonce", "directory_version", "ping", "blob_status", "blob_write")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FEDERATION_ID_FIELD_NUMBER: _ClassVar[int]
    SENDER_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_KEY_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    DIRECTORY_VERSION_FIELD_NUMBER: _ClassVar[int]
    PING_FIELD_NUMBER: _ClassVar[int]
    BLOB_STATUS_FIELD_NUMBER: _ClassVar[int]
    BLOB_WRITE_FIELD_NUMBER: _ClassVar[int]
    version: int
    federation_id: bytes
    sender: str
    transport_key: bytes
    target: str
    created_at_ms: int
    nonce: bytes
    directory_version: int
    ping: Ping
    blob_status: BlobStatus
    blob_write: BlobWrite
    def __init__(self, version: _Optional[int] = ..., federation_id: _Optional[bytes] = ..., sender: _Optional[str] = ..., transport_key: _Optional[bytes] = ..., target: _Optional[str] = ..., created_at_ms: _Optional[int] = ..., nonce: _Optional[bytes] = ..., directory_version: _Optional[int] = ..., ping: _Optional[_Union[Ping, _Mapping]] = ..., blob_status: _Optional[_Union[BlobStatus, _Mapping]] = ..., blob_write: _Optional[_Union[BlobWrite, _Mapping]] = ...) -> None: ...

class Ping(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class BlobStatus(_message.Message):
    __slots__ = ("blob_id", "envelope_id")
    BLOB_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    blob_id: bytes
    envelope_id: bytes
    def __init__(self, blob_id: _Optional[bytes] = ..., envelope_id: _Optional[bytes] = ...) -> None: ...

class BlobWrite(_message.Message):
    __slots__ = ("blob_id", "envelope_id", "offset")
    BLOB_ID_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_ID_FIELD_NUMBER: _ClassVar[int]
    OFFSET_FIELD_NUMBER: _ClassVar[int]
    blob_id: bytes
    envelope_id: bytes
    offset: int
    def __init__(self, blob_id: _Optional[bytes] = ..., envelope_id: _Optional[bytes] = ..., offset: _Optional[int] = ...) -> None: ...

class Response(_message.Message):
    __slots__ = ("pong", "blob_state", "refusal")
    PONG_FIELD_NUMBER: _ClassVar[int]
    BLOB_STATE_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    pong: Pong
    blob_state: BlobState
    refusal: Refusal
    def __init__(self, pong: _Optional[_Union[Pong, _Mapping]] = ..., blob_state: _Optional[_Union[BlobState, _Mapping]] = ..., refusal: _Optional[_Union[Refusal, _Mapping]] = ...) -> None: ...

class Pong(_message.Message):
    __slots__ = ("directory_version",)
    DIRECTORY_VERSION_FIELD_NUMBER: _ClassVar[int]
    directory_version: int
    def __init__(self, directory_version: _Optional[int] = ...) -> None: ...

class BlobState(_message.Message):
    __slots__ = ("held", "is_complete", "receipt")
    HELD_FIELD_NUMBER: _ClassVar[int]
    IS_COMPLETE_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    held: int
    is_complete: bool
    receipt: Receipt
    def __init__(self, held: _Optional[int] = ..., is_complete: _Optional[bool] = ..., receipt: _Optional[_Union[Receipt, _Mapping]] = ...) -> None: ...
