"""What a peer would see, as text, before it goes."""

from __future__ import annotations

from collections.abc import Iterator

from node.cli import output
from node.cli.output import Answer
from node.cli.rows import rows_lines
from node.cli.thread import figure_lines


def preview_lines(answer: Answer) -> Iterator[str]:
    """Yield a preview as lines."""
    peer = answer["peer"]
    yield f"to {peer['node_id']} ({output.visible(peer['legal_name'])}):"
    yield f"  {answer['kind']}, U{answer['urgency']}: {output.visible(answer['ask'])}"
    yield f"  reply by {output.moment(answer['reply_by_ms'])}"
    yield from basis_lines(answer["legal_basis"])
    if answer["needs_second_person"]:
        yield "  NOTE: there are sensitive fields in it: a second person has to approve it"
    if answer["is_agreement_ended"]:
        yield "  NOTE: the agreement with this member has ended"
    yield from part_lines(answer)


def basis_lines(basis: Answer) -> Iterator[str]:
    """Yield on which legal basis it goes."""
    codes = [code for code in (basis["art9_condition"], basis["art10_basis"]) if code]
    yield f"  because: {', '.join([basis['purpose'], basis['art6_basis'], *codes])}"
    yield f"  police: {basis['police_informed']}"
    if basis["transfer_basis"] != "eea":
        grounds = filter(None, (basis["transfer_basis"], basis["art49_derogation"]))
        yield f"  outside the EEA, on the ground: {', '.join(grounds)}"
    if basis["consent_given_by"]:
        end_ms = basis["consent_expires_at_ms"]
        until = f", until {output.moment(end_ms)}" if end_ms else ""
        yield f"  consent given by: {', '.join(basis['consent_given_by'])}{until}"
    if basis["overridden_rules"]:
        yield f"  NOTE: goes over the rules: {', '.join(basis['overridden_rules'])}"
    for name in ("sensitive_reason", "override_reason", "at_once_reason"):
        if basis[name]:
            yield f"  {name.replace('_', ' ')}: {output.visible(basis[name])}"


def part_lines(answer: Answer) -> Iterator[str]:
    """Yield what goes of the case."""
    yield f"they will see {answer['ticked']} of {answer['fillable']} fields:"
    yield from rows_lines(answer["rows"])
    yield from figure_lines(answer.get("figures", {}))
    if answer["files"]:
        yield f"files: {', '.join(map(output.visible, answer['files']))}"
