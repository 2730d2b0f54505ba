"""What is said on paper: titles of sheets, the words of forms, which way a text runs."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context

from node.commands.arguments import Answer
from node.web.casewords import field_words
from node.web.labels import gettext_of

Gettext = Callable[[str], str]
# Of these, the heading above does not say that the row is about them.
_OFFICES = frozenset({"police", "authorities"})
_STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}


def direction_of(text: str) -> str:
    """Return which way a text runs, by its first letter; a PDF has no "auto"."""
    kinds = (_STRONG.get(unicodedata.bidirectional(letter), "") for letter in text)
    return next(filter(None, kinds), "ltr")


def paper_title(name: str, _: Gettext) -> str:
    """Return what a sheet is called; no title says of whom it is."""
    words = {
        "dossier": _("Dossier"),
        "poster": _("Missing"),
        "hague": _("Request for return"),
        "yellow": _("For a Yellow Notice"),
    }
    return words[name]


@pass_context
def hague_title(context: Context, number: str) -> str:
    """Return the title of a section of the request for return."""
    _ = gettext_of(context)
    words = {
        "I": _("Identity of the child and its parents"),
        "II": _("Requesting individual or institution (who actually exercised custody)"),
        "III": _("Place where the child is thought to be"),
        "IV": _("Time, place, date and circumstances of the wrongful removal or retention"),
        "V": _("Factual or legal grounds justifying the request"),
        "VI": _("Civil proceedings in progress"),
        "VII": _("Child is to be returned to"),
        "VIII": _("Proposed arrangements for the return of the child"),
        "IX": _("Other remarks"),
        "X": _("List of documents attached"),
    }
    return str(words[number])


@pass_context
def hague_block(context: Context, block: Answer) -> str:
    """Return about whom or what a block of the request is."""
    _ = gettext_of(context)
    words = {
        "child": _("Child"),
        "mother": _("Mother"),
        "father": _("Father"),
        "parent": _("Parent"),
        "marriage": _("Marriage of the parents"),
        "applicant": _("Applicant"),
        "taker": _("Alleged to have removed or retained the child"),
        "address": _("Address of the child"),
        "witness": _("Might be able to tell more"),
        "return_to": _("Return to"),
        "document": _("Document"),
    }
    return str(words[block["kind"]])


@pass_context
def hague_missing(context: Context, missing: Answer) -> str:
    """Return what a section of the request lacks."""
    _ = gettext_of(context)
    words = {
        "child": _("the child"),
        "name": _("family name and given name"),
        "date_of_birth": _("date of birth"),
        "nationality": _("nationality"),
        "habitual_residence": _("habitual residence"),
        "identity_document": _("passport or identity card"),
        "looks": _("description or photo"),
        "parent": _("a parent"),
        "other_parent": _("the other parent"),
        "applicant": _("who asks for the return"),
        "applicant_relation": _("what the applicant is to the child"),
        "applicant_contact": _("how to reach the applicant"),
        "taker": _("who is alleged to have taken the child"),
        "whereabouts": _("where the child is thought to be"),
        "removed_on": _("date of the removal or retention"),
        "removed_from": _("from which country to which"),
        "circumstances": _("what happened"),
        "grounds": _("grounds, custody rights or a court order"),
        "proceedings": _("proceedings, or that there are none"),
        "return_to": _("to whom the child is to be returned"),
        "travel": _("how the child would travel back"),
        "decision": _("a certified copy of the decision or agreement"),
    }
    return str(words[missing["code"]])


@pass_context
def row_words(context: Context, path: str) -> str:
    """Return what a row of a form is called, without the part that its heading says."""
    _ = gettext_of(context)
    above, _dot, name = path.partition(".")
    if above in _OFFICES:
        name = path
    if name == "sixteenth_birthday":
        return str(_("Is 16 on"))
    return field_words(context, name or path)


PAPER_GLOBALS = {
    "direction_of": direction_of,
    "hague_title": hague_title,
    "hague_block": hague_block,
    "hague_missing": hague_missing,
    "row_words": row_words,
}
"""What templates of sheets know besides."""
