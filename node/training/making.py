"""Everything invented, put into a new home of which the keys are there already."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from keys.identity import Identity
from node.app import Core
from node.home import Home
from node.training.cases import DAY_MS, invented_case
from node.training.photos import draw_face
from node.training.referrals import MADE_BY, play_all
from node.training.town import StoryClock, Town, found_town, open_town
from protocol.pb.homeward.v1 import case_pb2

CASES: Final = 220
CASES_WITH_PHOTO: Final = 40
SEED: Final = "homeward training 1"


@dataclass(frozen=True, slots=True)
class Made:
    """How much was made."""

    cases: int
    photos: int
    referrals: int


async def fill_home(
    home: Home,
    identity: Identity,
    passphrase: bytes,
    *,
    now_ms: int,
    cases: int = CASES,
    photos: int = CASES_WITH_PHOTO,
) -> Made:
    """Found the home's training federation, and make its cases and referrals.

    The first `photos` of the cases have one.

    Raises:
        NodeError, KeysError, PolicyRefusal: it could not be made; the home is of no use.
    """
    neighbours = found_town(home, identity, passphrase, now_ms=now_ms)
    with tempfile.TemporaryDirectory() as folder:
        town = open_town(home, identity, neighbours, Path(folder), now_ms)
        try:
            case_ids = [
                await _add(town.own, town.clock, number, now_ms, has_photo=number < photos)
                for number in range(cases)
            ]
            town.clock.at_ms = now_ms
            theirs = {
                node_id: await _add(core, town.clock, cases + number, now_ms, has_photo=False)
                for number, (node_id, core) in enumerate(town.neighbours.items())
            }
            town.clock.at_ms = now_ms
            referrals = await play_all(town, await _open_cases(town, case_ids), theirs)
        finally:
            await town.close()
    return Made(cases, photos, referrals)


async def _add(core: Core, clock: StoryClock, number: int, now_ms: int, *, has_photo: bool) -> str:
    """Add the case of a number in the past, and change it as it went on."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    invented = invented_case(number, SEED, today)
    began_ms = now_ms - invented.days_ago * DAY_MS
    clock.at_ms = began_ms
    faces = random.Random(f"{SEED} face {number}")  # noqa: S311 - no secret
    photos = [draw_face(faces)] if has_photo else []
    case_id = await core.cases.add(
        invented.case, photos, made_by=MADE_BY, reason="invented for training"
    )
    for change in invented.changes:
        clock.at_ms = began_ms + change.days_later * DAY_MS
        view = await core.cases.get(case_id)
        case = case_pb2.Case.FromString(view.case.SerializeToString())
        change.apply(case)
        await core.cases.change(
            case_id, view.row.version, case, made_by=MADE_BY, reason=change.reason
        )
    return case_id


async def _open_cases(town: Town, case_ids: list[str]) -> list[str]:
    """Return the cases about which there may be referrals."""
    views = [await town.own.cases.get(case_id) for case_id in case_ids]
    return [view.row.case_id for view in views if view.case.status == "open"]
