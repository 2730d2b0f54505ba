"""Peers: hours here and there, what waits, how they are reached, and the map."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import re
import zoneinfo

import pytest

from keys.members import MemberRecord, OpeningHours, TransferRegime
from node.commands import run_command
from node.federation.hours import hours_text, in_zone, parse_hours, zone_of
from node.reminding.calendars import working_time_of
from node.reminding.working_time import presence
from node.users.policy import Role
from node.web import europe
from node.web.europe import drawn
from node.web.peers import REACHES
from protocol.ids import NodeId
from tests.support.exchanged import exchange
from tests.support.nodes import endpoint_of
from tests.support.pages import GR, PagesUnderTest
from tests.support.referring import FIRST, add_case

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
    return presence(working_time_of(member), at(moment))


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


# --- the map


def test_what_weighs_most_stands_on_a_country_of_several_members() -> None:
    members = [
        ("BE", "own"),
        ("FR", "reachable"),
        ("FR", "unreachable"),
        ("GR", "suspended"),
        ("GR", "reachable"),
        ("AQ", "untried"),
    ]
    for order in itertools.permutations(members):
        found = drawn(order, REACHES)
        states = {each.code: each.state for each in found.countries}
        assert states == {"BE": "own", "FR": "unreachable", "GR": "suspended"}
        assert found.elsewhere == ("AQ",)
        # Only what there is stands in the legend, the gravest first.
        assert list(found.signs) == ["suspended", "unreachable", "own"]
    assert len(set(REACHES.values())) == len(REACHES)


def test_the_map_has_all_of_europe_within_its_frame() -> None:
    union = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
    others = "IS NO CH LI GB AL BA ME MK RS XK MD UA GE AM AZ TR BY RU AD MC SM VA"
    codes = f"{union} {others}".split()
    found = drawn([(code, "own") for code in codes], REACHES)
    assert {each.code for each in found.countries} == set(codes)
    assert found.elsewhere == ()
    places = {(each.x, each.y) for each in found.countries}
    assert len(places) == len(codes)
    assert all(0 <= x <= found.width and 0 <= y <= found.height for x, y in places)
    for each in found.countries:
        assert each.path or each.is_small
        assert re.fullmatch(r"(?:M\d+ \d+l[-\d ]+z)*", each.path)


def test_the_map_stays_small() -> None:
    names = [each.name for each in europe._SHAPES.parent.iterdir()]
    assert "europe.json" in names
    assert europe._SHAPES.stat().st_size < 25 * 1024


async def test_a_country_on_the_map_leads_to_its_members_in_the_list(web: PagesUnderTest) -> None:
    anna, case_id = await web.signed_in(Role.CASEWORKER), await add_case(web)
    for path, said, codes in (
        ("/peers", "Greece: nothing exchanged yet", {"BE", "GR"}),
        (f"/refer/{case_id}", "Greece: somebody is there", {"GR"}),
    ):
        page = (await web.get(path, anna)).text
        found = re.findall(r'<a href="#country-(..)" class="on-map[^"]*" aria-label="(.*?)"', page)
        links = dict(found)
        assert set(links) == codes
        assert links["GR"] == said
        assert all(page.count(f'id="country-{code}"') == 1 for code in codes)
        assert "style=" not in page


async def test_the_map_names_countries_in_the_language_of_the_reader(web: PagesUnderTest) -> None:
    users, sessions = web.office.users, web.office.sessions
    await users.add("Greta", Role.OPERATOR.value, language="de", added_by="test")
    user_id = (await users.named("Greta")).user_id
    token = await sessions.open(user_id, means="password", browser="Test")
    page = (await web.get("/peers", token)).text
    assert 'aria-label="Griechenland: ' in page
    assert drawn([("GR", "own")], REACHES).countries[0].path in page


async def test_a_country_comes_first_and_what_is_ticked_elsewhere_stays(
    web: PagesUnderTest,
) -> None:
    anna, case_id = await web.signed_in(Role.CASEWORKER), await add_case(web)
    trust = web.core.context.trust
    members = dict(trust.directory.members)
    for code in ("FR", "AT"):
        node_id = NodeId(f"{code.lower()}.example")
        changes = {"node_id": node_id, "country": code, "legal_name": f"Invented {code}"}
        members[node_id] = dataclasses.replace(members[NodeId(GR)], **changes)
    trust.directory = dataclasses.replace(trust.directory, members=members)
    typed = {**FIRST, "to": "fr.example", "to_page": "first", "country": "GR"}
    page = (await web.post(f"/refer/{case_id}", anna, typed)).text
    listed = re.findall(r'id="country-(..)"', page)
    assert listed == ["GR", "AT", "FR"]
    assert "<details open><summary>Other countries" in page
    assert '<input type="checkbox" name="to" value="fr.example" checked>' in page
    part = (await web.post(f"/refer/{case_id}?part=peers", anna, typed, HX_Request="true")).text
    assert "<html" not in part
    assert re.findall(r'id="country-(..)"', part) == listed
    unknown = (await web.post(f"/refer/{case_id}", anna, {**typed, "country": "ZZ"})).text
    assert re.findall(r'id="country-(..)"', unknown) == ["AT", "FR", "GR"]
