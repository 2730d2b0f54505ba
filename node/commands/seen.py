"""Which commands show somebody a case, or what a referral says: they go into the access trail.

Lists that show only heads (ids, kinds, states) do not count. Who it was is `made_by`; a
command line that does not say so is the computer itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from node.app import Core
from node.commands.arguments import Answer, Arguments

Subjects = Callable[[Arguments, Answer], Iterable[str]]


def _case(_arguments: Arguments, answer: Answer) -> Iterable[str]:
    return [answer["case_id"]] if answer["case_id"] else []


def _leg(_arguments: Arguments, answer: Answer) -> Iterable[str]:
    return [answer["leg"]]


def _both(_arguments: Arguments, answer: Answer) -> Iterable[str]:
    return [each for each in (answer["case_id"], answer["leg"]) if each]


def _hits(_arguments: Arguments, answer: Answer) -> Iterable[str]:
    return [hit["case_id"] for hit in answer["hits"]]


def _content(arguments: Arguments, answer: Answer) -> Iterable[str]:
    return [answer["leg"]] if arguments.number("with_content", 0) else []


def _previews(_arguments: Arguments, answer: Answer) -> Iterable[str]:
    return dict.fromkeys(each["case_id"] for each in answer["previews"] if each["case_id"])


SHOWING: Mapping[str, Subjects] = MappingProxyType(
    {
        "audit.evidence": _content,
        "case.export": _case,
        "case.file": _case,
        "case.flags": _case,
        "case.hague": _case,
        "case.history": _case,
        "case.poster": _case,
        "case.yellow": _case,
        "case.search": _hits,
        "case.show": _case,
        "case.take_preview": _both,
        "referral.approval": _case,
        "referral.file": _leg,
        "referral.files": _leg,
        "referral.preview": _case,
        "referral.previews": _previews,
        "referral.show": _leg,
        "referral.step_preview": _both,
    }
)
"""What each of them has shown, as ids, from its arguments and its answer."""


async def note_seen(core: Core, name: str, arguments: Arguments, answer: Answer) -> None:
    """Write down who is about to see this answer, if it shows anything."""
    subjects = SHOWING.get(name)
    if subjects is not None:
        who = arguments.text("made_by", "")
        await core.accesses.note(who, name, list(subjects(arguments, answer)))
