from protocol.pb.homeward.v1 import envelope_pb2 as _envelope_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Reachability(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REACHABILITY_UNSPECIFIED: _ClassVar[Reachability]
    REACHABILITY_PUSH: _ClassVar[Reachability]
    REACHABILITY_PULL: _ClassVar[Reachability]
REACHABILITY_UNSPECIFIED: Reachability
REACHABILITY_PUSH: Reachability
REACHABILITY_PULL: Reachability

class SignedDescriptor(_message.Message):
    __slots__ = ("descriptor", "proof")
    DESCRIPTOR_FIELD_NUMBER: _ClassVar[int]
    PROOF_FIELD_NUMBER: _ClassVar[int]
    descriptor: bytes
    proof: _envelope_pb2.LogProof
    def __init__(self, descriptor: _Optional[bytes] = ..., proof: _Optional[_Union[_envelope_pb2.LogProof, _Mapping]] = ...) -> None: ...

class Descriptor(_message.Message):
    __slots__ = ("version", "federation_id", "node_id", "serial", "created_at_ms", "expires_at_ms", "log_key", "epochs", "transport_key", "protocol_versions", "reachability", "minimum_peer_version")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FEDERATION_ID_FIELD_NUMBER: _ClassVar[int]
    NODE_ID_FIELD_NUMBER: _ClassVar[int]
    SERIAL_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    LOG_KEY_FIELD_NUMBER: _ClassVar[int]
    EPOCHS_FIELD_NUMBER: _ClassVar[int]
    TRANSPORT_KEY_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_VERSIONS_FIELD_NUMBER: _ClassVar[int]
    REACHABILITY_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_PEER_VERSION_FIELD_NUMBER: _ClassVar[int]
    version: int
    federation_id: bytes
    node_id: str
    serial: int
    created_at_ms: int
    expires_at_ms: int
    log_key: bytes
    epochs: _containers.RepeatedCompositeFieldContainer[Epoch]
    transport_key: bytes
    protocol_versions: _containers.RepeatedScalarFieldContainer[int]
    reachability: Reachability
    minimum_peer_version: int
    def __init__(self, version: _Optional[int] = ..., federation_id: _Optional[bytes] = ..., node_id: _Optional[str] = ..., serial: _Optional[int] = ..., created_at_ms: _Optional[int] = ..., expires_at_ms: _Optional[int] = ..., log_key: _Optional[bytes] = ..., epochs: _Optional[_Iterable[_Union[Epoch, _Mapping]]] = ..., transport_key: _Optional[bytes] = ..., protocol_versions: _Optional[_Iterable[int]] = ..., reachability: _Optional[_Union[Reachability, str]] = ..., minimum_peer_version: _Optional[int] = ...) -> None: ...

class Epoch(_message.Message):
    __slots__ = ("number", "kem_public_key", "starts_at_ms", "ends_at_ms")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    KEM_PUBLIC_KEY_FIELD_NUMBER: _ClassVar[int]
    STARTS_AT_MS_FIELD_NUMBER: _ClassVar[int]
    ENDS_AT_MS_FIELD_NUMBER: _ClassVar[int]
    number: int
    kem_public_key: bytes
    starts_at_ms: int
    ends_at_ms: int
    def __init__(self, number: _Optional[int] = ..., kem_public_key: _Optional[bytes] = ..., starts_at_ms: _Optional[int] = ..., ends_at_ms: _Optional[int] = ...) -> None: ...
