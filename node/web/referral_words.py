"""What templates say about referrals: kinds, languages, countries, rules, the other side's copy."""

from __future__ import annotations

import re
from collections.abc import Sequence

from babel import Locale
from babel.numbers import format_decimal
from jinja2 import pass_context
from jinja2.runtime import Context

from node.commands.arguments import Answer
from node.federation.hours import AROUND_THE_CLOCK, DAYS
from node.store.tellings import WAYS
from node.web.labels import Gettext, by_code, gettext_of
from node.web.refusal_words import rule_words
from protocol.ids import NodeId
from protocol.policy import OVERRIDABLE

_DAY = re.compile("|".join(DAYS))


@pass_context
def kind_sentence(context: Context, kind: str) -> str:
    """Return in one sentence what a kind of referral is for."""
    _ = gettext_of(context)
    sentences = {
        "info_request": _("You ask something. The case stays with you, and little of it goes."),
        "alert": _("Look out for this child. You can send it to several at once."),
        "tracing_request": _("Find this child. They search, and tell you how it ended."),
        "transfer": _("They shall lead the case from now on. The file goes when they accept."),
        "sighting": _("Somebody may have seen a child whose case they lead. You tell them."),
        "reunification": _("They help the child or the family: support, the way home."),
    }
    return sentences.get(kind, "")


@pass_context
def language_words(context: Context, tag: str) -> str:
    """Return what a language is called in the reader's; the tag itself where nobody knows."""
    names = Locale.parse(str(context["language"])).languages
    return str(names.get(tag.partition("-")[0].lower(), tag))


@pass_context
def peer_words(context: Context, node_id: str) -> str:
    """Return what a member calls itself; its id where the directory has no name for it."""
    member = context["visit"].core.context.trust.directory.member(NodeId(node_id))
    return str(node_id) if member is None else str(member.legal_name)


@by_code
def event_words(_: Gettext, step: str) -> str:
    """Return what a step is called once it has happened."""
    words = {
        "referral": _("Referred"),
        "claim": _("Claimed"),
        "accept": _("Accepted"),
        "decline": _("Declined"),
        "redirect": _("Redirected"),
        "ask": _("Question"),
        "answer": _("Answer"),
        "note": _("Note"),
        "outcome": _("Outcome reported"),
        "confirm": _("Outcome confirmed"),
        "dispute": _("Outcome disputed"),
        "withdraw": _("Withdrawn"),
        "confirm_cancel": _("Cancellation confirmed"),
        "acknowledge": _("Acknowledged"),
        "disposition": _("What became of it"),
        "hand_over": _("File handed over"),
        "custody_taken": _("File received"),
    }
    return words.get(step, step)


@pass_context
def country_words(context: Context, code: str) -> str:
    """Return what a country is called in the reader's language."""
    return str(Locale.parse(str(context["language"])).territories.get(code.upper(), code))


@pass_context
def hours_words(context: Context, hours: str) -> str:
    """Return the hours of a week ("mo-fr 09:00-17:00") with days as the reader calls them."""
    if hours == AROUND_THE_CLOCK:
        _ = gettext_of(context)
        return _("day and night")
    names = Locale.parse(str(context["language"])).days["format"]["abbreviated"]
    return _DAY.sub(lambda found: str(names[DAYS.index(found[0])]), hours)


@pass_context
def transfer_words(context: Context, basis: str) -> str:
    """Return on which ground something goes to this country; nothing within the EEA."""
    _ = gettext_of(context)
    words = {
        "adequacy": _("outside the EEA, with a decision that data is well protected there"),
        "safeguards": _("outside the EEA, with an agreement that protects the data"),
        "derogation": _("outside the EEA, only because of the exception that you named"),
    }
    return words.get(basis, "")


@pass_context
def rule_of(context: Context, code: str) -> str:
    """Return a rule that is not met, in words."""
    return rule_words(code, gettext_of(context)) or code


@pass_context
def refused_words(context: Context, refusal: Answer) -> str:
    """Return why it may not go to one of several; the node's own sentence where none is here."""
    sentence = str(refusal["sentence"])
    return (
        rule_words(str(refusal["code"]), gettext_of(context))
        or f"{sentence[:1].upper()}{sentence[1:]}."
    )


@pass_context
def proposal_words(context: Context, state: str) -> str:
    """Return what became of a value that was told."""
    _ = gettext_of(context)
    words = {"open": _("not yet decided"), "taken": _("taken"), "left": _("left")}
    return words.get(state, state)


@pass_context
def decision_words(context: Context, decision: str) -> str:
    """Return what was decided of a draft."""
    _ = gettext_of(context)
    words = {
        "waiting": _("waits for a second person"),
        "approved": _("approved"),
        "rejected": _("rejected"),
        "over": _("its time is over"),
    }
    return words.get(decision, decision)


@by_code
def erasing_words(_: Gettext, step: str) -> str:
    """Return what a step about erasing is called."""
    words = {
        "erase_request": _("Asked to erase"),
        "erased": _("Erased"),
        "erase_refused": _("Not erased, and why"),
    }
    return words.get(step, "")


@pass_context
def events_words(context: Context, steps: Sequence[str]) -> str:
    """Return what several steps are called once they have happened."""
    return ", ".join(erasing_words(context, each) or event_words(context, each) for each in steps)


@pass_context
def told_words(context: Context, how: str) -> str:
    """Return in which way somebody told the other side what could not be delivered."""
    _ = gettext_of(context)
    words = {
        "telephone": _("Told by telephone"),
        "email": _("Told by e-mail"),
        "other": _("Told in another way"),
    }
    return words.get(how, how)


@pass_context
def told_offered(context: Context) -> list[tuple[str, str]]:
    """Return the ways to choose from."""
    _ = gettext_of(context)
    words = {
        "telephone": _("By telephone"),
        "email": _("By e-mail"),
        "other": _("In another way"),
    }
    return [(how, words[how]) for how in WAYS]


@pass_context
def question_words(context: Context, referral: Answer, number: int) -> str:
    """Return an open question by its number."""
    del context
    asked = [step for step in referral["steps"] if step["name"] == "ask"]
    texts = [str(step["fields"].get("text", "")) for step in asked if step["number"] == number]
    return f"{number}. {texts[-1]}" if texts else str(number)


def is_overridable(code: str) -> bool:
    """Return whether vital interests can go over a rule."""
    return code in OVERRIDABLE


def is_read(language: str, languages: Sequence[str]) -> bool:
    """Return whether somebody who reads these languages reads this one."""
    main = language.partition("-")[0].lower()
    return main in {each.partition("-")[0].lower() for each in languages}


@pass_context
def size_words(context: Context, size: int) -> str:
    """Return how large a file is."""
    unit, count = ("MB", size / 1_000_000) if size >= 1_000_000 else ("kB", size / 1000)
    return f"{format_decimal(round(count, 1), locale=str(context['language']))} {unit}"


GLOBALS = {
    "size_words": size_words,
    "question_words": question_words,
    "is_overridable": is_overridable,
    "is_read": is_read,
    "kind_sentence": kind_sentence,
    "language_words": language_words,
    "peer_words": peer_words,
    "event_words": event_words,
    "country_words": country_words,
    "hours_words": hours_words,
    "transfer_words": transfer_words,
    "rule_of": rule_of,
    "refused_words": refused_words,
    "proposal_words": proposal_words,
    "decision_words": decision_words,
    "erasing_words": erasing_words,
    "events_words": events_words,
    "told_words": told_words,
    "told_offered": told_offered,
}
