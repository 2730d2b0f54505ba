"""A directory that one running node is given reaches the other by itself, over HTTP."""

from __future__ import annotations

import json
import time
from pathlib import Path

from keys.directory_files import DirectoryFolder
from tests.support.commands import homeward
from tests.support.processes import NodeProcess, Pair, soon
from tests.support.secretariat import Secretariat


def mail(secretariat: Secretariat, node: NodeProcess, folder: Path) -> None:
    """Let an administrator take the newest directory from a folder."""
    folder.mkdir()
    DirectoryFolder(folder).store(secretariat.files)
    (folder / "given.root").write_bytes(secretariat.root)
    joined = homeward(
        "federation", "join", "--home", node.folder, "--root", str(folder / "given.root"),
        "--from", str(folder), "--json",
    )  # fmt: skip
    assert joined.code == 0, joined
    assert json.loads(joined.out)["directory_version"] == secretariat.version


def version(node: NodeProcess) -> int:
    return node.ask("node.status")["directory_version"]


def test_what_one_node_is_given_the_other_has_soon_and_after_its_next_start(
    pair: Pair, tmp_path: Path
) -> None:
    secretariat = Secretariat.of(pair.federation)
    secretariat.now_ms = time.time_ns() // 1_000_000
    secretariat.amend("gr.example", telephone="+302105550177")
    assert (version(pair.be), version(pair.gr)) == (2, 2)
    mail(secretariat, pair.be, tmp_path / "first")
    soon(lambda: version(pair.gr) == 3)

    assert pair.gr.stop() == 0
    secretariat.amend("gr.example", telephone="+302105550188")
    mail(secretariat, pair.be, tmp_path / "second")
    pair.gr.start()
    soon(lambda: version(pair.gr) == 4)
    log = json.loads(homeward("audit", "log", "--home", pair.gr.folder, "--json").out)
    noted = [leaf["directory_version"] for leaf in log["leaves"] if leaf["kind"] == "directory"]
    assert noted == [2, 3, 4]
