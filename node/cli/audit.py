"""`homeward audit`: the node's log, and evidence that others can check."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from node.cli import output, reach
from node.cli.looks import accesses
from node.cli.options import FILE, home_option, json_option, read_file, time_ms
from node.cli.output import Answer

if TYPE_CHECKING:
    from protocol.report import Report

BUNDLE_BYTES = 128 * 1024 * 1024
ROOT_BYTES = 512 * 1024


@click.group()
def audit() -> None:
    """The log, and evidence for others."""


audit.add_command(accesses)


@audit.command()
@home_option
@json_option
@click.option("--start", type=click.IntRange(0), default=None, help="First entry; else the last.")
@click.option("--count", type=click.IntRange(1, 1000), default=50, show_default=True)
def log(home: Path, is_json: bool, start: int | None, count: int) -> None:
    """List entries of the node's log."""
    arguments = {"start": -1 if start is None else start, "count": count}
    reached = reach.ask(home, "audit.log", arguments)
    output.show(reached.answer, is_json=is_json, lines=_log)


def _log(answer: Answer) -> Iterator[str]:
    yield f"{answer['origin']}, {output.counted(answer['size'], 'entry', 'entries')}"
    rows = [("ENTRY", "TIME", "KIND", "SUBJECT", "WHAT")]
    rows += [
        (
            str(leaf["position"]), output.moment(leaf["at_ms"]), leaf["kind"],
            leaf["subject"][:16], _what(leaf),
        )
        for leaf in answer["leaves"]
    ]  # fmt: skip
    yield from output.table(rows)


def _what(leaf: Answer) -> str:
    """Return what is known of an entry besides its kind."""
    if leaf["directory_version"] is not None:
        return f"from here on by directory {leaf['directory_version']}"
    return leaf["refusal"] or (str(leaf["code"]) if leaf["code"] else "")


@audit.command()
@home_option
@json_option
@click.argument("referral")
@click.option("--message", "entry", default=1, show_default=True, help="Its number in the thread.")
@click.option("--out", type=FILE, required=True, help="The bundle is written here.")
@click.option("--with-content", is_flag=True, help="Include what it said. It is readable then!")
def evidence(
    *, home: Path, is_json: bool, referral: str, entry: int, out: Path, with_content: bool
) -> None:
    """Write the evidence that a message of a REFERRAL was sent and received.

    It proves who sent it to whom and when, that it was received, and holds nothing of
    what it said unless --with-content is given.
    """
    from keys.files import store_file

    arguments = {"leg": referral, "entry": entry, "with_content": int(with_content)}
    answer = reach.ask(home, "audit.evidence", arguments).answer
    bundle = base64.b64decode(answer.pop("bundle"))
    store_file(out, bundle, is_replacing=False)
    answer |= {"path": str(out), "size": len(bundle), "with_content": with_content}
    output.show(answer, is_json=is_json, lines=_evidence)


def _evidence(answer: Answer) -> Iterator[str]:
    content = "with" if answer["with_content"] else "without"
    yield f"evidence of {answer['step']}, {content} its content: {output.visible(answer['path'])}"
    yield "to check it: homeward audit verify BUNDLE --root ROOT"


@audit.command()
@json_option
@click.argument("bundle", type=FILE)
@click.option("--root", type=FILE, required=True, help="The federation's root.json.")
@click.option("--at", "at_text", help="As of this time: 2026-11-22T14:30; else now.")
def verify(is_json: bool, bundle: Path, root: Path, at_text: str | None) -> None:
    """Check an evidence BUNDLE; needs no node, no home, no network.

    Exit codes: 0 proven, 1 contradicted, 2 not proven, 3 no verdict: the bundle or
    the root file cannot be used, or the call was wrong.
    """
    from node.audit.verify import verify_bundle
    from node.errors import NodeError, describe
    from protocol.bundle import UnusableBundle
    from protocol.report import EXIT_UNUSABLE

    context = click.get_current_context()
    try:
        at_ms = time.time_ns() // 1_000_000 if at_text is None else time_ms("--at", at_text)
        untrusted = read_file(bundle, BUNDLE_BYTES)
        report = verify_bundle(untrusted, read_file(root, ROOT_BYTES), at_ms)
    except UnusableBundle as error:
        told = {"code": error.code, "sentence": error.sentence, "hint": ""}
    except NodeError as error:
        told = describe(error)
    else:
        if is_json:
            click.echo(report.to_json(), nl=False)
        else:
            for line in _report(report):
                click.echo(line)
        context.exit(report.exit_code)
    output.tell_error(told, is_json=is_json)
    context.exit(EXIT_UNUSABLE)


def _report(report: Report) -> Iterator[str]:
    statement = report.statement
    words = report.verdict.replace("_", " ").upper()
    yield f"{words}: {statement['sender']} to {statement['recipient']}"
    yield f"envelope {statement['envelope_id']}"
    for name in ("created", "sent", "received", "refused", "attachments"):
        at_ms = statement.get(f"{name}_at_ms")
        if isinstance(at_ms, int):
            yield f"{name}: {output.moment(at_ms)}"
    yield from output.table(
        [(f.verdict.value.replace("_", " "), f.sentence) for f in report.findings], indent="  "
    )
