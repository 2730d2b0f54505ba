"""Telephone numbers, references and dates -> terms by which they are looked up.

A term is a letter for its kind and what is left when all ways of writing it are gone:

    p7654321     a telephone number, backwards, without what a call from abroad leaves
                 out: numbers that end alike begin alike
    rNA1100001   a reference, account or plate: letters and digits only
    q117         a group of digits in a reference, without leading zeros
    d2012-05-17  a date, d2012-05 or d2012 where no more is known
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from anyascii import anyascii

from node.finding import limits
from node.finding.reasons import Reason
from node.finding.writing import digits_in_ascii, folded

# Enough of two numbers to be one, when country and area are written differently.
TELEPHONE_DIGITS = 7
TELEPHONE_END_DIGITS = 4
_TELEPHONE_MOST = 15
REFERENCE_BEGINNING = 4
_REFERENCE_MOST = 64
_GROUP_DIGITS = 3
_NOT_ALPHANUMERIC = re.compile(r"[^A-Z0-9]+")
_SHAPES = str.maketrans("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕЗКМНОРСТУХІЈЅ", "ABEZHIKMNOPTYXABE3KMHOPCTYXIJS")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DATES = (
    re.compile(r"(?P<y>\d{4})[-./](?P<m>\d{1,2})[-./](?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})[-./](?P<m>\d{1,2})[-./](?P<y>\d{4})"),
    re.compile(r"(?P<y>\d{4})[-./](?P<m>\d{1,2})"),
    re.compile(r"(?P<m>\d{1,2})[-./](?P<y>\d{4})"),
    re.compile(r"(?P<y>(?:19|20)\d\d)"),
)
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Date:
    """A date of which only the beginning may be known; 0 is unknown."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def text(self) -> str:
        """The known part, year first."""
        parts = [f"{self.year:04}"]
        if self.month:
            parts.append(f"{self.month:02}")
            if self.day:
                parts.append(f"{self.day:02}")
        return "-".join(parts)

    @property
    def swapped(self) -> Date | None:
        """The date with day and month the other way round, if that is another date."""
        if not self.day or self.day > _DECEMBER or self.day == self.month:
            return None
        return Date(self.year, self.day, self.month)


def read_date(text: str) -> Date | None:
    """Read a date as people type it, day before month; None when it is none."""
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if match:
            found = {"m": "0", "d": "0", **match.groupdict()}
            date = Date(int(found["y"]), int(found["m"]), int(found["d"]))
            if date.month > _DECEMBER >= date.day > 0:
                date = Date(date.year, date.day, date.month)
            return date if _exists(date) else None
    return None


def date_of(year: int, month: int, day: int) -> Date | None:
    """Return a recorded date, as far as there can be such a day."""
    for date in (Date(year, month, day), Date(year, month), Date(year)):
        if (date.month or not date.day) and _exists(date):
            return date
    return None


def parse_text(text: str) -> Date | None:
    """Read a date from `Date.text`."""
    parts = [int(part) for part in text.split("-")] if text else []
    return Date(*parts) if parts else None


def compare_dates(asked: Date, recorded: Date) -> tuple[float, Reason]:
    """Return how well a recorded date fits the one that was asked for."""
    if asked == recorded:
        is_exact = bool(asked.day)
        return (1.0, Reason.DATE_SAME) if is_exact else (0.9, Reason.DATE_PARTLY)
    if asked.swapped == recorded:
        return 0.9, Reason.DATE_SWAPPED
    if asked.text.startswith(recorded.text) or recorded.text.startswith(asked.text):
        return 0.85, Reason.DATE_PARTLY
    is_same_day = (asked.month, asked.day) == (recorded.month, recorded.day)
    if is_same_day and abs(asked.year - recorded.year) == 1:
        return 0.75, Reason.DATE_NEAR
    if asked.day and recorded.day and abs(_day_number(asked) - _day_number(recorded)) <= 1:
        return 0.75, Reason.DATE_NEAR
    return 0.2, Reason.DATE_DIFFERS


def date_terms(date: Date) -> Iterator[str]:
    """Yield the terms of a recorded date: as it is, and with day and month swapped."""
    yield "d" + date.text
    if date.swapped is not None:
        yield "s" + date.swapped.text


def telephone_terms(value: str) -> Iterator[str]:
    """Yield the term of a recorded telephone number."""
    number = telephone_digits(value)
    if len(number) >= TELEPHONE_END_DIGITS:
        yield "p" + number[::-1]


def reference_terms(value: str) -> Iterator[str]:
    """Yield the terms of a recorded reference."""
    bare = alphanumeric(value)
    if bare:
        yield "r" + bare
    for group in re.findall(r"\d+", digits_in_ascii(value[: limits.NUMBER_CHARACTERS])):
        if not _YEAR.fullmatch(group) and len(group) >= _GROUP_DIGITS:
            yield "q" + group.lstrip("0")


def alphanumeric(text: str) -> str:
    """Return letters and digits only, in capital Latin letters.

    Letters go by their shape: a Greek plate is read off by people who have no Greek.
    """
    capitals = digits_in_ascii(folded(text[: limits.NUMBER_CHARACTERS])).upper()
    latin = anyascii(capitals.translate(_SHAPES)).upper()
    return _NOT_ALPHANUMERIC.sub("", latin)[:_REFERENCE_MOST]


def telephone_digits(text: str) -> str:
    """Return the digits without the prefixes for going abroad or out of town."""
    return "".join(re.findall(r"\d", digits_in_ascii(text[: limits.NUMBER_CHARACTERS])))[
        :_TELEPHONE_MOST
    ].lstrip("0")


@dataclass(frozen=True, slots=True)
class Lookup:
    """A term to look up, whether longer ones count too, and what a hit means."""

    term: str
    is_beginning: bool
    reason: Reason
    score: float


def telephone_lookups(text: str) -> Iterator[Lookup]:
    """Yield where to look for a number of which people may have typed the end only."""
    number = telephone_digits(text)
    backwards = number[::-1]
    if len(number) >= TELEPHONE_DIGITS:
        yield Lookup("p" + backwards, is_beginning=True, reason=Reason.TELEPHONE, score=0.98)
        # Recorded without the country, asked for with it.
        for size in range(TELEPHONE_DIGITS, len(number)):
            yield Lookup(
                "p" + backwards[:size], is_beginning=False, reason=Reason.TELEPHONE, score=0.95
            )
    elif len(number) >= TELEPHONE_END_DIGITS:
        yield Lookup("p" + backwards, is_beginning=True, reason=Reason.TELEPHONE_END, score=0.75)


def reference_lookups(text: str) -> Iterator[Lookup]:
    """Yield where to look for a reference, its beginning, or one group of its digits."""
    bare = alphanumeric(text)
    if len(bare) >= _GROUP_DIGITS:
        yield Lookup("r" + bare, is_beginning=False, reason=Reason.REFERENCE, score=0.99)
    if len(bare) >= REFERENCE_BEGINNING:
        yield Lookup("r" + bare, is_beginning=True, reason=Reason.REFERENCE_BEGINS, score=0.8)
    if bare.isdecimal() and len(bare) >= _GROUP_DIGITS:
        group = "q" + bare.lstrip("0")
        yield Lookup(group, is_beginning=False, reason=Reason.REFERENCE_PART, score=0.75)


def date_lookups(dates: Iterable[Date]) -> Iterator[Lookup]:
    """Yield where to look for people born on a date."""
    for date in dates:
        reason = Reason.DATE_SAME if date.day else Reason.DATE_PARTLY
        yield Lookup("d" + date.text, is_beginning=not date.day, reason=reason, score=1.0)
        if date.day:
            yield Lookup("s" + date.text, is_beginning=False, reason=Reason.DATE_SWAPPED, score=0.9)


def _exists(date: Date) -> bool:
    try:
        datetime.date(date.year, date.month or 1, date.day or 1)
    except ValueError:
        return False
    return True


def _day_number(date: Date) -> int:
    return datetime.date(date.year, date.month, date.day).toordinal()
