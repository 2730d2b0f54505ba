"""What a coded list is made of, and the codes that many lists share.

Unknown, not asked and withheld are three answers, and none of them is the same
as no answer: a list whose question can end that way includes `NO_ANSWER`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

LabelTable = Mapping[str, Mapping[str, str]]
"""Name of a list -> code -> label, in one language."""

NO_ANSWER = {"unknown": "Unknown", "not_asked": "Not asked", "withheld": "Withheld"}

FIRST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Term:
    """One code, with what people read in its place (by BCP 47 language tag).

    `since` is the version of the list that brought it. A retired code is read as
    before, and not offered for anything new.
    """

    code: str
    labels: Mapping[str, str]
    since: int = FIRST_VERSION
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One coded list."""

    name: str
    version: int
    codes: Mapping[str, Term]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a later version of a list changed about its codes."""

    version: int
    added: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


def make_vocabulary(
    name: str, labels: Mapping[str, Mapping[str, str]], changes: Iterable[Change]
) -> Vocabulary:
    """Return a list from the labels of its codes and what later versions changed.

    Raises:
        ValueError: the changes are not those of a list with these codes.
    """
    version = FIRST_VERSION
    since, retired_in = dict.fromkeys(labels, FIRST_VERSION), dict[str, int]()
    for change in changes:
        version += 1
        if change.version != version or not (change.added or change.retired):
            raise ValueError(f"{name}: a version is left out or changes nothing")
        for code in (*change.added, *change.retired):
            # A retired code stays, so that nobody takes it for something else.
            if code not in labels:
                raise ValueError(f"{name}: {code!r} is in no table")
            if since[code] != FIRST_VERSION and code in change.added:
                raise ValueError(f"{name}: {code!r} is added twice")
            if code in retired_in:
                raise ValueError(f"{name}: {code!r} is used after it was retired")
            (since if code in change.added else retired_in)[code] = version
    terms = (Term(c, of, since[c], c in retired_in) for c, of in labels.items())
    return Vocabulary(name, version, MappingProxyType({term.code: term for term in terms}))
