"""`homeward audit accesses`: who has looked at which case or referral."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from node.cli import output, reach
from node.cli.options import home_option, json_option
from node.cli.output import Answer


@click.command()
@home_option
@json_option
@click.option("--of", "subject", default="", help="Only of this case or referral; its whole id.")
@click.option("--skip", type=click.IntRange(0), default=0, help="Leave out the newest ones.")
@click.option("--count", type=click.IntRange(1, 500), default=50, show_default=True)
def accesses(*, home: Path, is_json: bool, subject: str, skip: int, count: int) -> None:
    """List who has looked at which case or referral, the newest first."""
    arguments = {"subject": subject, "skip": skip, "count": count}
    answer = reach.ask(home, "audit.accesses", arguments).answer
    output.show(answer, is_json=is_json, lines=_accesses)


def _accesses(answer: Answer) -> Iterator[str]:
    yield output.counted(answer["total"], "look")
    rows = [("FROM", "FOR", "WHO", "HOW", "CASE OR REFERRAL")]
    rows += [
        (
            output.moment(look["at_ms"]), output.span(look["until_ms"] - look["at_ms"]),
            output.visible(look["who"]), look["action"], look["subject"] or f"({look['count']})",
        )
        for look in answer["accesses"]
    ]  # fmt: skip
    yield from output.table(rows)
