"""`homeward referral approvals`, `approve` and `reject`: the second person's commands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from node.cli import output, reach
from node.cli.options import home_option, json_option, long_text, made_by
from node.cli.output import Answer
from node.cli.previews import basis_lines, part_lines
from node.errors import NodeError

BY = click.option("--by", default="", help="Who decides; else who is logged in.")


@click.command("approvals")
@home_option
@json_option
@click.option("--all", "is_all", is_flag=True, help="Also those that are decided or over.")
def list_approvals(home: Path, is_json: bool, is_all: bool) -> None:
    """List the drafts with sensitive fields that wait for a second person."""
    reached = reach.ask(home, "referral.approvals", {"all": is_all})
    output.show(reached.answer, is_json=is_json, lines=_list)


def _list(answer: Answer) -> Iterator[str]:
    if not answer["approvals"]:
        yield "nothing waits for a second person"
        return
    rows = [("DRAFT", "STEP", "TO", "CASE", "ASKED BY", "UNTIL", "STATE")]
    rows += [
        (
            output.short(each["approval"]), each["step"].replace("_", "-"),
            ", ".join(each["peers"]), f"{each['case_id']} v{each['case_version']}",
            output.visible(each["asked_by"]), output.moment(each["expires_at_ms"]), _state(each),
        )
        for each in answer["approvals"]
    ]  # fmt: skip
    yield from output.table(rows)


def _state(each: Answer) -> str:
    by = f" by {output.visible(each['decided_by'])}" if each["decided_by"] else ""
    text = f": {output.visible(each['text'])}" if each["text"] else ""
    return f"{each['decision']}{by}{text}"


@click.command()
@home_option
@json_option
@click.argument("draft")
@BY
@click.option("--preview", "is_preview", is_flag=True, help="Show only; decide nothing.")
@click.option("--yes", is_flag=True, help="Send without asking.")
def approve(home: Path, is_json: bool, draft: str, by: str, *, is_preview: bool, yes: bool) -> None:
    """Send a DRAFT of somebody else, after showing exactly what goes.

    DRAFT is the beginning of its id. Who asked for it cannot approve it.
    """
    door = reach.Door(home)
    shown = door.ask("referral.approval", {"approval": draft}).answer
    if is_preview:
        output.show(shown, is_json=is_json, lines=_draft)
        return
    for line in _draft(shown):
        output.progress(line)
    if not yes and not click.confirm("send this?", err=True):
        raise NodeError("not_confirmed", "nothing was sent")
    arguments = {"approval": shown["approval"], "by": by or made_by()}
    sent = door.ask("referral.approve", arguments)
    answer = {**sent.answer, "delivery": sent.delivery_words}
    output.show(answer, is_json=is_json, lines=_sent)


def _draft(answer: Answer) -> Iterator[str]:
    who, at = output.visible(answer["asked_by"]), output.moment(answer["asked_at_ms"])
    yield f"draft {output.short(answer['approval'])}, asked by {who}, {at}"
    yield f"sensitive: {', '.join(map(output.visible, answer['sensitive']))}"
    for each in answer["previews"]:
        peer = each["peer"]
        yield f"to {peer['node_id']} ({output.visible(peer['legal_name'])}):"
        said = output.visible(each["ask"] or each["text"])
        yield f"  {each['kind']}, U{each['urgency']}, {answer['step'].replace('_', '-')}: {said}"
        yield from basis_lines(each["legal_basis"])
        yield from part_lines(each)


def _sent(answer: Answer) -> Iterator[str]:
    step = answer["step"].replace("_", "-")
    for each in answer["legs"]:
        yield f"{step} {output.short(each['leg'])} to {each['peer']}: {answer['delivery']}"


@click.command()
@home_option
@json_option
@click.argument("draft")
@BY
@click.option("--text", required=True, help="Why not; - is stdin.")
def reject(home: Path, is_json: bool, draft: str, by: str, text: str) -> None:
    """End a DRAFT without sending anything; whoever asked can take it back like this."""
    arguments = {
        "approval": draft,
        "by": by or made_by(),
        "text": long_text("--text", text),
    }
    reached = reach.ask(home, "referral.reject", arguments)
    output.show(reached.answer, is_json=is_json, lines=_rejected)


def _rejected(answer: Answer) -> Iterator[str]:
    yield f"draft {output.short(answer['approval'])} is rejected; nothing was sent"


def kept_lines(answer: Answer) -> Iterator[str]:
    """Yield what becomes of something that one person alone cannot send."""
    short = output.short(answer["approval"])
    yield f"draft {short}: not sent, there are sensitive fields in it"
    yield f"a second person sends it with: homeward referral approve {short}"


APPROVAL_COMMANDS = (list_approvals, approve, reject)
