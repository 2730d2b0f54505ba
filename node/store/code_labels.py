"""Table group: what peers call codes that stand in an own case and that nobody here knows.

Peers wrote these labels, so they go when the case goes with which they came.
"""

from __future__ import annotations

from sqlite_utils import Database

from protocol.vocabulary import SenderLabels


def held(db: Database) -> SenderLabels:
    """Return all labels that are kept; one for a code and language, always the same."""
    labels: dict[tuple[str, str], dict[str, str]] = {}
    found = db.execute(
        "SELECT vocabulary, code, language, label FROM code_labels "
        "ORDER BY vocabulary, code, language, case_id"
    )
    for vocabulary, code, language, label in found:
        labels.setdefault((vocabulary, code), {}).setdefault(language, label)
    return labels


def keep(db: Database, case_id: str, labels: SenderLabels) -> None:
    """Keep labels of codes in a case; what was kept of a code before stays as it is."""
    for (vocabulary, code), by_language in labels.items():
        for language, label in by_language.items():
            db.execute(
                "INSERT OR IGNORE INTO code_labels VALUES (?, ?, ?, ?, ?)",
                [case_id, vocabulary, code, language, label],
            )
