"""Peers: hours here and there, what waits, how they are reached, and the map."""

from __future__ import annotations

import datetime
import itertools
import zoneinfo

import pytest

from keys.members import MemberRecord, OpeningHours, TransferRegime
from node.commands import run_command
from node.commands.asking import presence
from node.federation.hours import hours_text, parse_hours
from node.federation.opening import in_zone, zone_of
from node.users.policy import Role
from node.web.peers import TILES, tiles
from protocol.ids import NodeId
from tests.support.exchanged import exchange
from tests.support.nodes import endpoint_of
from tests.support.pages import GR, PagesUnderTest

ATHENS, BRUSSELS = zoneinfo.ZoneInfo("Europe/Athens"), zoneinfo.ZoneInfo("Europe/Brussels")
OFFICE = parse_hours(["mo-fr 09:00-17:00"])


def at(text: str, zone: datetime.tzinfo = ATHENS) -> int:
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1000


def there(hours: tuple[OpeningHours, ...], moment: str) -> tuple[bool, int | None]:
    """Return whether somebody is there, and when that changes, at an office in Athens."""
    member = MemberRecord(
        node_id=NodeId("gr.example"),
        legal_name="Invented",
        country="GR",
        telephone="+302105550100",
        endpoints=("https://gr.invalid",),
        log_keys=(),
        transfer_regime=TransferRegime.EEA,
        hours=hours,
        time_zone="Europe/Athens",
    )
    told = presence(member, at(moment))
    return told["is_open"], told["changes_at_ms"]


@pytest.mark.parametrize(
    ("moment", "is_open", "changes"),
    [
        ("2026-11-23T09:00", True, "2026-11-23T17:00"),
        ("2026-11-23T08:59", False, "2026-11-23T09:00"),
        ("2026-11-27T18:00", False, "2026-11-30T09:00"),
        # In the night clocks are put forward.
        ("2026-03-28T12:00", False, "2026-03-30T09:00"),
        # Christmas, a Friday: nobody is there, whatever the hours of the week say.
        ("2026-12-25T10:00", False, "2026-12-28T09:00"),
    ],
)
def test_somebody_is_there_in_their_hours(moment: str, is_open: bool, changes: str) -> None:
    assert there(OFFICE, moment) == (is_open, at(changes))


@pytest.mark.parametrize("hours", [(), parse_hours(["mo-su 00:00-24:00"])])
def test_around_the_clock_never_changes(hours: tuple[OpeningHours, ...]) -> None:
    assert there(hours, "2026-11-28T05:00") == (True, None)


def test_hours_are_told_in_our_time() -> None:
    ours = in_zone(OFFICE, ATHENS, BRUSSELS, at("2026-11-23T09:00"))
    assert hours_text(ours) == "mo-fr 08:00-16:00"
    early = in_zone(parse_hours(["mo 00:30-02:00"]), ATHENS, BRUSSELS, at("2026-11-23T09:00"))
    assert hours_text(early) == "mo 00:00-01:00; su 23:30-24:00"


def test_an_unknown_time_zone_is_none() -> None:
    assert zone_of("") is None
    assert zone_of("Nowhere/Land") is None
    assert zone_of("../../etc/passwd") is None


async def test_what_waits_and_who_is_silent_is_shown(web: PagesUnderTest) -> None:
    await exchange(web)
    token = await web.signed_in(Role.OPERATOR)
    seen = await web.get("/peers", token)
    assert "reached" in seen.text
    assert "cannot be reached</span>" not in seen.text
    link = web.core.context.link
    del link._link.services[endpoint_of(GR)]
    (leg,) = await web.core.legs.list()
    await run_command(
        web.core,
        "referral.step",
        {"leg": leg.row.leg_id.hex(), "step": "note", "text": "x", "made_by": "A test"},
    )
    await web.core.delivery.stop()
    web.clock.at_ms += 3 * 3600 * 1000
    answer = await run_command(web.core, "peer.list", {})
    (greece,) = [each for each in answer["members"] if each["node_id"] == GR]
    assert greece["waiting"] == 1
    assert answer["now_ms"] - greece["oldest_waiting_ms"] == 3 * 3600 * 1000
    shown = await web.get("/peers", await web.signed_in(Role.AUDITOR))
    assert "1 message" in shown.text
    assert "the oldest for 3 hours" in shown.text


def test_the_map_shows_each_country_once_and_what_weighs_most() -> None:
    places = list(TILES.values())
    assert len(places) == len(set(places))
    members = [
        {"country": country, "reach": reach}
        for country, reach in (
            ("BE", "own"),
            ("FR", "reachable"),
            ("FR", "unreachable"),
            ("GR", "suspended"),
            ("GR", "reachable"),
        )
    ]
    for order in itertools.permutations(members):
        found = {tile.code: tile.reach for tile in tiles(list(order))}
        assert (found["BE"], found["FR"], found["GR"]) == ("own", "unreachable", "suspended")
        assert found["IT"] == ""
    signs = {tile.reach: tile.sign for tile in tiles(members)}
    assert len(set(signs.values())) == len(signs)
