"""`homeward node figures`: the node's own numbers."""

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
@click.option("--year", type=click.IntRange(0, 9999), default=0, help="Only this year; else all.")
def figures(home: Path, is_json: bool, year: int) -> None:
    """Count cases, children and referrals, each by itself.

    Contacts are not recorded by a node. Small numbers may point at one child: do not
    publish them.
    """
    answer = reach.ask(home, "node.figures", {"year": year}).answer
    output.show(answer, is_json=is_json, lines=_figures)


def _figures(answer: Answer) -> Iterator[str]:
    period = str(answer["year"]) if answer["year"] else "all years"
    cases, referrals = answer["cases"], answer["referrals"]
    yield f"{answer['node_id']}, {period}"
    carried = f", {cases['carried_over']} from earlier years" if answer["year"] else ""
    yield f"cases: {cases['new']} new{carried}, {cases['closed']} closed"
    yield f"children in the new cases: {answer['children']['new']}"
    yield f"referrals: {referrals['sent']} sent, {referrals['received']} received"
    yield "contacts: not recorded"
    for table in (answer["months"], *answer["tables"]):
        if table["rows"]:
            yield ""
            heads = ["", *table["columns"]] if len(table["columns"]) > 1 else ["", table["unit"]]
            rows = [[row["code"] or "not recorded", *map(str, row["counts"])]
                    for row in table["rows"]]  # fmt: skip
            yield table["name"].replace("_", " ")
            yield from output.table([heads, *rows], indent="  ")
    yield ""
    for time in answer["times"]:
        whose = "ours" if time["is_ours"] else "theirs"
        name = time["name"].removesuffix("_ms").replace("_", " ")
        median = "-" if time["median_ms"] is None else output.span(time["median_ms"])
        yield f"median time {name}, {whose}: {median} ({time['count']} of {time['of']})"
