"""`homeward referral`: send one, list them, read one; the steps are in `steps`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from node.cli import output, reach
from node.cli.approvals import APPROVAL_COMMANDS, kept_lines
from node.cli.due import due, peers
from node.cli.erasing import REFERRAL_COMMANDS
from node.cli.grounds import long_reasons, reason_options
from node.cli.options import FOLDER, home_option, json_option, long_text, made_by
from node.cli.output import Answer
from node.cli.previews import preview_lines
from node.cli.steps import STEP_COMMANDS
from node.cli.telling import told
from node.cli.thread import state_words, thread_lines
from node.errors import ArgumentError, NodeError

URGENCY = click.Choice(["1", "2", "3", "4"])
# A look-out ends soon by itself; the others are work, and their end is an end.
ALERT_DAYS, EXPIRES_DAYS = 30, 180
_SPAN = re.compile(r"([1-9][0-9]{0,3})([hd])")


PREVIEW = click.option("--preview", "is_preview", is_flag=True, help="Show only; send nothing.")
YES = click.option("--yes", is_flag=True, help="Send without asking.")


@click.group("referral")
def referrals() -> None:
    """Ask a peer, answer a peer."""


referrals.add_command(due)
referrals.add_command(peers)
referrals.add_command(told)
for step_command in (*STEP_COMMANDS, *APPROVAL_COMMANDS, *REFERRAL_COMMANDS):
    referrals.add_command(step_command)


@referrals.command()
@home_option
@json_option
@click.argument("case", default="")
@click.option(
    "--to", "peers", multiple=True, required=True, help="Node id of the peer; may be repeated."
)
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
@reason_options
@click.option("--field", multiple=True, help="Field that goes; else the default of the kind.")
@click.option("--file", "file_ids", multiple=True, help="Id of a file that goes.")
@click.option("--reply-by", default="", help="6h, 3d; else by urgency.")
@click.option("--expires-days", type=click.IntRange(1, 729), help="30 for an alert, else 180.")
@click.option("--reopens", default="", help="Referral that has ended and goes on with this one.")
@click.option("--period", default="", help="Of a statistic: 2026, 2026-05.")
@click.option("--figure", multiple=True, help="Of a statistic: open_cases=12; may be repeated.")
@click.option("--skip-refused", is_flag=True, help="Leave out peers to whom it may not go.")
@PREVIEW
@YES
def send(
    *, home: Path, is_json: bool, case: str, skip_refused: bool, is_preview: bool, yes: bool,
    urgency: str, reply_by: str, expires_days: int | None, **choice: str | tuple[str, ...],
) -> None:  # fmt: skip
    """Send a part of CASE to peers, after showing exactly what each of them will see.

    It goes to all of them or to none. A statistic has no CASE.
    """
    days = expires_days or (ALERT_DAYS if choice["kind"] == "alert" else EXPIRES_DAYS)
    arguments: dict[str, Any] = {
        **{name: _jsonable(value) for name, value in choice.items()},
        **long_reasons(choice),
        "case_id": case,
        "ask": long_text("--ask", str(choice["ask"])),
        "urgency": int(urgency),
        **_times(reply_by, days),
    }
    door = reach.Door(home)
    _offer(door, arguments, is_json=is_json, is_preview=is_preview, yes=yes, skip=skip_refused)


@referrals.command()
@home_option
@json_option
@click.argument("referral")
@click.option("--to", default="", help="Node id of the peer; else the one that was named.")
@click.option("--derogation", default="", help="For a transfer that needs one: art49_derogation.")
@click.option("--reply-by", default="", help="6h, 3d; else as it was, or by urgency.")
@click.option("--expires-days", type=click.IntRange(1, 729), help="Else as it was, if not over.")
@reason_options
@PREVIEW
@YES
def resend(
    *, home: Path, is_json: bool, referral: str, to: str, derogation: str, reply_by: str,
    expires_days: int | None, is_preview: bool, yes: bool, **reasons: str,
) -> None:  # fmt: skip
    """Send what a peer redirected or declined to another one.

    It is composed anew from the case as it is now, with the same choice of fields.
    """
    door = reach.Door(home)
    choice = door.ask("referral.choice", {"leg": referral, "to": to}).answer
    days = expires_days or (ALERT_DAYS if choice["kind"] == "alert" else EXPIRES_DAYS)
    times = _times(reply_by, days)
    soon_ms = output.HOUR_MS + time.time_ns() // 1_000_000
    if not expires_days and choice["expires_at_ms"] > soon_ms:
        times["expires_at_ms"] = choice["expires_at_ms"]
    if not reply_by and choice["reply_by_ms"] > soon_ms:
        times["reply_by_ms"] = choice["reply_by_ms"]
    times["reply_by_ms"] = min(times.values())
    decided = {"derogation": derogation, **long_reasons(reasons)}
    arguments = {**choice, **times, **decided, "peers": [choice["to"]]}
    _offer(door, arguments, is_json=is_json, is_preview=is_preview, yes=yes)


def _offer(
    door: reach.Door, arguments: dict[str, Any], *, is_json: bool, is_preview: bool, yes: bool,
    skip: bool = False,
) -> None:  # fmt: skip
    """Show what each peer would see, and send it."""
    shown = door.ask("referral.previews", arguments).answer
    if shown["refused"] and not skip:
        raise _refusal(shown["refused"])
    if is_preview:
        output.show(shown, is_json=is_json, lines=_previews)
        return
    for line in _previews(shown):
        output.progress(line)
    if not yes and not click.confirm("send this?", err=True):
        raise NodeError("not_confirmed", "nothing was sent")
    previews = shown["previews"]
    sent = door.ask(
        "referral.send",
        {
            **arguments,
            "peers": [each["peer"]["node_id"] for each in previews],
            "case_version": previews[0]["case_version"],
            "made_by": made_by(),
        },
    )
    answer = {**sent.answer, "delivery": sent.delivery_words, "refused": shown["refused"]}
    output.show(answer, is_json=is_json, lines=_sent)


def _refusal(refused: list[Answer]) -> NodeError:
    """Return why it goes to nobody, though it may go to some."""
    peers = ", ".join(each["peer"] for each in refused)
    told = [f"{each['peer']}: {each['sentence']}" for each in refused]
    hint = "\n".join([*told, "--skip-refused sends it to the others"])
    return NodeError("refused_for_peers", f"nothing was sent: this may not go to {peers}", hint)


def _jsonable(value: str | tuple[str, ...]) -> str | list[str]:
    return list(value) if isinstance(value, tuple) else value


def _times(reply_by: str, expires_days: int) -> dict[str, int]:
    now_ms = time.time_ns() // 1_000_000
    # A minute less than the limit, which is counted from when the node gets to it.
    expires_at_ms = now_ms + expires_days * output.DAY_MS - output.MINUTE_MS
    # Without one the node says when: by urgency, in the hours of the peer.
    reply_by_ms = min(now_ms + _span_ms(reply_by), expires_at_ms) if reply_by else 0
    return {"reply_by_ms": reply_by_ms, "expires_at_ms": expires_at_ms}


def _span_ms(text: str) -> int:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ArgumentError("argument_invalid", "--reply-by cannot be used", "6h, 3d")
    return int(found[1]) * {"h": output.HOUR_MS, "d": output.DAY_MS}[found[2]]


def _previews(answer: Answer) -> Iterator[str]:
    for number, each in enumerate(answer["previews"]):
        if number:
            yield ""
        yield from preview_lines(each)
    for each in answer["refused"]:
        yield f"NOT to {output.visible(each['peer'])}: {each['sentence']}"


def _sent(answer: Answer) -> Iterator[str]:
    if "approval" in answer:
        yield from kept_lines(answer)
        return
    for each in answer["legs"]:
        yield f"referral {output.short(each['leg'])} to {each['peer']}: {answer['delivery']}"


@referrals.command("list")
@home_option
@json_option
def list_all(home: Path, is_json: bool) -> None:
    """List all referrals, newest first."""
    reached = reach.ask(home, "referral.list", {})
    output.show(reached.answer, is_json=is_json, lines=_list)


def _asked_of_us(leg: Answer) -> list[str]:
    return ["erase", "refuse-erase"] if leg["open_erase_requests"] else []


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
                str(leg["urgency"]), state_words(leg), output.moment(leg["reply_by_ms"]),
                ", ".join([*leg["allowed"], *_asked_of_us(leg)]) or "-",
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
