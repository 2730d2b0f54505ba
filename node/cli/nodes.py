"""`homeward node`: make a node, run it, and see how it is doing."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from node.cli import condition, output, reach
from node.cli.due import digest
from node.cli.figures import figures
from node.cli.options import home_option, json_option
from node.cli.output import Answer
from node.cli.standing import expiry_warnings, held_words, standing_warnings
from node.errors import ArgumentError
from node.home import Home

# When a message that waits is a matter for the telephone, by urgency.
PHONE_AFTER_MS = {1: 10 * output.MINUTE_MS}
PHONE_AFTER_ANY_MS = output.HOUR_MS
TRAINING_NODE_ID = "xx.training"


@click.group("node")
def nodes() -> None:
    """Make, run and look after a node."""


nodes.add_command(digest)
nodes.add_command(figures)


@nodes.command()
@home_option
@json_option
@click.option("--node-id", help="Country and name, for example be.example.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8470, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--pages-port", default=0, type=click.IntRange(0, 65535), help="Port of the pages; 0: none."
)
@click.option("--unlock-file", default="", help="File with the passphrase, relative to the home.")
@click.option("--training", "has_training", is_flag=True, help="A home of invented cases.")
def init(
    *,
    home: Path,
    is_json: bool,
    host: str,
    port: int,
    node_id: str | None,
    has_training: bool,
    **more: str | int,
) -> None:
    """Make a new node: its folder, its keys, its settings.

    Keep a copy of identity.key and the passphrase in two safe places: without them
    nothing in this home opens again.

    With --training it is a home to practise in: with cases, photos and referrals that are
    invented, in a federation of its own. It can never become a home for work, or reach
    one, and every command says what it is.
    """
    from node.cli.making import make_home

    if node_id is None:
        if not has_training:
            raise ArgumentError("usage", "--node-id is missing", "homeward node init --help")
        node_id = TRAINING_NODE_ID
    settings = {"node_id": node_id, "listen_host": host, "listen_port": port, **more}
    answer = make_home(home, settings, has_training=has_training)
    output.show(answer, is_json=is_json, lines=_made)


def _made(answer: Answer) -> Iterator[str]:
    yield f"made node {answer['node_id']}"
    yield f"log: {answer['origin']}"
    if "is_training" in answer:
        yield output.TRAINING_LINE
        yield f"{answer['cases']} cases, {answer['photos']} photos, {answer['referrals']} referrals"
        return
    yield "next: homeward federation join-request"


@nodes.command()
@home_option
@click.option("--json", "is_json", is_flag=True, help="Say in JSON when it is ready.")
def run(home: Path, is_json: bool) -> None:
    """Run the node until it is interrupted."""
    # What is loaded now stays: to look through it again and again takes a fifth of the start.
    gc.disable()
    from node.config import load_settings

    settings = load_settings(home)
    place = Home(home)
    reach.take_lock(place)
    try:
        passphrase = reach.passphrase_for(home, settings.unlock_file)
        with ThreadPoolExecutor(1) as beside:
            # To derive the key takes a core for as long as it takes another to load the rest.
            opening = beside.submit(reach.open_locked, place, settings, passphrase)
            from node.running import run_node

            identity = opening.result()

        def ready(port: int) -> None:
            answer = {"node_id": identity.node_id, "host": settings.listen_host, "port": port}
            output.show(answer, is_json=is_json, lines=_ready)

        asyncio.run(run_node(place, settings, identity, on_ready=ready))
    finally:
        place.release()


def _ready(answer: Answer) -> Iterator[str]:
    if answer["port"]:
        yield f"{answer['node_id']} listens on {answer['host']} port {answer['port']}"
    else:
        yield f"{answer['node_id']} runs; as a training node it listens to nobody"


@nodes.command()
@home_option
@json_option
def status(home: Path, is_json: bool) -> None:
    """Say how the node is doing, and what waits for which peer."""
    reached = reach.ask(home, "node.status", {})
    answer = {**reached.answer, "is_running": reached.is_running}
    output.show(answer, is_json=is_json, lines=_status)


def _status(answer: Answer) -> Iterator[str]:
    running = "runs" if answer["is_running"] else "does not run"
    yield f"{answer['node_id']} {running}"
    if not answer["federation"]:
        yield "it has not joined a federation yet"
        return
    left_ms = answer["directory_expires_at_ms"] - answer["now_ms"]
    good = f"good for {output.span(left_ms)}" if left_ms > 0 else "EXPIRED"
    federation = output.visible(answer["federation"])
    yield f"federation: {federation}, directory {answer['directory_version']}, {good}"
    yield from condition.descriptor_lines(answer)
    told = (*standing_warnings(answer), *expiry_warnings(answer), *condition.warnings(answer))
    for sentence, hint in told:
        yield f"WARNING: {sentence}"
        yield f"  {hint}"
    for peer in answer["peers"]:
        yield ""
        yield from _peer(peer, answer["now_ms"], held_words(answer["standing"], peer["status"]))


def _peer(peer: Answer, now_ms: int, held: str) -> Iterator[str]:
    standing = "" if peer["status"] == "active" else f" ({peer['status']})"
    yield f"{peer['node_id']}  {output.visible(peer['legal_name'])}{standing}"
    if peer["last_exchange_ms"]:
        yield f"  last heard of {output.span(now_ms - peer['last_exchange_ms'])} ago"
    if peer["failures"]:
        yield (
            f"  {condition.failure_words(peer['last_failure'])}, tried "
            f"{output.counted(peer['failures'], 'time')}, "
            f"next at {output.moment(peer['next_try_ms'])}"
        )
    if clock := condition.peer_clock_warning(peer):
        yield f"  {clock}"
    if not peer["waiting"] and not peer["attachment_sets"]:
        yield "  nothing waits"
    for message in peer["waiting"]:
        yield f"  {_waiting(message, peer, now_ms, held)}"
    if peer["attachment_sets"]:
        yield f"  files of {output.counted(peer['attachment_sets'], 'message')} wait"


def _waiting(message: Answer, peer: Answer, now_ms: int, held: str) -> str:
    waited_ms = now_ms - message["queued_at_ms"]
    what = f"referral {output.short(message['leg'])} (U{message['urgency']})"
    if held:
        return f"{what} waits: {held}"
    if message["expires_at_ms"] <= now_ms:
        return f"{what} is over by this clock; given up when a peer has shown it is that late"
    if is_late(waited_ms, message["urgency"]):
        return f"{what} not delivered for {output.span(waited_ms)}, phone {peer['telephone']}"
    return f"{what} queued for {output.span(waited_ms)}"


def is_late(waited_ms: int, urgency: int) -> bool:
    """Return whether a person should no longer wait for a receipt, but phone."""
    return waited_ms >= PHONE_AFTER_MS.get(urgency, PHONE_AFTER_ANY_MS)


@nodes.command()
@home_option
@json_option
def doctor(home: Path, is_json: bool) -> None:
    """Check everything that can be checked; each line says ok, warn or fail.

    Exit code 1 when a line says fail. Needs no passphrase.
    """
    from node.cli.doctor import examine

    findings = [finding.answer for finding in examine(home)]
    output.show({"findings": findings}, is_json=is_json, lines=_findings)
    if any(finding["result"] == "fail" for finding in findings):
        click.get_current_context().exit(1)


def _findings(answer: Answer) -> Iterator[str]:
    for finding in answer["findings"]:
        yield f"{finding['result']:<5} {finding['sentence']}"
        if finding["hint"]:
            yield f"      hint: {finding['hint']}"
