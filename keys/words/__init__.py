"""The words that stand for bytes when a fingerprint is read out by telephone.

Each language has a list of 256 words; the position of a word is the byte that it stands
for, so a list that is in use never changes. Both sides read from the same list, whose
language is said first: a language that both on the phone share.

The rules, for every list: common concrete nouns that a volunteer knows; no names, and
nothing offensive, violent or sexual, nothing about children, police, death or crime;
3 to 10 letters of the language's own alphabet, in lower case and in its order. No two
words share their first four letters, and any two differ in three letters or more,
accents aside, so that a bad line or an accent does not turn one into another.

The lists other than English were drafted without a native reviewer yet. They are also
chosen by ear: any two differ in three sounds or more, by the rough rules in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from keys.words import dutch, english, french, german, greek, spanish, ukrainian

_LISTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "en": english.WORDS,
        "fr": french.WORDS,
        "nl": dutch.WORDS,
        "de": german.WORDS,
        "es": spanish.WORDS,
        "el": greek.WORDS,
        "uk": ukrainian.WORDS,
    }
)
WORD_LANGUAGES: Final = tuple(_LISTS)


def words(language: str) -> tuple[str, ...]:
    """Return the 256 words of a language (ISO 639-1), in the order of their bytes.

    Raises:
        ValueError: there is no list in that language.
    """
    try:
        return _LISTS[language]
    except KeyError:
        raise ValueError("there is no list of words in that language") from None
