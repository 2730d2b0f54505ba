"""Two names: one person or two, and every reason has its rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.finding.comparing import FOUND, compare_names
from node.finding.names import Name, Place, Word, name_of, parse_name
from node.finding.reasons import Reason
from node.finding.sounds import alikeness
from tests.support.inventing.pairs import read_pairs

SOME_NAMES = sorted({name for pair in read_pairs() for name in (pair.left, pair.right)})[::37]


def reasons(one: str, other: str) -> set[Reason]:
    return set(compare_names(parse_name(one), parse_name(other)).reasons)


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("Olga Petrova", "olga PETROVA", Reason.SAME),
        ("Ольга Щербакова", "Olga Shcherbakova", Reason.OTHER_SCRIPT),
        ("Olga Scherbakowa", "Olga Shcherbakova", Reason.SOUNDS_ALIKE),
        ("نجيب حداد", "Najib Haddad", Reason.NO_VOWELS),
        ("Olga Kravchenko", "Olga Krevchenkko", Reason.SOUNDS_ALIKE),
        ("Olga Kovalska", "Olga Kovaslka", Reason.ONE_LETTER),
        ("Olga Lysenko", "Olga Lyrenko", Reason.ONE_LETTER),
        ("Саша Петров", "Александр Петров", Reason.NICKNAME),
        ("Γιάννης Βλάχος", "Ioannis Vlachos", Reason.OTHER_SCRIPT),
        ("Katya Orlova", "Ekaterina Orlova", Reason.NICKNAME),
        ("Μαρία Παπαδοπούλου", "Μαρία Παπαδόπουλος", Reason.FEMALE_FORM),
        ("Μαρία Δημητράκη", "Maria Dimitrakis", Reason.FEMALE_FORM),
        ("Jana Nováková", "Jana Novák", Reason.FEMALE_FORM),
        ("Anna Kowalska", "Anna Kowalski", Reason.FEMALE_FORM),
        ("Rūta Kazlauskienė", "Rūta Kazlauskas", Reason.FEMALE_FORM),
        ("Анна Шишкова", "Анна Шишков", Reason.FEMALE_FORM),
        ("Ana Vandenberg", "Ana van den Berg", Reason.JOINED),
        ("Anna Maria Rossi", "Annamaria Rossi", Reason.JOINED),
        ("J. Harper", "Joanna Harper", Reason.INITIAL),
        ("Petrova Olga", "Olga Petrova", Reason.OTHER_ORDER),
        ("Ana Ruiz Peña", "Ana Ruiz", Reason.EXTRA_WORD),
    ],
)
def test_each_reason_has_its_rule(one: str, other: str, reason: Reason) -> None:
    assert reason in reasons(one, other)
    assert compare_names(parse_name(one), parse_name(other)).score >= FOUND


def test_part_of_a_double_surname_is_told_where_the_parts_are_known() -> None:
    one = name_of([("Ana", Place.GIVEN), ("Ruiz", Place.FAMILY), ("Peña", Place.FAMILY)])
    match = compare_names(one, name_of([("Ana", Place.GIVEN), ("Ruiz", Place.FAMILY)]))
    assert match.score >= FOUND
    assert Reason.DOUBLE_SURNAME in match.reasons


def test_a_father_may_be_named_or_not() -> None:
    told, untold = parse_name("Иван Сергеевич Цветков"), parse_name("Иван Цветков")
    assert compare_names(told, untold).score >= 0.95
    named = name_of(
        [("Ivan", Place.GIVEN), ("Sergei", Place.PATRONYMIC), ("Tsvetkov", Place.FAMILY)]
    )
    assert Reason.PATRONYMIC in compare_names(told, named).reasons


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Мария Иванова", "Марина Иванова"),
        ("Иван Петров", "Пётр Петров"),
        ("Александр Петров", "Александра Петрова"),
        ("Иван Сергеевич Цветков", "Иван Павлович Цветков"),
        ("Иван Петрович Сидоров", "Пётр Иванович Сидоров"),
        ("Γιώργος Παπαδόπουλος", "Μαρία Παπαδοπούλου"),
        ("Zoran Jovanović", "Zorana Jovanović"),
        ("Ana García López", "Ana García Fernández"),
        ("حسن المصري", "حسين المصري"),
        ("Samir Haddad", "Samira Haddad"),
        ("Maria", "Maria Petrova"),
        ("", "Maria"),
        ("", ""),
    ],
)
def test_two_people_are_told_apart(one: str, other: str) -> None:
    assert compare_names(parse_name(one), parse_name(other)).score < 0.7
    assert compare_names(parse_name(other), parse_name(one)).score < 0.7


@pytest.mark.parametrize("text", SOME_NAMES)
def test_a_name_is_itself_in_any_case(text: str) -> None:
    match = compare_names(parse_name(text), parse_name(text.upper()))
    assert match.score == 1.0
    assert match.reasons == (Reason.SAME,)


@given(st.sampled_from(SOME_NAMES), st.sampled_from(SOME_NAMES))
def test_the_order_of_asking_makes_no_difference(one: str, other: str) -> None:
    first, second = parse_name(one), parse_name(other)
    there, back = compare_names(first, second), compare_names(second, first)
    assert there.score == pytest.approx(back.score, abs=0.05)
    assert 0 <= there.score <= 1


@given(
    st.text("aeioupbtdszSCJkghlrmn1234679GAVWY", max_size=12),
    st.text("aeioukgsStvlrmn", max_size=12),
)
def test_alikeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    for is_unvowelled in (False, True):
        heard = alikeness(one, other, is_unvowelled=is_unvowelled)
        assert 0 <= heard <= 1
        assert heard == pytest.approx(alikeness(other, one, is_unvowelled=is_unvowelled))
        assert alikeness(one, one, is_unvowelled=is_unvowelled) == 1


def test_words_that_only_join_are_no_words_of_a_name() -> None:
    def latin(text: str) -> list[str]:
        name: Name[Word] = parse_name(text)
        return [word.latin for word in name.words]

    assert latin("Ana van den Berg") == ["ana", "berg"]
    assert latin("محمد بن علي الخطيب") == ["mhmd", "aly", "khtyb"]
    assert latin("Abdul Rahman Aziz") == latin("Abdurrahman Aziz") == ["abdrahman", "aziz"]
    assert latin("عبد الرحمن") == latin("عبدالرحمن") == ["abdrhmn"]
    # Particles alone are a name.
    assert latin("Van") == ["van"]
    assert latin("de la") == ["la"]
