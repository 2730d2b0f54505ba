"""Why somebody was found: a code for programs, words for people.

The words stand in one table by language, so that a translation is one more column.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType


class Reason(enum.StrEnum):
    """Why two names, dates or numbers are held to be the same, or not quite."""

    SAME = "same"
    OTHER_SCRIPT = "other_script"
    SOUNDS_ALIKE = "sounds_alike"
    NO_VOWELS = "no_vowels"
    ONE_LETTER = "one_letter"
    NICKNAME = "nickname"
    FEMALE_FORM = "female_form"
    PATRONYMIC = "patronymic"
    JOINED = "joined"
    INITIAL = "initial"
    BEGINS = "begins"
    OTHER_ORDER = "other_order"
    DOUBLE_SURNAME = "double_surname"
    EXTRA_WORD = "extra_word"
    DATE_SAME = "date_same"
    DATE_SWAPPED = "date_swapped"
    DATE_PARTLY = "date_partly"
    DATE_NEAR = "date_near"
    DATE_DIFFERS = "date_differs"
    SEX_DIFFERS = "sex_differs"
    TELEPHONE = "telephone"
    TELEPHONE_END = "telephone_end"
    REFERENCE = "reference"
    REFERENCE_BEGINS = "reference_begins"
    REFERENCE_PART = "reference_part"


class Part(enum.StrEnum):
    """Whom in a case a hit is about."""

    CHILD = "child"
    PERSON = "person"
    SOURCE = "source"
    AUTHORITY = "authority"
    CASE = "case"


_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "en": {
            Reason.SAME: "the same name",
            Reason.OTHER_SCRIPT: "the same name in another script",
            Reason.SOUNDS_ALIKE: "a name that sounds alike",
            Reason.NO_VOWELS: "the same letters, in a script that leaves vowels out",
            Reason.ONE_LETTER: "one letter differs",
            Reason.NICKNAME: "a short or other form of the name",
            Reason.FEMALE_FORM: "the form of the family name for the other sex",
            Reason.PATRONYMIC: "a name made from the father's name",
            Reason.JOINED: "written as one word or as two",
            Reason.INITIAL: "the same first letter",
            Reason.BEGINS: "the name begins like this",
            Reason.OTHER_ORDER: "the parts of the name in another order",
            Reason.DOUBLE_SURNAME: "part of a double surname",
            Reason.EXTRA_WORD: "one of the names has a word more, perhaps a second surname",
            Reason.DATE_SAME: "the same date of birth",
            Reason.DATE_SWAPPED: "the date of birth with day and month swapped",
            Reason.DATE_PARTLY: "the date of birth as far as it is known",
            Reason.DATE_NEAR: "nearly the same date of birth",
            Reason.DATE_DIFFERS: "but another date of birth",
            Reason.SEX_DIFFERS: "but another sex",
            Reason.TELEPHONE: "the same telephone number",
            Reason.TELEPHONE_END: "a telephone number that ends like this",
            Reason.REFERENCE: "the same reference number",
            Reason.REFERENCE_BEGINS: "a reference number that begins like this",
            Reason.REFERENCE_PART: "a part of a reference number",
            Part.CHILD: "child",
            Part.PERSON: "another person in the case",
            Part.SOURCE: "a source",
            Part.AUTHORITY: "an authority",
            Part.CASE: "the case",
        }
    }
)


def words(code: Reason | Part, language: str = "en") -> str:
    """Return what people read for a code, in English where there is no translation."""
    return _WORDS.get(language, _WORDS["en"]).get(code, _WORDS["en"][code])
