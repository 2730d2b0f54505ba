"""The labels of all lists in all languages, by BCP 47 language tag.

English is the source. Portuguese is Portugal's. Serbian is written in two scripts: the
tables are Cyrillic, the official one, from which Latin follows letter by letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from protocol.vocabularies import (
    bulgarian,
    dutch,
    french,
    german,
    greek,
    hungarian,
    italian,
    polish,
    portuguese,
    romanian,
    serbian,
    spanish,
    ukrainian,
)
from protocol.vocabularies.around import AROUND
from protocol.vocabularies.case import CASE
from protocol.vocabularies.child import CHILD
from protocol.vocabularies.legal import LEGAL
from protocol.vocabularies.names import english as english_names
from protocol.vocabularies.referral import REFERRAL
from protocol.vocabularies.terms import NO_ANSWER, LabelTable


@dataclass(frozen=True, slots=True)
class Translation:
    """All labels of one language; reviewed: by a native speaker who does this work."""

    labels: LabelTable
    is_reviewed: bool


ENGLISH: LabelTable = {
    **REFERRAL,
    **CASE,
    **CHILD,
    **AROUND,
    **LEGAL,
    **{name: {**names, **NO_ANSWER} for name, names in english_names.NAMES.items()},
}


def _serbian_latin() -> LabelTable:
    return {
        name: {code: serbian.latin(words) for code, words in labels.items()}
        for name, labels in serbian.SERBIAN.items()
    }


TRANSLATIONS: Mapping[str, Translation] = MappingProxyType(
    {
        "en": Translation(ENGLISH, is_reviewed=True),
        "fr": Translation(french.FRENCH, french.REVIEWED),
        "de": Translation(german.GERMAN, german.REVIEWED),
        "nl": Translation(dutch.DUTCH, dutch.REVIEWED),
        "es": Translation(spanish.SPANISH, spanish.REVIEWED),
        "it": Translation(italian.ITALIAN, italian.REVIEWED),
        "pt": Translation(portuguese.PORTUGUESE, portuguese.REVIEWED),
        "pl": Translation(polish.POLISH, polish.REVIEWED),
        "el": Translation(greek.GREEK, greek.REVIEWED),
        "hu": Translation(hungarian.HUNGARIAN, hungarian.REVIEWED),
        "ro": Translation(romanian.ROMANIAN, romanian.REVIEWED),
        "bg": Translation(bulgarian.BULGARIAN, bulgarian.REVIEWED),
        "uk": Translation(ukrainian.UKRAINIAN, ukrainian.REVIEWED),
        "sr": Translation(serbian.SERBIAN, serbian.REVIEWED),
        "sr-Latn": Translation(_serbian_latin(), serbian.REVIEWED),
    }
)


def labels_of(name: str, code: str) -> Mapping[str, str]:
    """Return the labels of a code of a list, in every language that has one."""
    labels: dict[str, str] = {}
    for tag, translation in TRANSLATIONS.items():
        # "Unknown" and its like are translated once, with yes and no.
        shared = translation.labels["yes_no"] if code in NO_ANSWER else {}
        words = translation.labels.get(name, {}).get(code) or shared.get(code)
        if words:
            labels[tag] = words
    return MappingProxyType(labels)
