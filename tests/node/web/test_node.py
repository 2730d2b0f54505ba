"""Node: what is wrong stands first, and nothing is said to be well that is not."""

from __future__ import annotations

import pytest

from node.commands import run_command
from node.store import checking
from node.users.policy import Role
from node.web.nodes import FULL_BYTES, LATE_MS, NEARLY_FULL_BYTES, findings, size_words
from protocol import limits
from tests.support.pages import PagesUnderTest

WELL = {
    "standing": "active",
    "now_ms": 10_000_000_000,
    "directory_expires_at_ms": 11_000_000_000,
    "own_key": "good",
    "descriptor": {"is_current": True},
    "keys_on_disk": [{"state": "in_use"}],
    "clock_ahead_ms": None,
    "peers_silent": 0,
    "peers_active": 3,
    "disk_free_bytes": NEARLY_FULL_BYTES,
    "open_to_others": 0,
    "oldest_waiting_ms": None,
}


def found(**changes: object) -> list[tuple[bool, str]]:
    return [(each.is_grave, each.words) for each in findings({**WELL, **changes}, str)]


def test_nothing_is_found_where_all_is_well() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("changes", "is_grave", "word"),
    [
        ({"standing": "suspended"}, True, "suspended"),
        ({"standing": "revoked"}, True, "excluded"),
        ({"standing": "none"}, True, "does not name"),
        ({"directory_expires_at_ms": 10_000_000_000}, True, "expired"),
        ({"directory_expires_at_ms": 10_000_000_001}, False, "expires"),
        ({"own_key": "ended"}, True, "ended"),
        ({"own_key": "stolen"}, True, "stolen"),
        ({"own_key": "not_yet"}, True, "not good yet"),
        ({"own_key": "unknown"}, True, "another signing key"),
        ({"descriptor": None}, True, "not published"),
        ({"descriptor": {"is_current": False}}, True, "not published"),
        ({"keys_on_disk": [{"state": "overdue"}]}, False, "destroyed"),
        ({"clock_ahead_ms": -90_000}, True, "clock"),
        ({"peers_silent": 2}, False, "No peer"),
        ({"disk_free_bytes": NEARLY_FULL_BYTES - 1}, False, "disk"),
        ({"disk_free_bytes": FULL_BYTES - 1}, True, "disk"),
        ({"open_to_others": 1}, True, "read files"),
        ({"oldest_waiting_ms": 10_000_000_000 - LATE_MS}, False, "waited"),
    ],
)
def test_each_fault_is_found_alone(changes: dict, is_grave: bool, word: str) -> None:
    ((grave, words),) = found(**changes)
    assert grave is is_grave
    assert word in words


def test_one_silent_peer_of_several_is_its_own_fault() -> None:
    assert found(peers_silent=1) == []
    assert found(oldest_waiting_ms=10_000_000_000 - LATE_MS + 1) == []


def test_what_is_grave_stands_first() -> None:
    graves = [grave for grave, _ in found(peers_silent=3, clock_ahead_ms=90_000)]
    assert graves == [True, False]


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (limits.MIB, "1.0 MiB"),
     (5 * limits.GIB, "5.0 GiB")],
)  # fmt: skip
def test_sizes_are_told_in_words(size: int, words: str) -> None:
    assert size_words(size) == words


async def test_the_page_tells_keys_disk_and_version(web: PagesUnderTest) -> None:
    await web.core.start()
    health = await run_command(web.core, "node.health", {})
    database = web.core.home.database.stat().st_size
    assert health["database_bytes"] == database < health["home_bytes"]
    assert [epoch["state"] for epoch in health["keys_on_disk"]].count("in_use") == 1
    page = await web.get("/node", await web.signed_in(Role.ADMINISTRATOR))
    assert health["version"] in page.text
    assert web.core.context.logbook.origin in page.text
    assert web.origin in page.text
    assert "not checked since this page was opened" in page.text


async def test_files_that_others_may_read_are_found(web: PagesUnderTest) -> None:
    folder = web.core.home.folder
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
    health = await run_command(web.core, "node.health", {})
    assert health["open_to_others"] == 0
    (folder / "homeward.toml").chmod(0o640)
    health = await run_command(web.core, "node.health", {})
    assert health["open_to_others"] == 1


async def test_the_database_is_checked_when_somebody_asks(
    web: PagesUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await web.signed_in(Role.ADMINISTRATOR)
    assert "whole, read at" in (await web.post("/node", token)).text
    monkeypatch.setattr(checking, "faults", lambda db: ["page 7: HMAC verification failed"])
    damaged = await web.post("/node", token)
    assert "damaged" in damaged.text
    assert "whole, read at" not in damaged.text


async def test_a_damaged_page_of_the_database_is_seen(web: PagesUnderTest) -> None:
    def fill(db) -> None:
        db.execute("CREATE TABLE filler (text TEXT)")
        db.execute("INSERT INTO filler VALUES (hex(randomblob(60000)))")

    await web.core.store.write(fill)
    store = web.core.store
    store._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with web.core.home.database.open("r+b") as file:
        file.seek(-2000, 2)
        file.write(b"\x00" * 100)
    store._reader.execute("PRAGMA shrink_memory")
    assert (await run_command(web.core, "node.check", {}))["faults"] > 0
