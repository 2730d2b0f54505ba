"""`homeward referral due` and `homeward node digest`: what to do now, and what a shift was.

Times stand in both clocks, ours and the peer's. What has gone far enough to be said by
telephone comes with the number, the languages, and whether somebody is there.
"""

from __future__ import annotations

import datetime
import re
import time
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

import click

from node.cli import condition, output, reach
from node.cli.options import home_option, json_option, time_ms
from node.cli.output import Answer

SHIFT = "12h"
_SPAN = re.compile(r"([1-9][0-9]{0,3})([hd])")
_HEADS = {
    "overdue": "overdue, or life at risk (U1)",
    "unclaimed": "new, and nobody here has claimed it",
    "waits_for_us": "waits for your answer",
    "waits_for_them": "waits for them",
    "to_confirm": "outcome to confirm",
}
_WHAT = {
    "delivery": "waits to be delivered to {who}",
    "claim": "waits to be claimed by {who}",
    "notice": "waits to be acknowledged by {who}",
    "answer": "waits for an answer from {who}",
    "reply": "waits for {who} to answer a question",
    "outcome": "waits for the outcome from {who}",
    "confirmation": "waits for {who} to confirm the outcome",
    "acknowledgement": "waits to be acknowledged by {who}",
    "file": "waits for the file from {who}",
    "custody": "waits for {who} to take over the file",
    "cancellation": "waits for {who} to see the withdrawal",
    "telephone": "was not delivered and waits for {who} to telephone",
    "erasure": "waits for {who} to erase it, or to say why not",
}
_COUNTS = {
    "new_in": "new referrals in",
    "new_out": "new referrals out",
    "steps_in": "steps in",
    "steps_out": "steps out",
    "closed_by_node": "closed by the node",
}


@click.command("due")
@home_option
@json_option
def due(home: Path, is_json: bool) -> None:
    """Say what has to be done now, in the order in which to do it."""
    answer = reach.ask(home, "referral.due", {}).answer
    output.show(answer, is_json=is_json, lines=_due)


@click.command("peers")
@home_option
@json_option
def peers(home: Path, is_json: bool) -> None:
    """List whom one can ask, and by when they would answer."""
    answer = reach.ask(home, "peer.list", {}).answer
    output.show(answer, is_json=is_json, lines=_peers)


_THERE = {True: "somebody is there", False: "nobody is there", None: "no time zone is known"}


def _peers(answer: Answer) -> Iterator[str]:
    for peer in answer["members"]:
        if not peer["answer_due_ms"]:
            continue
        there = _THERE[peer["is_open"]]
        name = output.visible(peer["legal_name"])
        yield f"{peer['node_id']} ({name}), {', '.join(peer['languages'])}, {peer['telephone']}"
        yield f"  {there}; {peer['hours']}"
        dues = (f"U{u} by {output.moment(at)}" for u, at in peer["answer_due_ms"].items())
        yield f"  asked now, they answer: {', '.join(dues)}"


@click.command("digest")
@home_option
@json_option
@click.option("--since", default=SHIFT, show_default=True, help="12h, 2d, 2026-11-22T06:00+01:00")
def digest(home: Path, is_json: bool, since: str) -> None:
    """Sum up a shift: what came in, what went out, what is overdue."""
    answer = reach.ask(home, "node.digest", {"since_ms": _since_ms(since)}).answer
    output.show(answer, is_json=is_json, lines=_digest)


def _since_ms(text: str) -> int:
    found = _SPAN.fullmatch(text)
    if found is None:
        return time_ms("--since", text)
    span_ms = int(found[1]) * {"h": output.HOUR_MS, "d": output.DAY_MS}[found[2]]
    return time.time_ns() // 1_000_000 - span_ms


def _due(answer: Answer) -> Iterator[str]:
    lines = list(_desk_lines(answer))
    yield from lines or ["nothing has to be done now"]


def _desk_lines(answer: Answer) -> Iterator[str]:
    is_first = True
    for head, lines in _parts(answer):
        if not is_first:
            yield ""
        is_first = False
        yield f"{head}:"
        yield from lines


def _parts(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """Yield the parts of the desk that hold something, each with its lines."""
    for each in answer["sections"]:
        tasks = each["tasks"]
        if tasks:
            yield _HEADS[each["section"]], [line for t in tasks for line in _task(t, answer)]
    if answer["drafts"]:
        yield "waits for a second person", [_draft(each, answer) for each in answer["drafts"]]
    if answer["endings"]:
        yield "soon over", [_ending(each, answer) for each in answer["endings"]]
    if answer["unreachable"]:
        yield "cannot be reached", [_unreachable(p, answer) for p in answer["unreachable"]]


def _task(task: Answer, answer: Answer) -> Iterator[str]:
    direction = "to" if task["side"] == "sender" else "from"
    what = f"{output.short(task['leg'])} U{task['urgency']} {output.visible(task['kind'])}"
    waits = _WHAT[task["what"]].format(who="us" if task["is_ours"] else task["peer"])
    since = output.span(answer["now_ms"] - task["since_ms"])
    # What is to be told by telephone is due since it is known: that says the same.
    is_lost = task["what"] == "telephone"
    is_late = task["late_ms"] is not None and not is_lost
    late = f", LATE by {output.span(task['late_ms'])}" if is_late else ""
    yield f"  {what} {direction} {task['peer']}: {waits}, {since}{late}"
    contact = task["contact"]
    theirs = contact["time_zone"] if contact is not None else ""
    since_text = _both_clocks(task["since_ms"], answer["time_zone"], theirs)
    yield f"    since {since_text}"
    if task["due_ms"] is not None and not is_lost:
        # Nobody must confirm: then it closes by itself.
        word = "ends " if task["what"] == "confirmation" else "due  "
        yield f"    {word} {_both_clocks(task['due_ms'], answer['time_zone'], theirs)}"
    if is_lost:
        yield from _lost(task, contact)
    elif contact is None or task["is_ours"]:
        return
    elif task["late_ms"] is not None or task["urgency"] == 1:
        yield f"    {_telephone(task, contact)}"
    elif not contact["is_open"]:
        yield f"    {_closed(contact)}"


def _lost(task: Answer, contact: Answer | None) -> Iterator[str]:
    if contact is None:
        yield "    whom to ring is not known: the directory has no such member any more"
    else:
        yield f"    {_telephone(task, contact)}"
    leg = output.short(task["leg"])
    yield f"    when they know it: homeward referral told {leg} --how telephone"


def _telephone(task: Answer, contact: Answer) -> str:
    name = f" ({output.visible(contact['name'])})" if contact["name"] else ""
    spoken = ", ".join(map(output.visible, contact["languages"])) or "languages not known"
    if contact["is_open"]:
        until = contact["changes_at_ms"]
        there = "somebody is there"
        there += "" if until is None else f" until {_clock(until, contact['time_zone'])}"
    else:
        there = _closed(contact)
    is_now = task["what"] == "telephone" or task["stage"] in ("phone", "supervisor")
    now = "ring NOW" if is_now else "telephone"
    return f"{now} {output.visible(contact['telephone'])}{name}, {spoken}; {there}"


def _closed(contact: Answer) -> str:
    opens = _clock(contact["changes_at_ms"], contact["time_zone"])
    return f"nobody is there before {opens} their time"


def _draft(draft: Answer, answer: Answer) -> str:
    peers = ", ".join(map(output.visible, draft["peers"]))
    step = draft["step"].replace("_", "-")
    age = output.span(answer["now_ms"] - draft["asked_at_ms"])
    left = output.span(draft["expires_at_ms"] - answer["now_ms"])
    by = output.visible(draft["asked_by"])
    what = f"{output.short(draft['approval_id'])} {step} to {peers}"
    return f"  {what}, asked by {by} {age} ago, ends in {left}"


def _ending(ending: Answer, answer: Answer) -> str:
    if ending["what"] == "referral":
        left = output.span(ending["at_ms"] - answer["now_ms"])
        return f"  referral {output.short(ending['subject'])} expires in {left}"
    if ending["what"] == "consent":
        return f"  a consent in case {output.visible(ending['subject'])} ends on {ending['on']}"
    if ending["what"] == "retention":
        left = output.span(ending["at_ms"] - answer["now_ms"])
        return f"  case {output.visible(ending['subject'])} is erased in {left}"
    words = {"agreement": "the agreement with", "adequacy": "the adequacy decision for"}
    today = datetime.datetime.fromtimestamp(answer["now_ms"] / 1000, datetime.UTC).date()
    ends = "ended" if datetime.date.fromisoformat(ending["on"]) < today else "ends"
    return f"  {words[ending['what']]} {ending['subject']} {ends} on {ending['on']}"


def _unreachable(peer: Answer, answer: Answer) -> str:
    waiting = output.counted(peer["waiting"], "message")
    age = output.span(answer["now_ms"] - peer["oldest_queued_at_ms"])
    spoken = ", ".join(map(output.visible, peer["languages"])) or "languages not known"
    return (
        f"  {peer['peer']}: {condition.failure_words(peer['last_failure'])}, {waiting} for up to "
        f"{age}; telephone {peer['telephone']}, {spoken}"
    )


def _digest(answer: Answer) -> Iterator[str]:
    desk = answer["desk"]
    ours = desk["time_zone"]
    span = f"{_clock(answer['since_ms'], ours)} to {_clock(desk['now_ms'], ours)}"
    yield f"{desk['node_id']}, {span}"
    counts = [f"{words}: {answer['counts'][name]}" for name, words in _COUNTS.items()]
    yield ", ".join(counts)
    for head, is_ours in (("came in", False), ("went out", True)):
        steps = [step for step in answer["steps"] if step["is_ours"] is is_ours]
        if steps:
            yield ""
            yield f"{head}:"
            yield from output.table([_step(step, ours) for step in steps], "  ")
    lines = list(_desk_lines(desk))
    if lines:
        yield ""
        yield from lines


def _step(step: Answer, ours: str) -> tuple[str, ...]:
    by = f"[{output.visible(step['made_by'])}]" if step["made_by"] else ""
    direction = "to" if step["is_ours"] else "from"
    return (
        _clock(step["at_ms"], ours),
        output.short(step["leg"]),
        f"U{step['urgency']}",
        output.visible(step["kind"]),
        f"{direction} {step['peer']}",
        step["name"].replace("_", "-"),
        by,
    )


def _both_clocks(at_ms: int, ours: str, theirs: str) -> str:
    here, there = _clock(at_ms, ours), _clock(at_ms, theirs)
    return f"{here} ours" if here == there else f"{here} ours, {there} theirs"


def _clock(at_ms: int, zone: str) -> str:
    """Return a time as a clock of that zone shows it; UTC when the zone is not known."""
    try:
        place: datetime.tzinfo = zoneinfo.ZoneInfo(zone) if zone else datetime.UTC
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        place = datetime.UTC
    at = datetime.datetime.fromtimestamp(at_ms / 1000, place)
    return at.strftime("%a %d %b %H:%M %Z")
