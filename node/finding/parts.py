"""Which of the words of a name count, which only join, and which belong together.

- Particles (van, de la, al-, bin) count for nothing by themselves: offices leave them
  out, or write them together with the next word. A name of particles alone keeps them.
- The Arabic article is taken off its word; "servant of" is joined to what it serves:
  Abdul Rahman, Abderrahmane and عبد الرحمن are one word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from node.finding import limits
from node.finding.alphabets import form
from node.finding.writing import Script, Written

_PARTICLES = frozenset(
    (
        "van",
        "von",
        "vom",
        "zum",
        "zur",
        "der",
        "den",
        "de",
        "del",
        "della",
        "dello",
        "degli",
        "dei",
        "di",
        "du",
        "des",
        "los",
        "las",
        "les",
        "ter",
        "ten",
        "af",
        "tou",
        "tis",
        "el",
        "al",
        "ul",
        "abu",
    )
)
# Words that are given names as well, or too short to tell: only between two others.
_INNER_PARTICLES = frozenset(
    (
        "bin",
        "ibn",
        "ben",
        "bint",
        "ould",
        "wuld",
        "oglu",
        "ogly",
        "kyzy",
        "kizi",
        "qizi",
        "la",
        "le",
        "da",
        "do",
        "dos",
        "das",
        "te",
        "av",
        "ad",
        "ar",
        "as",
        "ash",
        "an",
        "at",
        "az",
        "ed",
        "er",
        "es",
        "en",
        "y",
        "e",
        "i",
        "o",
        "zu",
        "san",
        "mac",
        "mc",
    )
)
_ARABIC_PARTICLES = frozenset({"بن", "ابن", "بنت", "ولد", "آل"})
_ARTICLE = "ال"
_LEAST_AFTER_ARTICLE = 3
# Alhassan, Elmasri; Addabbagh, where the article has taken the sound of the next letter.
_ARTICLE_IN_LATIN = re.compile(
    r"(?:[aeu]l(?=[b-df-hj-np-tv-z])|[ae](?P<twice>[rsnztd])(?=(?P=twice)))(?=.{4})"
)
_SERVANT = re.compile(
    r"^(?P<servant>abd)(?:[aeiouü]+l(?=.)|[aeiouü]+(?=(?P<twice>[rsnztdj])(?P=twice)))"
)
_SERVANT_ALONE = re.compile(r"abd(?:[aeiouü]+l?)?")
_SERVANT_ARABIC = "عبد"


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a name."""

    word: Written
    is_particle: bool = False


def parts(words: list[Written]) -> list[Part]:
    """Return the words of a name, each with whether it counts."""
    found: list[Part] = []
    for place, word in enumerate(_servants_joined(words)[: limits.NAME_WORDS]):
        bare = _without_article(word)
        if bare is not word:
            found.append(Part(replace(word, text=_ARTICLE), is_particle=True))
        found.append(Part(bare, is_particle=bare is word and _is_particle(word, place)))
    if found and found[-1].is_particle:
        # A particle belongs to the word after it; at the end it is a name.
        found[-1] = Part(found[-1].word)
    return found


def without_latin_article(word: Written) -> Written | None:
    """Return what a word may be without an Arabic article that is written with it."""
    match = _ARTICLE_IN_LATIN.match(word.text) if word.script is Script.LATIN else None
    return None if match is None else replace(word, text=word.text[match.end() :])


def _is_particle(word: Written, place: int) -> bool:
    if word.script is Script.ARABIC:
        return place > 0 and word.text in _ARABIC_PARTICLES
    if word.script not in {Script.LATIN, Script.GREEK, Script.CYRILLIC}:
        return False
    latin = form(word).latin
    return latin in _PARTICLES or (place > 0 and latin in _INNER_PARTICLES)


def _without_article(word: Written) -> Written:
    if word.script is not Script.ARABIC or not word.text.startswith(_ARTICLE):
        return word
    rest = word.text.removeprefix(_ARTICLE)
    # Of God is no article: الله stays what it is.
    if len(rest) < _LEAST_AFTER_ARTICLE or rest == "له":
        return word
    return replace(word, text=rest)


def _servants_joined(words: list[Written]) -> list[Written]:
    joined: list[Written] = []
    servant = ""
    for word in words:
        text = servant + _served(word, has_servant=bool(servant))
        if _is_servant(text) and not servant:
            servant = text
            continue
        if servant and _is_article(word):
            continue
        servant = ""
        joined.append(replace(word, text=_shortened(text, word.script)))
    return joined if not servant else [*joined, Written(servant, words[-1].script)]


def _served(word: Written, *, has_servant: bool) -> str:
    return word.text.removeprefix(_ARTICLE) if has_servant else word.text


def _is_servant(text: str) -> bool:
    return text == _SERVANT_ARABIC or _SERVANT_ALONE.fullmatch(text) is not None


def _is_article(word: Written) -> bool:
    return word.text in {"al", "el", "ul", "ar", "er", "as", "es", "an", "en", _ARTICLE}


def _shortened(text: str, script: Script) -> str:
    if script is Script.ARABIC and text.startswith(_SERVANT_ARABIC + _ARTICLE):
        return _SERVANT_ARABIC + text.removeprefix(_SERVANT_ARABIC + _ARTICLE)
    if script is not Script.LATIN:
        return text
    match = _SERVANT.match(text)
    # abdelkader, abdulkadir -> abdkader; abderrahman -> abdrahman
    if match is None:
        return text
    return "abd" + text[match.end() + (match["twice"] is not None) :]
