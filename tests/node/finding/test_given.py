"""The tables of given names."""

from __future__ import annotations

import re

import pytest

from node.finding.alphabets import form
from node.finding.given import given_names
from node.finding.given_names import TABLES
from node.finding.writing import written_words


def names(text: str) -> set[str]:
    return {given.name for given in given_names(form(written_words(text)[0]).sounds)}


@pytest.mark.parametrize(
    "line",
    [
        "Саша Sasha Alexander Александр Oleksandr Αλέξανδρος ალექსანდრე",
        "Γιάννης Ioannis Giannis Yannis",
        "Катя Katya Ekaterina Катерина Αικατερίνη ეკატერინე Katarzyna",
        "محمد Mohammed Muhammad Mehmet",
        "Μπάμπης Charalampos Haralambos",
        "გიორგი Giorgi Georgios Георги Gevorg Գևորգ",
        "Ihor Igor Ігор Игорь",
        "Gosia Małgorzata Malgorzata",
        "Pepe José Josef",
        "Хатидже Khadija خديجة",
    ],
)
def test_forms_of_one_name_share_it(line: str) -> None:
    first, *others = line.split()
    for other in others:
        assert names(first) & names(other), other


@pytest.mark.parametrize(
    "line",
    [
        "Мария Марина", "Иван Роман", "Ηλίας Ανδρέας", "Ioannis Ioanna", "Karim Karima",
        "Hassan Hussein", "Petr Pavel", "Jörg Jürgen", "Кирилл Кира", "Anna Anaïs",
    ],
)  # fmt: skip
def test_names_that_only_look_alike_share_nothing(line: str) -> None:
    one, other = line.split()
    assert not names(one) & names(other)


def test_a_short_form_may_be_of_a_girl_or_of_a_boy() -> None:
    assert {"Alexander", "Alexandra"} <= names("Саша")


@pytest.mark.parametrize("language", TABLES)
def test_tables_hold_only_words(language: str) -> None:
    for line in re.sub(r"\n +", " ", TABLES[language].strip()).splitlines():
        assert line.count("/") <= 1, line
        for word in line.replace("/", " ").split():
            parsed = written_words(word)
            assert len(parsed) == 1, word
            # A word of two scripts is a slip that would never be found.
            (single,) = parsed
            assert re.fullmatch(r"[\w'’.-]+", word), word
            scripts = {w.script for c in single.text for w in written_words(c)}
            assert len(scripts) <= 1, word
