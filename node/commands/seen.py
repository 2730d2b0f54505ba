"""Which commands show somebody a case, or what a referral says: they go into the access trail.

Of a list one row says that it was looked at, with how many; of a search also each case that
was found, since a hit shows the child's name. Who it was is `made_by`; a command line that
does not say so is the computer itself. What reads a list to show something else says
`is_part`: what it shows is noted by itself.
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


def _count(name: str) -> Callable[[Arguments, Answer], tuple[int, str]]:
    return lambda _arguments, answer: (len(answer[name]), "")


def _search(arguments: Arguments, answer: Answer) -> tuple[int, str]:
    query = arguments.text("query")
    is_number = any(each.isdigit() for each in query)
    return len(answer["hits"]), "number" if is_number or "@" in query else "name"


def _desk(_arguments: Arguments, answer: Answer) -> tuple[int, str]:
    return sum(len(each["tasks"]) for each in answer["sections"]), ""


LISTING: Mapping[str, Callable[[Arguments, Answer], tuple[int, str]]] = MappingProxyType(
    {
        "case.list": _count("cases"),
        "case.retention": _count("cases"),
        "case.search": _search,
        "node.digest": _count("steps"),
        "referral.approvals": _count("approvals"),
        "referral.due": _desk,
        "referral.list": _count("referrals"),
    }
)
"""Which of them show a list: how many are on it, and what it was searched by."""

SHOWING: Mapping[str, Subjects] = MappingProxyType(
    {
        "audit.evidence": _content,
        "case.export": _case,
        "case.file": _case,
        "case.flags": _case,
        "case.hague": _case,
        "case.history": _case,
        "case.holders": _case,
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
        "referral.step_unmet": _both,
        # Who says that the peer was told what is in it knows what that was.
        "referral.told": _leg,
        "referral.unmet": _case,
    }
)
"""What each of them has shown, as ids, from its arguments and its answer."""


async def note_seen(core: Core, name: str, arguments: Arguments, answer: Answer) -> None:
    """Write down who is about to see this answer, if it shows anything."""
    who = arguments.text("made_by", "")
    listing, subjects = LISTING.get(name), SHOWING.get(name)
    if listing is not None and not arguments.flag("is_part"):
        count, what = listing(arguments, answer)
        await core.accesses.note_list(who, name, count=count, what=what)
    if subjects is not None:
        await core.accesses.note(who, name, list(subjects(arguments, answer)))
