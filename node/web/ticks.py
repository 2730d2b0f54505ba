"""What of a case can be ticked to go, in groups, and what is ticked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from node.commands.arguments import Answer
from node.web.labels import Gettext, english_label
from protocol.disclosure import Share, fields
from protocol.pb.homeward.v1 import case_pb2

_IDS = frozenset({"id", "child_id", "child_ids", "person_id"})
_FILES = "files"
_SHARES: Mapping[str, Share] = MappingProxyType(
    {info.path: info.share for info in fields(case_pb2.Case)}
)


@dataclass(frozen=True, slots=True)
class Tick:
    """A field that can be chosen."""

    path: str
    label: str
    value: str
    is_sensitive: bool
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class TickGroup:
    """Fields that belong together, and can be ticked together."""

    name: str
    title: str
    ticks: tuple[Tick, ...]

    @property
    def is_ticked(self) -> bool:
        """Whether all of them are."""
        return all(tick.is_ticked for tick in self.ticks)


def tick_groups(
    rows: Sequence[Answer], chosen: Collection[str], gettext: Gettext
) -> list[TickGroup]:
    """Return what of these rows of a case can go: fields that hold something, by path."""
    values: dict[str, list[str]] = {}
    for row in rows:
        path = row["path"]
        is_left_out = path.rpartition(".")[2] in _IDS or path.partition(".")[0] == _FILES
        if not is_left_out and _SHARES.get(path, Share.NEVER) is not Share.NEVER:
            values.setdefault(path, []).append(row["text"])
    groups: dict[str, list[Tick]] = {}
    for path, texts in values.items():
        above, _, last = path.rpartition(".")
        tick = Tick(
            path=path,
            label=gettext(english_label(last)),
            value=", ".join(dict.fromkeys(texts)),
            is_sensitive=_SHARES[path] is Share.SENSITIVE,
            is_ticked=path in chosen or any(path.startswith(f"{one}.") for one in chosen),
        )
        groups.setdefault(above, []).append(tick)
    return [
        TickGroup(name or "case", _title(name, gettext), tuple(ticks))
        for name, ticks in groups.items()
    ]


def changed_ticks(groups: Sequence[TickGroup], wish: str) -> list[str]:
    """Return what is ticked after "all GROUP" or "none GROUP": all but what is sensitive."""
    way, _, name = wish.partition(" ")
    ticked = []
    for group in groups:
        for tick in group.ticks:
            is_ticked = tick.is_ticked
            if group.name == name:
                is_ticked = way == "all" and (tick.is_ticked or not tick.is_sensitive)
            ticked += [tick.path] if is_ticked else []
    return ticked


def file_kinds(rows: Sequence[Answer]) -> dict[str, str]:
    """Return by id what kind the files of a case are, from its rows."""
    kinds = {}
    for row in rows:
        if row["path"] == "files.kind":
            kinds[row["place"].partition("[")[2].partition("]")[0]] = row["text"]
    return kinds


def _title(above: str, gettext: Gettext) -> str:
    names = [gettext(english_label(name)) for name in above.split(".") if name]
    return " / ".join(names) or gettext("Case")
