"""`homeward referral`: send one, list them, read one; the steps are in `steps`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from node.cli import output, reach
from node.cli.cases import rows_lines
from node.cli.options import FOLDER, home_option, json_option, long_text, made_by
from node.cli.output import Answer
from node.cli.steps import STEP_COMMANDS
from node.cli.thread import figure_lines, thread_lines
from node.errors import ArgumentError, NodeError

URGENCY = click.Choice(["1", "2", "3", "4"])
# Until when the peer shall answer, if the caller does not say: by urgency, in hours.
REPLY_HOURS = {1: 3, 2: 24, 3: 5 * 24, 4: 15 * 24}
# A look-out ends soon by itself; the others are work, and their end is an end.
ALERT_DAYS, EXPIRES_DAYS = 30, 180
_SPAN = re.compile(r"([1-9][0-9]{0,3})([hd])")


@click.group("referral")
def referrals() -> None:
    """Ask a peer, answer a peer."""


for step_command in STEP_COMMANDS:
    referrals.add_command(step_command)


@referrals.command()
@home_option
@json_option
@click.argument("case", default="")
@click.option("--to", required=True, help="Node id of the peer.")
@click.option("--kind", required=True, help="Code of the list referral_kind.")
@click.option("--urgency", required=True, type=URGENCY, help="1 (life at risk) to 4.")
@click.option("--ask", required=True, help="What is asked, in one sentence; - is stdin.")
@click.option("--language", default="en", show_default=True, help="Of that sentence.")
@click.option("--purpose", required=True, help="Code of the list purpose.")
@click.option("--art6", required=True, help="Legal basis: code of the list art6_basis.")
@click.option("--art9", default="", help="For special categories: code of art9_condition.")
@click.option("--art10", default="", help="For offence data: code of art10_basis.")
@click.option("--derogation", default="", help="For a transfer that needs one: art49_derogation.")
@click.option("--police-informed", required=True, help="Code of the list police_informed.")
@click.option("--field", multiple=True, help="Field that goes; else the default of the kind.")
@click.option("--file", "file_ids", multiple=True, help="Id of a file that goes.")
@click.option("--reply-by", default="", help="6h, 3d; else by urgency.")
@click.option("--expires-days", type=click.IntRange(1, 729), help="30 for an alert, else 180.")
@click.option("--reopens", default="", help="Referral that has ended and goes on with this one.")
@click.option("--period", default="", help="Of a statistic: 2026, 2026-05.")
@click.option("--figure", multiple=True, help="Of a statistic: open_cases=12; may be repeated.")
@click.option("--preview", "is_preview", is_flag=True, help="Show only; send nothing.")
@click.option("--yes", is_flag=True, help="Send without asking.")
def send(
    *, home: Path, is_json: bool, case: str, is_preview: bool, yes: bool, urgency: str,
    reply_by: str, expires_days: int | None, **choice: str | tuple[str, ...],
) -> None:  # fmt: skip
    """Send a part of CASE to a peer, after showing exactly what the peer will see.

    A statistic has no CASE.
    """
    days = expires_days or (ALERT_DAYS if choice["kind"] == "alert" else EXPIRES_DAYS)
    arguments: dict[str, Any] = {
        **{name: _jsonable(value) for name, value in choice.items()},
        "case_id": case,
        "ask": long_text("--ask", str(choice["ask"])),
        "urgency": int(urgency),
        **_times(int(urgency), reply_by, days),
    }
    door = reach.Door(home)
    shown = door.ask("referral.preview", arguments).answer
    if is_preview:
        output.show(shown, is_json=is_json, lines=_preview)
        return
    for line in _preview(shown):
        output.progress(line)
    if not yes and not click.confirm("send this?", err=True):
        raise NodeError("not_confirmed", "nothing was sent")
    arguments |= {"case_version": shown["case_version"], "made_by": made_by()}
    sent = door.ask("referral.send", arguments)
    answer = {**sent.answer, "delivery": sent.delivery_words}
    output.show(answer, is_json=is_json, lines=_sent)


def _jsonable(value: str | tuple[str, ...]) -> str | list[str]:
    return list(value) if isinstance(value, tuple) else value


def _times(urgency: int, reply_by: str, expires_days: int) -> dict[str, int]:
    now_ms = time.time_ns() // 1_000_000
    # A minute less than the limit, which is counted from when the node gets to it.
    expires_at_ms = now_ms + expires_days * output.DAY_MS - output.MINUTE_MS
    reply_ms = _span_ms(reply_by) if reply_by else REPLY_HOURS[urgency] * output.HOUR_MS
    reply_by_ms = min(now_ms + reply_ms, expires_at_ms)
    return {"reply_by_ms": reply_by_ms, "expires_at_ms": expires_at_ms}


def _span_ms(text: str) -> int:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ArgumentError("argument_invalid", "--reply-by cannot be used", "6h, 3d")
    return int(found[1]) * {"h": output.HOUR_MS, "d": output.DAY_MS}[found[2]]


def _preview(answer: Answer) -> Iterator[str]:
    peer = answer["peer"]
    yield f"to {peer['node_id']} ({output.visible(peer['legal_name'])}):"
    yield f"  {answer['kind']}, U{answer['urgency']}: {output.visible(answer['ask'])}"
    yield f"  reply by {output.moment(answer['reply_by_ms'])}"
    basis = answer["legal_basis"]
    codes = [code for code in (basis["art9_condition"], basis["art10_basis"]) if code]
    yield f"  because: {', '.join([basis['purpose'], basis['art6_basis'], *codes])}"
    yield f"  police: {basis['police_informed']}"
    if basis["transfer_basis"] != "eea":
        grounds = filter(None, (basis["transfer_basis"], basis["art49_derogation"]))
        yield f"  outside the EEA, on the ground: {', '.join(grounds)}"
    if answer["is_agreement_ended"]:
        yield "  NOTE: the agreement with this member has ended"
    yield f"they will see {answer['ticked']} of {answer['fillable']} fields:"
    yield from rows_lines(answer["rows"])
    yield from figure_lines(answer["figures"])
    if answer["files"]:
        yield f"files: {', '.join(map(output.visible, answer['files']))}"


def _sent(answer: Answer) -> Iterator[str]:
    yield f"referral {output.short(answer['leg'])} to {answer['peer']}: {answer['delivery']}"


@referrals.command("list")
@home_option
@json_option
def list_all(home: Path, is_json: bool) -> None:
    """List all referrals, newest first."""
    reached = reach.ask(home, "referral.list", {})
    output.show(reached.answer, is_json=is_json, lines=_list)


def _list(answer: Answer) -> Iterator[str]:
    if not answer["referrals"]:
        yield "no referrals"
        return
    rows = [("REFERRAL", "PEER", "KIND", "U", "STATE", "REPLY BY", "YOU MAY")]
    for leg in answer["referrals"]:
        direction = "to" if leg["side"] == "sender" else "from"
        rows.append(
            (
                output.short(leg["leg"]), f"{direction} {leg['peer']}", output.visible(leg["kind"]),
                str(leg["urgency"]), leg["state"], output.moment(leg["reply_by_ms"]),
                ", ".join(leg["allowed"]) or "-",
            )
        )  # fmt: skip
    yield from output.table(rows)


@referrals.command()
@home_option
@json_option
@click.argument("referral")
@click.option("--language", default="en", show_default=True, help="For coded values.")
@click.option("--save-files", type=FOLDER, help="Decrypt the received files into this folder.")
def show(home: Path, is_json: bool, referral: str, language: str, save_files: Path | None) -> None:
    """Print a referral and its thread; REFERRAL is the beginning of its id."""
    door = reach.Door(home)
    answer = door.ask("referral.show", {"leg": referral, "language": language}).answer
    if save_files is not None:
        from node.cli.saving import save

        files = door.ask("referral.files", {"leg": referral}).answer["files"]
        answer["saved"] = save(home, files, save_files, answer["leg"])
    output.show(answer, is_json=is_json, lines=thread_lines)
