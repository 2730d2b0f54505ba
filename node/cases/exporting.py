"""A case as a file for another system: the chosen part, a reason, an entry in the log.

The part is chosen by the same function as that of a referral, and starts as small. S
fields do not go this way, nor special categories, data on offences or what a peer told:
there is no second person here, no legal basis, and nobody who would have to obey the rules
that go with a referral. Nothing is handed out before the entry is durable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.cases.cases import CaseView
from node.cases.changing import check_reason
from node.cases.disclosing import foreign_path
from node.exchange.context import Context
from node.forms.pfif_out import export_case
from node.forms.pfif_xml import encode_pfif
from node.store import exports
from node.store.db import Transaction
from node.store.exports import ExportRow
from protocol import suite
from protocol.disclosure import default_mask, disclose, sensitive_paths
from protocol.disclosure.classes import data_classes, is_classed
from protocol.errors import PolicyRefusal
from protocol.ids import NodeId
from protocol.log import LeafKind
from protocol.pb.homeward.v1 import case_pb2

PFIF: Final = "pfif"
NOBODY: Final = NodeId("")
"""In the place of the peer: no peer gets a file."""
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
        PolicyRefusal: a path never leaves, is sensitive, of a special class, what a peer
            told, or none of the dictionary.
        NodeError: reason_missing, pfif_no_name, pfif_expired. Nothing was recorded.
    """
    check_reason(reason, is_needed=True)
    part = _chosen_part(view, paths)
    now_ms = context.clock.now_ms()
    export = export_case(
        part,
        case_id=view.row.case_id,
        source=context.node_id,
        changed_at_ms=view.row.made_at_ms,
        now_ms=now_ms,
    )
    data = encode_pfif(export.records)
    position = await _record(
        context, view, data, paths=paths, reason=reason, made_by=made_by, now_ms=now_ms
    )
    return Exported(
        data=data,
        left_out=export.left_out,
        expires_at_ms=export.expires_at_ms,
        log_position=position,
    )


async def _record(
    context: Context,
    view: CaseView,
    data: bytes,
    *,
    paths: Sequence[str],
    reason: str,
    made_by: str,
    now_ms: int,
) -> int:
    """Record that a file is handed out, and return the position of its entry in the log."""
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

    return await context.store.write(job)


def _chosen_part(view: CaseView, paths: Sequence[str]) -> case_pb2.Case:
    chosen = tuple(paths) or [path for path in default_mask(_MASK_OF) if not is_classed(path)]
    sensitive = sensitive_paths(chosen)
    if sensitive:
        raise PolicyRefusal(
            "sensitive_not_exported",
            f"{sensitive[0]} is sensitive and does not leave as a file",
            "a referral can carry it, when a second person agrees",
        )
    part = disclose(view.case, chosen)
    if data_classes(part):
        raise PolicyRefusal(
            "special_not_exported",
            "there are special categories of data, or data on offences, in it",
            "leave these fields out; a referral can carry them, with its legal basis",
        )
    foreign = foreign_path(part, view.origins, NOBODY)
    if foreign:
        sentence = f"{foreign} has what another peer told: it does not leave as a file"
        raise PolicyRefusal("onward_sharing", sentence, "ask that peer, or leave the field out")
    return part


def export_subject(salt: bytes, digest: bytes) -> bytes:
    """Return the subject of the EXPORT leaf for a file of this SHA-256."""
    return suite.digest(_LABEL, salt, digest)
