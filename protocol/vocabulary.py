"""Coded lists: from a code to the words of the reader's language.

A code is what travels and is stored; words are made where they are read. A code
that this node does not know comes from a newer list of a peer: it is valid, is
kept, and is shown as it is, with the sender's words where they came along. The
tables are in `protocol.vocabularies`. What a code means for a leg or a case is
left to the code that acts on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from protocol.pb.homeward.v1 import options_pb2
from protocol.vocabularies.around import AROUND
from protocol.vocabularies.case import CASE
from protocol.vocabularies.child import CHILD
from protocol.vocabularies.countries import COUNTRIES, COUNTRY_COLUMNS
from protocol.vocabularies.dutch import DUTCH
from protocol.vocabularies.french import FRENCH
from protocol.vocabularies.greek import GREEK
from protocol.vocabularies.languages import LANGUAGE_COLUMNS, LANGUAGES
from protocol.vocabularies.referral import REFERRAL
from protocol.vocabularies.terms import NO_ANSWER, LabelTable, Term, Vocabulary

__all__ = [
    "VOCABULARIES",
    "Term",
    "Vocabulary",
    "check_codes",
    "is_known",
    "label",
    "vocabulary_of",
]

# The language in which every code has a label.
_EVERY_LABEL = "en"
_TRANSLATIONS: Mapping[str, LabelTable] = {"nl": DUTCH, "fr": FRENCH, "el": GREEK}
# Lists that are at a later version than the first, by name.
_LATER_VERSIONS: Mapping[str, int] = {}


def _labels(name: str, code: str, english: str) -> Mapping[str, str]:
    """Collect the labels of one code from all languages."""
    labels = {_EVERY_LABEL: english}
    for language, table in _TRANSLATIONS.items():
        # "Unknown" and its like are translated once, with yes and no.
        shared = table["yes_no"] if code in NO_ANSWER else {}
        translated = table.get(name, {}).get(code) or shared.get(code)
        if translated:
            labels[language] = translated
    return MappingProxyType(labels)


def _vocabulary(name: str, terms: Iterable[Term]) -> Vocabulary:
    codes = MappingProxyType({term.code: term for term in terms})
    return Vocabulary(name=name, version=_LATER_VERSIONS.get(name, 1), codes=codes)


def _from_english(name: str, english: Mapping[str, str]) -> Vocabulary:
    return _vocabulary(
        name, (Term(code, _labels(name, code, text)) for code, text in english.items())
    )


def _from_rows(
    name: str, columns: tuple[str, ...], rows: Mapping[str, tuple[str, ...]]
) -> Vocabulary:
    """Build a list of proper names, whose tables hold all languages side by side."""
    terms = [
        Term(code, MappingProxyType(dict(zip(columns, row, strict=True))))
        for code, row in rows.items()
    ]
    terms += [Term(code, _labels(name, code, text)) for code, text in NO_ANSWER.items()]
    return _vocabulary(name, terms)


def _all_vocabularies() -> Iterable[Vocabulary]:
    for table in (REFERRAL, CASE, CHILD, AROUND):
        for name, english in table.items():
            yield _from_english(name, english)
    yield _from_rows("country", COUNTRY_COLUMNS, COUNTRIES)
    yield _from_rows("language", LANGUAGE_COLUMNS, LANGUAGES)


VOCABULARIES: Mapping[str, Vocabulary] = MappingProxyType(
    {vocabulary.name: vocabulary for vocabulary in _all_vocabularies()}
)


def is_known(vocabulary: str, code: str) -> bool:
    """Return whether this node has words of its own for the code."""
    return code in _named(vocabulary).codes


def label(vocabulary: str, code: str, language: str, sender_label: str | None = None) -> str:
    """Return the words for a code in a language, else in English.

    An unknown code is never lost: it is shown itself, after the words that the
    sender had for it. A region ("nl-BE") falls back to its language.
    """
    term = _named(vocabulary).codes.get(code)
    if term is None:
        return f"{sender_label} ({code})" if sender_label else code
    for tag in (language, language.split("-", maxsplit=1)[0], _EVERY_LABEL):
        if tag in term.labels:
            return term.labels[tag]
    raise RuntimeError("a term has no English label")


def _named(vocabulary: str) -> Vocabulary:
    # The name comes from a .proto file or from our own code, never from a peer.
    try:
        return VOCABULARIES[vocabulary]
    except KeyError:
        raise ValueError(f"there is no vocabulary {vocabulary!r}") from None


def vocabulary_of(field: FieldDescriptor) -> str:
    """Return the name of the list whose codes a field holds; empty when it holds none."""
    # The generated stubs give extensions no type of their own.
    name: str = field.GetOptions().Extensions[options_pb2.vocabulary]  # type: ignore[index]
    return name


def check_codes(message: Message) -> list[tuple[str, str]]:
    """Return path and code of every coded value that this node does not know.

    That is no fault of the message; a list to look at, not to refuse by.
    """
    unknown: list[tuple[str, str]] = []
    for field, value in message.ListFields():
        for item in value if field.is_repeated else (value,):
            if isinstance(item, Message):
                below = check_codes(item)
                unknown += [(f"{field.name}.{path}", code) for path, code in below]
            elif (name := vocabulary_of(field)) and not is_known(name, str(item)):
                unknown.append((field.name, str(item)))
    return unknown
