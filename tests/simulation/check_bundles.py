"""Every envelope that was accepted yields a bundle, at either end, that proves it.

The auditor's directory is the one that the nodes trust; that directories inside old
bundles age in their own way is for the tests of the bundle.
"""

from __future__ import annotations

from node.store import messages
from protocol.bundle import parse_bundle
from protocol.evidence import verify
from protocol.report import Verdict
from tests.simulation.books import Books
from tests.simulation.life import Life


async def unproven_envelopes(books: Books, life: Life, *, at_ms: int) -> list[str]:
    """Return a sentence for each accepted envelope that this node cannot prove."""
    faults = []
    for row in (*books.envelopes(messages.OUT), *books.envelopes(messages.IN)):
        if row.direction == messages.OUT and (row.peer_proof is None or row.code):
            continue
        data = await life.core.evidence.collect(row.envelope_id, with_opening=True)
        report = verify(parse_bundle(data), life.core.context.trust.directory, at_ms=at_ms)
        if report.verdict is not Verdict.PROVEN:
            codes = ", ".join(f"{each.claim.name} {each.code}" for each in report.findings)
            faults.append(f"bundle {row.direction} of {books.name} with {row.peer}: {codes}")
    return faults
