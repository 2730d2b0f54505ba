"""What an audit of a bundle came to: a verdict for each claim, and why.

The codes are stable, for programs and for translated pages; the sentences are for
people and hold no personal data: fixed words, and the name of a refusal code. The
JSON of a report is the same for the same findings, byte for byte.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from protocol.bundle import canonical_json

FORMAT: Final = "homeward-evidence-report/1"
EXIT_UNUSABLE: Final = 3


class Verdict(enum.StrEnum):
    """What became of a claim, or of the exchange as a whole."""

    PROVEN = "proven"
    CONTRADICTED = "contradicted"
    NOT_PROVEN = "not_proven"
    NOT_INCLUDED = "not_included"


_EXIT_CODES: Final = MappingProxyType(
    {Verdict.PROVEN: 0, Verdict.CONTRADICTED: 1, Verdict.NOT_PROVEN: 2}
)


class Claim(enum.StrEnum):
    """What a bundle can be evidence of, in the order of a report."""

    SENT = "sent"
    RECEIVED = "received"
    ATTACHMENTS = "attachments"
    SEALED = "sealed_to_recipient"
    SENDER_DESCRIPTOR = "sender_descriptor"
    CONTENT = "content"


_HOLDS: Final = MappingProxyType(
    {
        Claim.SENT: "the sender's log holds this envelope",
        Claim.RECEIVED: "the recipient's log acknowledges this envelope",
        Claim.ATTACHMENTS: "the recipient's log acknowledges all of its attachments",
        Claim.SEALED: "the envelope names an encryption key that the recipient had published",
        Claim.SENDER_DESCRIPTOR: "the sender's log holds the descriptor that was in force",
        Claim.CONTENT: "the content is what the envelope commits to",
    }
)


class Reason(enum.StrEnum):
    """Why a claim is not proven, or contradicted."""

    # contradicted
    WRONG_FEDERATION = "wrong_federation"
    WRONG_LOG = "wrong_log"
    LEAF_MISMATCH = "leaf_mismatch"
    INCLUSION_FAILED = "inclusion_failed"
    CHECKPOINT_MALFORMED = "checkpoint_malformed"
    SIGNATURE_INVALID = "signature_invalid"
    REFUSED = "refused"
    DESCRIPTOR_MISMATCH = "descriptor_mismatch"
    EPOCH_NOT_PUBLISHED = "epoch_not_published"
    COMMITMENT_MISMATCH = "commitment_mismatch"
    # not proven
    NO_RECEIPT = "no_receipt"
    NO_ATTACHMENTS_RECEIPT = "no_attachments_receipt"
    NO_DESCRIPTOR = "no_descriptor"
    UNKNOWN_LOG_KEY = "unknown_log_key"
    NOT_DATED = "not_dated"
    SIGNATURE_MISSING = "signature_missing"
    FROM_THE_FUTURE = "from_the_future"
    TIMES_IMPLAUSIBLE = "times_implausible"
    DESCRIPTOR_NOT_IN_FORCE = "descriptor_not_in_force"
    EPOCH_NOT_IN_FORCE = "epoch_not_in_force"
    ENVELOPE_NOT_PROVEN = "envelope_not_proven"
    # not included
    CONTENT_NOT_INCLUDED = "content_not_included"


_CONTRADICTED, _OPEN = Verdict.CONTRADICTED, Verdict.NOT_PROVEN
_REASONS: Final[Mapping[Reason, tuple[Verdict, str]]] = MappingProxyType(
    {
        Reason.WRONG_FEDERATION: (_CONTRADICTED, "the envelope belongs to another federation"),
        Reason.WRONG_LOG: (
            _CONTRADICTED,
            "the proof is from another log than the one it should be from",
        ),
        Reason.LEAF_MISMATCH: (_CONTRADICTED, "the log entry is about something else"),
        Reason.INCLUSION_FAILED: (_CONTRADICTED, "the log does not hold the entry"),
        Reason.CHECKPOINT_MALFORMED: (_CONTRADICTED, "the log's checkpoint is ambiguous"),
        Reason.SIGNATURE_INVALID: (_CONTRADICTED, "a signature on the checkpoint is wrong"),
        Reason.REFUSED: (_CONTRADICTED, "the recipient's log says that it refused the envelope"),
        Reason.DESCRIPTOR_MISMATCH: (_CONTRADICTED, "the descriptor is of another node"),
        Reason.EPOCH_NOT_PUBLISHED: (
            _CONTRADICTED,
            "the recipient's descriptor does not hold the encryption key",
        ),
        Reason.COMMITMENT_MISMATCH: (
            _CONTRADICTED,
            "the content is not what the envelope commits to",
        ),
        Reason.NO_RECEIPT: (_OPEN, "the bundle holds no answer of the recipient"),
        Reason.NO_ATTACHMENTS_RECEIPT: (_OPEN, "the bundle holds no receipt for the attachments"),
        Reason.NO_DESCRIPTOR: (_OPEN, "the bundle does not hold the recipient's descriptor"),
        Reason.UNKNOWN_LOG_KEY: (_OPEN, "the directory knows no key of this log good at that time"),
        Reason.NOT_DATED: (
            _OPEN,
            "the key was stolen later, and no other log shows that the entry is older",
        ),
        Reason.SIGNATURE_MISSING: (_OPEN, "a signature of the log on its checkpoint is missing"),
        Reason.FROM_THE_FUTURE: (_OPEN, "it is dated later than the time of this audit"),
        Reason.TIMES_IMPLAUSIBLE: (_OPEN, "it is dated earlier than what it follows"),
        Reason.DESCRIPTOR_NOT_IN_FORCE: (_OPEN, "the descriptor was not in force at that time"),
        Reason.EPOCH_NOT_IN_FORCE: (_OPEN, "the encryption key was not in use at that time"),
        Reason.ENVELOPE_NOT_PROVEN: (_OPEN, "the envelope itself is not proven"),
        Reason.CONTENT_NOT_INCLUDED: (
            Verdict.NOT_INCLUDED,
            "the bundle is valid without the content, which was erased or is withheld",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim, its verdict, and why."""

    claim: Claim
    verdict: Verdict
    code: str
    sentence: str


class Doubt(Exception):
    """Raised by a check whose claim does not hold; becomes its `Finding`."""

    def __init__(self, verdict: Verdict, code: str, sentence: str) -> None:
        super().__init__(code)
        self.verdict = verdict
        self.code = code
        self.sentence = sentence

    @classmethod
    def of(cls, reason: Reason, detail: str = "") -> Doubt:
        """Make the doubt that a reason stands for."""
        verdict, sentence = _REASONS[reason]
        return cls(verdict, reason.value, f"{sentence} ({detail})" if detail else sentence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of an audit.

    `statement` is what the bundle says of itself; only the findings say what of it
    holds. The directory is None where none could be trusted.
    """

    statement: Mapping[str, str | int]
    findings: tuple[Finding, ...]
    at_ms: int
    directory_version: int | None
    directory_expires_at_ms: int | None

    @property
    def verdict(self) -> Verdict:
        """Proven: sent, received, and with its attachments if it has any."""
        verdicts = {finding.claim: finding.verdict for finding in self.findings}
        if Verdict.CONTRADICTED in verdicts.values():
            return Verdict.CONTRADICTED
        needed = {Claim.SENT, Claim.RECEIVED} | ({Claim.ATTACHMENTS} & verdicts.keys())
        is_proven = all(verdicts.get(claim) is Verdict.PROVEN for claim in needed)
        return Verdict.PROVEN if is_proven else Verdict.NOT_PROVEN

    @property
    def exit_code(self) -> int:
        """0 proven, 1 contradicted, 2 not proven; `EXIT_UNUSABLE` is for no report."""
        return _EXIT_CODES[self.verdict]

    def finding(self, claim: Claim) -> Finding | None:
        """Return the finding for a claim; None where the bundle does not make it."""
        return next((f for f in self.findings if f.claim is claim), None)

    def to_json(self) -> str:
        """Return the report as one line of JSON."""
        directory = None
        if self.directory_version is not None:
            directory = {
                "expires_at_ms": self.directory_expires_at_ms,
                "version": self.directory_version,
            }
        claims = [
            {"claim": f.claim, "code": f.code, "sentence": f.sentence, "verdict": f.verdict}
            for f in self.findings
        ]
        report = {
            "at_ms": self.at_ms,
            "claims": claims,
            "directory": directory,
            "exit_code": self.exit_code,
            "format": FORMAT,
            "statement": dict(self.statement),
            "verdict": self.verdict,
        }
        return canonical_json(report).decode("ascii")


def proven(claim: Claim) -> Finding:
    """Return the finding for a claim that holds."""
    return Finding(claim, Verdict.PROVEN, Verdict.PROVEN.value, _HOLDS[claim])


def doubted(claim: Claim, doubt: Doubt) -> Finding:
    """Return the finding for a claim that does not hold."""
    return Finding(claim, doubt.verdict, doubt.code, doubt.sentence)
