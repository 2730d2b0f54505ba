"""Table group: what peers call codes that stand in an own case and that nobody here knows."""

from __future__ import annotations

from sqlite_utils import Database

from protocol.vocabulary import SenderLabels


def held(db: Database) -> SenderLabels:
    """Return all labels that are kept."""
    labels: dict[tuple[str, str], dict[str, str]] = {}
    for vocabulary, code, language, label in db.execute("SELECT * FROM code_labels"):
        labels.setdefault((vocabulary, code), {})[language] = label
    return labels


def keep(db: Database, labels: SenderLabels) -> None:
    """Keep labels; what was kept of a code before stays as it is."""
    for (vocabulary, code), by_language in labels.items():
        for language, label in by_language.items():
            db.execute(
                "INSERT OR IGNORE INTO code_labels VALUES (?, ?, ?, ?)",
                [vocabulary, code, language, label],
            )
