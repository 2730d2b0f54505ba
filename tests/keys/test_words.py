"""The words of fingerprints: every list keeps the rules, in writing and by ear."""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import cache

import pytest

from keys.joining import FINGERPRINT_WORDS, fingerprint_words
from keys.words import WORD_LANGUAGES, words

_LATIN = "abcdefghijklmnopqrstuvwxyz"
ALPHABETS = {
    "en": _LATIN,
    "fr": _LATIN + "àâæçéèêëîïôœùûüÿ",
    "nl": _LATIN,
    "de": _LATIN + "äöüß",
    "es": _LATIN + "áéíóúüñ",
    "el": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋΐΰ",
    "uk": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя",
}
# What a listener may take for the same; rough, and rather too much than too little.
SOUNDS = {
    "fr": "œ=e eau|au=o ph=f a[iî]|ei|[éèê]=e er$=e qu=k ç|c(?=[eéiîy])=s ch=C c=k ge(?=[ao])=j"
    " gu(?=[eéi])=g g(?=[eéi])=j y=i h= z=s (en|em|an|am|on|om)(?![aeéiouhmn])=N"
    r" (in|im|ein|ain|un)(?![aeéiouhmn])=I (.)\1=\1 e$= [tsdxp]+$=",
    "nl": r"ij=ei au=ou ch=g c(?=[ei])=s c=k d$=t b$=p v=f z=s th=t y=i ie=i ph=f tj=t (.)\1=\1",
    "de": "ß=s ph|v=f ck=k [äae]i|ei=ai äu=eu ä=e d=t b=p g=k th=t tz=z ie=i y=i c(?!h)=k"
    r" (?<=[aeiouöü])h(?=[^aeiou]|$)= ö=e ü=i (.)\1=\1",
    "es": "v=b qu=k z|c(?=[eiéí])|x=s ch=C h= c=k ll=y g(?=[eiéí])=j gu(?=[eiéí])=g ñ=ni"
    r" (.)\1=\1",
    "el": r"ου=U ει|οι|υι|[ηυ]=ι αι=ε ω=ο γγ|γκ=G μπ=B ντ=D (.)\1=\1",
    "uk": r"щ=шч [иіїйє]=е ґ=г ь= ю=у я=а (.)\1=\1",
}
SOUND_ALIKE = {
    "fr": "vers verre, sot seau, encre ancre, mètre maître",
    "nl": "hart hard, rauw rouw, rijst reist",
    "de": "rad rat, seite seide, wende wände",
    "es": "vaca baca, hola ola, pollo poyo, casa caza",
    "el": "νίκη νοίκι, λιμός λοιμός, τείχος τοίχος, φύλλο φύλο",
    "uk": "лис ліс, ґрати грати",
}
# Beginnings of words about children, police, death, crime, weapons and sex.
UNWANTED = {
    "en": "child baby kid orphan polic prison death dead corpse murder weapon gun knife bomb sex",
    "fr": "enfan bebe orphel polic prison mort cadavr meurtr arme fusil couteau bombe sexe viol$",
    "nl": "kind baby wees polit gevang dood lijk moord wapen geweer mes$ bom$ seks",
    "de": "kind baby waise poliz gefang tod leiche mord waffe$ gewehr messer bombe sex",
    "es": "nino nina bebe huerf polic carcel muert cadav asesin arma$ fusil cuchill bomba sexo",
    "el": "παιδ μωρο ορφαν αστυν φυλακ θανατ πτωμ φονο οπλο μαχαιρ βομβα σεξ",
    "uk": "дит немовл сирот поліц тюрм смерт труп вбив збро рушниц ніж бомб секс",
}
LANGUAGES = pytest.mark.parametrize("language", WORD_LANGUAGES)


def plain(word: str, language: str) -> str:
    """Return the word without its accents; й and ї are letters, not accents."""
    if language == "uk":
        return word
    whole = word.replace("ß", "ss").replace("œ", "oe").replace("æ", "ae").replace("ς", "σ")
    letters = unicodedata.normalize("NFD", whole)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@cache
def by_ear(word: str, language: str) -> str:
    heard = plain(word, language) if language == "el" else word
    for rule in SOUNDS[language].split(" "):
        # The last one: a lookahead may hold the sign too.
        pattern, _, sound = rule.rpartition("=")
        heard = re.sub(pattern, sound, heard)
    return plain(heard, language)


def edits_between(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        above, row = row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(row[-1] + 1, above[j] + 1, above[j - 1] + (a != b)))
    return row[-1]


def too_close(forms: dict[str, str]) -> list[tuple[str, str]]:
    """Return the pairs of words whose forms are fewer than three edits apart."""
    return [
        (one, other)
        for (one, a), (other, b) in itertools.combinations(forms.items(), 2)
        if abs(len(a) - len(b)) < 3 and edits_between(a, b) < 3
    ]


def test_languages_are_listed_and_any_other_is_refused() -> None:
    assert WORD_LANGUAGES == ("en", "fr", "nl", "de", "es", "el", "uk")
    for unknown in ("", "EN", "en-GB", "xx"):
        with pytest.raises(ValueError, match="no list of words"):
            words(unknown)


@LANGUAGES
def test_each_byte_has_a_word_of_its_own(language: str) -> None:
    assert len(words(language)) == len(set(words(language))) == 256


@LANGUAGES
def test_words_are_3_to_10_lower_case_letters_of_the_language(language: str) -> None:
    for word in words(language):
        assert 3 <= len(word) <= 10, word
        assert set(word) <= set(ALPHABETS[language]), word
        assert word == unicodedata.normalize("NFC", word.lower()), word


@LANGUAGES
def test_words_stand_in_the_order_of_the_alphabet(language: str) -> None:
    alphabet = ALPHABETS[language]
    order = [
        [alphabet.index(letter) for letter in plain(word, language)] for word in words(language)
    ]
    assert order == sorted(order)


@LANGUAGES
def test_no_two_words_share_their_first_four_letters(language: str) -> None:
    assert len({plain(word, language)[:4] for word in words(language)}) == 256


@LANGUAGES
def test_words_differ_in_three_letters_or_more(language: str) -> None:
    assert too_close({word: plain(word, language) for word in words(language)}) == []


@pytest.mark.parametrize("language", SOUNDS)
def test_words_of_a_drafted_list_differ_in_three_sounds_or_more(language: str) -> None:
    for pair in SOUND_ALIKE[language].split(", "):
        one, other = pair.split(" ")
        assert by_ear(one, language) == by_ear(other, language), pair
    assert too_close({word: by_ear(word, language) for word in words(language)}) == []


@LANGUAGES
def test_no_word_is_about_what_a_call_must_not_be_about(language: str) -> None:
    unwanted = re.compile("|".join(UNWANTED[language].split(" ")))
    assert [word for word in words(language) if unwanted.match(plain(word, language))] == []


@LANGUAGES
def test_words_stand_for_the_first_bytes_in_every_language(language: str) -> None:
    told = fingerprint_words(bytes(range(255, 223, -1)), language)
    assert told == words(language)[: -FINGERPRINT_WORDS - 1 : -1]
    with pytest.raises(ValueError, match="32 bytes"):
        fingerprint_words(bytes(31), language)


def test_words_are_english_unless_another_language_is_named() -> None:
    assert fingerprint_words(b"\xff" * 32) == ("zebra",) * FINGERPRINT_WORDS
    assert fingerprint_words(bytes(32)) == ("acorn",) * FINGERPRINT_WORDS
    with pytest.raises(ValueError, match="no list of words"):
        fingerprint_words(bytes(32), "xx")
