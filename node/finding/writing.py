"""From text as people write it to single words, all writing habits taken away.

- Compatibility forms, case, control characters, marks of direction and joiners go.
- Apostrophes join (O'Brien, Мар'яна), hyphens part and are remembered (Anna-Maria).
- A letter of another script that only looks alike is what its neighbours are: a name
  typed with a Latin "o" between Cyrillic letters is a Cyrillic name.
- Marks stay on the letters, since some of them are letters of their own (й, ç, ł).
"""

from __future__ import annotations

import enum
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from node.finding import limits


class Script(enum.StrEnum):
    """The script of a word; one letter, because the index keeps it with each word."""

    LATIN = "L"
    GREEK = "G"
    CYRILLIC = "C"
    GEORGIAN = "K"
    ARMENIAN = "A"
    ARABIC = "R"
    HEBREW = "H"
    OTHER = "O"


_BY_NAME = {
    "LATIN": Script.LATIN,
    "GREEK": Script.GREEK,
    "CYRILLIC": Script.CYRILLIC,
    "GEORGIAN": Script.GEORGIAN,
    "ARMENIAN": Script.ARMENIAN,
    "ARABIC": Script.ARABIC,
    "HEBREW": Script.HEBREW,
}
# Straight, curly, modifier letters, accents that stand alone, Hebrew geresh, Armenian.
_APOSTROPHES = frozenset("'’‘‛`´ʹʺʻʼʽʾʿˈ′″՚׳״ꞌ＇ـ")
_HYPHENS = frozenset("·・‧")
_LOOK_ALIKES = {
    Script.CYRILLIC: dict(zip("aceopxyikmthbjs", "асеорхуікмтнвјѕ", strict=True)),
    Script.GREEK: dict(zip("abezhikmnoptyxv", "αβεζηικμνορτυχν", strict=True)),
}
_LOOK_LATIN = {
    alike: latin for letters in _LOOK_ALIKES.values() for latin, alike in letters.items()
}


@dataclass(frozen=True, slots=True)
class Written:
    """One word: folded letters with their marks, in composed form."""

    text: str
    script: Script
    is_joined: bool = False
    """A hyphen stood between it and the word before."""


def folded(text: str) -> str:
    """Return text without the differences that are no difference to a reader."""
    composed = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFC", composed)


def written_words(text: str) -> list[Written]:
    """Return the words of a text; digits and all other signs only part them."""
    words: list[Written] = []
    for letters, is_joined in _split(folded(text)):
        script = _script(letters)
        words.append(Written(_of_one_script(letters, script), script, is_joined))
    return words


def without_marks(text: str) -> str:
    """Return the bare letters."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Me", "Mc"})


def digits_in_ascii(text: str) -> str:
    """Return text with the digits of every script as 0 to 9."""
    return "".join(
        str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in text
    )


def _split(text: str) -> Iterator[tuple[str, bool]]:
    letters: list[str] = []
    is_joined = is_after_hyphen = False
    for character in text + " ":
        kind = _kind(character)
        if kind == "letter":
            if not letters:
                is_joined = is_after_hyphen
            letters.append(character)
        elif kind in {"space", "hyphen"}:
            word = "".join(letters)
            # A mark without a letter is no word.
            if without_marks(word):
                yield word[: limits.WORD_LETTERS], is_joined
                is_after_hyphen = False
            letters = []
            is_after_hyphen = kind == "hyphen"


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    """Return what a character does: "letter", "space", "hyphen", or "nothing"."""
    category = unicodedata.category(character)
    if character in _APOSTROPHES or category == "Cf":
        return "nothing"
    if character in _HYPHENS or category == "Pd":
        return "hyphen"
    return "letter" if category[0] in "LM" else "space"


@lru_cache(maxsize=4096)
def _script_of(character: str) -> Script | None:
    if unicodedata.category(character)[0] != "L":
        return None
    return _BY_NAME.get(unicodedata.name(character, "").partition(" ")[0], Script.OTHER)


def _script(letters: str) -> Script:
    counted = Counter(filter(None, map(_script_of, letters)))
    return counted.most_common(1)[0][0] if counted else Script.OTHER


def _of_one_script(letters: str, script: Script) -> str:
    alike = _LOOK_LATIN if script is Script.LATIN else _LOOK_ALIKES.get(script)
    if alike is None or all(_script_of(c) in {script, None} for c in letters):
        return letters
    return "".join(c if _script_of(c) is script else alike.get(c, c) for c in letters)
