"""What can be wrong with bytes from elsewhere, each with a stable code.

`PeerError` is the peer's fault and carries a `RefusalCode`, which goes on the
wire, into the log leaf and into test vectors: a number never changes its
meaning and is never used again. `PolicyRefusal` is for what is well formed but
not permitted, and names the rule. Misuse by our own code is `ValueError` or
`RuntimeError`, never one of these. No message here holds a field's value.
"""

from __future__ import annotations

import enum


class RefusalCode(enum.IntEnum):
    """Why a node did not take something (SPEC.md section 9); u16 on the wire."""

    # 100: the bytes themselves
    TOO_LARGE = 101
    TRUNCATED = 102
    TRAILING_BYTES = 103
    DUPLICATE_FIELD = 104
    UNORDERED_FIELD = 105
    UNKNOWN_FIELD = 106
    NOT_MINIMAL = 107
    WRONG_WIRE_TYPE = 108
    INVALID_VALUE = 109
    UNSUPPORTED_VERSION = 110
    # 200: who speaks to whom
    WRONG_FEDERATION = 201
    WRONG_RECIPIENT = 202
    UNKNOWN_SENDER = 203
    REVOKED_SENDER = 204
    UNKNOWN_LOG_KEY = 205
    UNKNOWN_EPOCH = 206
    # 300: the proof
    LEAF_MALFORMED = 301
    LEAF_MISMATCH = 302
    INCLUSION_FAILED = 303
    CHECKPOINT_MALFORMED = 304
    WRONG_LOG = 305
    SIGNATURE_MISSING = 306
    SIGNATURE_INVALID = 307
    # 400: time
    EXPIRED = 401
    FROM_THE_FUTURE = 402
    LIFETIME_TOO_LONG = 403
    REPLAYED = 404
    # 500: the sealed content
    CANNOT_OPEN = 501
    COMMITMENT_MISMATCH = 502
    PAYLOAD_INVALID = 503
    SIZE_CLASS_MISMATCH = 504
    CONSENT_EXPIRED = 505
    # 600: the leg
    UNKNOWN_LEG = 601
    STEP_OUT_OF_ORDER = 602
    ILLEGAL_STEP = 603
    MESSAGE_ID_REUSED = 604
    UNKNOWN_KIND = 605
    # 700: attachments
    BLOB_NOT_ANNOUNCED = 701
    BLOB_OFFSET = 702
    BLOB_TOO_LONG = 703
    BLOB_TOO_SHORT = 704
    BLOB_DIGEST = 705
    # 800: short-lived requests
    REQUEST_SIGNATURE = 801
    REQUEST_EXPIRED = 802
    # 900: not now
    BUSY = 901
    STORAGE_FULL = 902


# After these the sender tries again by itself; every other code is final. Those about
# the proof are here because an envelope's id does not cover its proof: whoever spoils
# it on the way gets a signed refusal of the honest envelope, which must not end it.
TRANSIENT_CODES = frozenset(
    {
        RefusalCode.LEAF_MALFORMED,
        RefusalCode.LEAF_MISMATCH,
        RefusalCode.INCLUSION_FAILED,
        RefusalCode.CHECKPOINT_MALFORMED,
        RefusalCode.WRONG_LOG,
        RefusalCode.SIGNATURE_MISSING,
        RefusalCode.SIGNATURE_INVALID,
        RefusalCode.UNKNOWN_SENDER,
        RefusalCode.UNKNOWN_LOG_KEY,
        RefusalCode.UNKNOWN_EPOCH,
        RefusalCode.FROM_THE_FUTURE,
        RefusalCode.STEP_OUT_OF_ORDER,
        RefusalCode.BUSY,
        RefusalCode.STORAGE_FULL,
    }
)


class ProtocolError(Exception):
    """Root of what this package raises about data that is not its own."""


class PeerError(ProtocolError):
    """The peer sent something that is not allowed.

    `detail` is for the local operator's log only and never leaves the node.
    """

    def __init__(self, code: RefusalCode, detail: str = "") -> None:
        super().__init__(f"{code.name.lower()}: {detail}" if detail else code.name.lower())
        self.code = code
        self.detail = detail


class PolicyRefusal(ProtocolError):
    """Well formed, but not permitted; `rule` is the stable name of the rule."""

    def __init__(self, rule: str, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.rule = rule
        self.sentence = sentence
        self.hint = hint
