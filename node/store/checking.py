"""Whether the database is whole, as far as SQLCipher can tell."""

from __future__ import annotations

from sqlite_utils import Database

# More than this says nothing more.
_FAULTS = 20


def faults(db: Database) -> list[str]:
    """Read the whole database; return what is wrong with it: nothing, if all is well.

    Each page carries a signature under the home's key, and is checked as it is read.
    """
    found = [str(row[0]) for row in db.execute("PRAGMA cipher_integrity_check").fetchmany(_FAULTS)]
    if not found:
        found = [str(row[0]) for row in db.execute(f"PRAGMA quick_check({_FAULTS})")]
    return [fault for fault in found if fault != "ok"]
