"""Every envelope that was accepted yields a bundle, at either end, that proves it.

The auditor's directory is the one that the nodes trust; that directories inside old
bundles age in their own way is for the tests of the bundle.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from keys.directory import Directory
from node.errors import NodeError
from node.store import messages
from protocol import limits
from protocol.bundle import parse_bundle
from protocol.evidence import verify
from protocol.ids import NodeId
from protocol.report import Claim, Verdict
from tests.simulation.books import Books
from tests.simulation.life import Life


def _after_theft(directory: Directory, name: NodeId, since_ms: int) -> Directory:
    """Return a directory that knows the keys of one member to be stolen since then."""
    member = directory.members[name]
    keys = [replace(key, compromised_since_ms=since_ms) for key in member.log_keys]
    members = {**directory.members, name: replace(member, log_keys=tuple(keys))}
    return replace(directory, members=members)


async def judge_all(books: Books, life: Life, *, at_ms: int) -> AsyncIterator[str]:
    """Yield for each accepted envelope what this node cannot prove of it, or nothing."""
    incomplete = {
        whole.envelope_id
        for direction in (messages.OUT, messages.IN)
        for whole in books.attachment_sets(direction)
        if not whole.is_complete
    }
    # No set: the other side erased the leg before its files had come, and takes none any more.
    announced = {row.envelope_id for row in books.envelopes(messages.OUT)}
    incomplete |= announced - {w.envelope_id for w in books.attachment_sets(messages.OUT)}
    for row in (*books.envelopes(messages.OUT), *books.envelopes(messages.IN)):
        if row.direction == messages.OUT and (row.peer_proof is None or row.code):
            continue
        try:
            held = books.message(row.direction, row.peer, row.message_id)
            is_whole = held is not None and bool(held.salt)
            data = await life.core.evidence.collect(row.envelope_id, with_opening=is_whole)
        except NodeError as error:
            yield f"no bundle {row.direction} of {books.name}: {error.code}"
            continue
        bundle, directory = parse_bundle(data), life.core.context.trust.directory
        report = verify(bundle, directory, at_ms=at_ms)
        if row.direction == messages.OUT:
            stolen = _after_theft(directory, row.peer, at_ms + limits.CLOCK_SKEW_MS)
            if verify(bundle, stolen, at_ms=at_ms).verdict is not report.verdict:
                yield f"bundle of {books.name}: does not outlive a theft of its recipient's key"
        doubted = [
            f"{finding.claim.name} {finding.code}"
            for finding in report.findings
            if finding.verdict is not Verdict.PROVEN
            and not (finding.claim is Claim.CONTENT and not is_whole)
            # That files which should be here are here is checked elsewhere.
            and (finding.claim is not Claim.ATTACHMENTS or row.envelope_id not in incomplete)
        ]
        yield f"bundle {row.direction} of {books.name}: {', '.join(doubted)}" if doubted else ""
