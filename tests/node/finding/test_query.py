"""What is typed: anything at all gets an answer, and nothing gets much work."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.errors import ArgumentError
from node.finding import limits
from node.finding.digits import Date
from node.finding.query import parse_query

EMPTY = [
    "",
    " ",
    "\t\n",
    "x",
    "\u0301",
    "\u202e\u200b",
    "\x00\x1b",
    "%",
    "_%*",
    "...",
    "12",
    "@",
    "''",
]


@pytest.mark.parametrize("text", EMPTY, ids=ascii)
def test_nothing_to_look_for_is_said_clearly(text: str) -> None:
    with pytest.raises(ArgumentError) as error:
        parse_query(text)
    assert error.value.code == "query_empty"
    assert text.strip() == "" or text not in error.value.sentence + error.value.hint


@pytest.mark.parametrize(
    "text",
    ["a" * 10_000, "ab " * 40, "\u0301" * 10_000, "1 " * 99, "ﷺ" * 150, "a-" * 99],
    ids=lambda text: ascii(text[:2]),
)
def test_too_much_is_refused_at_once(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(ArgumentError) as error:
        parse_query(text)
    assert error.value.code in {"query_too_long", "query_empty"}
    assert time.perf_counter() - started < 1


def test_a_name_a_date_and_numbers_are_told_apart() -> None:
    query = parse_query("Ольга Щербакова, 17.05.2012 +32 470 12 34 56 NA.11.000001/2026")
    assert [word.latin for word in query.name.words] == ["olga", "shcherbakova"]
    assert query.dates == (Date(2012, 5, 17),)
    assert len(query.numbers) == 2


@given(st.text(max_size=limits.QUERY_CHARACTERS + 5))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        query = parse_query(text)
    except ArgumentError as error:
        assert error.code in {"query_empty", "query_too_long"}  # noqa: PT017 - both are answers
    else:
        assert query.name or query.dates or query.numbers
        assert len(query.name.words) <= limits.QUERY_WORDS
        assert len(query.numbers) <= limits.QUERY_WORDS
