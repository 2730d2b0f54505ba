"""Finding people: one box for names, dates and numbers, and nothing merged by itself."""

from __future__ import annotations

import pytest

from node.errors import ArgumentError
from node.finding import limits
from node.finding.reasons import Part, Reason, words
from protocol.pb.homeward.v1 import case_pb2
from tests.node.finding.conftest import Shelf, child_case
from tests.support.cases import belgian_case

OTHER_SCRIPT = Reason.OTHER_SCRIPT


def born(year: int, month: int, day: int) -> case_pb2.PartialDate:
    return case_pb2.PartialDate(year=year, month=month, day=day, precision="day")


def family_case() -> case_pb2.Case:
    """Return a case with a child, its mother, a source and the police."""
    case = child_case("1", "Ольга", "Щербакова", date_of_birth=born(2012, 5, 4), sex="female")
    case.local_case_number = "2026-0117"
    mother = case.persons.add(id="p1", roles=["parent_a"])
    mother.names.add(full="Наталья Щербакова")
    mother.contact_points.add(kind="telephone", value="+32 470 12 34 56")
    case.sources.add(id="s1").names.add(given="Testina", family="Tipova")
    police = case.police.add(id="a1", office="Namur")
    police.references.add(kind="police_case", number="NA.11.000001/2026")
    return case


@pytest.mark.parametrize(
    ("query", "part", "reasons"),
    [
        ("Ольга Щербакова", Part.CHILD, {Reason.SAME}),
        ("Olga Scherbakowa", Part.CHILD, {OTHER_SCRIPT}),
        ("Shcherbakova Olechka", Part.CHILD, {OTHER_SCRIPT, Reason.NICKNAME, Reason.OTHER_ORDER}),
        ("Ольга Щербаков", Part.CHILD, {Reason.SAME, Reason.FEMALE_FORM}),
        ("shcherb", Part.CHILD, {Reason.BEGINS}),
        ("Olga 04.05.2012", Part.CHILD, {OTHER_SCRIPT, Reason.DATE_SAME}),
        ("Olga 05.04.2012", Part.CHILD, {OTHER_SCRIPT, Reason.DATE_SWAPPED}),
        ("2012-04-05", Part.CHILD, {Reason.DATE_SWAPPED}),
        ("Natalia Schtscherbakowa", Part.PERSON, {OTHER_SCRIPT}),
        ("0470/12.34.56", Part.PERSON, {Reason.TELEPHONE}),
        ("Olga 0032470123456", Part.CHILD, {OTHER_SCRIPT, Reason.TELEPHONE}),
        ("Tipova", Part.SOURCE, {Reason.SAME}),
        ("na 11 000001 2026", Part.AUTHORITY, {Reason.REFERENCE}),
        ("NA.11", Part.AUTHORITY, {Reason.REFERENCE_BEGINS}),
        ("117", Part.CASE, {Reason.REFERENCE_PART}),
        ("be.example/1", Part.CASE, {Reason.REFERENCE}),
    ],
)  # fmt: skip
async def test_anything_in_a_case_finds_it_with_the_reason(
    shelf: Shelf, query: str, part: Part, reasons: set[Reason]
) -> None:
    await shelf.put(family_case())
    await shelf.put(child_case("2", "Иван", "Петров", date_of_birth=born(2011, 1, 1)))
    (hit,) = await shelf.finding.find(query)
    assert (hit.case_id, hit.part) == ("be.example/1", part)
    assert set(hit.reasons) == reasons
    assert 0.5 < hit.score <= 1


@pytest.mark.parametrize(
    "query",
    [
        "Мария Щербакова",
        "Виктор Ольгин",
        "%",
        "Olga' OR 1=1 --",
        "0470 99 99 99",
        "2010-01-01",
        "*lga",
    ],
)
async def test_what_is_not_there_is_not_found(shelf: Shelf, query: str) -> None:
    await shelf.put(family_case())
    try:
        assert await shelf.found(query) in ([], ["1"] if "lga" in query else [])
    except ArgumentError as error:
        assert error.code == "query_empty"  # noqa: PT017 - the other answer


async def test_the_best_stand_first_and_the_limit_is_kept(shelf: Shelf) -> None:
    await shelf.put(child_case("1", "Olga", "Petrova"))
    await shelf.put(child_case("2", "Ольга", "Петрова"))
    await shelf.put(child_case("3", "Olya", "Petrov"))
    await shelf.put(child_case("4", "Oleg", "Petrov"))
    assert await shelf.found("Olga Petrova") == ["1", "2", "3"]
    assert [hit.case_id[-1] for hit in await shelf.finding.find("Olga Petrova", 1)] == ["1"]
    scores = [hit.score for hit in await shelf.finding.find("Olga Petrova")]
    assert scores == sorted(scores, reverse=True)


async def test_of_many_namesakes_the_one_with_the_date_stands_first(shelf: Shelf) -> None:
    for number in range(limits.LEAST_CANDIDATES * 2):
        birth = born(2010, 1 + number % 12, 1 + number // 12)
        await shelf.put(child_case(f"{number:02}", "Мария", "Иванова", date_of_birth=birth))
    assert (await shelf.found("Maria Ivanova 02.03.2010"))[0] == "14"
    again = child_case("new", "Maria", "Ivanova", date_of_birth=born(2010, 3, 2))
    hits = await shelf.finding.possible_duplicates(again)
    assert hits[0].case_id == "be.example/14"


async def test_a_wide_query_gives_no_more_than_may_be_shown(shelf: Shelf) -> None:
    for number in range(limits.HITS + 20):
        await shelf.put(child_case(f"{number:03}", "Maria", "Ivanova"))
    assert len(await shelf.finding.find("Maria", 10_000)) == limits.HITS


async def test_an_empty_home_finds_nobody(shelf: Shelf) -> None:
    assert await shelf.finding.find("Olga") == []
    assert await shelf.finding.possible_duplicates(family_case()) == []


@pytest.mark.parametrize(
    ("given", "family", "date", "is_likely"),
    [
        ("Ольга", "Щербакова", (2012, 5, 4), True),
        ("Olga", "Shcherbakova", (2012, 4, 5), True),
        ("Olya", "Scherbakowa", (2012, 5, 4), True),
        ("Olga", "Shcherbakova", (2014, 8, 9), False),
        ("Anna", "Shcherbakova", (2012, 5, 4), False),
        ("Olga", "", (2012, 8, 9), False),
    ],
)
async def test_a_child_that_is_here_already_is_a_possible_duplicate(
    shelf: Shelf, given: str, family: str, date: tuple[int, int, int], is_likely: bool
) -> None:
    await shelf.put(family_case())
    again = child_case("9", given, family, date_of_birth=born(*date))
    hits = await shelf.finding.possible_duplicates(again)
    assert [hit.case_id for hit in hits] == (["be.example/1"] if is_likely else [])


async def test_the_same_file_number_makes_a_duplicate_likely(shelf: Shelf) -> None:
    await shelf.put(family_case())
    again = child_case("9", "Unknown")
    again.police.add(id="a1").references.add(number="na-11-000001-2026")
    (hit,) = await shelf.finding.possible_duplicates(again)
    assert Reason.REFERENCE in hit.reasons


@pytest.mark.parametrize("number", ["117", "2026", "NA11", "000001"])
async def test_a_few_digits_in_common_make_no_duplicate(shelf: Shelf, number: str) -> None:
    await shelf.put(family_case())
    again = child_case("9", "Unknown")
    again.police.add(id="a1").references.add(number=number)
    assert await shelf.finding.possible_duplicates(again) == []


async def test_another_sex_and_a_first_name_alone_are_no_duplicate(shelf: Shelf) -> None:
    await shelf.put(child_case("1", "Саша", "Петров", sex="male"))
    assert await shelf.finding.possible_duplicates(child_case("9", "Саша", "Петров", sex="male"))
    assert not await shelf.finding.possible_duplicates(
        child_case("9", "Саша", "Петрова", sex="female")
    )
    await shelf.put(child_case("2", "Testina"))
    assert not await shelf.finding.possible_duplicates(child_case("9", "Testina"))


async def test_a_case_is_no_duplicate_of_itself_and_nothing_is_merged(shelf: Shelf) -> None:
    await shelf.put(family_case())
    before = shelf.counts()
    assert await shelf.finding.possible_duplicates(family_case()) == []
    await shelf.finding.find("Olga")
    assert shelf.counts() == before


@pytest.mark.parametrize("text", ["x" * 10_000, "Щ" * 10_000, "\u0301" * 10_000, "a b " * 5_000])
async def test_a_case_of_any_size_is_bounded_work(shelf: Shelf, text: str) -> None:
    case = belgian_case()
    case.children[0].names.add(full=text, given=text, family=text)
    case.children[0].contact_points.add(kind="telephone", value=text)
    for _ in range(500):
        case.children.add().names.add(full="Testina")
    assert await shelf.finding.possible_duplicates(case) == []
    await shelf.put(case)
    assert shelf.counts()["people"] <= 2 * limits.PEOPLE_PER_CASE


async def test_no_error_repeats_what_was_asked(shelf: Shelf) -> None:
    with pytest.raises(ArgumentError) as error:
        await shelf.finding.find("Testina " * 50)
    assert "estina" not in error.value.sentence + error.value.hint


@pytest.mark.parametrize("code", [*Reason, *Part])
def test_every_code_has_words(code: Reason | Part) -> None:
    assert words(code)
    # A language without a translation reads English.
    assert words(code, "xx") == words(code)
    assert words(code) == words(code).lower()
