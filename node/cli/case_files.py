"""The files that commands on cases take: a case as JSON, and photos."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from node.cli.options import FILE, read_file
from node.errors import ArgumentError

F = TypeVar("F", bound=Callable[..., Any])

CASE_BYTES = 4 * 1024 * 1024
PHOTO_BYTES = 32 * 1024 * 1024
# All photos of one command; base64 of it stays below what the node reads as one line.
PHOTOS_BYTES = 40 * 1024 * 1024


def photo_options(function: F) -> F:
    """Add --photo and --photo-kind."""
    kind = click.option(
        "--photo-kind",
        default="photo",
        show_default=True,
        help="What the photos are: a code of the list file_kind.",
    )
    photo = click.option(
        "--photo", "photos", type=FILE, multiple=True, help="Photo; may be repeated."
    )
    return photo(kind(function))


def read_case(path: Path) -> str:
    """Read a case as JSON; - is stdin.

    Raises:
        ArgumentError: it cannot be read, or is no text.
    """
    data = sys.stdin.buffer.read(CASE_BYTES) if str(path) == "-" else read_file(path, CASE_BYTES)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ArgumentError("argument_invalid", "the case file is not UTF-8") from error


def read_photos(paths: tuple[Path, ...]) -> list[str]:
    """Read photos as they stand in arguments.

    Raises:
        ArgumentError: one cannot be read, or they are too large together.
    """
    photos = [read_file(path, PHOTO_BYTES) for path in paths]
    if sum(map(len, photos)) > PHOTOS_BYTES:
        raise ArgumentError("too_large", "these photos are too large for one command")
    return [base64.b64encode(photo).decode("ascii") for photo in photos]
