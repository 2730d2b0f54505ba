"""Endings that change with a person's sex or father and leave the name the same.

All work on sounds, so that one rule serves Ivanova, Иванова, Ivanowa and Ivanová.
A male and a female form belong together when a rule gives both the same stem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from node.finding.sounds import alikeness

_LEAST_STEM = 3
_SAME_STEM = 0.92

# Rule, what a man's name ends in, what a woman's ends in.
_RULES = tuple(
    (name, re.compile(f"(.+?){male}$"), re.compile(f"(.+?){female}$"))
    for name, male, female in (
        ("-ov -ova", r"(?:[oeE]|j[oE])[vf]", r"(?:[oeE]|j[oE])va"),
        ("-in -ina", r"in", r"ina"),
        ("-ski -ska", r"(?<=[scCS2])k(?:i|ij|oj|j)", r"(?<=[scCS2])k(?:a|aja|aia)"),
        ("-y -aya", r"(?:i|ij|oj|ej)", r"(?:aja|aia)"),
        ("-os -ou", r"(?:os|us|o)", r"u"),
        ("-is -i", r"is", r"(?:i|u)"),
        ("-as -a", r"as", r"a"),
        ("-as -iene", r"(?:as|is|us|ius|jus)", r"(?:iene|ene|aite|ite|ute|jute|iute)"),
        ("-s -a", r"(?<=[bdfgklmnprtvz])[Ss]", r"(?<=[bdfgklmnprtvz])a"),
    )
)
# The others differ by one sound, which every search forgives.
_FAR = frozenset({"-as -iene"})
# What all of the women's forms end in; most words that are compared can stop there.
_FEMALE_LETTERS = frozenset("aeiu")
_MARRIED = re.compile(r"(.+)[oE]va$")
_LAST_VOWEL = re.compile(r"[aeio]$")
_FLEETING_VOWEL = re.compile(r"[eE](?=[^aeiou]$)")

_FATHER = re.compile(r"(.{2,}?)(?:(?:[oeEa]|j[oE])v|j)?i[C1945c]$")
_FATHER_OF_WOMAN = re.compile(r"(.{2,}?)(?:(?:[oeE]|j[oE])vna|[ij]vna|i[C14n]na|[ae][uUv]na)$")


@dataclass(frozen=True, slots=True)
class Patronymic:
    """A name made from the father's."""

    father: str
    is_female: bool


def is_female_form(one: str, other: str) -> bool:
    """Return whether two words are a man's and a woman's form of one family name."""
    # All forms end differently; most words that are compared can stop here.
    if one[-1:] == other[-1:]:
        return False
    return _is_pair(one, other) or _is_pair(other, one)


def far_stems(sounds: str) -> set[str]:
    """Return the stem of a family name whose forms for the two sexes are far apart."""
    patterns = [_MARRIED, *(p for name, *pair in _RULES if name in _FAR for p in pair)]
    return {match[1] for pattern in patterns if (match := pattern.match(sounds))}


def is_other_sex(one: str, other: str) -> bool:
    """Return whether two given names differ by the ending that makes a woman's name.

    Zoran and Zorana are two children, although only one letter differs.
    """
    male, female = sorted((one, other), key=len)
    return female in {male + "a", male + "ja", male + "ia", male + "0"} and male[-1:] not in {
        *"aeiou",
        "",
    }


def patronymic(sounds: str) -> Patronymic | None:
    """Return the father's name in a patronymic, or None."""
    for pattern, is_female in ((_FATHER, False), (_FATHER_OF_WOMAN, True)):
        match = pattern.match(sounds)
        if match:
            return Patronymic(match[1], is_female)
    return None


def _is_pair(male: str, female: str) -> bool:
    return any(
        min(len(one), len(other)) >= _LEAST_STEM and alikeness(one, other) >= _SAME_STEM
        for one, other in _stems(male.replace("N", ""), female.replace("N", ""))
    )


def _stems(male: str, female: str) -> Iterator[tuple[str, str]]:
    if female[-1:] not in _FEMALE_LETTERS:
        return
    for _, male_pattern, female_pattern in _RULES:
        of_man, of_woman = male_pattern.match(male), female_pattern.match(female)
        if of_man and of_woman:
            yield of_man[1], of_woman[1]
    married = _MARRIED.match(female)
    if married:
        yield _LAST_VOWEL.sub("", male), married[1]
        yield _FLEETING_VOWEL.sub("", male), married[1]
