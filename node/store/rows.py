"""Frozen rows in and out of tables; the columns are the dataclass's own fields.

Every table group uses these, so that a row type and its SQL cannot drift apart.
The table name and the condition are constants of the calling module, never input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any, TypeVar

from sqlite_utils import Database

R = TypeVar("R")


def insert(db: Database, table: str, row: object) -> None:
    """Insert a row, each field into the column of its name."""
    names = _names(type(row))  # type: ignore[arg-type] # types are hashable
    db.execute(_insert(table, names), [getattr(row, name) for name in names])


def select(
    db: Database, table: str, row_type: type[R], rest: str = "", values: Sequence[object] = ()
) -> list[R]:
    """Return the rows that `rest` (WHERE, ORDER BY, LIMIT) leaves."""
    names = _names(row_type)  # type: ignore[arg-type] # types are hashable
    cursor = db.execute(f"SELECT {', '.join(names)} FROM {table} {rest}", values)  # noqa: S608 - constants
    make: Callable[..., R] = row_type
    if _is_positional(row_type):  # type: ignore[arg-type] # types are hashable
        # Several times as fast, where a search reads hundreds.
        return [make(*row) for row in cursor]
    return [make(**dict(zip(names, row, strict=True))) for row in cursor]


def select_one(
    db: Database, table: str, row_type: type[R], rest: str, values: Sequence[object] = ()
) -> R | None:
    """Return the first row that `rest` leaves, or None."""
    rows = select(db, table, row_type, f"{rest} LIMIT 1", values)
    return rows[0] if rows else None


@lru_cache(maxsize=64)
def _insert(table: str, names: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - constants


@lru_cache(maxsize=64)
def _is_positional(row_type: type[Any]) -> bool:
    return not any(field.kw_only for field in fields(row_type))


@lru_cache(maxsize=64)
def _names(row_type: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(row_type))
