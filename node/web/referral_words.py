"""What templates say about referrals: kinds, languages, countries, rules, the other side's copy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from babel import Locale
from babel.numbers import format_decimal
from jinja2 import pass_context
from jinja2.runtime import Context

from node.commands.arguments import Answer
from node.web.labels import english_label
from node.web.refusal_words import rule_words
from protocol.policy import OVERRIDABLE

Gettext = Callable[[str], str]


@pass_context
def kind_sentence(context: Context, kind: str) -> str:
    """Return in one sentence what a kind of referral is for."""
    _ = _words(context)
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
def country_words(context: Context, code: str) -> str:
    """Return what a country is called in the reader's language."""
    return str(Locale.parse(str(context["language"])).territories.get(code.upper(), code))


@pass_context
def transfer_words(context: Context, basis: str) -> str:
    """Return on which ground something goes to this country; nothing within the EEA."""
    _ = _words(context)
    words = {
        "adequacy": _("outside the EEA, with a decision that data is well protected there"),
        "safeguards": _("outside the EEA, with an agreement that protects the data"),
        "derogation": _("outside the EEA, only because of the exception that you named"),
    }
    return words.get(basis, "")


@pass_context
def rule_of(context: Context, code: str) -> str:
    """Return a rule that is not met, in words."""
    return rule_words(code, _words(context)) or code


@pass_context
def refused_words(context: Context, refusal: Answer) -> str:
    """Return why it may not go to one of several; the node's own sentence where none is here."""
    sentence = str(refusal["sentence"])
    return (
        rule_words(str(refusal["code"]), _words(context))
        or f"{sentence[:1].upper()}{sentence[1:]}."
    )


@pass_context
def proposal_words(context: Context, state: str) -> str:
    """Return what became of a value that was told."""
    _ = _words(context)
    words = {"open": _("not yet decided"), "taken": _("taken"), "left": _("left")}
    return words.get(state, state)


@pass_context
def decision_words(context: Context, decision: str) -> str:
    """Return what was decided of a draft."""
    _ = _words(context)
    words = {
        "waiting": _("waits for a second person"),
        "approved": _("approved"),
        "rejected": _("rejected"),
        "over": _("its time is over"),
    }
    return words.get(decision, decision)


@pass_context
def erasing_words(context: Context, step: str) -> str:
    """Return what a step about erasing is called."""
    _ = _words(context)
    words = {
        "erase_request": _("Asked to erase"),
        "erased": _("Erased"),
        "erase_refused": _("Not erased, and why"),
    }
    return words.get(step, "")


@pass_context
def field_words(context: Context, path: str) -> str:
    """Return the name of a field of a case, with what it belongs to."""
    _ = _words(context)
    return " / ".join(_(english_label(name)) for name in path.split("."))


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


def _words(context: Context) -> Gettext:
    words: Gettext = context["plain_gettext"]
    return words


@pass_context
def size_words(context: Context, size: int) -> str:
    """Return how large a file is."""
    unit, count = ("MB", size / 1_000_000) if size >= 1_000_000 else ("kB", size / 1000)
    return f"{format_decimal(round(count, 1), locale=str(context['language']))} {unit}"


GLOBALS = {
    "size_words": size_words,
    "field_words": field_words,
    "question_words": question_words,
    "is_overridable": is_overridable,
    "is_read": is_read,
    "kind_sentence": kind_sentence,
    "language_words": language_words,
    "country_words": country_words,
    "transfer_words": transfer_words,
    "rule_of": rule_of,
    "refused_words": refused_words,
    "proposal_words": proposal_words,
    "decision_words": decision_words,
    "erasing_words": erasing_words,
}
