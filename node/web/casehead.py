"""The head of a case: who it is about, and what must be known before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from node.forms.pfif_out import full_name
from node.forms.poster import age_of
from protocol.disclosure.values import local_time
from protocol.pb.homeward.v1 import case_pb2

_PICTURES = ("image/",)
_OVER = frozenset({"closed", "found_open", "duplicate"})


@dataclass(frozen=True, slots=True)
class ChildHead:
    """One child: names as they were written, age in years, sex, and whether it is missing."""

    child_id: str
    names: tuple[str, ...]
    age: str
    sex: str
    status: str
    file_id: str
    """The first photo that shows the child; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands above a case on all its pages."""

    children: tuple[ChildHead, ...]
    category: str
    status: str
    urgency: int
    risk: str
    days_missing: int | None
    is_held: bool
    is_over: bool


def head_of(case: case_pb2.Case, today: date) -> Head:
    """Return the head of a case as of a day."""
    return Head(
        children=tuple(_child(case, child, today) for child in case.children),
        category=case.category,
        status=case.status,
        urgency=case.urgency,
        risk=case.risk.level,
        days_missing=_days_missing(case, today),
        is_held=case.retention.on_hold == "yes",
        is_over=case.status in _OVER,
    )


def _child(case: case_pb2.Case, child: case_pb2.Child, today: date) -> ChildHead:
    names = tuple(dict.fromkeys(filter(None, map(full_name, child.names))))
    photos = (
        file.id
        for file in case.files
        if file.kind == "photo"
        and file.media_type.startswith(_PICTURES)
        and (not file.child_ids or child.id in file.child_ids)
    )
    return ChildHead(
        child_id=child.id,
        names=names,
        age=age_of(child, today),
        sex=child.sex,
        status=child.status,
        file_id=next(photos, ""),
    )


def _days_missing(case: case_pb2.Case, today: date) -> int | None:
    """Return for how many days the child is missing; until it was found, if it was."""
    since = _missing_since(case)
    if since is None:
        return None
    found = local_time(case.found_at) if case.found_at.at_ms else None
    if found is None and case.status in _OVER:
        return None
    days = ((found.date() if found is not None else today) - since).days
    return days if days >= 0 else None


def _missing_since(case: case_pb2.Case) -> date | None:
    seen = case.circumstances.last_seen.seen
    for moment in (seen.latest, seen.earliest, case.reported_missing_at):
        at = local_time(moment) if moment.at_ms else None
        if at is not None:
            return at.date()
    return None
