"""What people are told when something keeps this node from the exchange.

The same words in `node status` and from the doctor: a sentence, and what to do. How the
node stands with its federation is told by `standing`.
"""

from __future__ import annotations

from collections.abc import Iterator

from node.cli import output
from node.cli.output import Answer

CALL = "call the secretariat"
WHOSE_CLOCK = "one of the two is wrong: compare both with a time server"
SET_CLOCK = "set it, and let a time server keep it right"
MAIL_HINT = "see [mail] in homeward.toml; what is due stands in: homeward referral due"
MAIL_FAILURES = {
    "unreachable": "the mail server cannot be reached",
    "tls_failed": "the mail server cannot prove who it is",
    "sign_in_refused": "the mail server refuses user or password",
    "sender_refused": "the mail server refuses the sender",
    "recipients_refused": "the mail server refuses every recipient",
    "file_unreadable": "the password file or the certificates cannot be read",
}
NO_KEY = frozenset({"no_epoch", "no_descriptor", "expired", "from_the_future"})


def key_warnings(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield sentence and hint when peers do not take what this node signs."""
    if answer["standing"] == "none":
        return
    key, at_ms = answer["own_key"], answer["own_key_since_ms"]
    moment = "" if at_ms is None else output.moment(at_ms)
    if key == "ended":
        hint = "make another one: homeward keys rotate"
        yield f"the log key of this node ended on {moment}: peers take nothing from it", hint
    elif key == "stolen":
        hint = "make other keys: homeward keys rotate --stolen"
        yield f"the log key of this node counts as stolen since {moment}", hint
    elif key == "not_yet":
        hint = "if that is long ago, the clock is wrong"
        yield f"the log key of this node is good from {moment} on, not before", hint
    elif key == "unknown":
        hint = f"if nobody here has changed the keys, {CALL} at once"
        yield "the directory names this node with another log key", hint


def clock_warnings(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield sentence and hint when this computer's clock is probably wrong."""
    ahead_ms = answer["clock_ahead_ms"]
    if ahead_ms is not None:
        off = f"{output.span(abs(ahead_ms))} {'ahead' if ahead_ms > 0 else 'behind'}"
        yield f"this computer's clock is probably {off}", SET_CLOCK


def peer_clock_warning(peer: Answer) -> str:
    """Return what is to be said of a peer's clock; empty: nothing."""
    ahead_ms = peer["clock_ahead_ms"]
    if ahead_ms is None:
        return ""
    side = "ahead of" if ahead_ms > 0 else "behind"
    return f"the clock of {peer['node_id']} is about {output.span(abs(ahead_ms))} {side} this one"


def reach_warnings(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield sentence and hint when nobody answers, so that the fault may be at this end."""
    silent, active = answer["peers_silent"], answer["peers_active"]
    # One of several that is silent has a fault of its own.
    if silent and silent >= min(2, active):
        tried = "" if silent >= active else f" of the {silent} that were tried"
        hint = "check this computer's connection; what waits is tried again by itself"
        yield f"no peer{tried} can be reached", hint


def descriptor_warnings(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield sentence and hint when peers have no good key of this node to write to."""
    descriptor = answer["descriptor"]
    is_current = descriptor is not None and descriptor["is_current"]
    if is_current or answer["standing"] == "none" or not answer.get("is_running", True):
        return
    hint = "the running node publishes them, at once and then each hour; see node.log if not"
    yield "this node's present encryption keys are not published", hint


def descriptor_lines(answer: Answer) -> Iterator[str]:
    """Yield how long ago the node published its keys, and until when they are good."""
    descriptor = answer["descriptor"]
    if descriptor is not None:
        age = output.span(answer["now_ms"] - descriptor["created_at_ms"])
        left_ms = descriptor["expires_at_ms"] - answer["now_ms"]
        good = f"good for {output.span(left_ms)}" if left_ms > 0 else "EXPIRED"
        weeks = ", ".join(map(str, descriptor["epochs"]))
        yield f"encryption keys: epochs {weeks}, published {age} ago, {good}"


def mail_warnings(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield sentence and hint when reminders do not get out by mail."""
    mail = answer.get("mail")
    if mail is None or not mail["is_configured"]:
        return
    reason = MAIL_FAILURES.get(mail["last_failure"], "it does not take them")
    if mail["tries"]:
        age = output.span(answer["now_ms"] - mail["oldest_queued_at_ms"])
        waiting = output.counted(mail["waiting"], "reminder")
        yield f"{waiting} could not be mailed for {age}: {reason}", MAIL_HINT
    if mail["given_up"]:
        yield f"{output.counted(mail['given_up'], 'reminder')} never mailed: {reason}", MAIL_HINT


def warnings(answer: Answer) -> Iterator[tuple[str, str]]:
    """Yield everything that is of note, the gravest first."""
    yield from key_warnings(answer)
    yield from clock_warnings(answer)
    yield from reach_warnings(answer)
    yield from descriptor_warnings(answer)
    yield from mail_warnings(answer)


def failure_words(last_failure: str | None) -> str:
    """Return what went wrong with the last try to reach a peer."""
    if last_failure == "unreachable":
        return "not reached"
    if last_failure == "training":
        return "nothing leaves a training home"
    return "offers no key for today" if last_failure in NO_KEY else "gives no valid answer"
