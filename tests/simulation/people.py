"""The people at the nodes: they open referrals and make steps, legal and otherwise.

Whatever they do goes through the node's use cases, on what the node itself shows
as allowed. What is refused must leave no trace: each step carries a mark by which
it would be found.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from google.protobuf.message import Message

from node.errors import NodeError
from node.exchange.checking import checksum
from node.exchange.legs import LegView
from protocol.exchange.patterns import TRANSITIONS
from protocol.ids import NodeId
from protocol.pb.homeward.v1 import message_pb2
from tests.simulation.contents import REFERRAL_KINDS, SealedFile, make_file, step_content
from tests.simulation.life import Life
from tests.simulation.plan import DAY_MS, HOUR_MS

STEP_NAMES = (
    "referral",
    *dict.fromkeys(row.partition(" ")[0] for table in TRANSITIONS.values() for _, row in table),
)
# What leads on is done more often than what ends it all.
WEIGHTS = {"note": 1.0, "ask": 2.0, "withdraw": 0.5, "decline": 0.4, "redirect": 0.3}
USUAL_WEIGHT = 3.0
ERASING_RATE = 0.08
ASKING = ("erase_request",)
# How a node may refuse a step: the state, a leg that is broken off or over, a full disk.
REFUSALS = ("illegal_step", "undeliverable", "expired", "disk_full")
# The last ones do not end by themselves while the simulation lasts, nor do they live longer
# than a leg may where they were written by a clock that was far ahead.
LIFETIMES_MS = (
    6 * HOUR_MS, 2 * DAY_MS, 10 * DAY_MS, 30 * DAY_MS - HOUR_MS, *(320 * DAY_MS,) * 4,
)  # fmt: skip


class People:
    """Everybody who works at a node; `note` and `violate` tell what came of it."""

    def __init__(
        self,
        draw: random.Random,
        *,
        note: Callable[[str, str], None],
        violate: Callable[[str], None],
    ) -> None:
        self._draw = draw
        self._note = note
        self._violate = violate
        self._count = 0
        self._files: dict[str, list[SealedFile]] = {}

    async def open_referral(self, life: Life, peer: str) -> None:
        """Ask a peer something, now and then with files."""
        mark = self._mark()
        now_ms = life.core.context.clock.now_ms()
        referral = step_content("referral", mark)
        assert isinstance(referral, message_pb2.Referral)
        referral.kind = self._draw.choice(REFERRAL_KINDS)
        is_without_files = referral.kind in ("transfer", "statistic")
        files = [] if is_without_files else await self._put_files(life, mark)
        if referral.kind == "found_notice":
            referral.notice = "found"
            legs = [view.row for view in await life.core.legs.list()]
            referral.about_leg_ids.extend(leg.leg_id for leg in legs[:3] if leg.peer == peer)
        if referral.kind == "statistic":
            referral.figures.period = "2026"
            referral.figures.figures.add(name="cases", count=len(mark))
        referral.urgency = self._draw.randint(1, 4)
        referral.reply_by_ms = now_ms + HOUR_MS
        referral.expires_at_ms = now_ms + self._draw.choice(LIFETIMES_MS)
        referral.attachment_keys.extend(file.key for file in files)
        self._note("open", f"{life.name} to {peer} with {len(files)} files")
        await life.core.legs.open(NodeId(peer), referral, case_id=None, made_by="sim")
        life.core.delivery.wake(NodeId(peer))

    async def _put_files(self, life: Life, mark: str) -> list[SealedFile]:
        """Store new files, or take some that another peer has been sent already."""
        chosen = []
        known = self._files.setdefault(life.name, [])
        for number in range(self._draw.choice((0, 0, 1, 1, 2, 3))):
            if known and self._draw.random() < 0.3:
                chosen.append(self._draw.choice(known))
                continue
            file = make_file(self._draw, f"{mark} {number}")
            await life.core.context.disk(
                lambda blob=file.blob: life.core.context.blobs.put_file([blob])
            )
            known.append(file)
            chosen.append(file)
        return list({file.blob: file for file in chosen}.values())

    async def make_step(self, life: Life) -> None:
        """Make one of the steps that the node shows as allowed on some leg."""
        view = await self._some_leg(life)
        if view is None:
            return
        if self._draw.random() < ERASING_RATE:
            await self._make_erasing_step(life, view)
            return
        if not view.allowed:
            return
        weights = [WEIGHTS.get(name, USUAL_WEIGHT) for name in view.allowed]
        name = self._draw.choices(view.allowed, weights)[0]
        question = self._draw.choice(view.open_questions or (0,))
        self._note("step", f"{life.name} {view.row.leg_id.hex()} {name}")
        content = step_content(name, self._mark(), question)
        if isinstance(content, message_pb2.Acknowledge) and view.row.kind == "statistic":
            if not view.messages[0].salt:
                # Nobody has seen figures that are erased.
                return
            content.checksum = checksum(view.messages[0].payload)
        elif isinstance(content, message_pb2.HandOver):
            files = await self._put_files(life, content.text.text)
            content.attachment_keys.extend(file.key for file in files)
        refused_as = await self._step(life, view, content)
        if refused_as:
            # Something came in, or a colleague was faster, since the page was shown.
            self._note("too late", f"{life.name} {name} {refused_as}")

    async def _make_erasing_step(self, life: Life, view: LegView) -> None:
        """Ask to erase, or answer that; both are allowed in every state."""
        asked = view.open_erase_requests
        name = self._draw.choice(("erased", "erased", "erase_refused") if asked else ASKING)
        content = step_content(name, self._mark(), self._draw.choice(asked or (0,)))
        self._note("erase", f"{life.name} {view.row.leg_id.hex()} {name}")
        refused_as = await self._step(life, view, content)
        if refused_as:
            self._note("too late", f"{life.name} {name} {refused_as}")

    async def try_illegal_step(self, life: Life) -> None:
        """Try what the node does not show as allowed."""
        view = await self._some_leg(life)
        if view is None:
            return
        name = self._draw.choice([n for n in STEP_NAMES if n not in view.allowed])
        mark = self._mark()
        self._note("illegal", f"{life.name} {view.row.leg_id.hex()} {name}")
        content = step_content(name, mark, self._draw.randint(0, 3))
        refused_as = await self._step(life, view, content)
        after = await life.core.legs.view(view.row.leg_id)
        if refused_as and any(mark.encode() in row.payload for row in after.messages):
            self._violate(f"{life.name}: {name} was refused and is there all the same")
        if not refused_as and not _was_allowed(view, after, mark):
            self._violate(f"{life.name}: {name} was taken in state {view.state}")

    async def _some_leg(self, life: Life) -> LegView | None:
        views = await life.core.legs.list()
        return self._draw.choice(views) if views else None

    async def _step(self, life: Life, view: LegView, content: Message) -> str:
        """Make a step; return why it was refused, or nothing."""
        try:
            await life.core.legs.step(view.row.leg_id, content, made_by="sim")
        except NodeError as error:
            if error.code not in REFUSALS:
                raise
            return error.code
        life.core.delivery.wake(view.row.peer)
        return ""

    def _mark(self) -> str:
        self._count += 1
        return f"<{self._count}>"


def _was_allowed(before: LegView, after: LegView, mark: str) -> bool:
    """Whether something that was stored meanwhile explains why the step was taken."""
    seen = {(row.direction, row.message_id) for row in before.messages}
    new = [row for row in after.messages if (row.direction, row.message_id) not in seen]
    return any(mark.encode() not in row.payload for row in new)
