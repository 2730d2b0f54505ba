"""A case as a file for another system: the chosen part, a reason, an entry in the log.

The part is chosen by the same function as that of a referral, and starts as small. S
fields do not go this way: there is no second person here, and nobody who would have to
obey the rules that go with a referral. Nothing is handed out before the entry is durable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.cases.cases import CaseView
from node.cases.changing import check_reason
from node.exchange.context import Context
from node.forms.pfif_out import export_case
from node.forms.pfif_xml import encode_pfif
from node.store import exports
from node.store.db import Transaction
from node.store.exports import ExportRow
from protocol import suite
from protocol.disclosure import default_mask, disclose, sensitive_paths
from protocol.errors import PolicyRefusal
from protocol.log import LeafKind

PFIF: Final = "pfif"
_MASK_OF: Final = "tracing_request"
_LABEL: Final = "homeward/v1 export"
_SALT_BYTES: Final = 32
_NONCE_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An exported file; `left_out` are paths for which the form has no place."""

    data: bytes
    left_out: tuple[str, ...]
    expires_at_ms: int
    log_position: int


async def export_pfif(
    context: Context, view: CaseView, paths: Sequence[str], *, reason: str, made_by: str
) -> Exported:
    """Return what was chosen of a case as PFIF; without a choice, the minimal part.

    Raises:
        PolicyRefusal: a path never leaves, is sensitive, or is none of the dictionary.
        NodeError: reason_missing, pfif_no_name, pfif_expired. Nothing was recorded.
    """
    check_reason(reason, is_needed=True)
    chosen = tuple(paths) or default_mask(_MASK_OF)
    sensitive = sensitive_paths(chosen)
    if sensitive:
        raise PolicyRefusal(
            "sensitive_not_exported",
            f"{sensitive[0]} is sensitive and does not leave as a file",
            "a referral can carry it, when a second person agrees",
        )
    now_ms = context.clock.now_ms()
    export = export_case(
        disclose(view.case, chosen),
        case_id=view.row.case_id,
        source=context.node_id,
        changed_at_ms=view.row.made_at_ms,
        now_ms=now_ms,
    )
    data = encode_pfif(export.records)
    salt, digest = context.random(_SALT_BYTES), hashlib.sha256(data).digest()

    def job(db: Transaction) -> int:
        position = context.logbook.append(
            db,
            LeafKind.EXPORT,
            export_subject(salt, digest),
            at_ms=now_ms,
            nonce=context.random(_NONCE_BYTES),
        )
        row = ExportRow(
            log_number=context.logbook.number,
            log_position=position,
            salt=salt,
            digest=digest,
            case_id=view.row.case_id,
            case_version=view.row.version,
            form=PFIF,
            paths=" ".join(paths),
            reason=reason,
            made_by=made_by,
            at_ms=now_ms,
        )
        exports.add(db, row)
        return position

    return Exported(
        data=data,
        left_out=export.left_out,
        expires_at_ms=export.expires_at_ms,
        log_position=await context.store.write(job),
    )


def export_subject(salt: bytes, digest: bytes) -> bytes:
    """Return the subject of the EXPORT leaf for a file of this SHA-256."""
    return suite.digest(_LABEL, salt, digest)
