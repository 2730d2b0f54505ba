"""A referral's thread as text: what was disclosed, each step, how it got across."""

from __future__ import annotations

from collections.abc import Iterator

from node.cli import output
from node.cli.nodes import is_late
from node.cli.output import Answer
from node.cli.rows import rows_lines
from node.cli.standing import held_words

HOW = {"telephone": "telephone", "email": "e-mail", "other": "another way"}


def thread_lines(answer: Answer) -> Iterator[str]:
    """Yield a referral as lines."""
    yield from _lost(answer)
    yield from _head(answer)
    yield "disclosed:" if answer["rows"] else "disclosed: nothing"
    yield from rows_lines(answer["rows"])
    yield from figure_lines(answer["figures"])
    for file in answer["received_files"]:
        state = "here" if file["is_complete"] else "still coming"
        name = output.visible(file["file_id"])
        yield f"file {name}: {output.visible(file['media_type'])}, {file['size']} bytes, {state}"
    for step in answer["steps"]:
        yield ""
        yield from _step(step, answer)
    for told in answer["told"]:
        yield ""
        by = output.visible(told["made_by"])
        yield f"told by {HOW[told['how']]}, {by}, {output.moment(told['at_ms'])}"
    for path in answer.get("saved", ()):
        yield ""
        yield f"saved: {output.visible(path)}"


def _lost(answer: Answer) -> Iterator[str]:
    """Yield what somebody has to tell the other side in another way."""
    for each in answer["undelivered"]:
        names = ", ".join(name.replace("_", "-") for name in each["steps"])
        what = (
            f"REFUSED by their node: {names}" if each["is_refused"] else f"NOT DELIVERED: {names}"
        )
        if each["is_theirs"]:
            what = "NOT DELIVERED: something that they sent; ask them what it was"
        yield f"{what} (known since {output.moment(each['known_at_ms'])})"
    if answer["undelivered"]:
        name = output.short(answer["leg"])
        yield f"ring NOW {answer['telephone']} ({answer['peer_hours']})"
        yield f"when they know it: homeward referral told {name} --how telephone"
        yield ""


def figure_lines(figures: Answer) -> Iterator[str]:
    """Yield the figures of a statistic as lines."""
    for name, count in figures.items():
        yield f"  {output.visible(name)}: {count}"


def state_words(leg: Answer) -> str:
    """Return a referral's state as people read it."""
    return f"{leg['state']}, unconfirmed" if leg["is_closed_by_node"] else str(leg["state"])


def _head(answer: Answer) -> Iterator[str]:
    direction = "to" if answer["side"] == "sender" else "from"
    peer = f"{answer['peer']} ({output.visible(answer['peer_name'])})"
    yield f"referral {answer['leg']}"
    yield f"{direction} {peer}, telephone {answer['telephone']}"
    yield f"{output.visible(answer['kind'])}, U{answer['urgency']}, state: {state_words(answer)}"
    yield f"asked: {output.visible(answer['ask'])}"
    yield f"reply by {output.moment(answer['reply_by_ms'])}"
    if answer["case_id"]:
        yield f"case: {answer['case_id']}"
    yield from _basis(answer["legal_basis"], "")
    if answer["reopens"]:
        yield f"reopens: {output.short(answer['reopens'])}"
    if answer["follows"]:
        yield f"in the place of: {output.short(answer['follows'])}"
    for leg in answer["sent_again_as"]:
        yield f"sent again as: {output.short(leg)}"
    if answer["redirected_to"] and not answer["sent_again_as"]:
        is_ours = answer["side"] == "sender"
        whose = "resend sends it there" if is_ours else "the sender is to send it there"
        yield f"redirected to {output.visible(answer['redirected_to'])}: {whose}"
    if answer["has_lead_moved"]:
        yield f"the lead is with {'them' if answer['side'] == 'sender' else 'us'}"
    allowed = ", ".join(name.replace("_", "-") for name in answer["allowed"])
    yield f"you may: {allowed or 'nothing more'}"
    if answer["about"]:
        yield f"about: {', '.join(map(output.short, answer['about']))}"
    if answer["open_erase_requests"]:
        yield "they ask you to erase this: erase, or refuse-erase with a reason in law"
    if answer["open_questions"]:
        yield f"waits for your answer to: {', '.join(map(str, answer['open_questions']))}"


def _basis(basis: Answer, indent: str) -> Iterator[str]:
    """Yield on which ground a part of a case went."""
    for name, value in basis.items():
        words = name.replace("_", " ").removesuffix(" ms")
        text = output.moment(value) if isinstance(value, int) else output.visible(value)
        yield f"{indent}{words}: {text}"


def _step(step: Answer, answer: Answer) -> Iterator[str]:
    who = "we" if step["is_ours"] else answer["peer"]
    name = step["name"].replace("_", "-")
    late = " (came too late to count)" if step["is_overtaken"] else ""
    late += " (erased)" if step["is_erased"] else ""
    by = f" [{output.visible(step['made_by'])}]" if step["made_by"] else ""
    at = output.moment(step["created_at_ms"])
    yield f"({step['entry']}) {at}  {who}: {name} {step['number']}{by}{late}"
    for field, value in step["fields"].items():
        words = field.replace("_", " ").removesuffix(" ms")
        if isinstance(value, int):
            yield f"  {words}: {output.moment(value)}"
        else:
            first, *more = output.block(value, "") or [""]
            yield f"  {words}: {first}"
            yield from (f"    {line}" for line in more)
    yield from _basis(step["legal_basis"], "  ")
    yield from rows_lines(step["rows"], "    ")
    for each in step["proposals"]:
        into = f" into {each['case_id']}" if each["case_id"] else ""
        yield f"  {output.visible(each['path'])}: {each['state']}{into}"
    yield from (f"  {line}" for line in _passage(step, answer))


def _passage(step: Answer, answer: Answer) -> Iterator[str]:
    passage, peer = step["passage"], answer["peer"]
    if not step["is_ours"]:
        yield f"received: entry {passage['own_position']} of our log"
        if passage["peer_entry"]:
            yield f"sent: {_entry(passage['peer_entry'], peer)}, proof held"
        return
    if passage["settled"] == "received" and passage["peer_entry"]:
        yield f"delivered: {_entry(passage['peer_entry'], peer)}, receipt held"
        if passage["files_entry"]:
            yield f"files delivered: {_entry(passage['files_entry'], peer)}, receipt held"
        elif passage["is_waiting_for_files"]:
            yield "files: on their way"
    elif passage["settled"] == "refused":
        yield f"refused by {peer}: {passage['refusal']}"
    elif passage["settled"] == "expired":
        yield f"never delivered, phone {answer['telephone']}"
    else:
        yield from _waiting(step, answer)


def _waiting(step: Answer, answer: Answer) -> Iterator[str]:
    passage, now_ms = step["passage"], answer["now_ms"]
    tries, next_ms = passage["tries"], passage["next_try_ms"] or 0
    if is_late(now_ms - step["created_at_ms"], answer["urgency"]):
        yield f"not delivered, phone {answer['telephone']}"
    held = held_words(answer["own_standing"], answer["peer_standing"])
    if held:
        yield f"waits: {held}"
        return
    if not tries:
        yield "queued"
        return
    following = f", next at {output.moment(next_ms)}" if next_ms > now_ms else ""
    yield f"queued, tried {output.counted(tries, 'time')}{following}"


def _entry(entry: Answer, peer: str) -> str:
    origin = entry["origin"]
    log = f"{peer}'s log" if origin.startswith(f"{peer}/") else f"log {output.visible(origin)}"
    return f"entry {entry['position']} of {log}, {output.moment(entry['at_ms'])}"
