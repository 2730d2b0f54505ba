"""`homeward referral told`: what could not be delivered was told in another way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from node.cli import output, reach
from node.cli.options import home_option, json_option, made_by
from node.cli.output import Answer
from node.cli.thread import HOW


@click.command()
@home_option
@json_option
@click.argument("referral")
@click.option(
    "--how",
    required=True,
    type=click.Choice(list(HOW)),
    help="How they were told.",
)
def told(home: Path, is_json: bool, referral: str, how: str) -> None:
    """Say that the other side knows by now what could not be delivered.

    Until somebody says so, `homeward referral due` goes on asking for it. It is noted here
    alone, with your name: nothing of it goes to the peer.
    """
    arguments = {"leg": referral, "how": how, "made_by": made_by()}
    answer = reach.ask(home, "referral.told", arguments).answer
    output.show(answer, is_json=is_json, lines=_told)


def _told(answer: Answer) -> Iterator[str]:
    leg = output.short(answer["leg"])
    yield f"referral {leg}: {answer['peer']} was told by {HOW[answer['how']]}"
