"""What the settings say of reminding, as the use cases need it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field

from node.reminding.levels import LEVELS, Level

LEAST_URGENT = 4


@dataclass(frozen=True, slots=True)
class Rules:
    """The levels in force, and whether and when mail goes out."""

    levels: Mapping[int, Level] = field(default_factory=lambda: LEVELS)
    has_mail: bool = False
    mail_domain: str = "localhost"
    """Names this node in the ids of its mails."""
    digest_times: tuple[datetime.time, ...] = ()

    def level(self, urgency: int) -> Level:
        """Return the level of an urgency; one that nobody knows is the least."""
        return self.levels.get(urgency, self.levels[LEAST_URGENT])
