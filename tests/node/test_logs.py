"""The operational log holds codes, counts and node ids, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from node.logs import open_log


def test_keys_that_are_not_allowed_are_dropped(tmp_path: Path) -> None:
    log, close = open_log(tmp_path / "node.log")
    log.info("refused", peer="gr.example", code="expired", name="Testina", text="Fictiva")
    close()
    (line,) = (tmp_path / "node.log").read_text().splitlines()
    entry = json.loads(line)
    assert set(entry) == {"event", "level", "timestamp", "peer", "code"}
    assert (tmp_path / "node.log").stat().st_mode & 0o077 == 0


def test_a_restart_adds_to_the_log(tmp_path: Path) -> None:
    for _ in range(2):
        log, close = open_log(tmp_path / "node.log")
        log.info("ready", port=8470)
        close()
    assert len((tmp_path / "node.log").read_text().splitlines()) == 2
