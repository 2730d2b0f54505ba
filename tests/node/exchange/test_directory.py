"""The directory of a node: taken whole or not at all, never backwards, and noted in its log."""

from __future__ import annotations

import asyncio
import hashlib
from functools import partial
from pathlib import Path

import pytest

from keys.directory import load_kept_directory
from keys.directory_files import TIMESTAMP_NAME, DirectoryFolder, newest_version
from node.errors import DeliveryError, NodeError, StoreError
from node.exchange import directory as directory_module
from node.exchange.directory import PEERS_AT_ONCE, directory_subject
from node.store import directories
from protocol import suite
from protocol.log import Leaf, LeafKind
from tests.support.network import BE, DAY_MS, FR, GR, Network, settled
from tests.support.nodes import NOW_MS, endpoint_of, until
from tests.support.secretariat import Secretariat
from tests.support.snapshots import snapshot


def on_disk(network: Network, name: str) -> dict[str, bytes]:
    return DirectoryFolder(network.federation.home(name).directory).load()


async def entries(network: Network, name: str) -> list[Leaf]:
    leaves = (await snapshot(network.cores[name])).leaves
    return [leaf for leaf in leaves if leaf.kind is LeafKind.DIRECTORY]


# --- taking what is newer


async def test_what_is_newer_is_taken_from_a_peer_and_in_force_at_once(
    network: Network, secretariat: Secretariat
) -> None:
    node, peer = await network.open(BE), await network.open(GR)
    secretariat.suspend(FR)
    await secretariat.mail_to(peer)
    assert node.context.trust.directory.is_active(FR)
    assert await node.directory_refresh.refresh_from(GR)
    assert not node.context.trust.directory.is_active(FR)
    assert node.context.trust.directory.version == secretariat.version == 3
    assert on_disk(network, BE) == secretariat.files
    assert not await node.directory_refresh.refresh_from(GR)


async def test_of_a_peer_that_has_the_same_two_files_are_asked_for(network: Network) -> None:
    node = await network.open(BE)
    await network.open(GR)
    assert not await node.directory_refresh.refresh_from(GR)
    assert network.link.fetched_from(GR) == ["2.root.json", TIMESTAMP_NAME]


async def test_a_node_that_was_away_for_three_generations_of_keys_follows_them_link_by_link(
    network: Network, secretariat: Secretariat
) -> None:
    peer, node = await network.open(GR), await network.open(BE)
    for _ in range(3):
        secretariat.rotate_root()
        await secretariat.mail_to(peer)
    secretariat.suspend(FR)
    await secretariat.mail_to(peer)
    assert await node.directory_refresh.refresh_from(GR)
    assert not node.context.trust.directory.is_active(FR)
    fetched = [name for name in network.link.fetched_from(GR) if name.endswith(".root.json")]
    assert fetched == ["2.root.json", "3.root.json", "4.root.json", "5.root.json"]
    assert on_disk(network, BE) == secretariat.files
    # And hands all of them on.
    assert {f"{number}.root.json" for number in (1, 2, 3, 4)} <= set(on_disk(network, BE))


async def test_everybody_is_asked_active_members_first(
    network: Network, secretariat: Secretariat
) -> None:
    node = await network.open(BE)
    secretariat.suspend(FR)
    await secretariat.mail_to(node)
    await network.open(GR)
    peer = await network.open(FR)
    secretariat.publish()
    # A suspended member's word is worth nothing, and the federation's files what they say.
    await secretariat.mail_to(peer)
    network.link.gets.clear()
    assert await node.directory_refresh.refresh()
    assert node.context.trust.directory.version == secretariat.version
    asked = [endpoint for endpoint, _ in network.link.gets]
    assert list(dict.fromkeys(asked)) == [endpoint_of(GR), endpoint_of(FR)]


async def test_a_refresh_without_any_answer_says_so(network: Network) -> None:
    node = await network.open(BE)
    with pytest.raises(DeliveryError) as error:
        await node.directory_refresh.refresh()
    assert error.value.code == "unreachable"
    assert network.reports[BE] == []
    await node.refresh_directory()


async def test_what_one_peer_offers_slowly_does_not_undo_what_another_had(
    network: Network, secretariat: Secretariat
) -> None:
    node, slow, quick = [await network.open(name) for name in (BE, GR, FR)]
    secretariat.publish()
    await secretariat.mail_to(slow)
    going, get = asyncio.Event(), network.link.get

    async def slowly(endpoint: str, path: str, *, limit: int) -> bytes | None:
        answer = await get(endpoint, path, limit=limit)
        if endpoint == endpoint_of(GR) and path.endswith(".snapshot.json"):
            await going.wait()
        return answer

    network.link.get = slowly
    fetching = asyncio.create_task(node.directory_refresh.refresh_from(GR))
    await settled()
    secretariat.suspend(FR)
    await secretariat.mail_to(quick)
    assert await node.directory_refresh.refresh_from(FR)
    going.set()
    with pytest.raises(DeliveryError) as error:
        await fetching
    assert error.value.code == "directory_version"
    assert node.context.trust.directory.version == secretariat.version
    assert on_disk(network, BE) == secretariat.files


# --- from a folder


async def test_a_folder_without_this_node_or_with_another_key_is_refused(
    network: Network, secretariat: Secretariat
) -> None:
    node = await network.open(BE)
    before, files = await snapshot(node), on_disk(network, BE)
    offered = dict(secretariat.publish())
    with pytest.raises(NodeError) as error:
        await node.directory_refresh.join(secretariat.root, offered, bytes(32))
    assert error.value.code == "other_key"
    assert (await snapshot(node), on_disk(network, BE)) == (before, files)
    assert node.context.trust.directory.version == 2


async def test_a_folder_of_another_federation_is_refused(network: Network) -> None:
    node = await network.open(BE)
    key_id = node.context.logbook.signer.key_id
    before, files = await snapshot(node), on_disk(network, BE)
    with pytest.raises(NodeError) as error:
        await node.directory_refresh.join(b"{}", files, key_id)
    assert error.value.code == "other_root"
    assert (await snapshot(node), on_disk(network, BE)) == (before, files)


# --- the log


async def test_each_directory_is_an_entry_that_an_auditor_can_recompute(
    network: Network, secretariat: Secretariat
) -> None:
    node = await network.open(BE)
    for publish in (partial(secretariat.suspend, FR), secretariat.rotate_root, secretariat.publish):
        files = publish()
        network.clock.at_ms += 60_000
        await secretariat.mail_to(node)
        root = files[f"{newest_version(files, 'root')}.root.json"]
        digests = [hashlib.sha256(data).digest() for data in (root, files[TIMESTAMP_NAME])]
        last = (await entries(network, BE))[-1]
        assert last.subject == suite.digest("homeward/v1 directory files", *digests)
        assert (last.at_ms, last.code) == (network.clock.at_ms, 0)
    found = await node.store.read(lambda db: directories.between(db, 1, 0, 1_000))
    assert [row.version for row in found] == [2, 3, 4, 5]
    assert [row.subject for row in found] == [leaf.subject for leaf in await entries(network, BE)]


async def test_the_same_directory_is_noted_once(network: Network, secretariat: Secretariat) -> None:
    node = await network.open(BE)
    assert len(await entries(network, BE)) == 1
    await secretariat.mail_to(node)
    await node.directory_refresh.note()
    await network.close(BE)
    await network.open(BE)
    assert len(await entries(network, BE)) == 1


async def test_what_a_full_disk_kept_out_of_the_log_is_noted_later(
    network: Network, secretariat: Secretariat, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = await network.open(BE)
    secretariat.suspend(FR)

    async def full(job: object) -> None:
        raise StoreError("disk_full", "the disk is full")

    monkeypatch.setattr(node.store, "write", full)
    await secretariat.mail_to(node)
    monkeypatch.undo()
    assert ("directory_not_logged", BE, "disk_full") in network.reports[BE]
    # It counts all the same.
    assert not node.context.trust.directory.is_active(FR)
    assert len(await entries(network, BE)) == 1
    await node.refresh_directory()
    assert len(await entries(network, BE)) == 2


async def test_after_a_crash_between_files_and_log_the_next_start_notes_the_truth(
    network: Network, secretariat: Secretariat
) -> None:
    await network.open(BE)
    await network.close(BE)
    files = secretariat.suspend(FR)
    folder = DirectoryFolder(network.federation.home(BE).directory)
    folder.store(files)
    network.clock.at_ms += DAY_MS
    await network.open(BE)
    (before, after) = await entries(network, BE)
    assert (before.subject, after.subject) == (
        directory_subject(network.federation.files),
        directory_subject(files),
    )
    assert after.at_ms == NOW_MS + DAY_MS


@pytest.mark.parametrize("last", ["timestamp.json", ".suspended", "3.snapshot.json"])
async def test_a_crash_while_files_are_stored_leaves_one_of_both_directories(
    network: Network, secretariat: Secretariat, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    node = await network.open(BE)
    secretariat.suspend(FR)
    store_file = directory_module.DirectoryFolder.store.__globals__["store_file"]

    def crash(path: Path, data: bytes, **options) -> None:
        if path.name.endswith(last):
            raise KeyboardInterrupt
        store_file(path, data, **options)

    monkeypatch.setitem(directory_module.DirectoryFolder.store.__globals__, "store_file", crash)
    with pytest.raises(KeyboardInterrupt):
        await secretariat.mail_to(node)
    monkeypatch.undo()
    await network.close(BE)
    kept = load_kept_directory(on_disk(network, BE), secretariat.root)
    assert kept.version == 2
    node = await network.open(BE)
    assert len(await entries(network, BE)) == 1
    await secretariat.mail_to(node)
    assert not node.context.trust.directory.is_active(FR)
    assert len(await entries(network, BE)) == 2


async def test_not_all_peers_are_asked_at_the_same_time(network: Network) -> None:
    node = await network.open(BE)
    trust, most, now = node.context.trust, 0, 0
    names = [f"x{letter}.example" for letter in "abcdefghijkl"]
    template = trust.directory.members[GR]
    members = dict.fromkeys(names, template)
    trust.directory = type(trust.directory)(
        federation_id=trust.directory.federation_id,
        federation_name="",
        version=2,
        members={**trust.directory.members, **members},
        expires_at_ms=trust.directory.expires_at_ms,
    )

    async def ask(peer: str) -> bool:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return False

    node.directory_refresh.refresh_from = ask
    await node.directory_refresh.refresh()
    assert most == PEERS_AT_ONCE
    await until(lambda: now == 0)
