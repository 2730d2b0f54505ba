"""Options that many commands share, and how they read files and long texts."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from node.cli import output
from node.errors import ArgumentError
from node.home import is_training_home

F = TypeVar("F", bound=Callable[..., Any])

HOME_VARIABLE = "HOMEWARD_HOME"
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


def home_option(function: F) -> F:
    """Add --home; whoever works in a training home is told so first."""
    return click.option(
        "--home",
        type=FOLDER,
        envvar=HOME_VARIABLE,
        required=True,
        callback=_tell_training,
        help=f"Folder of the node; else {HOME_VARIABLE}.",
    )(function)


def _tell_training(context: click.Context, parameter: click.Parameter, home: Path) -> Path:
    del parameter
    if not context.resilient_parsing and is_training_home(home):
        output.progress(output.TRAINING_LINE)
    return home


def json_option(function: F) -> F:
    """Add --json."""
    return click.option("--json", "is_json", is_flag=True, help="Print one JSON object.")(function)


def unlock_option(function: F) -> F:
    """Add --unlock-file, for commands that use keys outside of a home."""
    return click.option(
        "--unlock-file", type=FILE, help="File with the passphrase; without it you are asked."
    )(function)


def made_by() -> str:
    """Return who is at work here, for the node's own records."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def long_text(option: str, value: str) -> str:
    """Return the text of an option; "-" reads it from stdin, where no process list shows it."""
    if value != "-":
        return value
    try:
        return sys.stdin.read().strip()
    except UnicodeDecodeError as error:
        raise ArgumentError("argument_invalid", f"the text for {option} is not UTF-8") from error


def time_ms(option: str, text: str) -> int:
    """Return the time of an option, UTC unless it says otherwise, in milliseconds."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        sentence = f"{option} is not a time"
        raise ArgumentError("argument_invalid", sentence, "2026-11-22T14:30+01:00") from error
    aware = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return int(aware.timestamp() * 1000)


def read_file(path: Path, limit_bytes: int) -> bytes:
    """Read a file that a person named.

    Raises:
        ArgumentError: it cannot be read, or is larger. The path is not repeated.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ArgumentError("cannot_read", f"a file cannot be read: {reason}") from error
    if len(data) > limit_bytes:
        raise ArgumentError("too_large", "a file is larger than one that can be taken")
    return data
