from google.protobuf import field_mask_pb2 as _field_mask_pb2
from protocol.pb.homeward.v1 import case_pb2 as _case_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Message(_message.Message):
    __slots__ = ("leg_id", "step_number", "peer_steps_seen", "referral", "claim", "accept", "decline", "redirect", "ask", "answer", "note", "outcome", "confirm", "dispute", "withdraw", "confirm_cancel", "acknowledge", "disposition", "hand_over", "custody_taken", "erase_request", "erased", "erase_refused", "labels")
    LEG_ID_FIELD_NUMBER: _ClassVar[int]
    STEP_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PEER_STEPS_SEEN_FIELD_NUMBER: _ClassVar[int]
    REFERRAL_FIELD_NUMBER: _ClassVar[int]
    CLAIM_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_FIELD_NUMBER: _ClassVar[int]
    DECLINE_FIELD_NUMBER: _ClassVar[int]
    REDIRECT_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_FIELD_NUMBER: _ClassVar[int]
    DISPUTE_FIELD_NUMBER: _ClassVar[int]
    WITHDRAW_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_CANCEL_FIELD_NUMBER: _ClassVar[int]
    ACKNOWLEDGE_FIELD_NUMBER: _ClassVar[int]
    DISPOSITION_FIELD_NUMBER: _ClassVar[int]
    HAND_OVER_FIELD_NUMBER: _ClassVar[int]
    CUSTODY_TAKEN_FIELD_NUMBER: _ClassVar[int]
    ERASE_REQUEST_FIELD_NUMBER: _ClassVar[int]
    ERASED_FIELD_NUMBER: _ClassVar[int]
    ERASE_REFUSED_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    leg_id: bytes
    step_number: int
    peer_steps_seen: int
    referral: Referral
    claim: Claim
    accept: Accept
    decline: Decline
    redirect: Redirect
    ask: Ask
    answer: Answer
    note: Note
    outcome: Outcome
    confirm: Confirm
    dispute: Dispute
    withdraw: Withdraw
    confirm_cancel: ConfirmCancel
    acknowledge: Acknowledge
    disposition: Disposition
    hand_over: HandOver
    custody_taken: CustodyTaken
    erase_request: EraseRequest
    erased: Erased
    erase_refused: EraseRefused
    labels: _containers.RepeatedCompositeFieldContainer[CodeLabel]
    def __init__(self, leg_id: _Optional[bytes] = ..., step_number: _Optional[int] = ..., peer_steps_seen: _Optional[int] = ..., referral: _Optional[_Union[Referral, _Mapping]] = ..., claim: _Optional[_Union[Claim, _Mapping]] = ..., accept: _Optional[_Union[Accept, _Mapping]] = ..., decline: _Optional[_Union[Decline, _Mapping]] = ..., redirect: _Optional[_Union[Redirect, _Mapping]] = ..., ask: _Optional[_Union[Ask, _Mapping]] = ..., answer: _Optional[_Union[Answer, _Mapping]] = ..., note: _Optional[_Union[Note, _Mapping]] = ..., outcome: _Optional[_Union[Outcome, _Mapping]] = ..., confirm: _Optional[_Union[Confirm, _Mapping]] = ..., dispute: _Optional[_Union[Dispute, _Mapping]] = ..., withdraw: _Optional[_Union[Withdraw, _Mapping]] = ..., confirm_cancel: _Optional[_Union[ConfirmCancel, _Mapping]] = ..., acknowledge: _Optional[_Union[Acknowledge, _Mapping]] = ..., disposition: _Optional[_Union[Disposition, _Mapping]] = ..., hand_over: _Optional[_Union[HandOver, _Mapping]] = ..., custody_taken: _Optional[_Union[CustodyTaken, _Mapping]] = ..., erase_request: _Optional[_Union[EraseRequest, _Mapping]] = ..., erased: _Optional[_Union[Erased, _Mapping]] = ..., erase_refused: _Optional[_Union[EraseRefused, _Mapping]] = ..., labels: _Optional[_Iterable[_Union[CodeLabel, _Mapping]]] = ...) -> None: ...

class CodeLabel(_message.Message):
    __slots__ = ("vocabulary", "code", "language", "label")
    VOCABULARY_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    LABEL_FIELD_NUMBER: _ClassVar[int]
    vocabulary: str
    code: str
    language: str
    label: str
    def __init__(self, vocabulary: _Optional[str] = ..., code: _Optional[str] = ..., language: _Optional[str] = ..., label: _Optional[str] = ...) -> None: ...

class Referral(_message.Message):
    __slots__ = ("kind", "urgency", "ask", "legal_basis", "reply_by_ms", "expires_at_ms", "disclosure", "mask", "attachment_keys", "reopens_leg_id", "figures", "notice", "about_leg_ids")
    KIND_FIELD_NUMBER: _ClassVar[int]
    URGENCY_FIELD_NUMBER: _ClassVar[int]
    ASK_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    REPLY_BY_MS_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_KEYS_FIELD_NUMBER: _ClassVar[int]
    REOPENS_LEG_ID_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    NOTICE_FIELD_NUMBER: _ClassVar[int]
    ABOUT_LEG_IDS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    urgency: int
    ask: _case_pb2.Text
    legal_basis: LegalBasis
    reply_by_ms: int
    expires_at_ms: int
    disclosure: _case_pb2.Case
    mask: _field_mask_pb2.FieldMask
    attachment_keys: _containers.RepeatedCompositeFieldContainer[AttachmentKey]
    reopens_leg_id: bytes
    figures: Figures
    notice: str
    about_leg_ids: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, kind: _Optional[str] = ..., urgency: _Optional[int] = ..., ask: _Optional[_Union[_case_pb2.Text, _Mapping]] = ..., legal_basis: _Optional[_Union[LegalBasis, _Mapping]] = ..., reply_by_ms: _Optional[int] = ..., expires_at_ms: _Optional[int] = ..., disclosure: _Optional[_Union[_case_pb2.Case, _Mapping]] = ..., mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., attachment_keys: _Optional[_Iterable[_Union[AttachmentKey, _Mapping]]] = ..., reopens_leg_id: _Optional[bytes] = ..., figures: _Optional[_Union[Figures, _Mapping]] = ..., notice: _Optional[str] = ..., about_leg_ids: _Optional[_Iterable[bytes]] = ...) -> None: ...

class Figures(_message.Message):
    __slots__ = ("period", "figures")
    PERIOD_FIELD_NUMBER: _ClassVar[int]
    FIGURES_FIELD_NUMBER: _ClassVar[int]
    period: str
    figures: _containers.RepeatedCompositeFieldContainer[Figure]
    def __init__(self, period: _Optional[str] = ..., figures: _Optional[_Iterable[_Union[Figure, _Mapping]]] = ...) -> None: ...

class Figure(_message.Message):
    __slots__ = ("name", "count")
    NAME_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    name: str
    count: int
    def __init__(self, name: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class LegalBasis(_message.Message):
    __slots__ = ("purpose", "art6_basis", "art9_condition", "art10_basis", "police_informed", "transfer_basis", "art49_derogation", "consent_given_by", "consent_expires_at_ms", "consent_purposes", "sensitive_reason", "decided_by_count", "overridden_rules", "override_reason", "at_once_reason")
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    ART6_BASIS_FIELD_NUMBER: _ClassVar[int]
    ART9_CONDITION_FIELD_NUMBER: _ClassVar[int]
    ART10_BASIS_FIELD_NUMBER: _ClassVar[int]
    POLICE_INFORMED_FIELD_NUMBER: _ClassVar[int]
    TRANSFER_BASIS_FIELD_NUMBER: _ClassVar[int]
    ART49_DEROGATION_FIELD_NUMBER: _ClassVar[int]
    CONSENT_GIVEN_BY_FIELD_NUMBER: _ClassVar[int]
    CONSENT_EXPIRES_AT_MS_FIELD_NUMBER: _ClassVar[int]
    CONSENT_PURPOSES_FIELD_NUMBER: _ClassVar[int]
    SENSITIVE_REASON_FIELD_NUMBER: _ClassVar[int]
    DECIDED_BY_COUNT_FIELD_NUMBER: _ClassVar[int]
    OVERRIDDEN_RULES_FIELD_NUMBER: _ClassVar[int]
    OVERRIDE_REASON_FIELD_NUMBER: _ClassVar[int]
    AT_ONCE_REASON_FIELD_NUMBER: _ClassVar[int]
    purpose: str
    art6_basis: str
    art9_condition: str
    art10_basis: str
    police_informed: str
    transfer_basis: str
    art49_derogation: str
    consent_given_by: _containers.RepeatedScalarFieldContainer[str]
    consent_expires_at_ms: int
    consent_purposes: _containers.RepeatedScalarFieldContainer[str]
    sensitive_reason: _case_pb2.Text
    decided_by_count: int
    overridden_rules: _containers.RepeatedScalarFieldContainer[str]
    override_reason: _case_pb2.Text
    at_once_reason: _case_pb2.Text
    def __init__(self, purpose: _Optional[str] = ..., art6_basis: _Optional[str] = ..., art9_condition: _Optional[str] = ..., art10_basis: _Optional[str] = ..., police_informed: _Optional[str] = ..., transfer_basis: _Optional[str] = ..., art49_derogation: _Optional[str] = ..., consent_given_by: _Optional[_Iterable[str]] = ..., consent_expires_at_ms: _Optional[int] = ..., consent_purposes: _Optional[_Iterable[str]] = ..., sensitive_reason: _Optional[_Union[_case_pb2.Text, _Mapping]] = ..., decided_by_count: _Optional[int] = ..., overridden_rules: _Optional[_Iterable[str]] = ..., override_reason: _Optional[_Union[_case_pb2.Text, _Mapping]] = ..., at_once_reason: _Optional[_Union[_case_pb2.Text, _Mapping]] = ...) -> None: ...

class AttachmentKey(_message.Message):
    __slots__ = ("blob_id", "key", "file_id", "media_type", "size", "digest")
    BLOB_ID_FIELD_NUMBER: _ClassVar[int]
    KEY_FIELD_NUMBER: _ClassVar[int]
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    blob_id: bytes
    key: bytes
    file_id: str
    media_type: str
    size: int
    digest: bytes
    def __init__(self, blob_id: _Optional[bytes] = ..., key: _Optional[bytes] = ..., file_id: _Optional[str] = ..., media_type: _Optional[str] = ..., size: _Optional[int] = ..., digest: _Optional[bytes] = ...) -> None: ...

class Claim(_message.Message):
    __slots__ = ("contact_name", "contact_telephone")
    CONTACT_NAME_FIELD_NUMBER: _ClassVar[int]
    CONTACT_TELEPHONE_FIELD_NUMBER: _ClassVar[int]
    contact_name: str
    contact_telephone: str
    def __init__(self, contact_name: _Optional[str] = ..., contact_telephone: _Optional[str] = ...) -> None: ...

class Accept(_message.Message):
    __slots__ = ("local_case_number", "next_answer_by_ms")
    LOCAL_CASE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    NEXT_ANSWER_BY_MS_FIELD_NUMBER: _ClassVar[int]
    local_case_number: str
    next_answer_by_ms: int
    def __init__(self, local_case_number: _Optional[str] = ..., next_answer_by_ms: _Optional[int] = ...) -> None: ...

class Decline(_message.Message):
    __slots__ = ("reason", "text", "suggested_peer")
    REASON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    SUGGESTED_PEER_FIELD_NUMBER: _ClassVar[int]
    reason: str
    text: _case_pb2.Text
    suggested_peer: str
    def __init__(self, reason: _Optional[str] = ..., text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ..., suggested_peer: _Optional[str] = ...) -> None: ...

class Redirect(_message.Message):
    __slots__ = ("target", "text")
    TARGET_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    target: str
    text: _case_pb2.Text
    def __init__(self, target: _Optional[str] = ..., text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ...) -> None: ...

class Ask(_message.Message):
    __slots__ = ("question", "about")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    ABOUT_FIELD_NUMBER: _ClassVar[int]
    question: _case_pb2.Text
    about: _field_mask_pb2.FieldMask
    def __init__(self, question: _Optional[_Union[_case_pb2.Text, _Mapping]] = ..., about: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class Answer(_message.Message):
    __slots__ = ("question", "text", "disclosure", "mask", "legal_basis")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    question: int
    text: _case_pb2.Text
    disclosure: _case_pb2.Case
    mask: _field_mask_pb2.FieldMask
    legal_basis: LegalBasis
    def __init__(self, question: _Optional[int] = ..., text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ..., disclosure: _Optional[_Union[_case_pb2.Case, _Mapping]] = ..., mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., legal_basis: _Optional[_Union[LegalBasis, _Mapping]] = ...) -> None: ...

class Note(_message.Message):
    __slots__ = ("text", "disclosure", "mask", "legal_basis", "replies_to", "left")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    REPLIES_TO_FIELD_NUMBER: _ClassVar[int]
    LEFT_FIELD_NUMBER: _ClassVar[int]
    text: _case_pb2.Text
    disclosure: _case_pb2.Case
    mask: _field_mask_pb2.FieldMask
    legal_basis: LegalBasis
    replies_to: int
    left: _field_mask_pb2.FieldMask
    def __init__(self, text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ..., disclosure: _Optional[_Union[_case_pb2.Case, _Mapping]] = ..., mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., legal_basis: _Optional[_Union[LegalBasis, _Mapping]] = ..., replies_to: _Optional[int] = ..., left: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class Outcome(_message.Message):
    __slots__ = ("code", "happened_at_ms", "found_by", "authority_told", "whereabouts_may_be_told_to", "text", "condition")
    CODE_FIELD_NUMBER: _ClassVar[int]
    HAPPENED_AT_MS_FIELD_NUMBER: _ClassVar[int]
    FOUND_BY_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_TOLD_FIELD_NUMBER: _ClassVar[int]
    WHEREABOUTS_MAY_BE_TOLD_TO_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    code: str
    happened_at_ms: int
    found_by: str
    authority_told: str
    whereabouts_may_be_told_to: _containers.RepeatedScalarFieldContainer[str]
    text: _case_pb2.Text
    condition: str
    def __init__(self, code: _Optional[str] = ..., happened_at_ms: _Optional[int] = ..., found_by: _Optional[str] = ..., authority_told: _Optional[str] = ..., whereabouts_may_be_told_to: _Optional[_Iterable[str]] = ..., text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ..., condition: _Optional[str] = ...) -> None: ...

class Confirm(_message.Message):
    __slots__ = ("text", "is_automatic")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    IS_AUTOMATIC_FIELD_NUMBER: _ClassVar[int]
    text: _case_pb2.Text
    is_automatic: bool
    def __init__(self, text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ..., is_automatic: _Optional[bool] = ...) -> None: ...

class Dispute(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: _case_pb2.Text
    def __init__(self, text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ...) -> None: ...

class Withdraw(_message.Message):
    __slots__ = ("reason", "text")
    REASON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    reason: str
    text: _case_pb2.Text
    def __init__(self, reason: _Optional[str] = ..., text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ...) -> None: ...

class ConfirmCancel(_message.Message):
    __slots__ = ("text",)
    TEXT_FIELD_NUMBER: _ClassVar[int]
    text: _case_pb2.Text
    def __init__(self, text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ...) -> None: ...

class Acknowledge(_message.Message):
    __slots__ = ("copy", "kept_basis", "checksum", "text", "taken")
    COPY_FIELD_NUMBER: _ClassVar[int]
    KEPT_BASIS_FIELD_NUMBER: _ClassVar[int]
    CHECKSUM_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    copy: str
    kept_basis: str
    checksum: bytes
    text: _case_pb2.Text
    taken: _field_mask_pb2.FieldMask
    def __init__(self, copy: _Optional[str] = ..., kept_basis: _Optional[str] = ..., checksum: _Optional[bytes] = ..., text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ..., taken: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class Disposition(_message.Message):
    __slots__ = ("code", "text")
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    code: str
    text: _case_pb2.Text
    def __init__(self, code: _Optional[str] = ..., text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ...) -> None: ...

class HandOver(_message.Message):
    __slots__ = ("disclosure", "mask", "attachment_keys", "legal_basis", "text")
    DISCLOSURE_FIELD_NUMBER: _ClassVar[int]
    MASK_FIELD_NUMBER: _ClassVar[int]
    ATTACHMENT_KEYS_FIELD_NUMBER: _ClassVar[int]
    LEGAL_BASIS_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    disclosure: _case_pb2.Case
    mask: _field_mask_pb2.FieldMask
    attachment_keys: _containers.RepeatedCompositeFieldContainer[AttachmentKey]
    legal_basis: LegalBasis
    text: _case_pb2.Text
    def __init__(self, disclosure: _Optional[_Union[_case_pb2.Case, _Mapping]] = ..., mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., attachment_keys: _Optional[_Iterable[_Union[AttachmentKey, _Mapping]]] = ..., legal_basis: _Optional[_Union[LegalBasis, _Mapping]] = ..., text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ...) -> None: ...

class CustodyTaken(_message.Message):
    __slots__ = ("local_case_number", "text")
    LOCAL_CASE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    local_case_number: str
    text: _case_pb2.Text
    def __init__(self, local_case_number: _Optional[str] = ..., text: _Optional[_Union[_case_pb2.Text, _Mapping]] = ...) -> None: ...

class EraseRequest(_message.Message):
    __slots__ = ("reason",)
    REASON_FIELD_NUMBER: _ClassVar[int]
    reason: str
    def __init__(self, reason: _Optional[str] = ...) -> None: ...

class Erased(_message.Message):
    __slots__ = ("request", "taken")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    TAKEN_FIELD_NUMBER: _ClassVar[int]
    request: int
    taken: _field_mask_pb2.FieldMask
    def __init__(self, request: _Optional[int] = ..., taken: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class EraseRefused(_message.Message):
    __slots__ = ("request", "reason")
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    request: int
    reason: str
    def __init__(self, request: _Optional[int] = ..., reason: _Optional[str] = ...) -> None: ...
