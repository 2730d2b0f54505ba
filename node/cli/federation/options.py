"""Options of the federation's commands, and their values as fields of a member's record."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from node.cli.options import FOLDER
from node.errors import ArgumentError

F = TypeVar("F", bound=Callable[..., Any])

REGIMES = click.Choice(["eea", "adequacy", "other"])
NONE = "none"
KEY_FILE = click.Path(path_type=Path, dir_okay=False)
# In the order in which a shell lets them overrule each other.
LANGUAGE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")


def dir_option(function: F) -> F:
    """Add --dir."""
    return click.option(
        "--dir", "folder", type=FOLDER, required=True, help="The federation's folder."
    )(function)


def language_option(function: F) -> F:
    """Add --language, for commands that print words to compare on the telephone."""
    return click.option(
        "--language", help="List of the words to compare; else that of LANG, else en."
    )(function)


def yes_option(function: F) -> F:
    """Add --yes."""
    return click.option("--yes", is_flag=True, help="Do not ask.")(function)


def decided_options(function: F) -> F:
    """Add what the secretariat decides about a member, whatever its request says."""
    for option in (
        click.option("--regime", type=REGIMES, help="On what footing data may go there."),
        click.option("--adequacy-until", metavar="DATE", help="Last day; or none."),
        click.option("--agreement-until", metavar="DATE", help="Last day; or none."),
        click.option(
            "--hours", multiple=True, metavar="HOURS", help='"mo-fr 09:00-17:00", or always.'
        ),
        click.option("--time-zone", metavar="ZONE", help="Of the hours: Europe/Brussels."),
    ):
        function = option(function)
    return function


def record_fields(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record that these options decide; the others are left out.

    Raises:
        ArgumentError: a value cannot be read.
    """
    from keys.members import TransferRegime
    from node.federation.hours import check_time_zone, parse_hours

    # Not given, an option is None or, where it may be repeated, empty.
    fields = {name: value for name, value in options.items() if value not in (None, ())}
    if "regime" in fields:
        fields["transfer_regime"] = TransferRegime[fields.pop("regime").upper()]
    for name in ("adequacy_until", "agreement_until"):
        if name in fields:
            fields[name] = _date(name, fields[name])
    if "hours" in fields:
        fields["hours"] = parse_hours(fields["hours"])
    if "time_zone" in fields:
        check_time_zone(fields["time_zone"])
    return fields


def word_language(chosen: str | None) -> str:
    """Return the language of the word list: the chosen one, else the machine's, else en.

    Raises:
        ArgumentError: there is no list in the chosen language.
    """
    from keys.words import WORD_LANGUAGES

    if chosen is not None:
        if chosen not in WORD_LANGUAGES:
            listed = ", ".join(WORD_LANGUAGES)
            sentence = "there is no word list in this language"
            raise ArgumentError("argument_invalid", sentence, f"one of: {listed}")
        return chosen
    locale = next(filter(None, map(os.environ.get, LANGUAGE_VARIABLES)), "")
    language = locale.partition(".")[0].partition("_")[0].lower()
    return language if language in WORD_LANGUAGES else "en"


def now_ms() -> int:
    """Return the present time."""
    return time.time_ns() // 1_000_000


def _date(name: str, text: str) -> datetime.date | None:
    if text.lower() == NONE:
        return None
    try:
        date = datetime.date.fromisoformat(text)
    except ValueError as error:
        option = name.replace("_", "-")
        sentence = f"--{option} is not a date"
        raise ArgumentError("argument_invalid", sentence, "2027-12-31, or none") from error
    return date
