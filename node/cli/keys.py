"""`homeward keys`: what a node's keys are, and how long its encryption keys live."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import click

from node.cli import output, reach
from node.cli.options import home_option, json_option
from node.cli.output import Answer
from node.cli.rotating import rotate
from node.home import Home


@click.group()
def keys() -> None:
    """A node's public keys and its encryption epochs."""


keys.add_command(rotate)


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
    """List the encryption keys that are on this disk, and when each is destroyed.

    Needs no passphrase: the names of the files say it.
    """
    from keys.epochs import destroyed_at_ms, epoch_numbers
    from node.config import load_settings
    from protocol import limits

    load_settings(home)
    now_ms = time.time_ns() // 1_000_000
    answer = {
        "now_ms": now_ms,
        "epochs": [
            {
                "number": number,
                "starts_at_ms": number * limits.EPOCH_MS,
                "ends_at_ms": (number + 1) * limits.EPOCH_MS,
                "destroyed_at_ms": destroyed_at_ms(number),
                "state": epoch_state(number, now_ms),
            }
            for number in epoch_numbers(Home(home).epochs)
        ],
    }
    output.show(answer, is_json=is_json, lines=_epochs)


def epoch_state(number: int, now_ms: int) -> str:
    """Return what an encryption key that is on the disk is for, at this time."""
    from keys.epochs import destroyed_at_ms
    from protocol import limits

    current = now_ms // limits.EPOCH_MS
    if destroyed_at_ms(number) <= now_ms:
        return "overdue"
    if number < current:
        return "kept"
    if number == current:
        return "in_use"
    return "ahead" if number <= current + limits.EPOCHS_AHEAD else "far_ahead"


_STATES = {
    "overdue": "its time is over: the running node destroys it",
    "kept": "for what is still on its way",
    "in_use": "in use",
    "ahead": "published ahead",
    "far_ahead": "not published: made when the clock was ahead",
}
_EPOCH_TIMES = ("starts_at_ms", "ends_at_ms", "destroyed_at_ms")


def _epochs(answer: Answer) -> Iterator[str]:
    rows = [["EPOCH", "FROM", "UNTIL", "DESTROYED", ""]]
    for epoch in answer["epochs"]:
        times = [output.moment(epoch[name])[:10] for name in _EPOCH_TIMES]
        rows.append([str(epoch["number"]), *times, _STATES[epoch["state"]]])
    yield from output.table(rows)
    yield "days begin at 00:00 UTC; the running node destroys a key within the hour"
    yield "on an SSD old blocks may outlive that: only full-disk encryption makes them unreadable"
