"""`homeward keys`: what a node's keys are, and how long its encryption keys live."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import click

from node.cli import output, reach
from node.cli.options import home_option, json_option
from node.cli.output import Answer
from node.home import Home


@click.group()
def keys() -> None:
    """A node's public keys and its encryption epochs."""


@keys.command("show")
@home_option
@json_option
def show(home: Path, is_json: bool) -> None:
    """Print the node's name and its public keys."""
    reached = reach.ask(home, "keys.show", {})
    output.show(reached.answer, is_json=is_json, lines=_keys)


def _keys(answer: Answer) -> Iterator[str]:
    yield f"node:          {answer['node_id']}"
    yield f"log:           {answer['origin']}"
    yield f"log key id:    {answer['log_key_id']}"
    yield f"transport key: {answer['transport_key']}"
    for vkey in answer["vkeys"]:
        yield f"vkey: {vkey}"


@keys.command()
@home_option
@json_option
def epochs(home: Path, is_json: bool) -> None:
    """List the encryption keys that are on this disk, and until when.

    Needs no passphrase: the names of the files say it.
    """
    from node.config import load_settings
    from protocol import limits

    load_settings(home)
    answer = {
        "now_ms": time.time_ns() // 1_000_000,
        "epochs": [
            {
                "number": number,
                "starts_at_ms": number * limits.EPOCH_MS,
                "ends_at_ms": (number + 1) * limits.EPOCH_MS,
                "destroyed_at_ms": (number + 1) * limits.EPOCH_MS + limits.EPOCH_KEPT_MS,
            }
            for number in epoch_numbers(Home(home))
        ],
    }
    output.show(answer, is_json=is_json, lines=_epochs)


def epoch_numbers(home: Home) -> list[int]:
    """Return the numbers of the encryption keys on the disk."""
    stems = (path.stem for path in home.epochs.glob("*.epoch"))
    return sorted(int(stem) for stem in stems if stem.isdecimal())


def _epochs(answer: Answer) -> Iterator[str]:
    rows = [["EPOCH", "FROM", "UNTIL", "DESTROYED", ""]]
    for epoch in answer["epochs"]:
        is_now = epoch["starts_at_ms"] <= answer["now_ms"] < epoch["ends_at_ms"]
        times = [output.moment(epoch[name])[:10] for name in _EPOCH_TIMES]
        rows.append([str(epoch["number"]), *times, "in use" if is_now else ""])
    yield from output.table(rows)


_EPOCH_TIMES = ("starts_at_ms", "ends_at_ms", "destroyed_at_ms")
