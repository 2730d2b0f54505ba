"""Whether a part of a case is what its choice says: the same question at both ends.

The part was made by `choice.disclose`, so to choose from it again by the same paths gives
all of it. What this gives less was not under the choice, or never leaves a node. Paths of
a newer dictionary are passed over, since what they chose is not read here either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

from protocol.disclosure.choice import disclose, is_local_id, sensitive_paths
from protocol.disclosure.dictionary import Share, fields, filled
from protocol.errors import PolicyRefusal
from protocol.pb.homeward.v1.case_pb2 import Case


def part_fault(part: Case, paths: Sequence[str]) -> str | None:
    """Return what is wrong with a part of a case, as a sentence about it; None if nothing is."""
    read = Case()
    read.CopyFrom(part)
    read.DiscardUnknownFields()  # type: ignore[no-untyped-call, unused-ignore]
    if _strictest(read) is Share.NEVER:
        return "has what never leaves a node"
    known: list[str] = []
    for path in paths:
        try:
            sensitive_paths([path])
        except PolicyRefusal as refusal:
            if refusal.rule != "unknown_path":
                return "has a mask that is no choice"
            continue
        known.append(path)
    if len(set(known)) != len(known):
        return "has a mask that is no choice"
    chosen = disclose(read, known, file_ids={file.id for file in read.files if file.id})
    return None if chosen == read else "has more than its mask"


def is_minimal(part: Case) -> bool:
    """Return whether nothing is in it that is not ticked by default for a transfer."""
    return _strictest(part) <= Share.MINIMAL


def has_sensitive(part: Case) -> bool:
    """Return whether there is anything in it that takes two people."""
    return _strictest(part) >= Share.SENSITIVE


def _strictest(part: Case) -> Share:
    shares = {value.path: _shares()[value.path] for value in filled(part)}
    # Local ids go along with anything of their element, but with nothing that never leaves.
    own = (share for path, share in shares.items() if share is Share.NEVER or not is_local_id(path))
    return max(own, default=Share.ENVELOPE)


@cache
def _shares() -> Mapping[str, Share]:
    return MappingProxyType({info.path: info.share for info in fields(Case)})
