"""Every envelope that was accepted yields a bundle, at either end, that proves it.

The auditor's directory is the one that the nodes trust; that directories inside old
bundles age in their own way is for the tests of the bundle.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from node.errors import NodeError
from node.store import messages
from protocol.bundle import parse_bundle
from protocol.evidence import verify
from protocol.report import Verdict
from tests.simulation.books import Books
from tests.simulation.life import Life


async def judge_all(books: Books, life: Life, *, at_ms: int) -> AsyncIterator[str]:
    """Yield for each accepted envelope what this node cannot prove of it, or nothing."""
    for row in (*books.envelopes(messages.OUT), *books.envelopes(messages.IN)):
        if row.direction == messages.OUT and (row.peer_proof is None or row.code):
            continue
        try:
            data = await life.core.evidence.collect(row.envelope_id, with_opening=True)
        except NodeError as error:
            yield f"no bundle {row.direction} of {books.name}: {error.code}"
            continue
        report = verify(parse_bundle(data), life.core.context.trust.directory, at_ms=at_ms)
        codes = ", ".join(f"{each.claim.name} {each.code}" for each in report.findings)
        is_proven = report.verdict is Verdict.PROVEN
        yield "" if is_proven else f"bundle {row.direction} of {books.name}: {codes}"
