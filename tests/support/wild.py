"""A link that loses, doubles and reorders envelopes, and authors that do not check themselves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

import pytest

from node.errors import DeliveryError
from node.exchange import refusing
from protocol.encoding import encode_envelope_batch
from protocol.wire import parse_envelope_batch
from tests.support.network import WatchedLink


@dataclass
class WildLink(WatchedLink):
    """While `chance` is set, what is posted may be lost, doubled, or come in another order."""

    chance: Random | None = None
    lost: int = 0
    doubled: int = 0

    async def post(self, endpoint: str, path: str, body: bytes, *, limit: int) -> bytes:
        fate = self.chance.random() if self.chance and path == "/hw1/envelopes" else 1.0
        if fate < 0.2:
            self.lost += 1
            raise _gone()
        if fate < 0.35:
            # It arrives, and the sender does not learn of it.
            await super().post(endpoint, path, body, limit=limit)
            self.lost += 1
            raise _gone()
        if fate < 0.5:
            await super().post(endpoint, path, self._reordered(body), limit=limit)
            self.doubled += 1
        return await super().post(endpoint, path, body, limit=limit)

    def _reordered(self, body: bytes) -> bytes:
        envelopes = list(parse_envelope_batch(body))
        envelopes.reverse()
        return encode_envelope_batch(envelopes)


@contextmanager
def unchecked() -> Iterator[None]:
    """Let authors send what they like; whoever receives it checks as ever."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refusing, "check_following", lambda *_, **__: None)
        yield


def _gone() -> DeliveryError:
    return DeliveryError("unreachable", "the peer cannot be reached", retryable=True)
