"""Coded lists: from a code to the words of the reader's language.

A code is what travels and is stored; words are made where they are read. The tables
are in `protocol.vocabularies`. What a code means for a leg or a case is left to the
code that acts on it.

A code that this node does not know comes from a newer list of a peer: it is valid, is
kept, and is shown as it is, after the words that the sender had for it:

- A sender puts the labels of such codes beside its step: `labels_to_send`. Every
  node knows the first version of every list, so these are the codes of later versions,
  and those that the sender itself knows only from a peer's labels.
- A recipient reads them with `sender_labels`, keeps them with what it keeps of the
  message, and gives them to `label`. They are a peer's text: they never stand in the
  place of words of one's own, and never without the code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from types import MappingProxyType
from typing import Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from protocol import limits
from protocol.pb.homeward.v1 import options_pb2
from protocol.vocabularies.changes import CHANGES
from protocol.vocabularies.terms import FIRST_VERSION, Term, Vocabulary, make_vocabulary
from protocol.vocabularies.translations import ENGLISH, TRANSLATIONS, labels_of

__all__ = [
    "LABEL_LANGUAGES",
    "NO_LABELS",
    "VOCABULARIES",
    "CodeLabel",
    "SenderLabels",
    "Term",
    "Vocabulary",
    "check_codes",
    "is_known",
    "is_reviewed",
    "label",
    "label_language",
    "labels_to_send",
    "offered",
    "sender_labels",
    "vocabulary_of",
]

LABEL_LANGUAGES: Final = tuple(TRANSLATIONS)
"""The languages in which every code has a label, as BCP 47 tags."""

# The language in which every code has a label, and a code of a newer list too.
_EVERY_LABEL: Final = "en"
_TAGS: Final = {tag.lower(): tag for tag in LABEL_LANGUAGES}
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_STEP_LISTS: Final = {
    # The steps of a leg name their lists in comments only: message.proto.
    "Referral.kind": "referral_kind",
    "Referral.urgency": "urgency",
    "LegalBasis.purpose": "purpose",
    "LegalBasis.art6_basis": "art6_basis",
    "LegalBasis.art9_condition": "art9_condition",
    "LegalBasis.art10_basis": "art10_basis",
    "LegalBasis.police_informed": "police_informed",
    "LegalBasis.transfer_basis": "transfer_basis",
    "LegalBasis.art49_derogation": "art49_derogation",
    "LegalBasis.consent_given_by": "consent_giver",
    "LegalBasis.consent_purposes": "purpose",
    "Decline.reason": "decline_reason",
    "Outcome.code": "outcome",
    "Outcome.found_by": "found_by",
    "Outcome.authority_told": "authority_told",
    "Outcome.whereabouts_may_be_told_to": "whereabouts_may_be_told_to",
    "Outcome.condition": "condition",
    "Withdraw.reason": "withdraw_reason",
    "Acknowledge.copy": "copy",
    "Acknowledge.kept_basis": "art6_basis",
    "Disposition.code": "outcome",
    "Referral.notice": "notice_reason",
    "EraseRequest.reason": "erase_reason",
    "EraseRefused.reason": "erase_refusal",
}

VOCABULARIES: Mapping[str, Vocabulary] = MappingProxyType(
    {
        name: make_vocabulary(
            name, {code: labels_of(name, code) for code in labels}, CHANGES.get(name, ())
        )
        for name, labels in ENGLISH.items()
    }
)

SenderLabels = Mapping[tuple[str, str], Mapping[str, str]]
"""What a peer calls codes: list and code -> language -> label."""

NO_LABELS: Final[SenderLabels] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeLabel:
    """What a node calls a code in one language, as it goes to a peer beside a message."""

    vocabulary: str
    code: str
    language: str
    label: str


def is_known(vocabulary: str, code: str) -> bool:
    """Return whether this node has words of its own for the code."""
    return code in _named(vocabulary).codes


def offered(vocabulary: str) -> tuple[str, ...]:
    """Return the codes that may be chosen for something new: all but retired ones."""
    terms = _named(vocabulary).codes.values()
    return tuple(term.code for term in terms if not term.is_retired)


def label(vocabulary: str, code: str, language: str, sender: SenderLabels = NO_LABELS) -> str:
    """Return the words for a code in a language, else in English.

    An unknown code is never lost: it is shown itself, after the words that the
    sender had for it. A region ("nl-BE") falls back to its language.
    """
    term = _named(vocabulary).codes.get(code)
    if term is not None:
        return term.labels.get(label_language(language)) or term.labels[_EVERY_LABEL]
    words = _closest(sender.get((vocabulary, code), {}), language)
    return f"{words} ({code})" if words else code


# Asked for each code on a page; a tag comes from outside, so not all are kept.
@lru_cache(maxsize=256)
def label_language(language: str) -> str:
    """Return the language of the labels that a reader of this language gets."""
    return next((_TAGS[tag] for tag in _wider(language) if tag in _TAGS), _EVERY_LABEL)


def is_reviewed(language: str) -> bool:
    """Return whether a native speaker has read the labels that a reader of it gets."""
    return TRANSLATIONS[label_language(language)].is_reviewed


def labels_to_send(
    message: Message, language: str, ask_held: Callable[[], SenderLabels] = dict
) -> tuple[CodeLabel, ...]:
    """Return the labels that go beside a message, for codes that may be new to its reader.

    They are in `language`, the recipient's, and in English. `ask_held` returns what came
    from peers with parts of this message: a code that nobody here knows goes on with it.
    It is asked only for such a code.
    Nothing is said of a code that is not in the message.
    """
    labels: list[CodeLabel] = []
    held: SenderLabels | None = None
    for vocabulary, code in sorted({(name, code) for _, name, code in _codes(message)}):
        term = _named(vocabulary).codes.get(code)
        if term is None:
            held = ask_held() if held is None else held
            known = held.get((vocabulary, code), {})
        elif term.since == FIRST_VERSION:
            continue
        else:
            tags = (label_language(language), _EVERY_LABEL)
            known = {tag: term.labels[tag] for tag in tags if tag in term.labels}
        labels += [
            CodeLabel(vocabulary=vocabulary, code=code, language=tag, label=words)
            for tag, words in known.items()
        ]
    return tuple(labels[: limits.CODE_LABELS])


def sender_labels(untrusted: Iterable[CodeLabel]) -> SenderLabels:
    """Return what a peer calls the codes that this node does not know.

    What is malformed, too much, or about a code that has words here is left out. That
    is no fault of the message, which shows its codes in any case.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for each in islice(untrusted, limits.CODE_LABELS):
        if _is_usable(each):
            labels = found.setdefault((each.vocabulary, each.code), {})
            labels.setdefault(each.language, unicodedata.normalize("NFC", each.label))
    return found


@cache
def vocabulary_of(field: FieldDescriptor) -> str:
    """Return the name of the list whose codes a field holds; empty when it holds none."""
    # The generated stubs give extensions no type of their own.
    name: str = field.GetOptions().Extensions[options_pb2.vocabulary]  # type: ignore[index]
    return name or _STEP_LISTS.get(field.full_name.removeprefix("homeward.v1."), "")


def check_codes(message: Message) -> list[tuple[str, str]]:
    """Return path and code of every coded value that this node does not know.

    That is no fault of the message; a list to look at, not to refuse by.
    """
    return [(path, code) for path, name, code in _codes(message) if not is_known(name, code)]


def _codes(message: Message) -> Iterator[tuple[str, str, str]]:
    """Yield path, list and code of every coded value."""
    for field, value in message.ListFields():
        for item in value if field.is_repeated else (value,):
            if isinstance(item, Message):
                for path, name, code in _codes(item):
                    yield f"{field.name}.{path}", name, code
            elif name := vocabulary_of(field):
                yield field.name, name, str(item)


def _named(vocabulary: str) -> Vocabulary:
    # The name comes from a .proto file or from our own code, never from a peer.
    try:
        return VOCABULARIES[vocabulary]
    except KeyError:
        raise ValueError(f"there is no vocabulary {vocabulary!r}") from None


def _wider(language: str) -> Iterator[str]:
    """Yield a tag and what it falls back to: sr-Latn-RS, sr-Latn, sr; in small letters."""
    parts = language.lower().split("-")
    for length in range(len(parts), 0, -1):
        yield "-".join(parts[:length])


def _closest(labels: Mapping[str, str], language: str) -> str | None:
    """Return the label in the language, else in English, else in any."""
    small = {tag.lower(): words for tag, words in labels.items()}
    found = next((small[tag] for tag in (*_wider(language), _EVERY_LABEL) if tag in small), None)
    return found or next(iter(small.values()), None)


def _is_usable(untrusted: CodeLabel) -> bool:
    words = untrusted.label
    return (
        untrusted.vocabulary in VOCABULARIES
        and _CODE.fullmatch(untrusted.code) is not None
        and not is_known(untrusted.vocabulary, untrusted.code)
        and _LANGUAGE.fullmatch(untrusted.language) is not None
        and 0 < len(words) <= limits.CODE_LABEL_CHARACTERS
        and words == words.strip()
        # No line breaks, and nothing unseen that turns the writing direction of a page.
        and not any(_is_unseen(unicodedata.category(character)) for character in words)
    )


def _is_unseen(category: str) -> bool:
    return category[0] == "C" or category in ("Zl", "Zp")
