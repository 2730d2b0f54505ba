"""`homeward case found`, `holders`, `erase` and their like; `homeward referral erase`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from node.cli import output, reach
from node.cli.options import home_option, json_option, long_text, made_by, time_ms
from node.cli.output import Answer
from node.errors import ArgumentError, NodeError

Given = str | bool | tuple[str, ...]

_CASE = click.argument("case")
_REFERRAL = click.argument("referral")
_TEXT = click.option("--text", default="", help="In your own words, to all of them; - is stdin.")
_LANGUAGE = click.option("--language", default="en", show_default=True, help="Of the text.")
_ART6 = click.option("--art6", default="", help="Code of art6_basis; else as it went out.")
_ART9 = click.option("--art9", default="", help="Likewise: code of art9_condition.")
_ART10 = click.option("--art10", default="", help="Likewise: code of art10_basis.")
_YES = click.option("--yes", is_flag=True, help="Do it without asking.")
_UNCERTAIN = {"waiting": " (on its way)", "uncertain": " (perhaps never delivered)"}
_COPIES = {
    "held": "has a copy",
    "erase_asked": "was asked to erase it, and has not answered",
    "kept": "keeps its copy",
    "erased": "has erased it",
}


@click.command()
@home_option
@json_option
@_CASE
def holders(home: Path, is_json: bool, case: str) -> None:
    """Print who has what of CASE, why, until when, and who has erased or acknowledged."""
    reached = reach.ask(home, "case.holders", {"case_id": case})
    output.show(reached.answer, is_json=is_json, lines=_holders)


def _holders(answer: Answer) -> Iterator[str]:
    erased = answer["erased"]
    if erased is not None:
        by = f" by {output.visible(erased['made_by'])}" if erased["made_by"] else ""
        yield f"case {answer['case_id']}: erased here on {output.moment(erased['at_ms'])}{by}"
        yield f"  because: {output.visible(erased['reason'])}"
    if not answer["holders"]:
        yield "nobody has anything of this case"
    for holder in answer["holders"]:
        name = output.visible(holder["peer_name"])
        yield f"{holder['peer']} ({name}), telephone {holder['telephone']}"
        yield f"  fields: {', '.join(map(output.visible, holder['fields'])) or 'none'}"
        if holder["files"]:
            yield f"  files: {', '.join(map(output.visible, holder['files']))}"
        for holding in holder["holdings"]:
            yield from _holding(holding)
        for told in holder["notices"]:
            said = "acknowledged" if told["is_acknowledged"] else "NOT ACKNOWLEDGED"
            sure = _UNCERTAIN.get(told["passage"], "")
            at = output.moment(told["sent_at_ms"])
            yield f"  notice {output.visible(told['notice'])} of {at}: {said}{sure}"


def _holding(holding: Answer) -> Iterator[str]:
    until_ms = holding["until_ms"]
    until = f", until {output.moment(until_ms)}" if until_ms else ""
    words = _COPIES[holding["copy"]]
    if holding["taken"]:
        words += (
            f", but keeps in a case of its own: {', '.join(map(output.visible, holding['taken']))}"
        )
    if holding["kept_basis"]:
        words += f": {output.visible(holding['kept_basis'])}"
    kind = output.visible(holding["kind"])
    yield f"  referral {output.short(holding['leg'])} ({kind}{until}): {words}"
    for part in holding["parts"]:
        grounds = (part["purpose"], part["art6_basis"], part["transfer_basis"])
        because = ", ".join(output.visible(code) for code in grounds if code)
        sure = _UNCERTAIN.get(part["passage"], "")
        step = part["step"].replace("_", "-")
        yield f"    {step} of {output.moment(part['sent_at_ms'])}: {because or 'no ground'}{sure}"


@click.command()
@home_option
@json_option
@_CASE
@click.option("--outcome", required=True, help="Code of the list outcome.")
@click.option("--happened-at", default="", help="2026-11-22T14:30+01:00; else now.")
@click.option(
    "--told-to",
    multiple=True,
    help="Who may be told where the child is; may be repeated. Without it, as the child wished.",
)
@_TEXT
@_LANGUAGE
@_ART6
def found(*, home: Path, is_json: bool, case: str, happened_at: str, **given: Given) -> None:
    """Record that the child was found, and tell everybody who has something of CASE.

    They learn that, when, and who may be told where the child is: nothing else of it.
    What is asked of them is withdrawn.
    """
    at_ms = time_ms("--happened-at", happened_at) if happened_at else 0
    _tell(home, "case.found", case, {**given, "happened_at_ms": at_ms}, is_json=is_json)


@click.command()
@home_option
@json_option
@_CASE
@click.option("--outcome", default="", help="Code of the list outcome; else the one of `found`.")
@click.option("--cancel", "is_cancelled", is_flag=True, help="It should never have been opened.")
@_TEXT
@_LANGUAGE
@_ART6
def close(*, home: Path, is_json: bool, case: str, **given: Given) -> None:
    """Close CASE, and tell everybody who has something of it; say until when it is kept."""
    _tell(home, "case.close", case, given, is_json=is_json)


@click.command()
@home_option
@json_option
@_CASE
@click.option("--field", multiple=True, required=True, help="Field that was wrong; repeatable.")
@_TEXT
@_LANGUAGE
@_ART6
@_ART9
@_ART10
def correct(*, home: Path, is_json: bool, case: str, **given: Given) -> None:
    """Send the present values of fields of CASE to those who had them."""
    _tell(home, "case.correct", case, given, is_json=is_json)


def _tell(
    home: Path, command: str, case: str, given: Mapping[str, Given | int], *, is_json: bool
) -> None:
    arguments: Answer = {
        name: list(value) if isinstance(value, tuple) else value for name, value in given.items()
    }
    arguments |= {"case_id": case, "made_by": made_by()}
    arguments["text"] = long_text("--text", str(given["text"]))
    reached = reach.ask(home, command, arguments)
    answer = {**reached.answer, "delivery": reached.delivery_words}
    output.show(answer, is_json=is_json, lines=_told)


def _told(answer: Answer) -> Iterator[str]:
    yield f"case {answer['case_id']}: {answer['notice']}"
    if answer["told"]:
        peers = ", ".join(told["peer"] for told in answer["told"])
        yield f"told: {peers}; {answer['delivery']}"
    elif not answer["not_told"]:
        yield "nobody else has anything of this case"
    if answer["withdrawn"]:
        yield f"withdrawn: {', '.join(output.short(each['leg']) for each in answer['withdrawn'])}"
    yield from _by_telephone(answer["not_told"])
    if answer["kept_until_ms"] is not None:
        yield f"kept until {output.moment(answer['kept_until_ms'])}"


def _by_telephone(peers: list[Answer]) -> Iterator[str]:
    for each in peers:
        name = output.visible(each["peer_name"])
        code = output.visible(each["code"])
        yield f"NOT TOLD: {each['peer']} ({name}; {code}), phone {each['telephone']}"


@click.command()
@home_option
@json_option
@_CASE
@click.option("--reason", required=True, help="Code of the list erase_reason.")
@click.option("--also-open", is_flag=True, help="Withdraw the referrals that are still open.")
@_YES
def erase(*, home: Path, is_json: bool, case: str, reason: str, also_open: bool, yes: bool) -> None:
    """Erase CASE and all that was said of it, and ask everybody who has a copy to do so.

    It cannot be undone. A row stays: which case, who erased it, when and why.
    """
    _confirm("erase this case for good?", is_sure=yes)
    arguments = {
        "case_id": case, "reason": reason, "has_also_open": also_open, "made_by": made_by(),
    }  # fmt: skip
    reached = reach.ask(home, "case.erase", arguments)
    answer = {**reached.answer, "delivery": reached.delivery_words}
    output.show(answer, is_json=is_json, lines=_erased)


def _erased(answer: Answer) -> Iterator[str]:
    counts = (
        output.counted(answer["versions_count"], "version"),
        output.counted(answer["messages_count"], "message"),
        output.counted(answer["files_count"], "file"),
    )
    yield f"case {answer['case_id']} is erased: {', '.join(counts)}"
    if answer["asked"]:
        peers = ", ".join(dict.fromkeys(each["peer"] for each in answer["asked"]))
        yield f"asked to erase their copies: {peers}; {answer['delivery']}"
    yield from _by_telephone(answer["not_asked"])
    yield from _unfinished(answer)


def _unfinished(answer: Answer) -> Iterator[str]:
    if not answer["is_finished"]:
        yield "NOTE: old pages or files are still on the disk; the node goes on trying"


@click.command()
@home_option
@json_option
@_CASE
@click.option("--reason", default="", help="Code of the list hold_reason.")
@click.option("--release", "is_release", is_flag=True, help="End the hold.")
@click.option("--text", default="", help="Why, in your own words; - is stdin.")
def hold(*, home: Path, is_json: bool, case: str, reason: str, text: str, is_release: bool) -> None:
    """Keep CASE from being erased, by anybody and by its retention, until it is released."""
    if bool(reason) == is_release:
        raise ArgumentError("usage", "a hold needs either --reason or --release")
    arguments = {
        "case_id": case, "reason": reason, "is_release": is_release,
        "text": long_text("--text", text), "made_by": made_by(),
    }  # fmt: skip
    reached = reach.ask(home, "case.hold", arguments)
    output.show(reached.answer, is_json=is_json, lines=_hold)


def _hold(answer: Answer) -> Iterator[str]:
    yield f"case {answer['case_id']} is {'on hold' if answer['is_on_hold'] else 'released'}"


@click.command()
@home_option
@json_option
def retention(home: Path, is_json: bool) -> None:
    """List the cases that will soon have been kept long enough, and be erased."""
    reached = reach.ask(home, "case.retention", {})
    output.show(reached.answer, is_json=is_json, lines=_retention)


def _retention(answer: Answer) -> Iterator[str]:
    if not answer["cases"]:
        yield f"no case will be erased within {answer['warning_days']} days"
        return
    rows = [("CASE", "KEPT UNTIL", "OUTCOME", "")]
    for case in answer["cases"]:
        held = "on hold" if case["is_on_hold"] else ""
        until = output.moment(case["kept_until_ms"])
        rows.append((case["case_id"], until, output.visible(case["outcome"]) or "-", held))
    yield from output.table(rows)


# --- one referral


@click.command("ask-erase")
@home_option
@json_option
@_REFERRAL
@click.option("--reason", required=True, help="Code of the list erase_reason.")
def ask_erase(home: Path, is_json: bool, referral: str, reason: str) -> None:
    """Ask the other side to erase what you sent it on this referral."""
    arguments = {"leg": referral, "reason": reason, "made_by": made_by()}
    reached = reach.ask(home, "referral.ask_erase", arguments)
    answer = {**reached.answer, "delivery": reached.delivery_words}
    output.show(answer, is_json=is_json, lines=_asked)


def _asked(answer: Answer) -> Iterator[str]:
    yield f"request to erase referral {output.short(answer['leg'])}: {answer['delivery']}"


@click.command("erase")
@home_option
@json_option
@_REFERRAL
@_YES
def erase_referral(home: Path, is_json: bool, referral: str, yes: bool) -> None:
    """Erase what the other side sent on this referral, and tell it if it asked.

    It cannot be undone. That it was sent and received, by whom and when, stays.
    """
    _confirm("erase this for good?", is_sure=yes)
    reached = reach.ask(home, "referral.erase", {"leg": referral, "made_by": made_by()})
    answer = {**reached.answer, "delivery": reached.delivery_words}
    output.show(answer, is_json=is_json, lines=_erased_referral)


def _erased_referral(answer: Answer) -> Iterator[str]:
    told = f"{answer['peer']} did not ask for it"
    if answer["answered_count"]:
        told = f"answer to {answer['peer']}: {answer['delivery']}"
    yield f"referral {output.short(answer['leg'])} is erased; {told}"
    for each in answer["taken"]:
        fields = ", ".join(map(output.visible, each["fields"]))
        count = output.counted(len(each["fields"]), "field")
        yield f"NOT ERASED: {count} that you took into case {each['case_id']}: {fields}"
    yield from _unfinished(answer)


@click.command("refuse-erase")
@home_option
@json_option
@_REFERRAL
@click.option("--reason", required=True, help="Code of the list erase_refusal.")
def refuse_erase(home: Path, is_json: bool, referral: str, reason: str) -> None:
    """Tell the other side that you keep what it asked you to erase, and the reason in law."""
    arguments = {"leg": referral, "reason": reason, "made_by": made_by()}
    reached = reach.ask(home, "referral.refuse_erase", arguments)
    answer = {**reached.answer, "delivery": reached.delivery_words}
    output.show(answer, is_json=is_json, lines=_refused)


def _refused(answer: Answer) -> Iterator[str]:
    yield f"referral {output.short(answer['leg'])} is kept; {answer['delivery']}"


def _confirm(question: str, *, is_sure: bool) -> None:
    if not is_sure and not click.confirm(question, err=True):
        raise NodeError("not_confirmed", "nothing was erased")


CASE_COMMANDS = (holders, found, close, correct, erase, hold, retention)
REFERRAL_COMMANDS = (ask_erase, erase_referral, refuse_erase)
