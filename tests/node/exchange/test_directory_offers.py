"""A bad directory from a peer: each fault is named, and nothing changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from keys.directory_files import TIMESTAMP_NAME
from node.errors import DeliveryError
from node.exchange.directory import FETCH_SECONDS
from protocol import limits
from tests.node.exchange.test_directory import on_disk
from tests.simulation.virtual_time import run_in_virtual_time
from tests.support.network import BE, FR, GR, Network, settled
from tests.support.nodes import Federation, endpoint_of
from tests.support.secretariat import Secretariat
from tests.support.snapshots import snapshot

Files = Mapping[str, bytes]
Offer = Callable[[Files, Files], Mapping[str, bytes | None]]
"""What a peer gives, made of the old and of the new files."""


def name_of(files: Files, ending: str) -> str:
    return max(name for name in files if name.endswith(ending))


def without(ending: str) -> Offer:
    return lambda old, new: {**new, name_of(new, ending): None}


def spoiled(ending: str) -> Offer:
    def spoil(old: Files, new: Files) -> Files:
        name = name_of(new, ending)
        return {**new, name: new[name][:-2] + bytes([new[name][-2] ^ 1]) + new[name][-1:]}

    return spoil


def oversized(ending: str) -> Offer:
    return lambda old, new: {**new, name_of(new, ending): bytes(8 * limits.MIB)}


NEW_SUSPENSION = f"{GR}.suspended"
NO_ROOTS = {f"{number}.root.json": None for number in range(2, 9)}
OFFERS: dict[str, tuple[str, Offer]] = {
    "an older directory": ("directory_version", lambda old, new: old),
    "nothing at all": ("directory_file_missing", lambda old, new: {}),
    "half: no timestamp": ("directory_file_missing", without(TIMESTAMP_NAME)),
    "half: no snapshot": ("directory_file_missing", without(".snapshot.json")),
    "half: no targets": ("directory_file_missing", without(".targets.json")),
    "half: no suspend file": ("directory_file_missing", without(".suspend.json")),
    "half: no suspension": ("directory_file_missing", without(NEW_SUSPENSION)),
    "half: without the root that signs for it": (
        "directory_signature",
        lambda old, new: {**new, **NO_ROOTS},
    ),
    "a spoiled root": ("directory_file_malformed", spoiled(".root.json")),
    "a spoiled timestamp": ("directory_file_malformed", spoiled(TIMESTAMP_NAME)),
    "a spoiled snapshot": ("directory_file_changed", spoiled(".snapshot.json")),
    "a spoiled targets file": ("directory_file_changed", spoiled(".targets.json")),
    "a spoiled suspension": ("directory_file_changed", spoiled(NEW_SUSPENSION)),
    "an oversized root": ("directory_file_too_large", oversized(".root.json")),
    "an oversized timestamp": ("directory_file_too_large", oversized(TIMESTAMP_NAME)),
    "an oversized snapshot": ("directory_file_too_large", oversized(".snapshot.json")),
    "an oversized suspension": ("directory_file_too_large", oversized(NEW_SUSPENSION)),
    "a page of somebody's web server": (
        "directory_file_malformed",
        lambda old, new: {**NO_ROOTS, TIMESTAMP_NAME: b"<html>"},
    ),
}


@pytest.mark.parametrize(("code", "offer"), OFFERS.values(), ids=OFFERS)
async def test_a_bad_offer_is_named_and_changes_nothing(
    network: Network, secretariat: Secretariat, code: str, offer: Offer
) -> None:
    node = await network.open(BE)
    old = secretariat.publish()
    secretariat.suspend(FR)
    await secretariat.mail_to(node)
    known = dict(secretariat.files)
    secretariat.suspend(GR)
    new = secretariat.rotate_root()
    offered = offer(old, new)
    network.link.offers[endpoint_of(GR)] = offered.get
    before, directory = await snapshot(node), node.context.trust.directory
    network.reports[BE].clear()

    with pytest.raises(DeliveryError) as error:
        await node.directory_refresh.refresh_from(GR)
    assert (error.value.code, error.value.retryable) == (code, True)
    assert on_disk(network, BE) == known
    assert node.context.trust.directory is directory
    assert await snapshot(node) == before
    # The honest files are taken all the same.
    network.link.offers[endpoint_of(GR)] = new.get
    assert await node.directory_refresh.refresh_from(GR)
    assert on_disk(network, BE) == new


async def test_a_regular_refresh_reports_who_offers_something_bad(
    network: Network, secretariat: Secretariat
) -> None:
    node = await network.open(BE)
    await network.open(FR)
    new = secretariat.suspend(FR)
    network.link.offers[endpoint_of(GR)] = spoiled(".snapshot.json")(new, new).get
    assert not await node.directory_refresh.refresh()
    assert network.reports[BE] == [("directory_not_taken", GR, "directory_file_changed")]


async def test_a_peer_that_is_merely_behind_is_not_reported(
    network: Network, secretariat: Secretariat
) -> None:
    node = await network.open(BE)
    await network.open(GR)
    secretariat.publish()
    await secretariat.mail_to(node)
    network.reports[BE].clear()
    with pytest.raises(DeliveryError) as error:
        await node.directory_refresh.refresh_from(GR)
    assert error.value.code == "directory_version"
    with pytest.raises(DeliveryError):
        await node.directory_refresh.refresh()
    assert network.reports[BE] == []


def test_a_peer_that_hangs_is_given_up_and_the_others_are_asked(
    federation: Federation, secretariat: Secretariat, tmp_path: Path
) -> None:
    async def play() -> None:
        network = Network.copied(federation, tmp_path / "homes")
        loop = asyncio.get_running_loop()
        peer = await network.open(GR)
        secretariat.suspend(FR)
        await secretariat.mail_to(peer)
        await settled()
        node = await network.open(BE)
        network.link.hanging.add(endpoint_of(FR))
        with pytest.raises(DeliveryError) as error:
            await node.directory_refresh.refresh_from(FR)
        assert (error.value.code, loop.time()) == ("too_slow", FETCH_SECONDS)
        assert await node.directory_refresh.refresh()
        assert network.reports[BE] == [("directory_not_taken", FR, "too_slow")]
        assert not node.context.trust.directory.is_active(FR)
        assert loop.time() == 2 * FETCH_SECONDS
        await network.close()

    run_in_virtual_time(play())
