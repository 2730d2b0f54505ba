"""What happened in a run, line by line, and how often.

Two runs of one seed give the same lines. So nothing goes in that the cryptography
chose at random (ciphertexts, signatures and what is hashed over them); lengths and
ids from the seeded source may.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter


class Trace:
    """The lines of one run."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.counts: Counter[str] = Counter()

    def note(self, event: str, what: str = "") -> None:
        """Count an event, and write down when it was and what it was about."""
        self.counts[event] += 1
        now = asyncio.get_running_loop().time()
        self.lines.append(f"{now:12.3f} {event} {what}".rstrip())

    def digest(self) -> str:
        """Return a digest over all lines."""
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()
