"""What somebody typed into the one box: words of a name, dates, numbers, mixed as they come."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from node.errors import ArgumentError
from node.finding import limits
from node.finding.digits import (
    TELEPHONE_END_DIGITS,
    Date,
    Lookup,
    read_date,
    reference_lookups,
    telephone_lookups,
)
from node.finding.names import Name, Word, parse_name
from node.finding.writing import digits_in_ascii, folded

_SPACE = re.compile(r"[\s\u0000-\u001f\u007f]+")
_OF_TELEPHONE = re.compile(r"[+(]?[\d()/.+-]+")
_AROUND = ',;:!?"“”„«»<>[]{}'
_LEAST_LETTERS = 2
# A reference that is typed with spaces has no more parts.
_REFERENCE_PIECES = 6


@dataclass(frozen=True, slots=True)
class Query:
    """A question for people: any of a name, dates of birth and numbers."""

    name: Name[Word]
    dates: tuple[Date, ...] = ()
    numbers: tuple[tuple[Lookup, ...], ...] = ()
    """Numbers that were typed, each with all the ways in which it may be recorded."""
    references: tuple[Lookup, ...] = ()
    """The whole text, and parts of it with digits, as references that hold spaces."""


def parse_query(text: str) -> Query:
    """Read what was typed.

    Raises:
        ArgumentError: it is too long, or there is nothing in it to look for.
    """
    if len(text) > limits.QUERY_CHARACTERS:
        raise _too_long()
    pieces = _pieces(text)
    if len(pieces) > limits.QUERY_WORDS:
        raise _too_long()
    words = [piece for piece in pieces if not _has_digit(piece) and "@" not in piece]
    name = parse_name(" ".join(words))
    if len(name.words) > limits.QUERY_WORDS:
        raise _too_long()
    dates = tuple(filter(None, map(read_date, pieces)))
    query = Query(name, dates, tuple(_numbers(pieces)), tuple(_spaced_references(pieces)))
    is_name = any(len(word.latin) >= _LEAST_LETTERS for word in name.words)
    if not (is_name or query.dates or query.numbers):
        raise ArgumentError(
            "query_empty",
            "there is nothing in this to look for",
            "a name in any script, a date of birth, a telephone or reference number",
        )
    return query


def _pieces(text: str) -> list[str]:
    plain = digits_in_ascii(folded(text))
    return [piece for part in _SPACE.split(plain) if (piece := part.strip(_AROUND))]


def _numbers(pieces: list[str]) -> Iterator[tuple[Lookup, ...]]:
    """Yield each number with where to look for it; a telephone number may hold spaces."""
    run: list[str] = []
    for piece in [*pieces, ""]:
        is_date = read_date(piece) is not None
        if not is_date and _OF_TELEPHONE.fullmatch(piece):
            run.append(piece)
            continue
        if run:
            yield from _number(run)
            run = []
        if not is_date and (_has_digit(piece) or "@" in piece):
            yield from _lookups(reference_lookups(piece))


def _number(run: list[str]) -> Iterator[tuple[Lookup, ...]]:
    whole = "".join(run)
    lookups = list(reference_lookups(whole))
    if sum(map(str.isdecimal, whole)) >= TELEPHONE_END_DIGITS:
        lookups += telephone_lookups(whole)
    yield from _lookups(iter(lookups))


def _lookups(lookups: Iterator[Lookup]) -> Iterator[tuple[Lookup, ...]]:
    found = tuple(lookups)
    if found:
        yield found


def _spaced_references(pieces: list[str]) -> Iterator[Lookup]:
    if len(pieces) > 1 and any(map(_has_digit, pieces[:_REFERENCE_PIECES])):
        whole = "".join(pieces[:_REFERENCE_PIECES])
        yield from (found for found in reference_lookups(whole) if not found.is_beginning)


def _has_digit(piece: str) -> bool:
    return any(map(str.isdecimal, piece))


def _too_long() -> ArgumentError:
    return ArgumentError(
        "query_too_long",
        "this is more than a search can take",
        f"at most {limits.QUERY_WORDS} words and {limits.QUERY_CHARACTERS} characters",
    )
