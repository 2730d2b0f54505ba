"""From a case and a choice to a referral: what goes out, why, and nothing else.

The referral that is previewed is the referral that is sent: there is one function
and no second path. What the choice lacks (a purpose, a legal basis, the word on the
police) is refused with the rule's name before anything is queued.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from node.cases.cases import CaseView
from protocol import limits
from protocol.disclosure import default_mask, disclose, sensitive_paths
from protocol.errors import PolicyRefusal
from protocol.exchange.patterns import KINDS
from protocol.pb.homeward.v1 import message_pb2
from protocol.vocabulary import is_known

_CODED = (
    ("purpose", "purpose"),
    ("art6_basis", "art6_basis"),
    ("police_informed", "police_informed"),
)
# What people decide of the legal basis; the ground of the transfer is the member's.
_LEGAL_BASIS = (
    "purpose", "art6_basis", "art9_condition", "art10_basis", "police_informed",
    "art49_derogation",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a caseworker decides for one referral.

    `paths` are FieldMask paths over Case; none means the default of the kind.
    Times are milliseconds since 1970-01-01 UTC.
    """

    kind: str
    urgency: int
    ask: str
    language: str
    purpose: str
    art6_basis: str
    police_informed: str
    art9_condition: str = ""
    art10_basis: str = ""
    art49_derogation: str = ""
    paths: tuple[str, ...] = ()
    file_ids: tuple[str, ...] = ()
    reply_by_ms: int
    expires_at_ms: int


def compose_referral(view: CaseView, choice: Choice, *, now_ms: int) -> message_pb2.Referral:
    """Return the referral that this choice makes of the case.

    Raises:
        PolicyRefusal: a rule is not met, or a path is not one of the dictionary.
    """
    _check(choice, now_ms)
    paths = choice.paths or default_mask(choice.kind)
    if choice.file_ids and "files" not in paths:
        paths = (*paths, "files")
    check_sensitive(paths)
    referral = message_pb2.Referral(
        kind=choice.kind,
        urgency=choice.urgency,
        reply_by_ms=choice.reply_by_ms,
        expires_at_ms=choice.expires_at_ms,
        disclosure=disclose(view.case, paths, file_ids=choice.file_ids),
        attachment_keys=attachment_keys(view, choice.file_ids),
    )
    referral.ask.text, referral.ask.language = choice.ask, choice.language
    referral.mask.paths.extend(paths)
    for field in _LEGAL_BASIS:
        setattr(referral.legal_basis, field, getattr(choice, field))
    return referral


def _check(choice: Choice, now_ms: int) -> None:
    if choice.kind not in KINDS:
        raise PolicyRefusal("unknown_kind", f"this version sends: {', '.join(KINDS)}")
    if not 1 <= choice.urgency <= 4:
        raise PolicyRefusal("urgency_range", "urgency is 1 (life at risk) to 4 (low)")
    if not choice.ask.strip():
        raise PolicyRefusal("ask_missing", "a referral says in one sentence what is asked")
    if len(choice.ask) > limits.TEXT_CHARACTERS:
        raise PolicyRefusal("ask_too_long", "the ask is too long")
    for field, vocabulary in _CODED:
        if not is_known(vocabulary, getattr(choice, field)):
            raise PolicyRefusal(f"{field}_missing", f"{field} must be a code of its list")
    if not now_ms < choice.expires_at_ms <= now_ms + limits.LEG_LIFETIME_MS:
        raise PolicyRefusal("expiry_range", "a referral expires within two years")
    if not now_ms < choice.reply_by_ms <= choice.expires_at_ms:
        raise PolicyRefusal("reply_by_range", "the reply is due before the referral expires")


def check_sensitive(paths: Sequence[str]) -> None:
    """Refuse what this version cannot let go yet.

    Raises:
        PolicyRefusal: second_person_needed, or as `disclose`.
    """
    sensitive = sensitive_paths(paths)
    if sensitive:
        raise PolicyRefusal(
            "second_person_needed",
            f"{sensitive[0]} is sensitive: it needs a reason and a second person, "
            "which this version cannot record yet",
        )


def attachment_keys(view: CaseView, file_ids: Collection[str]) -> list[message_pb2.AttachmentKey]:
    """Return what opens the chosen files of a case.

    Raises:
        PolicyRefusal: unknown_file or too_many_files.
    """
    known = {file.file_id: file for file in view.files}
    unknown = [file_id for file_id in file_ids if file_id not in known]
    if unknown:
        raise PolicyRefusal("unknown_file", "the case has no such file")
    if len(file_ids) > limits.ATTACHMENTS_PER_ENVELOPE:
        raise PolicyRefusal("too_many_files", "too many files for one referral")
    return [
        message_pb2.AttachmentKey(
            blob_id=file.blob_id,
            key=file.key,
            file_id=file.file_id,
            media_type=file.media_type,
            size=file.size,
            digest=file.digest,
        )
        for file in (known[file_id] for file_id in file_ids)
    ]
