"""How the command line speaks: text from elsewhere made harmless, times, tables.

Text that came from a peer must not steer the terminal: control characters and marks
that turn the direction of writing are shown as what they are (<U+202E>).
"""

from __future__ import annotations

import datetime
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click

Answer = dict[str, Any]

SECOND_MS, MINUTE_MS, HOUR_MS, DAY_MS = 1000, 60_000, 3_600_000, 86_400_000
# Joiners are part of the spelling of names in Persian and in the scripts of India.
_SPELLING = "\u200c\u200d"
_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
ID_DIGITS = 8
TRAINING_LINE = "training home: invented cases"


def show(answer: Answer, *, is_json: bool, lines: Callable[[Answer], Iterable[str]]) -> None:
    """Print an answer: as one JSON object, or as the lines made of it."""
    if is_json:
        # ASCII only: what steers a terminal is escaped here as well.
        click.echo(json.dumps(answer, indent=2))
        return
    for line in lines(answer):
        click.echo(line)


def tell_error(told: Mapping[str, str], *, is_json: bool) -> None:
    """Show an error: one sentence and its hints on stderr, with --json an object on stdout."""
    if is_json:
        click.echo(json.dumps({"error": told}))
    click.echo(f"homeward: error: {told['sentence']}", err=True)
    for line in filter(None, told["hint"].splitlines()):
        click.echo(f"hint: {line}", err=True)


def progress(sentence: str) -> None:
    """Say on stderr what goes on."""
    click.echo(sentence, err=True)


def visible(text: str) -> str:
    """Return text on one line, with everything that could steer a terminal made visible."""
    return "".join(_visible(character) for character in text)


def block(text: str, indent: str) -> list[str]:
    """Return free text as lines of their own."""
    return [indent + visible(line) for line in text.splitlines()]


def moment(at_ms: int) -> str:
    """Return a time as people write it, in UTC."""
    at = datetime.datetime.fromtimestamp(at_ms / 1000, datetime.UTC)
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")


def span(duration_ms: int) -> str:
    """Return a length of time, roughly."""
    for unit_ms, name in ((DAY_MS, "day"), (HOUR_MS, "hour"), (MINUTE_MS, "minute")):
        if duration_ms >= unit_ms:
            return counted(duration_ms // unit_ms, name)
    return counted(max(0, duration_ms // SECOND_MS), "second")


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {plural or noun + 's'}"


def short(identifier: str) -> str:
    """Return the beginning of a hexadecimal id, enough to name it by."""
    return identifier[:ID_DIGITS]


def table(rows: Sequence[Sequence[str]], indent: str = "") -> list[str]:
    """Return rows as aligned columns; the last one may be of any length."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        (indent + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]


def _visible(character: str) -> str:
    if character in _SPELLING or unicodedata.category(character) not in _HARMFUL:
        return character
    return f"<U+{ord(character):04X}>"
