"""What a coded list is made of, and the codes that many lists share.

Unknown, not asked and withheld are three answers, and none of them is the same
as no answer: a list whose question can end that way includes `NO_ANSWER`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LabelTable = Mapping[str, Mapping[str, str]]
"""Name of a list -> code -> label, in one language."""

NO_ANSWER = {"unknown": "Unknown", "not_asked": "Not asked", "withheld": "Withheld"}


@dataclass(frozen=True, slots=True)
class Term:
    """One code, with what people read in its place (by BCP 47 language tag)."""

    code: str
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One coded list."""

    name: str
    version: int
    codes: Mapping[str, Term]
