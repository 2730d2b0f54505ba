"""The chosen part of a case: a new Case that holds what was ticked and no more.

A choice is a list of paths into Case ("children.names.given"); a path that passes
a repeated field means it in each element. Rules:

- What no path reaches does not exist in the result. Nothing is removed from a
  copy; the result is built up from nothing, field by field of the dictionary, so
  fields that this version does not know cannot come along.
- N never goes. A path that names it, or something in it, is refused.
- A ticked group takes its E, M and O fields along. An S field or group goes only
  when a path names it, or something in it.
- The local ids of an element (its own, and those of the children it is about) go
  wherever anything of it goes. Groups in which nothing is left do not exist.
- A file's entry goes only when that file is chosen by its id as well.

Who may tick S fields, and for which reason, is left to the node.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar, cast

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from protocol.disclosure.dictionary import (
    Share,
    Value,
    fields,
    filled,
    is_leaf,
    share_of,
)
from protocol.errors import PolicyRefusal
from protocol.pb.homeward.v1.case_pb2 import Case, CaseFile

_M = TypeVar("_M", bound=Message)

_PATH = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*")
_LOCAL_IDS = ("id", "child_id", "child_ids")
_WISHES = "child_wishes."

# How far the default choice goes. Kinds that search for a child say who it is; the
# others begin with what kind of case it is, and people add to that (GDPR Art. 25).
_DEFAULT_REACH: Mapping[str, Share] = MappingProxyType(
    {
        "alert": Share.MINIMAL,
        "tracing_request": Share.MINIMAL,
        "transfer": Share.MINIMAL,
        "sighting": Share.MINIMAL,
        "reunification": Share.MINIMAL,
        "info_request": Share.ENVELOPE,
        "found_notice": Share.ENVELOPE,
    }
)
_NO_CASE = frozenset({"statistic"})


@dataclass(slots=True)
class _Ticks:
    """What is ticked at one field and below it."""

    is_ticked: bool = False
    below: dict[str, _Ticks] = field(default_factory=dict)


def disclose(case: Case, paths: Sequence[str], *, file_ids: Collection[str] = ()) -> Case:
    """Return a new Case that holds what was chosen; see the rules of this module.

    Raises:
        PolicyRefusal: "malformed_path", "duplicate_path", "unknown_path" or
            "never_leaves" for a path; "unknown_file" for an id that no file has.
    """
    ticks = _ticks(paths)
    chosen_files = frozenset(file_ids)
    if chosen_files - {file.id for file in case.files if file.id}:
        raise PolicyRefusal("unknown_file", "the case has no file with one of the chosen ids")
    return _part(case, ticks, chosen_files)


def default_mask(kind: str) -> tuple[str, ...]:
    """Return the leaf paths that are ticked at first for a kind of referral.

    What the child wants known goes with every kind that concerns a child. Local ids
    are left out: they go along by themselves.
    """
    if kind in _NO_CASE:
        return ()
    # A kind of a newer list starts as small as the smallest that we know.
    reach = _DEFAULT_REACH.get(kind, Share.ENVELOPE)
    return tuple(
        info.path
        for info in fields(Case)
        if not info.is_group
        and not is_local_id(info.path)
        and info.share <= (Share.MINIMAL if info.path.startswith(_WISHES) else reach)
    )


def sensitive_paths(paths: Sequence[str]) -> tuple[str, ...]:
    """Return those of the paths that make S fields go, in their order.

    Raises:
        PolicyRefusal: as for `disclose`.
    """
    _ticks(paths)
    return tuple(path for path in paths if Share.SENSITIVE in map(share_of, _way(path)))


def ticked_count(case: Case, paths: Sequence[str]) -> tuple[int, int]:
    """Return how many of the filled fields are ticked, and how many could be.

    A field counts once however many elements have it; local ids and what never
    leaves do not count. All files count as chosen.
    """
    everything = [info.path for info in fields(Case) if info.share < Share.NEVER]
    file_ids = {file.id for file in case.files if file.id}
    return (
        _count(disclose(case, paths, file_ids=file_ids)),
        _count(disclose(case, everything, file_ids=file_ids)),
    )


def _count(case: Case) -> int:
    return len({value.path for value in filled(case) if not is_local_id(value.path)})


def is_local_id(path: str) -> bool:
    """Return whether a path names an id that goes along with anything of its element."""
    return path.rpartition(".")[2] in _LOCAL_IDS


def _ticks(paths: Sequence[str]) -> _Ticks:
    """Return the paths as a tree, after checking each."""
    root = _Ticks()
    if len(set(paths)) != len(paths):
        raise PolicyRefusal("duplicate_path", "a path is named twice")
    for path in paths:
        if Share.NEVER in map(share_of, _way(path)):
            raise PolicyRefusal("never_leaves", f"{path} never leaves the node")
        ticks = root
        for name in path.split("."):
            ticks = ticks.below.setdefault(name, _Ticks())
        ticks.is_ticked = True
    return root


def _way(path: str) -> list[FieldDescriptor]:
    """Return the fields that a path passes, from Case to its end.

    The sentences do not repeat the path: a peer could have written a name there.
    """
    if not _PATH.fullmatch(path):
        raise PolicyRefusal("malformed_path", "a path is not of the form field.field")
    way: list[FieldDescriptor] = []
    descriptor: Descriptor | None = cast(Descriptor, Case.DESCRIPTOR)
    for name in path.split("."):
        if descriptor is None or name not in descriptor.fields_by_name:
            raise PolicyRefusal("unknown_path", "a path names no field of the dictionary")
        way.append(descriptor.fields_by_name[name])
        descriptor = None if is_leaf(way[-1]) else way[-1].message_type
    return way


def _part(source: _M, ticks: _Ticks, file_ids: frozenset[str]) -> _M:
    """Return a new message of the same type with what is ticked of `source`."""
    part = type(source)()
    # ListFields leaves out what the dictionary does not know.
    for descriptor, held in source.ListFields():
        below = _passed_on(ticks, descriptor)
        if below is not None:
            for value in held if descriptor.is_repeated else (held,):
                _put(part, descriptor, _chosen(value, below, file_ids))
    if part.ListFields():
        _put_local_ids(part, source)
    return part


def _passed_on(ticks: _Ticks, descriptor: FieldDescriptor) -> _Ticks | None:
    """Return what is ticked below a field; None when the field stays here."""
    share = share_of(descriptor)
    if share is Share.NEVER:
        # No path can name it (see `_ticks`); this holds even if one did.
        return None
    named = ticks.below.get(descriptor.name)
    if ticks.is_ticked and share < Share.SENSITIVE:
        return _Ticks(is_ticked=True, below=named.below if named else {})
    return named


def _chosen(value: Value, ticks: _Ticks, file_ids: frozenset[str]) -> Value | None:
    """Return a value as it goes; None when nothing of it goes."""
    if not isinstance(value, Message):
        return value
    if isinstance(value, CaseFile) and value.id not in file_ids:
        return None
    part = _part(value, ticks, file_ids)
    return part if part.ListFields() else None


def _put(target: Message, descriptor: FieldDescriptor, value: Value | None) -> None:
    if value is None:
        return
    if descriptor.is_repeated:
        getattr(target, descriptor.name).append(value)
    elif isinstance(value, Message):
        getattr(target, descriptor.name).CopyFrom(value)
    else:
        setattr(target, descriptor.name, value)


def _put_local_ids(target: Message, source: Message) -> None:
    for name in _LOCAL_IDS:
        descriptor = source.DESCRIPTOR.fields_by_name.get(name)
        if descriptor is None:
            continue
        held = getattr(source, name)
        if descriptor.is_repeated:
            del getattr(target, name)[:]
            getattr(target, name).extend(held)
        else:
            setattr(target, name, held)
