"""Words of a text: nothing that a reader would not notice makes a difference."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.finding import limits
from node.finding.names import parse_name
from node.finding.writing import Script, digits_in_ascii, written_words


def texts(text: str) -> list[str]:
    return [word.text for word in written_words(text)]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("PAPADOPOULOU", "papadopoulou"),
        ("Παπαδόπουλος", "ΠΑΠΑΔΌΠΟΥΛΟΣ"),
        ("გიორგი", "ᲒᲘᲝᲠᲒᲘ"),
        ("O'Brien", "O’Brien"),
        ("Мар'яна", "Мар’яна"),
        ("Мар'яна", "Марʼяна"),
        ("ﬁona", "fiona"),
        ("Ｏｌｇａ", "olga"),
        ("O\u0300lga", "Òlga"),
        ("Oлga".replace("л", "l"), "olga"),
        ("\u202eOlga\u202c", "Olga"),
        ("Ol\u200bga\u00ad", "Olga"),
        ("علی\u200cرضا", "علیرضا"),
        ("محـــمد", "محمد"),
    ],
)
def test_writing_habits_make_no_difference(text: str, same: str) -> None:
    assert texts(text) == texts(same)


def test_a_letter_that_only_looks_alike_is_what_its_neighbours_are() -> None:
    (word,) = written_words("Пeтpoв")
    assert (word.text, word.script) == ("петров", Script.CYRILLIC)
    (word,) = written_words("Pеtrov")
    assert (word.text, word.script) == ("petrov", Script.LATIN)


def test_hyphens_part_and_are_remembered() -> None:
    words = written_words("Anna\u2013Maria van Dijk")
    assert [(word.text, word.is_joined) for word in words] == [
        ("anna", False), ("maria", True), ("van", False), ("dijk", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", " ", "\u0301\u0308", "123", "...", "\x00\x07", "💧", "--", "'"]
)
def test_what_holds_no_letters_holds_no_words(text: str) -> None:
    assert texts(text) == []
    assert not parse_name(text)


def test_digits_of_every_script_are_digits() -> None:
    assert digits_in_ascii("٠١٢-۳۴ १२") == "012-34 12"


@given(st.text(max_size=60))
def test_any_text_gives_words_of_bounded_length(text: str) -> None:
    for word in written_words(text):
        assert 0 < len(word.text) <= limits.WORD_LETTERS
        assert not any(map(str.isspace, word.text))


@given(st.text(max_size=200))
def test_any_text_gives_a_name_in_plain_letters(text: str) -> None:
    name = parse_name(text)
    assert len(name.words) == len(name.places) <= limits.NAME_WORDS + 1
    for word in name.words:
        assert word.latin.isascii()
        assert word.sounds.isascii()
        assert word.sounds
