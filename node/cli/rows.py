"""Values of a case as lines of text: where each stands, and what it says."""

from __future__ import annotations

from node.cli import output
from node.cli.output import Answer


def rows_lines(rows: list[Answer], indent: str = "  ") -> list[str]:
    """Return preview rows as lines: where it stands in the case, what it says."""
    lines = []
    for row in rows:
        marked = f" [{row['language']}]" if row["language"] else ""
        first, *more = row["text"].splitlines() or [""]
        lines.append((output.visible(row["place"]), output.visible(first + marked)))
        lines += [("", output.visible(line)) for line in more]
    return output.table(lines, indent)
